from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import CheckMessage, Error, register


class WebConfig(AppConfig):
    name = "caretrack.web"
    verbose_name = "界面"

    def ready(self) -> None:
        from caretrack.web import sessions

        user_logged_in.connect(sessions.begin, dispatch_uid="caretrack.web.sessions.begin")
        register(check_menu)


def check_menu(app_configs: object = None, **kwargs: object) -> list[CheckMessage]:
    """A page in the menu whose address does not exist would silently be missing."""
    from caretrack.web import navigation

    return [
        Error(
            f"The menu entry {entry.label} names the URL {entry.url_name}, which does not exist.", id="caretrack.E020"
        )
        for entry in navigation.missing_urls()
    ]

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "caretrack.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        # So that every command works in a fresh installation, not only the server.
        if not settings.DATA_DIR.exists():
            settings.DATA_DIR.mkdir(parents=True, mode=0o700)
        # Registered by being imported: the checks of the installation, django-tasks' task, the kinds of all apps.
        from caretrack import checks  # noqa: F401
        from caretrack.jobs import tasks  # noqa: F401

        autodiscover_modules("jobs")

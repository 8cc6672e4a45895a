from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "activities"
    verbose_name = "关爱记录"

    def ready(self) -> None:
        from activities import catalogue  # noqa: F401

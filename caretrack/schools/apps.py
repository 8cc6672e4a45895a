from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "caretrack.schools"
    verbose_name = "学校与人员"

    def ready(self) -> None:
        from caretrack.schools import catalogue  # noqa: F401

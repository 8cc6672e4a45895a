from django.apps import AppConfig


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "结对帮扶"

    def ready(self) -> None:
        from mentoring import access, catalogue  # noqa: F401

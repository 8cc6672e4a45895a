from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "caretrack.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        # Registered by being imported: the checks of the whole installation, and the job that django-tasks runs.
        from caretrack import checks  # noqa: F401
        from caretrack.jobs import tasks  # noqa: F401

from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    name = "children"
    verbose_name = "学生与档案"

    def ready(self) -> None:
        from children import access, catalogue  # noqa: F401

from django.apps import AppConfig


class MentoringConfig(AppConfig):
    name = "mentoring"
    verbose_name = "结对帮扶"

    def ready(self) -> None:
        from caretrack.access.policy import Act
        from caretrack.web.navigation import Section, register
        from mentoring import access, catalogue, history, tables, timeline  # noqa: F401

        timeline.register()
        history.register()
        register("结对", "mentoring:pairing_list", "person-hearts", Act.PAIRING_VIEW, 40, section=Section.CHILDREN)

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def forget_sums(using: str, **kwargs: object) -> None:
    """After every migrate and so after every restored backup: rows may have been written without the triggers."""
    from django.db import connections

    from reports.models import MonthSums

    if MonthSums._meta.db_table in connections[using].introspection.table_names():
        MonthSums.objects.using(using).all().delete()


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "报表"

    def ready(self) -> None:
        from caretrack.access import triggers
        from caretrack.access.policy import Act
        from caretrack.web.navigation import Section, register
        from reports import catalogue, touched  # noqa: F401

        triggers.also(triggers.More(touched.TOUCH, touched.statements, touched.POSTGRES_FUNCTION, touched.mark))
        post_migrate.connect(forget_sums, sender=self)
        register(
            "变动登记", "reports:change_list", "journal-text", Act.REGISTER_VIEW, 34, section=Section.CHILDREN,
            covers=("children:change_pick", "children:transfer_list"),
        )  # fmt: skip
        register("月报", "reports:month_list", "table", Act.MONTH_VIEW, 60, section=Section.REPORTS)
        register("下级上报", "reports:submitted_list", "inboxes", Act.SUBMITTED_VIEW, 61, section=Section.REPORTS)
        register(
            "学期总结", "reports:semester_list", "file-earmark-text", Act.SEMESTER_VIEW, 62, section=Section.REPORTS
        )
        register(
            "统计和台账", "reports:class_table", "bar-chart", Act.STATISTICS, 61, section=Section.REPORTS, short="统计"
        )
        register("打印", "reports:print_centre", "printer", Act.PRINT, 63, section=Section.REPORTS)
        register(
            "学年更替", "reports:year_turn", "calendar2-check", Act.YEAR_TURN, 82, section=Section.SCHOOL, short="学年"
        )

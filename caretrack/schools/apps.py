from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "caretrack.schools"
    verbose_name = "学校与人员"

    def ready(self) -> None:
        from caretrack.access.policy import Act
        from caretrack.schools import catalogue  # noqa: F401
        from caretrack.web.navigation import Section, register

        register("人员", "schools:staff_list", "people", Act.STAFF_MANAGE, 80, section=Section.SCHOOL)
        register("学校、学期和班级", "schools:school_show", "building", Act.SCHOOL_SETTINGS, 81, section=Section.SCHOOL)
        register("访问日志", "schools:access_log", "shield-check", Act.ACCESS_LOG, 85, section=Section.SCHOOL)
        register("修改密码", "password_change", "key", Act.ACCOUNT, 91, section=Section.SCHOOL)
        register("谁能看什么", "schools:policy", "eye", Act.ACCOUNT, 90, section=Section.SCHOOL)

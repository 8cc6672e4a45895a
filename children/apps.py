from django.apps import AppConfig


class ChildrenConfig(AppConfig):
    name = "children"
    verbose_name = "学生与档案"

    def ready(self) -> None:
        from caretrack.access.policy import Act
        from caretrack.web.navigation import Leaf, Section, register
        from children import access, catalogue, catalogue_dossier, timeline_register  # noqa: F401
        from children.tables import aid, awards, boarding, bus, health, results, staff, vehicles  # noqa: F401  each enters its kind of list

        timeline_register.register()
        section = Section.CHILDREN
        register(
            "学生", "children:child_list", "people", Act.CHILD_LIST, 20, section=section,
            leaves=(
                Leaf("学生名单", "children:child_list", Act.CHILD_LIST),
                Leaf("建档情况", "children:gap_table", Act.CHILD_EDIT),
                Leaf("核实电话", "children:contact_list", Act.CHILD_EDIT),
                Leaf("三特生", "children:special_list", Act.CHILD_LIST),
            ),
        )  # fmt: skip
        register(
            "普查", "children:census_list", "clipboard2-check", Act.CENSUS, 33, section=section,
            leaves=(
                Leaf("普查", "children:census_list", Act.CENSUS),
                Leaf("问卷", "children:survey_list", Act.SURVEY),
            ),
        )  # fmt: skip
        lists = ("health", "results", "aid", "awards", "bus", "boarding")
        register(
            "在校登记", "children:life_home", "clipboard-check", Act.LIFE_VIEW, 35, section=section,
            covers=tuple(f"children:{kind}_list" for kind in lists),
        )  # fmt: skip
        register(
            "导入", "children:roster_import", "file-earmark-arrow-up", Act.ROSTER_IMPORT, 36, section=section,
            leaves=(
                Leaf("花名册", "children:roster_import", Act.ROSTER_IMPORT),
                Leaf("其他表格", "children:table_list", Act.TABLE_IMPORT),
            ),
        )  # fmt: skip

"""Lists in the world of canaries: the registrar imports grants of the own school, others their own kinds."""

from datetime import date
from typing import Any

from caretrack.schools.models import School, Staff
from children.models import Child, ImportBatch
from children.tables import batches
from children.tables.kinds import kind_called
from tests.access.walk import Case

IMPORTERS = {"home1", "home2", "teacher1", "lead", "principal", "registrar", "sysadmin"}
OTHERS = {"other_principal", "other_registrar", "other_home"}
WHOLE = {"registrar", "lead", "principal"}
PAGES = ("columns", "preview", "answer", "confirm", "drop", "undo", "done", "errors", "recheck")


def planned_accounts(school: School, by: Staff, on: date) -> ImportBatch:
    """A checked list of one new account."""
    content = "姓名,岗位\n新来的老师,心理教师\n".encode()
    kind = kind_called("staff")
    batch = batches.take_file(kind=kind, school=school, by=by, name="人员.csv", content=content, on=on, options={})
    batches.check(batch, by)
    return batch


def planned_list(school: School, by: Staff, on: date, child: Child, canary: str) -> ImportBatch:
    """A checked list of one grant whose programme is a canary."""
    content = f"姓名,班级,资助项目,金额\n{child.name},{child.class_name(on)},新{canary},301\n".encode()
    kind = kind_called("aid")
    batch = batches.take_file(kind=kind, school=school, by=by, name="资助.csv", content=content, on=on, options={})
    batches.check(batch, by)
    assert batch.counts["new"] == 1
    return batch


def tables(own: Any, other: Any, accounts: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for a list of the school and one of another school."""
    pages = {
        f"children:table_{page}": [
            Case(WHOLE, {"pk": own.pk}),
            Case({"other_registrar", "other_principal"}, {"pk": other.pk}),
        ]
        for page in PAGES
    } | {
        f"children:table_{page}": [
            Case(WHOLE, {"pk": own.pk, "sheet": 0, "row": 2}),
            Case({"other_registrar", "other_principal"}, {"pk": other.pk, "sheet": 0, "row": 2}),
        ]
        for page in ("row", "leave")
    }
    pages["children:table_preview"].append(Case({"sysadmin"}, {"pk": accounts.pk}))
    leads, teachers = {"lead", "principal", "other_principal"}, {"home1", "home2", "other_home"}
    keepers = leads | teachers | {"registrar", "other_registrar"}
    of_kind = [
        Case(keepers, {"kind": "aid"}),
        Case(leads | teachers | {"teacher1"}, {"kind": "results"}),
        Case(leads, {"kind": "pairings"}),
        Case({"sysadmin"}, {"kind": "staff"}),
        Case(leads | {"registrar", "other_registrar"}, {"kind": "vehicles"}),
    ]
    return pages | {
        "children:table_list": [Case(IMPORTERS | OTHERS)],
        "children:table_import": of_kind,
        "children:table_template": of_kind,
        "children:table_slips": [Case({"sysadmin"}, {"pk": accounts.pk}), Case(WHOLE, {"pk": own.pk})],
    }

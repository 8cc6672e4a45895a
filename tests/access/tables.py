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
PAGES = ("columns", "preview", "answer", "confirm", "drop", "undo", "done", "errors")


def planned_list(school: School, by: Staff, on: date, child: Child, canary: str) -> ImportBatch:
    """A checked list of one grant whose programme is a canary."""
    content = f"姓名,班级,资助项目,金额\n{child.name},{child.class_name(on)},新{canary},301\n".encode()
    kind = kind_called("aid")
    batch = batches.take_file(kind=kind, school=school, by=by, name="资助.csv", content=content, on=on, options={})
    batches.check(batch, by)
    assert batch.counts["new"] == 1
    return batch


def tables(own: Any, other: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for a list of the school and one of another school."""
    pages = {
        f"children:table_{page}": [
            Case(WHOLE, {"pk": own.pk}),
            Case({"other_registrar", "other_principal"}, {"pk": other.pk}),
        ]
        for page in PAGES
    }
    aid = {"home1", "home2"} | WHOLE | OTHERS
    return pages | {
        "children:table_list": [Case(IMPORTERS | OTHERS)],
        "children:table_import": [Case(aid, {"kind": "aid"})],
        "children:table_template": [Case(aid, {"kind": "aid"})],
    }

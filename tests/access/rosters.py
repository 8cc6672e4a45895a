"""Imports in the world of canaries, and who may open their pages: the registrar of the school, nobody else."""

from datetime import date
from typing import Any

from caretrack.schools.models import School, Staff
from children.importing import batches
from children.models import Child, ColumnMapping, ImportBatch, OtherSpelling
from tests.access.walk import Case

REGISTRARS = {"registrar", "other_registrar"}
KEEPERS = REGISTRARS | {"home1", "home2", "other_home", "lead", "principal", "other_principal"}
PAGES = ("columns", "preview", "answer", "confirm", "drop", "undo", "done", "errors", "recheck", "leavers")
ROW_PAGES = ("row", "leave")


def planned_import(school: School, by: Staff, on: date, canary: str) -> ImportBatch:
    """A checked import of one pupil whose name is a canary."""
    content = f"姓名,性别,班级,家庭住址\n{canary},女,四（1）班,{canary}\n".encode()
    batch = batches.take_file(school=school, by=by, name="名册.csv", content=content, on=on)
    batches.check(batch, by)
    return batch


def remembered_header(school: School, by: Staff, canary: str) -> ColumnMapping:
    """A header that an import of the school has learned."""
    return ColumnMapping.objects.create(school=school, header_hash="a", title=canary, said_by=by)


def remembered_spelling(child: Child, canary: str) -> OtherSpelling:
    """How lists write the name of a pupil of the school."""
    return OtherSpelling.objects.create(child=child, name=canary)


def rosters(own: Any, other: Any, memory: Any, spelling: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for an import of the school and one of another school."""
    pages = {
        f"children:import_{page}": [Case({"registrar"}, {"pk": own.pk}), Case({"other_registrar"}, {"pk": other.pk})]
        for page in PAGES
    }
    pages |= {
        f"children:import_{page}": [
            Case({"registrar"}, {"pk": own.pk, "sheet": 0, "row": 2}),
            Case({"other_registrar"}, {"pk": other.pk, "sheet": 0, "row": 2}),
        ]
        for page in ROW_PAGES
    }
    return pages | {
        "children:import_memory": [Case(REGISTRARS)],
        "children:import_forget": [Case({"registrar"}, {"pk": memory.pk})],
        "children:import_spellings": [Case(REGISTRARS)],
        "children:import_spelling_forget": [Case({"registrar"}, {"pk": spelling.pk})],
        "children:roster_import": [Case(REGISTRARS)],
        "children:child_export": [Case(KEEPERS)],
        "children:group_contact_list": [Case(KEEPERS)],
        "children:group_contact_print": [Case(KEEPERS)],
        "children:group_contact_export": [Case(KEEPERS)],
        "children:import_template": [Case(REGISTRARS)],
    }

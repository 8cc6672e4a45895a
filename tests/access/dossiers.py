"""Who may open what hangs on a dossier: phones, papers, siblings, standing, and what is missing in many."""

from datetime import timedelta
from typing import Any

from children.models import ChildFile, SpecialStanding
from tests.access.walk import Case
from tests.access.world import CASE, LEADER, OTHER_CASE

EDITORS = {"home1", "lead", "principal", "registrar"}
ALL_EDITORS = EDITORS | OTHER_CASE | {"home2"}
ALL_CASE = CASE | LEADER | OTHER_CASE | {"home2"}
FAMILY = CASE - {"teacher1"}
FILE_READERS = {"home1", "lead", "principal", "registrar"}


def papers_of(child: Any, text: str, on: Any) -> tuple[ChildFile, SpecialStanding]:
    """A certificate and a standing as 特困生 whose words are a canary of the family's economy."""
    file = ChildFile.objects.create(child=child, kind="certificate", title=text, on=on)
    return file, SpecialStanding.objects.create(child=child, kind="poor", note=text, starts_on=on - timedelta(days=9))


def dossiers(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for a child of the school and one of another."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    phone = {"phone": w.child.phones.first().pk}
    strange_phone = {"phone": w.stranger.phones.first().pk}
    file, poor = w.extra["papers"]
    strange_file, strange_poor = w.extra["other_papers"]
    classmate, mate = {"other": w.classmate.pk, "answer": "yes"}, {"kind": "poor", "note": "x"}
    return {
        "children:special_list": [Case(ALL_CASE)],
        "children:special_export": [Case(ALL_CASE)],
        "children:standing_add": [Case(EDITORS, own, data=mate), Case(OTHER_CASE, other, data=mate)],
        "children:standing_edit": [
            Case(EDITORS, own | {"standing": poor.pk}),
            Case(OTHER_CASE, other | {"standing": strange_poor.pk}),
        ],
        "children:pledge_sign": [
            Case(EDITORS, own | {"party": "carer"}),
            Case(OTHER_CASE, other | {"party": "carer"}),
        ],
        "children:restricted_edit": [Case({"lead", "principal"}, own), Case({"other_principal"}, other)],
        "children:mind_edit": [Case({"counsellor"}, own), Case(set(), other)],
        "children:sibling_find": [Case(EDITORS, own, query="?q=同班"), Case(OTHER_CASE, other)],
        "children:sibling_say": [Case(EDITORS, own | classmate), Case(set(), other | classmate)],
        "children:child_timeline": [Case(CASE | LEADER, own), Case(OTHER_CASE, other)],
        "children:file_list": [Case(FAMILY | LEADER, own), Case(OTHER_CASE, other)],
        "children:file_add": [Case(EDITORS, own), Case(OTHER_CASE, other)],
        # The line without bytes is not found by anybody; who may not open it must get the same answer.
        "children:file_open": [Case(set(), own | {"file": file.pk}), Case(set(), other | {"file": strange_file.pk})],
        "children:file_remove": [
            Case(FILE_READERS, own | {"file": file.pk}),
            Case(OTHER_CASE, other | {"file": strange_file.pk}),
        ],
        "children:gap_table": [Case(ALL_EDITORS)],
        "children:gap_export": [Case(ALL_EDITORS, {"what": "classes"}), Case(ALL_EDITORS, {"what": "children"})],
        "children:contact_list": [Case(ALL_EDITORS, query="?whom=all")],
        "children:phone_check": [
            Case(EDITORS, own | phone | {"outcome": "ok"}),
            Case(OTHER_CASE, other | strange_phone | {"outcome": "ok"}),
        ],
        "children:phone_move": [
            Case(EDITORS, own | phone | {"way": "up"}),
            Case(OTHER_CASE, other | strange_phone | {"way": "down"}),
        ],
    }

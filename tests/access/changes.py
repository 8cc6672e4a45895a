"""Who may open the register of changes and register one, written by hand."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from children.services import leave_school
from children.transfers import send
from tests.access.walk import Case
from tests.support.factories import make_left_behind

KEEPERS = {"registrar", "lead", "principal"}
OTHERS = {"other_registrar", "other_principal", "other_home"}
READERS = {"home1", "home2"} | KEEPERS | OTHERS
OWN = {"home1"} | KEEPERS


def handed_over(w: Any) -> None:
    """Two hand-overs in the world: one from the school to the other one, one from the other school to outside."""
    today = timezone.localdate()
    start = today - timedelta(days=60)
    inside = make_left_behind("转往乙校", w.class2, came=start)
    outside = make_left_behind("转往外地", w.stranger.school_class, came=start)
    day = today - timedelta(days=3)
    w.extra["inside"] = send(child=inside, on=day, by=w.people["registrar"], to_school=w.other_school)
    w.extra["outside"] = send(child=outside, on=day, by=w.people["other_registrar"], to_name="东莞市某小学")
    late = make_left_behind("名册上转走", w.class2, came=start)
    done = make_left_behind("已毕业", w.class2, came=start)
    w.extra["graduate"] = leave_school(child=done, on=day, kind="graduate", by=w.people["registrar"])
    w.extra["late"] = leave_school(child=late, on=day, kind="out_transfer", by=w.people["registrar"])


def changes(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for the register of changes."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    edited = [Case(OWN, own), Case(OTHERS, other)]
    line, strange = w.child.status_changes.first(), w.stranger.status_changes.first()
    whole = f"?unit=s{w.school.pk}"
    first_class = f"?unit=c{w.class1.pk}"
    inside, outside = {"pk": w.extra["inside"].pk}, {"pk": w.extra["outside"].pk}
    theirs = {"other_registrar", "other_principal"}
    kinds = ("out_transfer", "class_change", "new_away", "parent_back", "contact_change", "dropout")
    return {
        "children:change_pick": [Case(READERS, query="?q=CANARY")],
        "children:change_kinds": edited,
        "children:change_add": [
            Case(allowed, pk | {"kind": kind}) for kind in kinds for allowed, pk in ((OWN, own), (OTHERS, other))
        ],
        "children:change_correct": [Case(OWN, {"pk": line.pk}), Case(OTHERS, {"pk": strange.pk})],
        "reports:change_list": [
            Case(READERS),
            Case(KEEPERS, query=whole),
            Case(OWN, query=first_class),
        ],
        "reports:change_cell": [
            Case(KEEPERS, {"scope": 0, "key": "roll.end"}, query=whole),
            Case(OWN, {"scope": w.class1.pk, "key": "roll.end"}, query=first_class),
        ],
        "children:transfer_list": [Case(KEEPERS | theirs)],
        "children:transfer_take": [Case(KEEPERS | theirs)],
        "children:transfer_graduates": [Case(KEEPERS | theirs)],
        "children:transfer_class": [Case(KEEPERS, {"pk": w.extra["graduate"].school_class_id})],
        "children:transfer_accept_many": [Case(KEEPERS | theirs)],
        "children:transfer_late": [Case(KEEPERS, {"pk": w.extra["late"].pk})],
        "children:transfer_show": [Case(KEEPERS | theirs, inside), Case(theirs, outside)],
        "children:transfer_batch": [Case(KEEPERS, inside), Case(theirs, outside)],
        "children:transfer_accept": [Case(theirs, inside), Case(set(), outside)],
        "children:transfer_withdraw": [Case(KEEPERS, inside), Case(theirs, outside)],
        "children:transfer_receipt": [Case(set(), inside), Case(theirs, outside)],
        "children:transfer_receipts": [Case(set(), inside), Case(theirs, outside)],
        "children:receipt_take_back": [Case(set(), inside), Case(theirs, outside)],
        "children:transfer_file": [Case(KEEPERS, inside), Case(theirs, outside)],
        "reports:transfer_pdf": [Case(KEEPERS, inside, methods=("get",)), Case(theirs, outside, methods=("get",))],
        "reports:transfer_batch_pdf": [
            Case(KEEPERS, inside, methods=("post",)),
            Case(theirs, outside, methods=("post",)),
        ],
        "reports:year_turn": [
            Case({"registrar", "principal"} | {"other_registrar", "other_principal"}),
            Case({"registrar", "principal"}, query=f"?school={w.school.pk}"),
        ],
        "reports:change_pdf": [Case(OWN, query=first_class, methods=("get",))],
        "reports:change_book": [Case(OWN, query=first_class, methods=("get",))],
    }

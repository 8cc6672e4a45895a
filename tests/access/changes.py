"""Who may open the register of changes and register one, written by hand."""

from typing import Any

from tests.access.walk import Case

KEEPERS = {"registrar", "lead", "principal"}
OTHERS = {"other_registrar", "other_principal", "other_home"}
READERS = {"home1", "home2"} | KEEPERS | OTHERS
OWN = {"home1"} | KEEPERS


def changes(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for the register of changes."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    edited = [Case(OWN, own), Case(OTHERS, other)]
    line, strange = w.child.status_changes.first(), w.stranger.status_changes.first()
    whole = f"?unit=s{w.school.pk}"
    first_class = f"?unit=c{w.class1.pk}"
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
        "reports:change_pdf": [Case(OWN, query=first_class, methods=("get",))],
        "reports:change_book": [Case(OWN, query=first_class, methods=("get",))],
    }

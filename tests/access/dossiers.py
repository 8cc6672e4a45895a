"""Who may open what hangs on a dossier: phones, papers, siblings, standing, and what is missing in many."""

from typing import Any

from tests.access.walk import Case
from tests.access.world import OTHER_CASE

EDITORS = {"home1", "lead", "principal", "registrar"}
ALL_EDITORS = EDITORS | OTHER_CASE | {"home2"}


def dossiers(w: Any) -> dict[str, list[Case]]:
    """URL name → its cases, for a child of the school and one of another."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    phone = {"phone": w.child.phones.first().pk}
    strange_phone = {"phone": w.stranger.phones.first().pk}
    return {
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

"""Who may open pledges and agreements, sign and word them."""

from tests.access.walk import Case
from tests.access.world import LEADS, World

KEEPERS = {"home1", "home2", "registrar", *LEADS, "other_principal", "other_registrar", "other_home"}
OF_CHILD = {"home1", "registrar", *LEADS}
TEXTERS = {*LEADS, "other_principal"}


def signing(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    kind = {"kind": "pledge_carer"}
    place, elsewhere = w.child.school_class_id, w.stranger.school_class_id
    return {
        "mentoring:paper_list": [Case(KEEPERS)],
        "reports:sign_print": [Case(KEEPERS, kind), Case(KEEPERS, kind, data={"open": "1"})],
        "mentoring:paper_ending": [Case(KEEPERS)],
        "mentoring:paper_kind": [
            Case(OF_CHILD, kind, query=f"?class={place}"),
            Case({"other_principal", "other_registrar", "other_home"}, kind, query=f"?class={elsewhere}"),
        ],
        "mentoring:paper_print": [
            Case(OF_CHILD, kind, query=f"?class={place}"),
            Case(OF_CHILD, kind, query=f"?child={w.child.pk}"),
            Case(KEEPERS, kind, query="?blank=1"),
        ],
        "mentoring:paper_reminder": [Case(KEEPERS, kind)],
        "mentoring:paper_text": [Case(TEXTERS, kind)],
        "mentoring:paper_take_back": [
            Case(OF_CHILD, {**kind, "pk": w.child.pk}),
            Case({"other_principal", "other_registrar", "other_home"}, {**kind, "pk": w.stranger.pk}),
        ],
    }

"""Who may open the pages of pairing: the leads arrange, class teachers and the registrar look."""

from tests.access.walk import Case
from tests.access.world import LEADS, OTHER_CASE, World

LEADING = LEADS | {"other_principal"}


def pairings(w: World) -> dict[str, list[Case]]:
    viewers = {"home1", "home2", "registrar", *LEADS, *OTHER_CASE}
    pairing = {"pk": w.pairing.pk}
    return {
        "mentoring:board": [Case(viewers)],
        "mentoring:board_pair": [Case(LEADING)],
        "mentoring:pairing_list": [Case(viewers)],
        "mentoring:pairing_add": [Case(LEADING)],
        "mentoring:pairing_end": [Case(LEADS, pairing, data={"ends_on": str(w.record.on), "end_reason": "replaced"})],
        "mentoring:mentor_list": [Case(viewers)],
        "mentoring:mentor_add": [Case(LEADING)],
        "mentoring:mentor_edit": [Case(LEADS, {"pk": w.mentor.pk})],
    }

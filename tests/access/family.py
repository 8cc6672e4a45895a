"""Who may open the pages of school and family: the class teacher for the own class, the leads."""

from tests.access.walk import Case
from tests.access.world import LEADS, World

HOME = {"home1", *LEADS}
OTHER = {"other_home", "other_principal"}
VIEWERS = HOME | OTHER | {"home2"}


def family_rows(w: World) -> None:
    """What the pages are about besides the children of the world."""


def family(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = {"pk": w.child.pk}, {"pk": w.stranger.pk}
    return {
        "activities:feedback_list": [Case(VIEWERS)],
        "activities:feedback_edit": [
            Case(HOME, own, data={"words": "有进步", "version": 1}), Case(OTHER, other, data={"words": "有进步", "version": 1}),
        ],
        # Whom one does not see is not among the picked; without any the page leads back to the list.
        "activities:feedback_sent": [Case(VIEWERS)],
        "activities:feedback_print": [Case(VIEWERS)],
    }  # fmt: skip

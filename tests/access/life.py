"""Who may open the lists of health checks, results, aid, awards, bus and boarding, and enter something in them."""

from typing import Any

from caretrack.access.history import change_by
from children.models import AidGrant, Award, HealthCheck
from tests.access.walk import Case
from tests.access.world import CASE, LEADS, OTHER_CASE, World, canary

KEEPERS = {"home1", "home2", "registrar", *LEADS, *OTHER_CASE}
OF_CHILD = {"home1", "registrar", *LEADS}
ALL_CASE = CASE | OTHER_CASE | {"home2"}


def life_rows(w: World) -> dict[str, Any]:
    """One row of each kind about the child, and one about a child of another school."""
    rows: dict[str, Any] = {}
    with change_by(None, "world"):
        for key, child in (("own", w.child), ("other", w.stranger)):
            on = w.record.on
            mark = canary("STRANGER")
            rows[key] = {
                "health": HealthCheck.objects.create(
                    child=child, on=on, finding=canary("HEALTH") if key == "own" else mark, needs_follow_up=True
                ),
                "aid": AidGrant.objects.create(
                    child=child, on=on, amount=300, programme=canary("ECONOMY") if key == "own" else mark
                ),
                "awards": Award.objects.create(
                    child=child, on=on, scope="class", title=canary("IDENTITY") if key == "own" else mark
                ),
            }
    return rows


def life(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = w.extra["life"]["own"], w.extra["life"]["other"]
    found: dict[str, list[Case]] = {
        "children:life_home": [Case(ALL_CASE)],
        "children:life_pick": [Case(KEEPERS, {"slug": "health"}, "?q=CANARY"), Case(set(), {"slug": "none"})],
        "children:life_undo": [
            Case(set(), {"slug": "health", "change": own["health"].change_id}),
        ],
        "children:health_follow_up": [
            Case(OF_CHILD, {"pk": w.child.pk, "row": own["health"].pk}),
            Case(OTHER_CASE, {"pk": w.stranger.pk, "row": other["health"].pk}),
            Case(set(), {"pk": w.child.pk, "row": other["health"].pk}),
        ],
    }
    for slug, viewers in (("health", KEEPERS | {"counsellor"}), ("aid", KEEPERS), ("awards", ALL_CASE)):
        mine, theirs = {"pk": w.child.pk}, {"pk": w.stranger.pk}
        row, their_row = mine | {"row": own[slug].pk}, theirs | {"row": other[slug].pk}
        crossed = mine | {"row": other[slug].pk}
        found |= {
            f"children:{slug}_list": [Case(viewers)],
            f"children:{slug}_export": [Case(viewers)],
            f"children:{slug}_many": [
                Case(KEEPERS),
                Case(OF_CHILD, query=f"?group={w.class1.pk}"),
                Case(OTHER_CASE, query=f"?group={w.stranger.school_class_id}"),
            ],
            f"children:{slug}_add": [Case(OF_CHILD, mine), Case(OTHER_CASE, theirs)],
            f"children:{slug}_edit": [Case(OF_CHILD, row), Case(OTHER_CASE, their_row), Case(set(), crossed)],
            f"children:{slug}_delete": [Case(OF_CHILD, row), Case(OTHER_CASE, their_row), Case(set(), crossed)],
        }
    return found

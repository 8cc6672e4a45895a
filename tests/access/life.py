"""Who may open the lists of health checks, results, aid, awards, bus and boarding, and enter something in them."""

from datetime import timedelta
from typing import Any

from caretrack.access.history import change_by
from children.models import AidGrant, Award, BoardingTerm, BusRide, BusRoute, Child, HealthCheck, Result, codes
from tests.access.walk import Case
from tests.access.world import CASE, LEADS, OTHER_CASE, World, canary

KEEPERS = {"home1", "home2", "registrar", *LEADS, *OTHER_CASE}
OF_CHILD = {"home1", "registrar", *LEADS}
GRADERS = {"home1", "home2", "teacher1", *LEADS, "other_principal", "other_home"}
ROUTERS = {"registrar", *LEADS, "other_principal", "other_registrar"}
ALL_CASE = CASE | OTHER_CASE | {"home2"}


def life_rows(w: World) -> dict[str, Any]:
    """One row of each kind about the child, and one about a child of another school."""
    rows: dict[str, Any] = {}
    with change_by(None, "world"):
        for key, child in (("own", w.child), ("other", w.stranger)):
            on = w.record.on
            mark = canary("STRANGER")
            term = child.school.terms.get()
            route = BusRoute.objects.create(
                school=child.school, direction=mark if key == "other" else "栗坪村", vehicle="coach"
            )
            Child.objects.filter(pk=child.pk).update(boarding=codes.Boarding.BOARDER, dorm_bed="201-1")
            rows[key] = {
                "route": route,
                "results": Result.objects.create(
                    child=child, term=term, subject="语文", occasion="期末", level="优", entered_by=w.people["teacher1"]
                ),
                "bus": BusRide.objects.create(
                    child=child, route=route, starts_on=on, met_by=canary("CONTACT") if key == "own" else mark
                ),
                "boarding": BoardingTerm.objects.create(
                    child=child, term=term, bed="201-1", comment=canary("CARE") if key == "own" else mark
                ),
                "health": HealthCheck.objects.create(
                    child=child, on=on, finding=canary("HEALTH") if key == "own" else mark, needs_follow_up=True
                ),
                "aid": AidGrant.objects.create(
                    child=child,
                    on=on - timedelta(days=9),
                    amount=450,
                    programme=canary("ECONOMY") if key == "own" else mark,
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
    term = w.school.terms.get().pk
    examination = f"?group={w.class1.pk}&term={term}&subject=语文&occasion=期末"
    route, other_route = own["route"].pk, other["route"].pk
    theirs_of = {"results": {"other_principal", "other_home"}}
    for slug, viewers, keepers, many in (
        ("health", KEEPERS | {"counsellor"}, KEEPERS, f"?group={w.class1.pk}"),
        ("results", GRADERS | {"mentor", "counsellor"}, GRADERS, examination),
        ("aid", KEEPERS, KEEPERS, f"?group={w.class1.pk}"),
        ("awards", ALL_CASE, KEEPERS, f"?group={w.class1.pk}"),
        ("bus", KEEPERS, KEEPERS, f"?group={w.class1.pk}&route={route}"),
        ("boarding", KEEPERS, KEEPERS, f"?group={w.class1.pk}"),
    ):
        mine, theirs = {"pk": w.child.pk}, {"pk": w.stranger.pk}
        row, their_row = mine | {"row": own[slug].pk}, theirs | {"row": other[slug].pk}
        crossed = mine | {"row": other[slug].pk}
        writers, their_writers = keepers & (OF_CHILD | {"teacher1"}), theirs_of.get(slug, OTHER_CASE)
        found |= {
            f"children:{slug}_list": [Case(viewers)],
            f"children:{slug}_export": [Case(viewers)],
            f"children:{slug}_many": [Case(keepers), Case(writers, query=many)],
            f"children:{slug}_add": [Case(writers, mine), Case(their_writers, theirs)],
            f"children:{slug}_edit": [Case(writers, row), Case(their_writers, their_row), Case(set(), crossed)],
            f"children:{slug}_delete": [Case(writers, row), Case(their_writers, their_row), Case(set(), crossed)],
        }
    own_route, strange_route = {"pk": route}, {"pk": other_route}
    found |= {
        "children:results_spread": [Case(GRADERS | {"mentor", "counsellor"})],
        "children:boarding_print": [
            Case(KEEPERS - {"home2"}),
            Case({"home1", "registrar", *LEADS}, query=f"?school_class={w.class1.pk}"),
        ],
        "children:bus_route_add": [Case(ROUTERS)],
    }
    for name, people in (
        ("bus_show", {"home1", "home2", "registrar", *LEADS}),
        ("bus_print", {"home1", "home2", "registrar", *LEADS}),
        ("bus_route_edit", {"registrar", *LEADS}),
        ("bus_route_end", {"registrar", *LEADS}),
    ):
        others = OTHER_CASE & (ROUTERS if "route" in name else OTHER_CASE)
        found[f"children:{name}"] = [Case(people, own_route), Case(others, strange_route)]
    return found

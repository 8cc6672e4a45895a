"""Who may open plans of support: learning plans by those who care for the child, individual ones by name."""

from typing import Any

from caretrack.access.history import change_by
from mentoring.models import PlanReader, SupportPlan
from mentoring.support import term_of
from tests.access.walk import Case
from tests.access.world import LEADS, World, canary

VIEWERS = {"home1", "home2", "mentor", "teacher1", "counsellor", *LEADS, "other_principal", "other_home", "leader"}
OTHER = {"other_principal", "other_home"}
NAMED = {"home1", "counsellor", *LEADS}
REVIEW = {"on": "2026-11-20", "effect": "有进步"}


def plan_rows(w: World) -> dict[str, Any]:
    """A learning and an individual plan of the child, one of a child of another school."""
    with change_by(None, "world"):

        def plan(child: Any, kind: str, by: str, mark: str) -> SupportPlan:
            return SupportPlan.objects.create(
                child=child, kind=kind, term=term_of(child, w.record.on), made_by=w.people[by], situation=mark,
                goals=mark, measures=mark, criteria="学习严重滑坡", starts_on=w.record.on,
            )  # fmt: skip

        individual = plan(w.child, "individual", "home1", canary("CARE"))
        return {
            "learning": plan(w.child, "learning", "home1", canary("MENTORCARE")),
            "individual": individual,
            "other": plan(w.stranger, "individual", "other_home", canary("STRANGERCARE")),
            "reader": PlanReader.objects.create(plan=individual, staff=w.people["counsellor"], reason="每周谈话"),
        }


def support(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    rows = w.extra["plans"]
    learning, individual, other = rows["learning"].pk, rows["individual"].pk, rows["other"].pk
    changers = {"home1", *LEADS}
    found = {
        "activities:support_list": [Case(VIEWERS)],
        "activities:support_blank": [Case(VIEWERS, {"kind": "learning"}), Case(set(), {"kind": "nothing"})],
        "activities:support_add": [
            Case({"home1", "mentor", "teacher1", "counsellor", *LEADS}, {"pk": w.child.pk, "kind": "learning"}),
            Case(NAMED, {"pk": w.child.pk, "kind": "individual"}),
            Case(OTHER, {"pk": w.stranger.pk, "kind": "individual"}),
        ],
        "activities:support_edit": [
            Case(changers, {"pk": learning}), Case(changers, {"pk": individual}), Case(OTHER, {"pk": other}),
        ],
        "activities:support_reader_add": [
            Case(changers, {"pk": individual}, data={"staff": w.people["teacher1"].pk, "reason": "任课"}),
            Case(OTHER, {"pk": other}),
        ],
        "activities:support_reader_off": [
            Case(changers, {"pk": individual, "reader": rows["reader"].pk}),
            Case(set(), {"pk": learning, "reader": rows["reader"].pk}),
        ],
    }  # fmt: skip
    for page in ("support_show", "support_print"):
        found[f"activities:{page}"] = [
            Case(NAMED | {"mentor", "leader"}, {"pk": learning}), Case(NAMED, {"pk": individual}), Case(OTHER, {"pk": other}),
        ]  # fmt: skip
    for page, data in (("support_review", REVIEW), ("support_end", {"state": "done", "effect": "达到"})):
        found[f"activities:{page}"] = [
            Case(changers, {"pk": learning}, data=data), Case(changers, {"pk": individual}, data=data),
            Case(OTHER, {"pk": other}, data=data),
        ]  # fmt: skip
    return found

"""Who may open rounds of 评优, nominate, decide and print."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from activities.models import AwardKind, AwardNomination, AwardRound
from caretrack.access.history import change_by
from mentoring.models import Mentor
from tests.access.events import OTHER, OWN
from tests.access.walk import Case
from tests.access.world import LEADS, World, canary

OTHER_LEAD = {"other_principal"}
READERS = {"home1", "counsellor", *LEADS}


def honour_rows(w: World) -> None:
    """A round that takes nominations, one that hangs out, one that is over; of both schools."""
    today = timezone.localdate()
    stages: dict[str, dict[str, Any]] = {
        "open": {},
        "public": {"public_from": today - timedelta(days=9), "objections_until": today - timedelta(days=2)},
        "over": {"public_from": today - timedelta(days=9), "objections_until": today - timedelta(days=2), "awarded_on": today},
    }  # fmt: skip
    with change_by(None, "world"):
        for key, child, nominator, lead in (
            ("own", w.child, "home1", "principal"), ("other", w.stranger, "other_home", "other_principal"),
        ):  # fmt: skip
            own, school = key == "own", child.school
            rows: dict[str, Any] = {}
            for stage, dates in stages.items():
                round_ = AwardRound.objects.create(
                    school=school, term=school.terms.get(), nominate_until=today, **dates,
                    title=f"评优{stage}" if own else f"{stage}{canary('STRANGER')}",
                )  # fmt: skip
                kind = AwardKind.objects.create(round=round_, name="阳光少年", criteria="好")
                spare = AwardKind.objects.create(round=round_, name="没人推荐", criteria="好")
                decided = {} if stage == "open" else {
                    "verdict": "granted", "decided_by": w.people[lead], "decided_on": today,
                    "objected_on": today, "objection": canary("INCIDENT" if own else "STRANGERCARE"),
                }  # fmt: skip
                nomination = AwardNomination.objects.create(
                    kind=kind, child=child, reason=canary("CARE" if own else "STRANGERCARE"),
                    nominated_by=w.people[nominator], nominated_on=today, **decided,
                )  # fmt: skip
                rows[stage] = {"round": round_, "kind": kind, "spare": spare, "row": nomination}
            open_ = rows["open"]["round"]
            rows["mentors"] = AwardKind.objects.create(
                round=open_, name="先进代理家长", audience="mentor", nominators="leads", criteria="好"
            )
            rows["anybody"] = AwardKind.objects.create(
                round=open_, name="爱心小天使", nominators="staff", criteria="好"
            )
            name = "石志愿" if own else canary("STRANGER")
            rows["mentor"] = Mentor.objects.create(school=school, name=name, kind="volunteer")
            w.extra[f"{key}_honours"] = rows


def honours(w: World) -> dict[str, list[Case]]:
    """URL name → its cases."""
    own, other = w.extra["own_honours"], w.extra["other_honours"]

    def both(
        page: str, stage: str, what: str, mine: set[str], theirs: set[str], **more: Any
    ) -> dict[str, list[Case]]:  # fmt: skip
        return {
            f"activities:{page}": [
                Case(mine, {"pk": own[stage][what].pk}, **more),
                Case(theirs, {"pk": other[stage][what].pk}, **more),
            ]
        }

    homes = {"home1", "home2", *LEADS}
    reason = {"reason": "帮助同学"}
    found: dict[str, list[Case]] = {
        "activities:award_round_list": [Case(OWN | OTHER)],
        "activities:award_round_add": [Case(LEADS | OTHER_LEAD)],
        "activities:award_candidates": [
            Case(homes, {"pk": own["open"]["kind"].pk}),
            Case(LEADS, {"pk": own["mentors"].pk}),
            Case(OWN, {"pk": own["anybody"].pk}),
            Case(OTHER, {"pk": other["open"]["kind"].pk}),
        ],
        "activities:award_nominate_child": [
            Case({"home1", *LEADS}, {"pk": own["open"]["kind"].pk, "child": w.classmate.pk}, data=reason),
            Case({"home1", "mentor", "teacher1", "counsellor", *LEADS}, {"pk": own["anybody"].pk, "child": w.child.pk}),
            Case(set(), {"pk": own["open"]["kind"].pk, "child": w.stranger.pk}),
            Case(OTHER, {"pk": other["open"]["kind"].pk, "child": w.stranger.pk}),
        ],
        "activities:award_nominate_mentor": [
            Case(LEADS, {"pk": own["mentors"].pk, "mentor": own["mentor"].pk}, data=reason),
            Case(set(), {"pk": own["mentors"].pk, "mentor": other["mentor"].pk}),
            Case(OTHER_LEAD, {"pk": other["mentors"].pk, "mentor": other["mentor"].pk}),
        ],
    }
    found |= both("award_round_show", "open", "round", OWN, OTHER)
    today = timezone.localdate()
    for page, stage, data in (
        ("award_round_edit", "open", {}),
        ("award_round_delete", "open", {}),
        ("award_round_publish", "open", {"first": today, "last": today + timedelta(days=60)}),
        (
            "award_kind_add",
            "open",
            {"name": "小小志愿者", "audience": "pupil", "nominators": "leads", "criteria": "好"},
        ),
        ("award_round_honour", "public", {"awarded_on": "2026-11-02"}),
        ("award_round_back", "public", {}),
        ("award_list_print", "public", {}),
        ("award_export", "public", {}),
    ):
        found |= both(page, stage, "round", LEADS, OTHER_LEAD, data=data)
    found |= both("award_certificates", "over", "round", READERS, OTHER)
    found |= both("award_kind_edit", "open", "kind", LEADS, OTHER_LEAD)
    found |= both("award_kind_delete", "open", "spare", LEADS, OTHER_LEAD)
    found |= both("award_decide", "open", "kind", LEADS, OTHER_LEAD)
    found |= both("nomination_show", "public", "row", READERS, OTHER)
    found |= both("nomination_edit", "open", "row", {"home1"}, {"other_home"}, data={"reason": "坚持做好事"})
    found |= both("nomination_withdraw", "open", "row", {"home1"}, {"other_home"})
    found |= both("nomination_objection", "public", "row", LEADS, OTHER_LEAD)
    return found

"""What a round of 评优 waits for from one person: a nomination, a verdict, the list, the honour."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from activities.compliance.access import LEADS
from activities.honours.rounds import NOMINATING, Stage, Verdict
from activities.models import AwardKind, AwardRound
from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import Staff


@dataclass(frozen=True)
class Waiting:
    """One round and what it waits for."""

    round: AwardRound
    words: str


def waiting_for(staff: Staff, today: date) -> list[Waiting]:
    """The rounds in which `staff` is the one to act, the earliest last day first. One statement."""
    led = {school.pk for school in staff.schools_as(*LEADS)}
    taught = {school.pk for school in staff.schools_as(Role.HOMEROOM)}
    if not led and not taught:
        return []
    found = []
    for row in _open(staff):
        words = (_of_lead(row, today) if row.school_id in led else "") or (
            _of_homeroom(row, today) if row.school_id in taught else ""
        )
        if words:
            found.append(Waiting(row, words))
    return found


@fixed
def _open(staff: Staff) -> "QuerySet[AwardRound]":
    nominations = "kinds__nominations"
    asked = AwardKind.objects.filter(
        round=OuterRef("pk"), audience=AwardKind.Audience.PUPIL,
        nominators__in=[by for by, roles in NOMINATING.items() if Role.HOMEROOM in roles],
    )  # fmt: skip
    return (
        AwardRound.objects.visible_to(staff)
        .filter(awarded_on__isnull=True)
        .annotate(
            mine=Count(nominations, filter=Q(**{f"{nominations}__nominated_by": staff})),
            undecided=Count(nominations, filter=Q(**{f"{nominations}__verdict": Verdict.PENDING})),
            granted=Count(nominations, filter=Q(**{f"{nominations}__verdict": Verdict.GRANTED})),
            of_class=Exists(asked),
        )
        .order_by("nominate_until", "pk")
    )


def _of_lead(row: AwardRound, today: date) -> str:
    if row.stage == Stage.PUBLIC:
        over = row.objections_until is not None and today > row.objections_until
        return "公示期满，可以确认表彰" if over else ""
    if today <= row.nominate_until:
        return ""
    undecided, granted = row.undecided, row.granted  # type: ignore[attr-defined]
    if undecided:
        return f"推荐已截止，{undecided} 个人选待评定"
    return "已评定完，可以公示" if granted else ""


def _of_homeroom(row: AwardRound, today: date) -> str:
    if not row.nominates_on(today) or row.mine or not row.of_class:  # type: ignore[attr-defined]
        return ""
    return f"推荐到 {row.nominate_until.month}月{row.nominate_until.day}日，您还没有推荐"

"""The acts of a round: found, nominate, decide, hang out the list, settle objections, honour, take a step back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from activities.compliance.access import LEADS
from activities.models import AwardKind, AwardNomination, AwardRound
from caretrack.access.history import save_if_unchanged
from caretrack.access.policy import Role
from caretrack.access.scopes import children_reached_by
from caretrack.periods import chinese_date
from caretrack.schools.calendar import ONE_DAY, school_day_after
from caretrack.schools.models import Staff
from children.life.rows import twins
from children.models import Award, Child
from children.models.child import ChildQuerySet
from mentoring.models import Mentor

Audience, Nominators, Stage = AwardKind.Audience, AwardKind.Nominators, AwardRound.Stage
Verdict = AwardNomination.Verdict

#: School days that the public list hangs out at least.
PUBLIC_DAYS = 5
TOO_LATE = "名单已经公示，不能再改；需要改时，先退回推荐评定。"
GONE = "这次评优已经由别人删除。"
WITHDRAWS = "推荐由推荐人自己修改或撤回，评定以后和截止以后不能再改。"
#: Who may nominate pupils, by what the honour says.
NOMINATING: dict[str, frozenset[Role]] = {
    Nominators.LEADS: frozenset(LEADS),
    Nominators.HOMEROOM: frozenset({Role.HOMEROOM, *LEADS}),
    Nominators.STAFF: frozenset({Role.HOMEROOM, Role.TEACHER, Role.COUNSELLOR, Role.MENTOR, *LEADS}),
}


@dataclass(frozen=True)
class Usual:
    """An honour that schools give again and again; a round takes it over and may change it."""

    name: str
    shown_name: str
    audience: str
    nominators: str
    criteria: str


#: Titles of domain §7.11; what a child is handed names no family situation (P-16).
USUAL = (
    Usual("阳光少年", "", Audience.PUPIL, Nominators.HOMEROOM, "乐观向上，团结同学，遵守纪律，积极参加集体活动。"),
    Usual(
        "留守进步学生", "进步之星", Audience.PUPIL, Nominators.HOMEROOM,
        "父母一方或双方外出务工；本学期在学习、习惯或品德上有明显进步。",
    ),
    Usual("爱心小天使", "", Audience.PUPIL, Nominators.STAFF, "主动帮助同学，坚持做好事，有具体事例。"),
    Usual(
        "先进代理家长", "", Audience.MENTOR, Nominators.LEADS,
        "按要求谈心、家访、辅导，记录及时真实，结对学生和家长满意。",
    ),
)  # fmt: skip


@transaction.atomic
def found_round(found: AwardRound, usual: Iterable[str]) -> AwardRound:
    """Save a new round with those of the usual honours that are named. Raises ValidationError for impossible facts."""
    found.full_clean(exclude=["change"])
    found.save()
    wanted = set(usual)
    for one in USUAL:
        if one.name in wanted:
            AwardKind.objects.create(
                round=found, name=one.name, shown_name=one.shown_name, audience=one.audience,
                nominators=one.nominators, criteria=one.criteria,
            )  # fmt: skip
    return found


@transaction.atomic
def delete_round(round_: AwardRound) -> None:
    """Delete a round founded by mistake with its nominations. Raises ValidationError once somebody was honoured."""
    current = _locked(round_.pk)
    if current.stage == Stage.AWARDED:
        raise ValidationError("已经表彰的评优不能删除；登记错了，先退回公示。")
    current.delete()


@transaction.atomic
def remove_kind(kind: AwardKind) -> None:
    """Strike an honour for which nobody was nominated. Raises ValidationError otherwise, and once the list hangs out."""
    if _locked(kind.round_id).stage != Stage.NOMINATING:
        raise ValidationError(TOO_LATE)
    if kind.nominations.exists():
        raise ValidationError(f"“{kind}”已有推荐，不能删除；请先撤回推荐。")
    kind.delete()


def candidates(kind: AwardKind, staff: Staff) -> ChildQuerySet:
    """The pupils of the school whom `staff` may nominate for a kind."""
    children = Child.objects.visible_to(staff).on_roll().filter(school=kind.round.school_id)
    return children.filter(children_reached_by(staff, NOMINATING[kind.nominators]))


def mentors_to_nominate(kind: AwardKind, staff: Staff, today: date) -> QuerySet[Mentor]:
    """The mentors in service whom `staff` may nominate: all of the school but oneself, where the kind lets one."""
    schools = staff.schools_as(*(NOMINATING[kind.nominators] - {Role.MENTOR}))
    mentors = Mentor.objects.working(today).filter(school=kind.round.school_id, school__in=schools)
    return mentors.exclude(staff=staff).order_by("pinyin", "pk")


def may_nominate(kind: AwardKind, staff: Staff) -> bool:
    """Whether `staff` holds a role at the school that nominates for this kind."""
    roles = NOMINATING[kind.nominators]
    if kind.round.school_id in {school.pk for school in staff.schools_as(*(roles - {Role.MENTOR}))}:
        return True
    return not kind.for_mentors and Role.MENTOR in roles and Role.MENTOR in staff.roles()


@transaction.atomic
def nominate(
    kind: AwardKind, *, child: Child | None = None, mentor: Mentor | None = None, reason: str, by: Staff, on: date
) -> AwardNomination:
    """
    Put a pupil or a mentor forward. The caller has found them through `candidates` or `mentors_to_nominate`.

    Raises ValidationError after the last day, for a class that has sent all it may, and for a second nomination.
    """
    round_ = _locked(kind.round_id)
    if not round_.nominates_on(on):
        raise ValidationError(
            f"推荐已在{chinese_date(round_.nominate_until)}截止，或评优已经公示。需要补推荐时，请德育处延长截止日期。"
        )
    if child is not None and kind.per_class:
        sent = kind.nominations.filter(child__school_class=child.school_class_id).exclude(verdict=Verdict.REFUSED)
        if sent.count() >= kind.per_class:
            raise ValidationError(f"“{kind}”每班最多推荐{kind.per_class}人，{child.class_name(on)}已经推荐满了。")
    row = AwardNomination(
        kind=kind, child=child, mentor=mentor, reason=reason.strip(), nominated_by=by, nominated_on=on
    )
    row.full_clean(exclude=["change"])
    row.save()
    return row


def may_change(row: AwardNomination, staff: Staff, today: date) -> bool:
    """Whether `staff` may still reword or withdraw a nomination: one's own, undecided, before the last day."""
    return row.nominated_by_id == staff.pk and row.verdict == Verdict.PENDING and row.kind.round.nominates_on(today)


@transaction.atomic
def withdraw(row: AwardNomination, *, by: Staff, on: date) -> None:
    """Take one's own nomination back. Raises ValidationError once it is decided and after the last day."""
    _locked(row.kind.round_id)
    current = AwardNomination.objects.select_related("kind__round").filter(pk=row.pk).first()
    if current is None:
        return
    if not may_change(current, by, on):
        raise ValidationError(WITHDRAWS)
    current.delete()


@transaction.atomic
def decide(rows: Sequence[AwardNomination], *, by: Staff, on: date) -> int:
    """
    Write the verdicts and opinions that `rows` (of one round) carry. Returns how many were changed.

    Raises ValidationError once the list hangs out and where somebody decides about oneself, Stale where another
    decided meanwhile.
    """
    if not rows:
        return 0
    round_ = _locked(rows[0].kind.round_id)
    if round_.stage != Stage.NOMINATING:
        raise ValidationError("名单已经公示，不能再改评定；有异议请在人选里登记核实，或退回推荐评定。")
    for row in rows:
        if row.mentor is not None and row.mentor.staff_id == by.pk:
            raise ValidationError("不能评定自己，请由另一位负责人评定。")
        decided = row.verdict != Verdict.PENDING
        row.decided_by, row.decided_on = (by, on) if decided else (None, None)
        save_if_unchanged(row, version=row.version)
    return len(rows)


@transaction.atomic
def hang_out(round_: AwardRound, *, first: date, last: date, today: date) -> AwardRound:
    """
    Hang out the list from `first` to `last`.

    Raises ValidationError while something is undecided, nobody is granted, or more are granted than there are places;
    for a first day before today or before a verdict, and for fewer school days than PUBLIC_DAYS.
    """
    round_ = _locked(round_.pk)
    if round_.stage != Stage.NOMINATING:
        raise ValidationError("名单已经公示。")
    if first < today:
        raise ValidationError({"first": f"公示不能从今天（{chinese_date(today)}）以前开始，请填今天或以后的日期。"})
    if last < (enough := public_until(round_, first)):
        raise ValidationError(
            {"last": f"公示至少{PUBLIC_DAYS}个上学日，从{chinese_date(first)}起最早到{chinese_date(enough)}结束。"}
        )
    rows = AwardNomination.objects.filter(kind__round=round_)
    if waiting := rows.pending().count():
        raise ValidationError(f"还有 {waiting} 个人选没有评定，评定完才能公示。")
    if not rows.granted().exists():
        raise ValidationError("还没有同意表彰的人选。")
    decided = rows.aggregate(last=Max("decided_on"))["last"]
    if decided is not None and first < decided:
        raise ValidationError({"first": f"最后一个人选{decided}才评定，公示不能早于这一天开始。"})
    for kind in kinds_of(round_):
        if kind.places is not None and kind.granted > kind.places:  # type: ignore[attr-defined]
            raise ValidationError(f"“{kind}”名额{kind.places}人，已同意{kind.granted}人，请调整。")  # type: ignore[attr-defined]
    round_.public_from, round_.objections_until = first, last
    round_.save()
    return round_


def public_until(round_: AwardRound, first: date) -> date:
    """The earliest last day of a list that hangs out from `first` on."""
    return school_day_after(round_.school_id, first - ONE_DAY, PUBLIC_DAYS)


def takes_objection(row: AwardNomination) -> bool:
    """Whether an objection to somebody may be written down: to who is on the list that hangs out, or stood there."""
    return row.kind.round.stage == Stage.PUBLIC and (row.verdict == Verdict.GRANTED or bool(row.objection))


@transaction.atomic
def settle_objection(row: AwardNomination, *, version: int, keeps: bool, by: Staff, on: date) -> AwardNomination:
    """
    Write down an objection that `row` carries, and once it was looked into, whether the honour stands.

    Raises ValidationError while no list hangs out, about who is not on it, for a finding that is emptied and where
    no place is left to come back to; Stale where another wrote meanwhile.
    """
    _locked(row.kind.round_id)
    current = AwardNomination.objects.select_related("kind__round").get(pk=row.pk)
    if not takes_objection(current):
        raise ValidationError("只有公示期间登记异议，而且只对名单上的人选。")
    if row.mentor is not None and row.mentor.staff_id == by.pk:
        raise ValidationError("不能核实对自己的异议，请由另一位负责人办理。")
    if current.finding and not row.finding:
        raise ValidationError({"finding": "核实结果已经登记，不能清空；有变化的请改写，再选维持或取消。"})
    if row.finding:
        if keeps and current.verdict != Verdict.GRANTED and (full := _full(current)):
            raise ValidationError({"keeps": full})
        row.verdict = Verdict.GRANTED if keeps else Verdict.REFUSED
        row.decided_by, row.decided_on = by, on
    save_if_unchanged(row, version=version)
    return row


def _full(row: AwardNomination) -> str:
    """Why one more cannot be granted the honour; nothing while there is a place."""
    kind, places = row.kind, row.kind.places
    taken = kind.nominations.granted().exclude(pk=row.pk).count()
    return f"“{kind}”名额{places}人，已同意{taken}人，不能再恢复。" if places is not None and taken >= places else ""


@transaction.atomic
def honour(round_: AwardRound, *, on: date, today: date) -> int:
    """
    End the round: each granted pupil gets a row among the awards, unless it was entered by hand already.
    Returns how many are honoured.

    Raises ValidationError before the list has hung out its days, and while an objection is open.
    """
    round_ = _locked(round_.pk)
    if round_.stage != Stage.PUBLIC or round_.objections_until is None or round_.public_from is None:
        raise ValidationError("先公示，公示期满再表彰。")
    if today <= round_.objections_until:
        raise ValidationError(f"公示到{chinese_date(round_.objections_until)}为止，期满以后再表彰。")
    if not round_.objections_until < on <= today:
        raise ValidationError({"awarded_on": "表彰日期在公示结束以后、今天以前（含今天）。"})
    rows = AwardNomination.objects.filter(kind__round=round_)
    if names := [row.name for row in rows.granted().select_related("child", "mentor") if row.open_objection]:
        raise ValidationError(f"{'、'.join(names)}有异议还没有核实。")
    for kind, children in _by_kind(round_).items():
        shared = _shared(kind, on)
        there = twins(Award, children, shared)
        Award.objects.bulk_create(
            [Award(child_id=pk, evidence=round_.title, **shared) for pk in children if pk not in there]
        )
    round_.awarded_on = on
    round_.save()
    return rows.granted().count()


def _shared(kind: AwardKind, on: date) -> dict[str, object]:
    """What the awards of one honour have in common."""
    return {"title": kind.public_name, "scope": Award.Scope.SCHOOL, "on": on}


def _by_kind(round_: AwardRound) -> dict[AwardKind, list[int]]:
    """The children granted each honour. One statement."""
    found: dict[AwardKind, list[int]] = {}
    for row in AwardNomination.objects.filter(kind__round=round_, child__isnull=False).granted().select_related("kind"):
        found.setdefault(row.kind, []).append(row.child_id or 0)
    return found


@transaction.atomic
def step_back(round_: AwardRound) -> AwardRound:
    """
    From honoured back to the list, from the list back to deciding. Awards that came of the round go with it; those
    that somebody entered by hand or changed since stay. Raises ValidationError where there is no step to take back.
    """
    round_ = _locked(round_.pk)
    if round_.stage == Stage.NOMINATING:
        raise ValidationError("评优还在推荐评定，没有可退回的。")
    if round_.awarded_on is None:
        round_.public_from = round_.objections_until = None
    else:
        for kind, children in _by_kind(round_).items():
            made = Award.objects.filter(child__in=children, evidence=round_.title, **_shared(kind, round_.awarded_on))
            made.delete()
        round_.awarded_on = None
    round_.save()
    return round_


def kinds_of(round_: AwardRound) -> list[AwardKind]:
    """The honours of a round with how many were nominated, wait and are granted. One statement."""
    verdict = "nominations__verdict"
    return list(
        AwardKind.objects.filter(round=round_)
        .select_related("round__school", "round__term")
        .annotate(
            nominated=Count("nominations"),
            waiting=Count("nominations", filter=Q(**{verdict: Verdict.PENDING})),
            granted=Count("nominations", filter=Q(**{verdict: Verdict.GRANTED})),
        )
        .order_by("pk")
    )


LEFT = "学生已离校，推荐作废"


def lapse_of(*, child: Child, on: date, by: Staff | None) -> None:
    """A child that leaves school is decided about no more; see children.leaving. What was granted stays."""
    for row in AwardNomination.objects.filter(child=child).pending():
        row.verdict, row.opinion, row.decided_by, row.decided_on = Verdict.REFUSED, LEFT, by, on
        row.save(update_fields=["verdict", "opinion", "decided_by", "decided_on"])


def stand_again(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: what had lapsed with it waits for its verdict again, while its round still decides."""
    lapsed = AwardNomination.objects.filter(child=child, opinion=LEFT, decided_on=left_on)
    for row in lapsed.filter(kind__round__public_from__isnull=True):
        row.verdict, row.opinion, row.decided_by, row.decided_on = Verdict.PENDING, "", None, None
        row.save(update_fields=["verdict", "opinion", "decided_by", "decided_on"])


def _locked(pk: int) -> AwardRound:
    """The round as it is now, held until the end of the transaction. Raises ValidationError when it is gone."""
    found = AwardRound.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise ValidationError(GONE)
    return found

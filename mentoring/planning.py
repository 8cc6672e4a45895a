"""Rounds of pairing: drafted from the suggestion, changed by hand, handed to the principal, published as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet

from caretrack.schools.models import School, Staff
from children.consents import agreed
from children.models import Child, Consent
from mentoring.assigning import pair_several
from mentoring.candidates import propose
from mentoring.models import Mentor, MentorAbsence, Pairing, PairingPlan, PairingRole, PlannedPairing, PlanState
from mentoring.queries import planned_load, too_much, unpaired
from mentoring.standing import Standing, standings

BUSY = "刚刚有学生由别人安排了代理家长，这次一条也没有公布。请刷新后再看。"


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be published as it stands, and why."""

    line: PlannedPairing
    why: str

    def __str__(self) -> str:
        return f"{self.line.child.name}：{self.why}"


@dataclass(frozen=True, slots=True)
class Burden:
    """How many children a mentor will have when the plan is published; `given` of them come with the plan."""

    standing: Standing
    given: int
    given_key: int

    @property
    def load(self) -> int:
        return self.standing.load + self.given

    @property
    def key_load(self) -> int:
        return self.standing.key_load + self.given_key

    @property
    def key_limit(self) -> int:
        return self.standing.mentor.school.mentor_key_limit

    @property
    def over(self) -> bool:
        """Whether that is more children than advised."""
        return self.load > self.standing.limit

    def too_much(self) -> list[str]:
        """What is more than advised, in words, where the plan adds to it."""
        return too_much(self.standing.mentor, self.load, self.key_load) if self.given else []


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """The lines of a plan counted: all, without a mentor, changed by hand, left out in publishing."""

    total: int
    blank: int
    by_hand: int
    skipped: int

    @property
    def kept(self) -> int:
        """Of a published plan those who were published."""
        return self.total - self.skipped


def plan_figures(plan: PairingPlan) -> PlanFigures:
    """The figures of a plan; one statement."""
    return PlanFigures(
        **plan.lines.aggregate(
            total=Count("pk"),
            blank=Count("pk", filter=Q(mentor__isnull=True)),
            by_hand=Count("pk", filter=Q(changed_by__isnull=False)),
            skipped=Count("pk", filter=~Q(skipped="")),
        )
    )


def left_without(lines: Iterable[PlannedPairing], children: "QuerySet[Child]", on: date) -> set[int]:
    """
    Of the lines left out in publishing the `children` (ids) who have no 代理家长 on the day either.

    One statement; none where no line was left out.
    """
    skipped = [line.child_id for line in lines if line.skipped]
    return set(unpaired(children.filter(pk__in=skipped), on).values_list("pk", flat=True)) if skipped else set()


def burdens(plan: PairingPlan, rows: Iterable[Standing]) -> list[Burden]:
    """What the plan's lines come to for mentors (`rows`), in their order; one statement."""
    heads, keys = planned_load(plan)
    return [Burden(row, heads[row.mentor.pk], keys[row.mentor.pk]) for row in rows]


@transaction.atomic
def make_plan(*, school: School, children: "QuerySet[Child]", title: str, starts_on: date, by: Staff) -> PairingPlan:
    """
    A draft for `children` of the school, one line each with the proposal and its reasons.

    Raises ValidationError if there is nobody to pair, or the school has an open plan already: two plans for the same
    children would contradict each other.
    """
    if other := PairingPlan.objects.open().filter(school=school).first():
        raise ValidationError(f"已有一份没有公布的方案“{other}”，请先公布或作废。")
    plan = PairingPlan(school=school, title=title, starts_on=starts_on, made_by=by)
    plan.full_clean(exclude=["change", "published_by"])
    plan.save()
    if not add_lines(plan=plan, children=children):
        raise ValidationError("选定的范围里没有需要安排代理家长的学生。")
    return plan


def add_lines(*, plan: PairingPlan, children: "QuerySet[Child]") -> int:
    """Adds a line with the proposal for each of `children` who is not in the plan yet. Returns how many."""
    known = PlannedPairing.objects.filter(plan=plan).values("child")
    fresh = propose(children.filter(school=plan.school).exclude(pk__in=known), plan.school, plan.starts_on, plan)
    PlannedPairing.objects.bulk_create(
        PlannedPairing(
            plan=plan,
            child_id=proposal.pupil.id,
            mentor_id=proposal.taker.id if proposal.taker else None,
            suggested_id=proposal.taker.id if proposal.taker else None,
            reasons=list(proposal.reasons),
            cautions=list(proposal.cautions),
        )
        for proposal in fresh
    )
    return len(fresh)


@transaction.atomic
def change_lines(*, plan: PairingPlan, chosen: Mapping[int, int | None], by: Staff) -> int:
    """
    Give lines (by id) another mentor, or none. Returns how many were changed.

    Raises ValidationError if the plan is not theirs to change now, or the mentor does not work at the school then.
    """
    _open_to(plan, by)
    mentors = set(Mentor.objects.of_school(plan.school).working(plan.starts_on).values_list("pk", flat=True))
    changed = 0
    for line in PlannedPairing.objects.filter(plan=plan, pk__in=chosen):
        mentor = chosen[line.pk]
        if mentor == line.mentor_id:
            continue
        if mentor is not None and mentor not in mentors:
            raise ValidationError("选的代理家长不在这所学校的名单里，请刷新后再选。")
        line.mentor_id, line.changed_by = mentor, None if mentor == line.suggested_id else by
        line.save(update_fields=["mentor", "changed_by"])
        changed += 1
    return changed


def drop_line(*, line: PlannedPairing, by: Staff) -> None:
    """Take a child out of an open plan; ValidationError if it is not theirs to change now."""
    _open_to(line.plan, by)
    line.delete()


def faults(plan: PairingPlan, lines: Iterable[PlannedPairing]) -> list[Fault]:
    """The lines that have become wrong since they were written; six statements for any number of lines."""
    listed = list(lines)
    mentors = {s.mentor.pk: s for s in standings(Mentor.objects.of_school(plan.school).active(), plan.starts_on)}
    away = set(MentorAbsence.objects.on(plan.starts_on).filter(mentor__in=mentors).values_list("mentor", flat=True))
    taken = {
        pairing.child_id: pairing.mentor.name
        for pairing in Pairing.objects.open()
        .acting_parents()
        .kept(plan.starts_on)
        .filter(child__in=[line.child_id for line in listed])
        .select_related("mentor")
    }
    willing = agreed(Consent.Purpose.OUTSIDE_MENTOR, [line.child_id for line in listed])
    held = set(Pairing.objects.open().filter(mentor__in=mentors).values_list("child", "mentor"))
    found = []
    for line in listed:
        child, standing = line.child, mentors.get(line.mentor_id or 0)
        why = ""
        if child.school_id != plan.school_id or child.school_class_id is None:
            why = "已经不在本校"
        elif child.pk in taken:
            why = f"已有代理家长{taken[child.pk]}"
        elif line.mentor is None:
            why = "还没有选代理家长"
        elif standing is None:
            why = f"{line.mentor}已经退出代理家长"
        elif standing.gone:
            why = f"{line.mentor}已经离岗"
        elif not line.mentor.checked_on(plan.starts_on):
            why = f"{line.mentor}在结对日期没有 12 个月内的从业查询"
        elif line.mentor.is_external and child.pk not in willing:
            why = f"{line.mentor}是校外人员，监护人还没有同意"
        elif standing.mentor.pk in away:
            why = f"{line.mentor}在结对日期暂离"
        elif (child.pk, line.mentor_id) in held:
            why = f"{line.mentor}已经以别的身份与他结对，请先结束"
        if why:
            found.append(Fault(line, why))
    return found


@transaction.atomic
def submit_plan(*, plan: PairingPlan, by: Staff) -> None:
    """Hand a draft to the principal. Raises ValidationError if it is not a draft or has no lines."""
    current = _locked(plan, PlanState.DRAFT)
    if not current.lines.exists():
        raise ValidationError("方案里没有学生。")
    _move(current, PlanState.SUBMITTED)


@transaction.atomic
def return_plan(*, plan: PairingPlan, note: str, by: Staff) -> None:
    """Give a submitted plan back with a word. Raises ValidationError if it is not submitted."""
    current = _locked(plan, PlanState.SUBMITTED)
    current.return_note = note
    _move(current, PlanState.DRAFT)


@transaction.atomic
def drop_plan(*, plan: PairingPlan, by: Staff) -> None:
    """Put an open plan aside for good; it stays to be read."""
    _move(_locked(plan, *_OPEN), PlanState.DROPPED)


@transaction.atomic
def publish_plan(*, plan: PairingPlan, by: Staff, on: date, skip_faulty: bool = False) -> list[Pairing]:
    """
    Make every line a pairing from the plan's day on: all of them or none.

    Lines that have become wrong are named and refused, or with `skip_faulty` left out and marked so. Raises
    ValidationError for them, for a plan that is not open, and when somebody else paired one of the children meanwhile.
    """
    current = _locked(plan, *_OPEN)
    lines = list(
        PlannedPairing.objects.filter(plan=plan).select_related("child", "mentor__staff").order_by("child__pk")
    )
    wrong = {fault.line.pk: fault for fault in faults(current, lines)}
    if wrong and not skip_faulty:
        raise ValidationError([str(fault) for fault in wrong.values()])
    good = [line for line in lines if line.pk not in wrong]
    if not good:
        raise ValidationError("没有一条可以公布。")
    _pair_all(good, current.starts_on, by)
    PlannedPairing.objects.bulk_update(good, ["pairing"])
    for fault in wrong.values():
        fault.line.skipped = fault.why[:100]
        fault.line.save(update_fields=["skipped"])
    current.published_by, current.published_on = by, on
    _move(current, PlanState.PUBLISHED)
    return [line.pairing for line in good if line.pairing is not None]


def _pair_all(lines: list[PlannedPairing], on: date, by: Staff) -> None:
    """A pairing for every line: in bulk, but one by one where a mentor who works there no more has to be relieved."""
    left = Pairing.objects.open().acting_parents().abandoned(on).filter(child__in=[line.child_id for line in lines])
    abandoned = set(left.values_list("child", flat=True))
    free = [line for line in lines if line.child_id not in abandoned]
    role = PairingRole.ACTING_PARENT
    try:
        with transaction.atomic():
            made = Pairing.objects.bulk_create(
                Pairing(child=line.child, mentor=line.mentor, role=role, starts_on=on, paired_by=by) for line in free
            )
    except IntegrityError as error:
        raise ValidationError(BUSY) from error
    for line, pairing in zip(free, made, strict=True):
        line.pairing = pairing
    for line in lines:
        if line.child_id in abandoned and line.mentor is not None:
            line.pairing = pair_several(children=[line.child], mentor=line.mentor, on=on, by=by)[0]


_OPEN = (PlanState.DRAFT, PlanState.SUBMITTED)


def _locked(plan: PairingPlan, *states: PlanState) -> PairingPlan:
    current = PairingPlan.objects.select_for_update(of=("self",)).select_related("school").get(pk=plan.pk)
    if current.state not in states:
        raise ValidationError(f"方案“{current}”{current.get_state_display()}，不能再这样办理。")
    return current


def _open_to(plan: PairingPlan, by: Staff) -> None:
    if not _locked(plan, *_OPEN).open_to(by):
        raise ValidationError(f"方案“{plan}”已交校长公布，要修改请校长退回。")


def _move(plan: PairingPlan, state: PlanState) -> None:
    plan.state = state
    plan.full_clean(exclude=["change", "published_by", "made_by"])
    plan.save()

"""
The daily roll of a class, and who stays away: from the call on the first day to the case (domain §11.5, absence row).

Days are school days: a weekend or a holiday makes nobody absent. Day 0 is the first day away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from activities.kinds import WITH_VILLAGE
from activities.models import Absence, CareRecord, ClassDay, DropoutCase, DropoutStep, Kind
from caretrack.schools.calendar import Calendar, calendar_of, calendars_of
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child, Enrollment

CALL, VISIT, JOINT, CASE = range(4)
LOOK_BACK = timedelta(days=90)
STEPS = {
    CALL: "当天电话联系家人",
    VISIT: "报学校，家访",
    JOINT: "与村（社区）联合家访",
    CASE: "立控辍个案，发劝返通知书，书面报告",
}


@dataclass(frozen=True)
class Entry:
    """What is said of one absent pupil."""

    reason: str
    called: str = ""
    note: str = ""


def pupils_on(school_class: SchoolClass, on: date) -> "QuerySet[Child]":
    """The pupils of a class on a day, in the order of a roll."""
    there = Enrollment.objects.on(on).filter(school_class=school_class).order_by().values("child")
    return Child.objects.filter(pk__in=there).order_by("pinyin", "pk")


@transaction.atomic
def enter_day(*, school_class: SchoolClass, on: date, absent: Mapping[int, Entry], by: Staff, today: date) -> ClassDay:
    """
    The roll of a class on a day: who is not in `absent` was there. Entered again it is corrected.

    Raises ValidationError for a future day, a day without lessons, or a pupil of another class.
    """
    if on > today:
        raise ValidationError("不能登记以后的日期。")
    if not calendar_of(school_class.school).is_school_day(on):
        raise ValidationError(f"{on.month}月{on.day}日不是上课日。补课或调休请先在校历里登记。")
    there = set(pupils_on(school_class, on).values_list("pk", flat=True))
    if set(absent) - there:
        raise ValidationError("名单里有不在这个班的学生，请重新打开页面。")
    day = ClassDay.objects.select_for_update().filter(school_class=school_class, on=on).first()
    day = day or ClassDay(school_class=school_class, on=on)
    day.pupils, day.entered_by = len(there), by
    day.save()
    present = {row.child_id: row for row in Absence.objects.filter(child__in=there, on=on)}
    gone = [row.pk for pk, row in present.items() if pk not in absent]
    if gone:
        Absence.objects.filter(pk__in=gone).delete()
    for pk, entry in absent.items():
        row = present.get(pk) or Absence(child_id=pk, on=on, school_class=school_class)
        if row.pk and (row.reason, row.called, row.note) == (entry.reason, entry.called, entry.note):
            continue
        row.reason, row.called, row.note, row.entered_by = entry.reason, entry.called, entry.note, by
        row.save()
    return day


@transaction.atomic
def note_call(*, row: Absence, called: str, by: Staff) -> Absence:
    """What came of the call on a day of absence. Raises ValidationError for an outcome that there is not."""
    if called not in (Absence.Called.REACHED, Absence.Called.NO_ANSWER):
        raise ValidationError("请选择打通了或没打通。")
    row = Absence.objects.select_for_update().get(pk=row.pk)
    if row.called != called:
        row.called, row.entered_by = called, by
        row.save(update_fields=["called", "entered_by"])
    return row


@dataclass(frozen=True)
class Away:
    """
    A pupil who stays away without leave: since when, for how many school days, what is due and what was done.

    Days within the run on which nobody took the roll (`unrolled`) are not counted and do not end it.
    """

    child_id: int
    since: date
    last: date
    days: int
    called: bool
    visited: bool
    joint: bool = False
    case_id: int | None = None
    unrolled: tuple[date, ...] = ()

    @property
    def step(self) -> int:
        """The step of the chain that is due by now: day 0 call, 1 visit, 2 joint visit, 3 and later the case."""
        return min(self.days - 1, CASE)

    @property
    def due(self) -> str:
        return STEPS[self.step]

    @property
    def done(self) -> bool:
        """Whether the step that is due was taken."""
        if self.step == CASE:
            return self.case_id is not None
        return {CALL: self.called, VISIT: self.visited, JOINT: self.joint}[self.step]


def away_now(children: "QuerySet[Child]", today: date) -> list[Away]:
    """
    Who of `children` is away without leave up to the last day on which their class was rolled, longest first.

    A run over the school days that were rolled; a day of leave or presence ends it. A fixed number of statements.
    """
    first = today - LOOK_BACK
    rows = list(
        Absence.objects.unexcused()
        .filter(child__in=children.order_by().values("pk"), on__gte=first, on__lte=today)
        .values_list("child", "on", "called", "school_class", "child__school")
    )
    if not rows:
        return []
    rolled: dict[int, list[date]] = defaultdict(list)
    classes = {row[3] for row in rows}
    days = ClassDay.objects.filter(school_class__in=classes, on__gte=first, on__lte=today)
    for pk, on in days.order_by("on").values_list("school_class", "on"):
        rolled[pk].append(on)
    calendars = calendars_of({row[4] for row in rows})
    visits = _visits({row[0] for row in rows}, first)
    cases = dict(DropoutCase.objects.open().filter(child__in={row[0] for row in rows}).values_list("child", "pk"))
    by_child: dict[int, dict[date, tuple[str, int, int]]] = defaultdict(dict)
    for child, on, called, school_class, school in rows:
        by_child[child][on] = (called, school_class, school)
    found = []
    for child, absences in by_child.items():
        run, gap = _run(absences.keys(), rolled[absences[max(absences)][1]], calendars[absences[max(absences)][2]])
        if run:
            reached = any(absences[on][0] == Absence.Called.REACHED for on in run)
            made = [visit for visit in visits[child] if visit.on >= run[0]]
            # Until the third day away nobody owes a joint visit: one made before is the visit of the day before.
            joint = any(visit.joint and (visit.by_case or visit.on >= run[min(JOINT, len(run) - 1)]) for visit in made)
            found.append(Away(child, run[0], run[-1], len(run), reached, bool(made), joint, cases.get(child), gap))
    return sorted(found, key=lambda away: (-away.days, away.child_id))


@dataclass(frozen=True)
class _Visit:
    """A visit to a family: when, whether with the village, whether it is a step of a case."""

    on: date
    joint: bool
    by_case: bool = False


def _visits(children: set[int], first: date) -> dict[int, list[_Visit]]:
    """Child id → the visits since `first`, from records and from the steps of cases; two statements."""
    found: dict[int, list[_Visit]] = defaultdict(list)
    records = CareRecord.objects.reached().filter(child__in=children, kind=Kind.HOME_VISIT, on__gte=first)
    for pk, on, detail in records.values_list("child", "on", "detail"):
        found[pk].append(_Visit(on, detail.get("company") == WITH_VILLAGE))
    Step = DropoutStep.Kind
    steps = DropoutStep.objects.filter(case__child__in=children, kind__in=(Step.VISIT, Step.JOINT), on__gte=first)
    for pk, on, kind in steps.order_by().values_list("case__child", "on", "kind"):
        found[pk].append(_Visit(on, kind == Step.JOINT, by_case=True))
    return found


def _run(absent: Iterable[date], rolled: list[date], calendar: Calendar) -> tuple[list[date], tuple[date, ...]]:
    """
    The absent days up to the last rolled day that no rolled day interrupts, and the school days between them without a
    roll; both empty if the pupil was there on the last rolled day.
    """
    away, known, last = set(absent), set(rolled), rolled[-1] if rolled else None
    if last is None or last not in away:
        return [], ()
    run: list[date] = []
    unrolled: list[date] = []
    for day in reversed(calendar.days(min(away), last)):
        if day in away:
            run.append(day)
        elif day in known:
            break
        else:
            unrolled.append(day)
    return run[::-1], tuple(day for day in reversed(unrolled) if day > run[-1])

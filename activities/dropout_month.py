"""控辍保学月报: absence, cases and rates of one month by class, as frozen data (system 90)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Q

from activities.models import Absence, DropoutCase
from caretrack.periods import Month
from caretrack.schools.models import School, SchoolClass
from children.models import Enrollment, StatusChange, codes

COLUMNS = (
    "班级", "在校学生", "缺勤人次", "病假", "事假", "无故", "无故人数", "立案", "返校", "劝返中", "登记辍学", "辍学率",
)  # fmt: skip


@dataclass(frozen=True)
class MonthLine:
    """One class, or the sum of them."""

    name: str
    pupils: int
    sick: int = 0
    leave: int = 0
    unexcused: int = 0
    heads: int = 0
    opened: int = 0
    back: int = 0
    open: int = 0
    left: int = 0

    @property
    def rate(self) -> str:
        """辍学率 with its two numbers; a dash where nobody could drop out."""
        if not self.pupils:
            return "—"
        return f"{self.left * 100 / self.pupils:.1f}%（{self.left}/{self.pupils}）"

    @property
    def cells(self) -> tuple[object, ...]:
        return (
            self.name, self.pupils, self.sick + self.leave + self.unexcused, self.sick, self.leave, self.unexcused,
            self.heads, self.opened, self.back, self.open, self.left, self.rate,
        )  # fmt: skip


@dataclass(frozen=True)
class CaseLine:
    """One case that was open in the month."""

    class_name: str
    name: str
    away_since: date
    opened_on: date
    steps: str
    state: str
    outcome: str


@dataclass(frozen=True)
class DropoutMonth:
    """What the report prints."""

    school: str
    month: Month
    lines: tuple[MonthLine, ...]
    total: MonthLine
    cases: tuple[CaseLine, ...]

    @property
    def title(self) -> str:
        return f"控辍保学月报表（{self.month.label}）"


def dropout_month(school: School, month: Month, classes: list[SchoolClass] | None = None) -> DropoutMonth:
    """
    The report of a school, or of some of its classes, for a month; pupils are those of the month's first day or later.

    Who dropped out is read as the register of changes counts it: by its line's class, from the day after the last in
    class. Who changed class within the month stands in both and once in the sum.
    """
    first, last = month.first, month.last
    listed = classes
    if listed is None:
        listed = list(SchoolClass.objects.filter(school=school).taught_on(last).select_related("school"))
    ids = [c.pk for c in listed]
    in_class = Enrollment.objects.during(first, last).filter(school_class__in=ids).order_by()
    pupils = dict(in_class.values_list("school_class").annotate(number=Count("child", distinct=True)))
    reasons = Absence.Reason
    away = Absence.objects.filter(school_class__in=ids, on__gte=first, on__lte=last).order_by()
    missed = {
        row["school_class"]: row
        for row in away.values("school_class").annotate(
            sick=Count("pk", filter=Q(reason=reasons.SICK)),
            leave=Count("pk", filter=Q(reason=reasons.LEAVE)),
            unexcused=Count("pk", filter=Q(reason__in=Absence.UNEXCUSED)),
            heads=Count("child", distinct=True, filter=Q(reason__in=Absence.UNEXCUSED)),
        )
    }
    of_class = dict(in_class.order_by("starts_on").values_list("child", "school_class"))
    cases = list(
        DropoutCase.objects.filter(school=school, opened_on__lte=last, child__in=of_class)
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gte=first))
        .select_related("child")
        .prefetch_related("steps")
        .order_by("opened_on", "pk")
    )
    gone = StatusChange.objects.standing().effective_during(first, last)
    dropped = gone.filter(school=school, school_class__in=ids, kind=codes.ChangeKind.DROPOUT)
    left = list(dropped.values_list("school_class", flat=True))
    State = DropoutCase.State
    lines = []
    for each in listed:
        own = [case for case in cases if of_class[case.child_id] == each.pk]
        counted: dict[str, Any] = dict(missed.get(each.pk) or {})
        lines.append(
            MonthLine(
                each.name_on(last), pupils.get(each.pk, 0), counted.get("sick", 0), counted.get("leave", 0),
                counted.get("unexcused", 0), counted.get("heads", 0),
                sum(case.opened_on >= first for case in own),
                sum(case.state == State.BACK and _closed_by(case, last) for case in own),
                sum(not _closed_by(case, last) for case in own),
                left.count(each.pk),
            )
        )  # fmt: skip
    names = {each.pk: each.name_on(last) for each in listed}
    return DropoutMonth(
        school.name,
        month,
        tuple(lines),
        replace(
            _sum(lines),
            pupils=len(of_class),
            heads=away.filter(reason__in=Absence.UNEXCUSED).aggregate(n=Count("child", distinct=True))["n"],
        ),
        tuple(
            CaseLine(
                names[of_class[case.child_id]], case.child.name, case.away_since, case.opened_on,
                "；".join(f"{step.on:%m-%d}{step.get_kind_display()}" for step in case.steps.all() if step.on <= last),
                *((case.get_state_display(), case.outcome) if _closed_by(case, last) else (State.OPEN.label, "")),
            )
            for case in cases
        ),
    )  # fmt: skip


def _closed_by(case: DropoutCase, last: date) -> bool:
    """Whether the case had ended by the day; the report of a month does not know what came later."""
    return case.closed_on is not None and case.closed_on <= last


def _sum(lines: list[MonthLine]) -> MonthLine:
    names = ("pupils", "sick", "leave", "unexcused", "heads", "opened", "back", "open", "left")
    return MonthLine("合计", *(sum(getattr(line, name) for line in lines) for name in names))

"""
The register of a unit on a day: who is left behind under a definition, and what each child counts as in table 1.

Every question is answered for that day where the facts are dated (parents, enrolment, care, pairing, support level);
boarding, way to school, hardship and health have no dates of their own and stand as they are known now.
The number of statements does not depend on the number of children.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from children.completeness import completeness, required_fields
from children.left_behind import LeftBehind, statuses
from children.models import (
    AbsenceSpan,
    BusRide,
    CareArrangement,
    Child,
    Phone,
    PhoneState,
    SupportDecision,
    codes,
)
from children.queries import term_start
from mentoring.models import Pairing
from reports.builders.unit import Unit

CARE_MARKS = {
    codes.CareType.ONE_PARENT: "parent",
    codes.CareType.KIN_FRIEND: "kin",
    codes.CareType.SIBLING: "peer",
    codes.CareType.SELF: "peer",
    codes.CareType.NONE: "nobody",
    codes.CareType.INSTITUTION: "institution",
}
MATERNAL = (codes.Relation.MATERNAL_GRANDFATHER, codes.Relation.MATERNAL_GRANDMOTHER)
ADULT_CARE = ("parent", "paternal", "maternal", "kin", "institution")


@dataclass(frozen=True)
class Line:
    """One left-behind child: the class it is in and every column of table 1 it counts under."""

    child_id: int
    class_id: int
    marks: frozenset[str]


@dataclass(frozen=True)
class Register:
    """`roll` holds all pupils, child id → class id; `lines` the left-behind ones."""

    on: date
    definition: str
    roll: dict[int, int]
    lines: tuple[Line, ...]

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(line.child_id for line in self.lines)

    def classes(self) -> dict[int, int]:
        """Left-behind child id → class id."""
        return {line.child_id: line.class_id for line in self.lines}

    def marked(self, mark: str) -> tuple[int, ...]:
        return tuple(line.child_id for line in self.lines if mark in line.marks)


def answers(unit: Unit, on: date) -> dict[int, LeftBehind]:
    """The four answers for every pupil of the unit who ever had a parent away at work. Three statements."""
    away = AbsenceSpan.objects.filter(status=codes.ParentStatus.AWAY_WORK).values("member__child")
    pupils = Child.objects.filter(pk__in=unit.enrollments(on).order_by().values("child")).filter(pk__in=away)
    return statuses(pupils, on, tolerance=unit.school.visit_tolerance_days)


def members(unit: Unit, on: date, definition: str) -> dict[int, int]:
    """Who is on the register, child id → class id, and nothing more. Four statements."""
    roll = unit.roll(on)
    return {
        child: roll[child] for child, answer in answers(unit, on).items() if answer.under(definition) and child in roll
    }


def register(unit: Unit, on: date, definition: str) -> Register:
    """The register with all marks, children in the order of the roll."""
    roll = unit.roll(on)
    under = {
        child: answer.away_parents(definition)
        for child, answer in answers(unit, on).items()
        if child in roll and answer.under(definition)
    }
    marks: dict[int, set[str]] = {child: {"all", "both" if away > 1 else "one"} for child, away in under.items()}
    _mark_facts(unit, marks, on)
    _mark_care(marks, on)
    for child, level in support_levels(marks, on).items():
        if level in codes.KEY_LEVELS:
            marks[child].add("key")
    _mark(
        marks, "paired", Pairing.objects.on(on).acting_parents().filter(child__in=marks).values_list("child", flat=True)
    )
    _mark(marks, "card", verified_this_term(unit, marks, on))
    lines = tuple(Line(child, roll[child], frozenset(marks[child])) for child in roll if child in marks)
    return Register(on, definition, roll, lines)


def _mark(marks: dict[int, set[str]], mark: str, children: Iterable[int]) -> None:
    for child in children:
        if child in marks:
            marks[child].add(mark)


FACTS = ("sex", "boarding", "commute", "hardship", "body_state", "disability", "family_confirmed_on")


def _mark_facts(unit: Unit, marks: dict[int, set[str]], on: date) -> None:
    names = {*FACTS, *(name for name, _label in required_fields())}
    children = list(Child.objects.filter(pk__in=marks).only("pk", *names))
    for child in children:
        mine = marks[child.pk]
        mine |= {"male"} if child.sex == codes.Sex.MALE else {"female"} if child.sex == codes.Sex.FEMALE else set()
        if child.boarding:
            mine.add("boarding" if child.boarding == codes.Boarding.BOARDER else "day")
        if child.commute == codes.Commute.SCHOOL_BUS:
            mine.add("bus")
        if child.hardship:
            mine.add("hardship")
        disabled = child.body_state == codes.BodyState.DISABLED or bool(child.disability)
        if disabled or child.body_state == codes.BodyState.ILL:
            mine.add("ill")
        if disabled or codes.Hardship.EXTREME in child.hardship:
            mine.add("special")
    rides = BusRide.objects.filter(child__in=marks, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    _mark(marks, "bus", rides.values_list("child", flat=True))
    complete = completeness(children, since=term_start(unit.school, on))
    _mark(marks, "filed", (child for child, state in complete.items() if state.done))


def _mark_care(marks: dict[int, set[str]], on: date) -> None:
    care = CareArrangement.objects.on(on).filter(child__in=marks).order_by("starts_on", "pk")
    latest = {
        row[0]: row[1:] for row in care.values_list("child", "care_type", "maternal", "rating", "carer__relation")
    }
    for child, (care_type, maternal, rating, relation) in latest.items():
        if care_type == codes.CareType.GRANDPARENT:
            marks[child].add("maternal" if maternal or relation in MATERNAL else "paternal")
        elif care_type:
            marks[child].add(CARE_MARKS[codes.CareType(care_type)])
        if rating:
            marks[child].add(rating)


def support_levels(children: Iterable[int], on: date) -> dict[int, str]:
    """The support level of each child as decided last by the day; the present one where nothing was ever decided."""
    ids = list(children)
    levels = dict(Child.objects.filter(pk__in=ids).values_list("pk", "support_level"))
    decided: dict[int, str] = {}
    history = SupportDecision.objects.filter(child__in=ids).order_by("on", "pk")
    for child, level, day in history.values_list("child", "level", "on"):
        before = decided.get(child, codes.SupportLevel.GENERAL)
        decided[child] = level if day <= on else before
    return levels | decided


def verified_this_term(unit: Unit, children: Iterable[int], on: date) -> set[int]:
    """Children one of whose numbers somebody got through to since the term began, by the day (domain §4)."""
    phones = Phone.objects.filter(child__in=list(children)).exclude(state=PhoneState.DEAD)
    since = term_start(unit.school, on)
    return set(phones.filter(verified_on__range=(since, on)).values_list("child", flat=True))

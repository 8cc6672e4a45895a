"""
The register of a unit on a day: who is left behind under a definition, and what each child counts as in table 1.

Every question is answered for that day where the facts are dated (parents, enrolment, care, pairing, support level);
boarding, way to school, hardship and health have no dates of their own and stand as they are known now.
The number of statements does not depend on the number of children.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from children.completeness import completeness, required_fields
from children.left_behind import NOT_LEFT_BEHIND, Facts, LeftBehind, assess, facts_of
from children.models import (
    AbsenceSpan,
    BusRide,
    CareArrangement,
    Child,
    SpecialStanding,
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
    """`roll` holds all pupils, child id → class id; `lines` the left-behind ones, `levels` their support levels."""

    on: date
    definition: str
    roll: dict[int, int]
    lines: tuple[Line, ...]
    levels: dict[int, str] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(line.child_id for line in self.lines)

    def classes(self) -> dict[int, int]:
        """Left-behind child id → class id."""
        return {line.child_id: line.class_id for line in self.lines}

    def marked(self, mark: str) -> tuple[int, ...]:
        return tuple(line.child_id for line in self.lines if mark in line.marks)


@dataclass(frozen=True)
class Sources:
    """Who was enrolled when in a span of days and what is known of their parents: answers any day of the span."""

    facts: dict[int, tuple[Facts, int]]
    enrolled: tuple[tuple[int, int, date, date | None], ...]

    def roll(self, on: date) -> dict[int, int]:
        """Every pupil on the day: child id → class id."""
        return {child: at for child, at, first, last in self.enrolled if first <= on and (last is None or last >= on)}

    def answers(self, on: date) -> dict[int, LeftBehind]:
        """The four answers for every pupil on the day."""
        known = self.facts
        return {
            child: assess(known[child][0], on, tolerance=known[child][1]) if child in known else NOT_LEFT_BEHIND
            for child in self.roll(on)
        }

    def members(self, on: date, definition: str) -> dict[int, int]:
        """Who is on the register on the day: child id → class id."""
        roll = self.roll(on)
        return {child: roll[child] for child, answer in self.answers(on).items() if answer.under(definition)}

    def birth(self, child: int) -> date | None:
        return self.facts[child][0].birth_date if child in self.facts else None


def gather(unit: Unit, first: date, last: date) -> Sources:
    """What the register asks of every pupil of the unit in first … last. Four statements."""
    enrolled = unit.enrolled_during(first, last)
    away = AbsenceSpan.objects.filter(status=codes.ParentStatus.AWAY_WORK).values("member__child")
    pupils = Child.objects.filter(pk__in=enrolled.order_by().values("child")).filter(pk__in=away)
    rows = enrolled.order_by("school_class_id", "child_id").values_list(
        "child_id", "school_class_id", "starts_on", "ends_on"
    )
    return Sources(facts_of(pupils), tuple(rows))


def register(unit: Unit, on: date, definition: str, sources: Sources | None = None) -> Register:
    """The register of the day with all marks, children in the order of the roll; `sources` saves asking again."""
    known = sources or gather(unit, on, on)
    roll = known.roll(on)
    under = {child: away for child, answer in known.answers(on).items() if (away := answer.away_parents(definition))}
    marks: dict[int, set[str]] = {child: {"all", "both" if away > 1 else "one"} for child, away in under.items()}
    present = _mark_facts(unit, marks, on)
    _mark_care(marks, on)
    levels = present | decided_levels(marks, on)
    for child, level in levels.items():
        if level in codes.KEY_LEVELS:
            marks[child].add("key")
    paired = Pairing.objects.on(on).acting_parents().filter(child__in=marks)
    _mark(marks, "paired", paired.values_list("child", flat=True))
    lines = tuple(Line(child, roll[child], frozenset(marks[child])) for child in roll if child in marks)
    return Register(on, definition, roll, lines, levels)


def _mark(marks: dict[int, set[str]], mark: str, children: Iterable[int]) -> None:
    for child in children:
        if child in marks:
            marks[child].add(mark)


FACTS = ("sex", "boarding", "commute", "hardship", "body_state", "disability", "family_confirmed_on", "support_level")


def _mark_facts(unit: Unit, marks: dict[int, set[str]], on: date) -> dict[int, str]:
    """Marks from the children's own rows and their completeness; returns their present support levels."""
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
        mine |= {"special", "special_disabled"} if disabled else set()
        mine |= {"special", "special_poor"} if codes.Hardship.EXTREME in child.hardship else set()
    rides = BusRide.objects.filter(child__in=marks, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    _mark(marks, "bus", rides.values_list("child", flat=True))
    for child_id, kind in SpecialStanding.objects.on(on).filter(child__in=marks).values_list("child", "kind"):
        marks[child_id] |= {"special", f"special_{kind}"}
    for child_id, state in completeness(children, since=term_start(unit.school, on)).items():
        if state.done:
            marks[child_id].add("filed")
        if not any(gap.field == "verified" for gap in state.gaps):
            marks[child_id].add("card")
    return {child.pk: child.support_level for child in children}


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


def decided_levels(children: Iterable[int], on: date) -> dict[int, str]:
    """The support level as decided last by the day, of those about whom anything was ever decided."""
    decided: dict[int, str] = {}
    history = SupportDecision.objects.filter(child__in=list(children)).order_by("on", "pk")
    for child, level, day in history.values_list("child", "level", "on"):
        before = decided.get(child, codes.SupportLevel.GENERAL)
        decided[child] = level if day <= on else before
    return decided


def support_levels(children: Iterable[int], on: date) -> dict[int, str]:
    """The support level of each child on the day; the present one where nothing was ever decided."""
    ids = list(children)
    return dict(Child.objects.filter(pk__in=ids).values_list("pk", "support_level")) | decided_levels(ids, on)

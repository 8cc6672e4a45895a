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
from typing import Any

from django.db.models import Q, QuerySet

from caretrack.fixed import fixed
from children.completeness import incomplete, lacking
from children.left_behind import NOT_LEFT_BEHIND, Facts, LeftBehind, assess, away_parents, facts_of
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

    def away(self, on: date, definition: str) -> dict[int, int]:
        """Who is on the register on the day: child id → how many absent parents it counts with."""
        known = self.facts
        counted = {child: away_parents(*known[child], on, definition) for child in self.roll(on) if child in known}
        return {child: away for child, away in counted.items() if away}

    def members(self, on: date, definition: str) -> dict[int, int]:
        """Who is on the register on the day: child id → class id."""
        roll = self.roll(on)
        return {child: roll[child] for child in self.away(on, definition)}

    def birth(self, child: int) -> date | None:
        return self.facts[child][0].birth_date if child in self.facts else None


def gather(unit: Unit, first: date, last: date, of: tuple[int, ...] | None = None) -> Sources:
    """What the register asks of every pupil of the unit (of `of` only) in first … last. Five statements."""
    enrolled = unit.stays(first, last, of)
    return Sources(facts_of(_ever_away(tuple({child for child, *_ in enrolled}))), tuple(enrolled))


def register(unit: Unit, on: date, definition: str, sources: Sources | None = None) -> Register:
    """The register of the day with all marks, children in the order of the roll; `sources` saves asking again."""
    known = sources or gather(unit, on, on)
    roll = known.roll(on)
    away = known.away(on, definition)
    ids = tuple(away)
    marks: dict[int, set[str]] = {child: {"all", "both" if parents > 1 else "one"} for child, parents in away.items()}
    present = _mark_facts(marks, ids)
    _mark_dated(marks, ids, on)
    _mark_files(marks, ids, term_start(unit.school, on))
    _mark_care(marks, ids, on)
    levels = present | decided_levels(ids, on)
    for child, level in levels.items():
        if level in codes.KEY_LEVELS:
            marks[child].add("key")
    lines = tuple(Line(child, at, frozenset(marks[child])) for child, at in roll.items() if child in marks)
    return Register(on, definition, roll, lines, levels)


def _mark(marks: dict[int, set[str]], mark: str, children: Iterable[int]) -> None:
    for child in children:
        marks[child].add(mark)


SEX_MARKS = {codes.Sex.MALE: "male", codes.Sex.FEMALE: "female"}


def _mark_facts(marks: dict[int, set[str]], ids: tuple[int, ...]) -> dict[int, str]:
    """Marks from the children's own rows; returns their present support levels."""
    levels = {}
    for child, sex, boarding, commute, hardship, body, disability, level in _facts_of(ids):
        mine = marks[child]
        levels[child] = level
        if sex in SEX_MARKS:
            mine.add(SEX_MARKS[sex])
        if boarding:
            mine.add("boarding" if boarding == codes.Boarding.BOARDER else "day")
        if commute == codes.Commute.SCHOOL_BUS:
            mine.add("bus")
        if hardship:
            mine.add("hardship")
        disabled = body == codes.BodyState.DISABLED or bool(disability)
        if disabled or body == codes.BodyState.ILL:
            mine.add("ill")
        if disabled:
            mine |= {"special", "special_disabled"}
        if codes.Hardship.EXTREME in hardship:
            mine |= {"special", "special_poor"}
    return levels


def _mark_dated(marks: dict[int, set[str]], ids: tuple[int, ...], on: date) -> None:
    """Marks from what the children take part in on the day: the school bus, a special group, a pairing."""
    _mark(marks, "bus", _riders(ids, on))
    for child, kind in _special(ids, on):
        marks[child] |= {"special", f"special_{kind}"}
    _mark(marks, "paired", _paired(ids, on))


def _mark_files(marks: dict[int, set[str]], ids: tuple[int, ...], since: date) -> None:
    """Whose dossier is complete, and of whom a phone answered since the term began."""
    bare, unverified = frozenset(_incomplete(ids, since)), frozenset(_unverified(ids, since))
    for child, mine in marks.items():
        if child not in bare:
            mine.add("filed")
        if child not in unverified:
            mine.add("card")


def _mark_care(marks: dict[int, set[str]], ids: tuple[int, ...], on: date) -> None:
    latest = {child: told for child, *told in _care(ids, on)}
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
    for child, level, day in _decisions(tuple(children)):
        before = decided.get(child, codes.SupportLevel.GENERAL)
        decided[child] = level if day <= on else before
    return decided


def support_levels(children: Iterable[int], on: date) -> dict[int, str]:
    """The support level of each child on the day; the present one where nothing was ever decided."""
    ids = list(children)
    return dict(Child.objects.filter(pk__in=ids).values_list("pk", "support_level")) | decided_levels(ids, on)


# The questions about the children of a register: many, asked together, always in the same words.


@fixed
def _ever_away(ids: tuple[int, ...]) -> QuerySet[AbsenceSpan, Any]:
    """Of these children, those of whom somebody ever worked away: nobody else is on a register."""
    away = AbsenceSpan.objects.filter(status=codes.ParentStatus.AWAY_WORK, member__child__in=ids)
    return away.order_by().values_list("member__child", flat=True).distinct()


@fixed
def _facts_of(ids: tuple[int, ...]) -> QuerySet[Child, Any]:
    return Child.objects.filter(pk__in=ids).values_list(
        "pk", "sex", "boarding", "commute", "hardship", "body_state", "disability", "support_level"
    )


@fixed
def _riders(ids: tuple[int, ...], on: date) -> QuerySet[BusRide, Any]:
    rides = BusRide.objects.filter(child__in=ids, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    return rides.order_by().values_list("child", flat=True)


@fixed
def _special(ids: tuple[int, ...], on: date) -> QuerySet[SpecialStanding, Any]:
    return SpecialStanding.objects.on(on).filter(child__in=ids).order_by().values_list("child", "kind")


@fixed
def _paired(ids: tuple[int, ...], on: date) -> QuerySet[Pairing, Any]:
    pairings = Pairing.objects.on(on).acting_parents().reaching(on).filter(child__in=ids)
    return pairings.order_by().values_list("child", flat=True)


@fixed
def _incomplete(ids: tuple[int, ...], since: date) -> QuerySet[Child, Any]:
    return incomplete(Child.objects.filter(pk__in=ids), since=since).order_by().values_list("pk", flat=True)


@fixed
def _unverified(ids: tuple[int, ...], since: date) -> QuerySet[Child, Any]:
    return lacking(Child.objects.filter(pk__in=ids), "verified", since=since).order_by().values_list("pk", flat=True)


@fixed
def _care(ids: tuple[int, ...], on: date) -> QuerySet[CareArrangement, Any]:
    care = CareArrangement.objects.on(on).filter(child__in=ids).order_by("starts_on", "pk")
    return care.values_list("child", "care_type", "maternal", "rating", "carer__relation")


@fixed
def _decisions(ids: tuple[int, ...]) -> QuerySet[SupportDecision, Any]:
    return SupportDecision.objects.filter(child__in=ids).order_by("on", "pk").values_list("child", "level", "on")

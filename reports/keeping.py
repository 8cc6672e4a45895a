"""
Keeps the sums of a school's month worked out, so that its page need not count thousands of children.

The worker keeps them for the present month and the one before. A page never shows a kept sum as it is: it asks which
children were touched since (`reports.touched`), takes the sums of their parts away, and adds these parts counted at that
moment. What concerns the whole school, another day or another edition of the program makes the page count everything.
So kept figures and figures counted from scratch are the same figures; only submitting, paper and lists count from scratch.

Why nothing is missed. A mark is written in the transaction of what it tells about and read before the sums are. The
worker claims marks, reads the facts after that, and takes away only the marks that it claimed, in the transaction that
keeps the sums; what was saved meanwhile has left a mark of its own. Sums of two workers never mix: `stamp`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha1
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.periods import Month
from caretrack.schools.models import School
from children.left_behind import Definition
from children.models import Enrollment
from reports.builders.care_work import count_meetings
from reports.builders.month import Asked, MonthFigures, build_month, carried_over, compose, count_month
from reports.builders.sums import Sums
from reports.builders.tally import PartedTally, Tally, children_of, part_of
from reports.builders.unit import Unit
from reports.models import CLAIMED, EVERY_SCHOOL, MonthlyReport, MonthSums, MonthTouch

PACKAGES = ("caretrack", "children", "mentoring", "activities", "reports")
#: With more parts to be counted anew than this, counting everything costs no more.
MOST_PARTS = 24
#: With more marks than this (an import) a page does not look which of them are its school's.
MOST_MARKS = 2_000
BATCH = 200


@cache
def edition() -> str:
    """A name for this very program: sums that another one worked out are not believed."""
    told = sha1(version("lunar_python").encode(), usedforsecurity=False)  # the calendar of holidays
    for package in PACKAGES:
        for path in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            told.update(path.read_bytes())
    return told.hexdigest()


def live_month(unit: Unit, month: Month, *, definition: str, on: date) -> MonthFigures:
    """What `build_month` would tell at this moment but for the lists behind the figures, from kept sums if possible."""
    kept = kept_month(unit, month, str(definition), on) if unit.school_class is None else None
    return kept or build_month(unit, month, definition=definition, on=on)


# --- reading ----------------------------------------------------------------------------------------------------------


def kept_month(unit: Unit, month: Month, definition: str, on: date) -> MonthFigures | None:
    touched = _Touched.read()
    if touched.whole(unit.school.pk):
        return None
    kept = _Kept.read(unit.school.pk, month.key, definition, touched.parts)
    if kept is None or kept.is_old(on):
        return None
    stale = kept.stale(touched, unit.school.pk)
    if len(stale) > MOST_PARTS:
        return None
    asked = Asked.of(unit, month, min(month.last, on))
    if stale:
        kept.renew(stale, _count(unit, month, asked, definition, on, children_of(stale)))
    sums = kept.whole
    known = {at for at, _ in asked.classes}
    if any(at not in known for at in sums.scopes("t1.roll")):
        return None  # the check names these children, so they are looked for
    meetings = Tally()
    count_meetings(unit, month.first, asked.cut_off, meetings)
    sums.share(meetings)
    return compose(unit, month, asked, sums, definition=definition, carried=kept.carried)


def _count(
    unit: Unit, month: Month, asked: Asked, definition: str, on: date, of: tuple[int, ...] | None = None
) -> dict[int, Sums]:
    tally = PartedTally()
    beside, _ = count_month(unit, month, asked, tally, definition=definition, on=on, of=of)
    return Sums.of_parts(tally, beside)


@dataclass(frozen=True)
class _Touched:
    """The marks of one moment."""

    children: frozenset[int]
    schools: frozenset[int]
    too_many: bool = False

    @classmethod
    def read(cls) -> _Touched:
        rows = _marks()
        children = frozenset(child for child, _ in rows if child is not None)
        return cls(children, frozenset(school for _, school in rows if school is not None), len(rows) > MOST_MARKS)

    def whole(self, school: int) -> bool:
        """Whether something was saved that concerns every child of the school."""
        return self.too_many or not self.schools.isdisjoint((school, EVERY_SCHOOL))

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple({part_of(child) for child in self.children})


@fixed
def _marks() -> QuerySet[MonthTouch, Any]:
    return MonthTouch.objects.order_by().values_list("child_id", "school_id").distinct()[: MOST_MARKS + 1]


@dataclass(frozen=True)
class _Kept:
    """The sums of one school and month, and those of the parts that were asked for; read in one statement."""

    on: date
    edition: str
    stamp: uuid.UUID
    whole: Sums
    carried: frozenset[int] | None
    parts: dict[int, Sums]

    @classmethod
    def read(cls, school: int, month: str, definition: str, parts: tuple[int, ...]) -> _Kept | None:
        rows = {row.part: row for row in _sums(school, month, definition, (MonthSums.WHOLE, *parts))}
        row = rows.pop(MonthSums.WHOLE, None)
        if row is None:
            return None
        carried = row.sums["carried"]
        return cls(
            row.on,
            row.edition,
            row.stamp,
            Sums.from_plain(row.sums["sums"]),
            None if carried is None else frozenset(carried),
            {part: Sums.from_plain(row.sums) for part, row in rows.items()},
        )

    def is_old(self, on: date) -> bool:
        """Whether the sums are of another day or of another edition of the program."""
        return self.on != on or self.edition != edition()

    def renew(self, stale: Iterable[int], fresh: dict[int, Sums]) -> None:
        """Put these parts as they were counted anew into the whole."""
        for part in stale:
            if part in self.parts:
                self.whole.take(self.parts[part])
            if part in fresh:
                self.whole.add(fresh[part])

    def stale(self, touched: _Touched, school: int) -> list[int]:
        """The parts of this school that have a touched child: those with sums, and those that are new to it."""
        strange = tuple(child for child in touched.children if part_of(child) not in self.parts)
        new = {part_of(child) for child in _ever_enrolled(school, strange)} if strange else set()
        return sorted({*self.parts, *new})


@fixed
def _sums(school: int, month: str, definition: str, parts: tuple[int, ...]) -> QuerySet[MonthSums]:
    return MonthSums.objects.filter(school_id=school, month=month, definition=definition, part__in=parts)


@fixed
def _ever_enrolled(school: int, children: tuple[int, ...]) -> QuerySet[Enrollment, int]:
    return Enrollment.objects.filter(school=school, child__in=children).order_by().values_list("child_id", flat=True)


# --- keeping ----------------------------------------------------------------------------------------------------------


def keep_up(on: date) -> None:
    """Bring the sums of every school up to date: all of them on a new day or edition, else what was touched."""
    if MonthTouch.objects.exclude(tx=CLAIMED).exists():
        MonthTouch.objects.exclude(tx=CLAIMED).update(tx=CLAIMED)
    marks = list(MonthTouch.objects.filter(tx=CLAIMED).values_list("pk", "child_id", "school_id"))
    touched = _Touched(
        frozenset(child for _, child, _ in marks if child is not None),
        frozenset(school for _, _, school in marks if school is not None),
    )
    wanted = [(school, *one) for school in School.objects.order_by("pk") for one in _months(school, on)]
    done = [_keep(Unit(school), month, definition, on, touched) for school, month, definition in wanted]
    with transaction.atomic():
        _forget({(school.pk, month.key, definition) for school, month, definition in wanted})
        if all(done):
            numbers = [pk for pk, _, _ in marks]
            for first in range(0, len(numbers), BATCH):
                MonthTouch.objects.filter(pk__in=numbers[first : first + BATCH]).delete()


def _months(school: School, on: date) -> list[tuple[Month, str]]:
    """The months that are opened again and again, with the definition that their page shows."""
    current = Month.of(on, school.closing_day)
    months = [current, current.previous()]
    reports = MonthlyReport.objects.filter(
        school=school, school_class=None, month__in=[month.key for month in months]
    ).order_by()
    chosen = dict(reports.values_list("month", "definition"))
    return [(month, chosen.get(month.key, Definition.SEED.value)) for month in months]


def _keep(unit: Unit, month: Month, definition: str, on: date, touched: _Touched) -> bool:
    """Whether the sums are up to date now; False when somebody else wrote them at the same time."""
    school = unit.school.pk
    found = _Kept.read(school, month.key, definition, touched.parts)
    kept = None if touched.whole(school) or not found or found.is_old(on) else found
    stale = kept.stale(touched, school) if kept else []
    if kept and not stale:
        return True
    asked = Asked.of(unit, month, min(month.last, on))
    fresh = _count(unit, month, asked, definition, on, children_of(stale) if kept else None)
    if kept:
        kept.renew(stale, fresh)
        whole, carried = kept.whole, kept.carried
    else:
        whole, carried = Sums.total(fresh.values()), carried_over(unit, month, definition)
    stamp = uuid.uuid4()
    rows = {part: sums.plain() for part, sums in fresh.items()}
    rows[MonthSums.WHOLE] = {"sums": whole.plain(), "carried": None if carried is None else sorted(carried)}
    made = [
        MonthSums(
            school_id=school, month=month.key, definition=definition, part=part, on=on, edition=edition(), stamp=stamp,
            sums=sums,
        )
        for part, sums in rows.items()
    ]  # fmt: skip
    try:
        with transaction.atomic():
            before = MonthSums.objects.filter(school_id=school, month=month.key, definition=definition)
            if found and not before.filter(part=MonthSums.WHOLE, stamp=found.stamp).delete()[0]:
                return False
            (before.filter(part__in=stale) if kept else before).delete()
            MonthSums.objects.bulk_create(made, batch_size=BATCH)
    except IntegrityError:
        return False
    return True


def _forget(wanted: set[tuple[int, str, str]]) -> None:
    """Drop what is no longer kept up: other months, another definition."""
    held = MonthSums.objects.filter(part=MonthSums.WHOLE).values_list("school_id", "month", "definition")
    for school, month, definition in set(held) - wanted:
        MonthSums.objects.filter(school_id=school, month=month, definition=definition).delete()

"""What day it is in the demo: the school terms around it, school days, and the hour at which a thing was typed in."""

import contextlib
import functools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Field
from django.utils import timezone

from activities.models import CareRecord
from caretrack.periods import Month, months_between
from children.models import Child, StatusChange
from reports.models import ReportMove

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TermDates:
    year: int
    season: int
    first: date
    last: date

    @property
    def label(self) -> str:
        return f"{self.year}—{self.year + 1}学年第{'一二'[self.season - 1]}学期"


@dataclass(frozen=True)
class Calendar:
    """The demo's today, the term it falls in (in the holidays: the one before), and the term before that."""

    today: date
    term: TermDates
    earlier: TermDates

    @classmethod
    def around(cls, today: date) -> "Calendar":
        """The calendar of a day: autumn terms run from 1 September to 20 January, spring terms from 1 March to 5 July."""
        terms = [t for year in range(today.year - 2, today.year + 1) for t in _terms_of(year)]
        begun = [t for t in terms if t.first <= today]
        return cls(today, begun[-1], begun[-2])

    @property
    def school_year(self) -> int:
        """The school year of the term that is shown."""
        return self.term.year

    @property
    def until(self) -> date:
        """The last day that can have records: today, or the end of term when it is over."""
        return min(self.today, self.term.last)

    def month(self) -> Month:
        """The reporting month of today."""
        return Month.of(self.today)

    def months(self) -> list[Month]:
        """The reporting months of the term until today, the unfinished one last."""
        return list(months_between(self.term.first, self.until))

    def is_autumn(self) -> bool:
        return self.term.season == 1


def _terms_of(year: int) -> list[TermDates]:
    return [
        TermDates(year, 1, date(year, 9, 1), date(year + 1, 1, 20)),
        TermDates(year, 2, date(year + 1, 3, 1), date(year + 1, 7, 5)),
    ]


def is_school_day(day: date) -> bool:
    """A weekday outside the National Day and May holidays."""
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


_HOLIDAYS = {(10, d) for d in range(1, 8)} | {(5, d) for d in range(1, 6)} | {(1, 1)}


def school_days(first: date, last: date) -> list[date]:
    return [d for d in days(first, last) if is_school_day(d)]


def days(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * n for n in range((last - first).days + 1)]


class TypedAt:
    """
    The hour at which the demo's people typed things in.

    Rows carry the moment they are stored; a term written in half a minute would show only late entries. While
    `running` is active these columns take `self.moment` instead.
    """

    COLUMNS: tuple[tuple[type, str], ...] = (
        (CareRecord, "created_at"),
        (StatusChange, "entered_at"),
        (Child, "created_at"),
        (ReportMove, "made_at"),
    )

    def __init__(self, rng: random.Random, today: date) -> None:
        self.rng, self.today = rng, today
        self.now = timezone.now()
        self.moment = self.now

    def on(self, day: date, *, late: int = 0) -> None:
        """Set the hour: the afternoon or evening of `day`, `late` days after it, never after the demo's now."""
        typed = min(day + ONE_DAY * late, max(day, self.today))
        hour = time(self.rng.choice((12, 13, 16, 16, 17, 18, 19, 20)), self.rng.randrange(60))
        moment = timezone.make_aware(datetime.combine(typed, hour))
        self.moment = min(moment, self.now) if typed >= timezone.localdate(self.now) else moment

    def stamp(self, instance: Any) -> None:
        """Keep the present hour for a row that is written later."""
        instance.typed_at = self.moment

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Take over the entry columns; they keep the real time again afterwards."""
        fields: list[Field] = [model._meta.get_field(name) for model, name in self.COLUMNS]  # type: ignore[attr-defined]
        try:
            for column in fields:
                column.pre_save = functools.partial(self._stamp, column)  # type: ignore[method-assign]
            yield
        finally:
            for column in fields:
                column.__dict__.pop("pre_save", None)

    def _stamp(self, column: Field, instance: Any, add: bool) -> Any:
        if add:
            setattr(instance, column.attname, instance.__dict__.get("typed_at", self.moment))
        return getattr(instance, column.attname)

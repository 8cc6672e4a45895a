"""
Which days are school days: terms, weekends, the national holidays with their make-up workdays, the school's own days.

Holidays and make-up days follow the yearly notice of the State Council as far as it is known here. For a year whose
notice is not known, weekends and the days that 全国年节及纪念日放假办法 fixes itself are free and no Saturday is made up:
`announced(year)` tells, so that a page can say so.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import QuerySet
from lunar_python import Lunar, Solar
from lunar_python.util import HolidayUtil

from caretrack.fixed import fixed
from caretrack.schools.models import School, SchoolDay, Term

ONE_DAY = timedelta(days=1)
SATURDAY = 5
#: Fixed by the regulation as amended for 2025, without 春节 and 清明, which move: (month, day) → name.
FIXED_DAYS = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
LUNAR_DAYS = {(1, 1): "春节", (1, 2): "春节", (1, 3): "春节", (5, 5): "端午节", (8, 15): "中秋节"}


@dataclass(frozen=True)
class Holiday:
    """A day of the national calendar that is not what its weekday says."""

    on: date
    name: str
    works: bool


@lru_cache(maxsize=64)
def _notice(year: int) -> dict[date, Holiday]:
    """The days of the State Council's notice for a year; empty when it is not known."""
    return {
        on: Holiday(on, told.getName(), bool(told.isWork()))
        for told in HolidayUtil.getHolidays(year) or []
        if (on := date.fromisoformat(told.getDay())).year == year
    }


@lru_cache(maxsize=64)
def _by_regulation(year: int) -> dict[date, Holiday]:
    """The days that are free by regulation alone."""
    days = {date(year, *day): name for day, name in FIXED_DAYS.items()}
    for (month, day), name in LUNAR_DAYS.items():
        days[_solar(Lunar.fromYmd(year, month, day).getSolar())] = name
    days[_solar(Lunar.fromYmd(year, 1, 1).getSolar()) - ONE_DAY] = "除夕"
    days[_solar(Solar.fromYmd(year, 4, 1).getLunar().getJieQiTable()["清明"])] = "清明节"
    return {on: Holiday(on, name, False) for on, name in days.items()}


def _solar(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def announced(year: int) -> bool:
    """Whether holidays and make-up days of the year are known; else `holidays` names the days of the regulation only."""
    # The notice for a year may already move its first days while the rest is still open.
    return len(_notice(year)) > len(FIXED_DAYS)


def holidays(first: date, last: date) -> list[Holiday]:
    """National free days and make-up workdays in first … last, oldest first."""
    years = (_days_of(year) for year in range(first.year, last.year + 1))
    return sorted((h for year in years for h in year.values() if first <= h.on <= last), key=lambda h: h.on)


def _days_of(year: int) -> Mapping[date, Holiday]:
    return _notice(year) if announced(year) else _by_regulation(year)


def is_workday(day: date) -> bool:
    """Whether the national calendar works on the day: Monday to Friday, less holidays, with make-up days."""
    told = _days_of(day.year).get(day)
    return day.weekday() < SATURDAY if told is None else told.works


@lru_cache(maxsize=256)
def workdays(first: date, last: date) -> tuple[date, ...]:
    """The days in first … last on which the national calendar works."""
    span = (first + n * ONE_DAY for n in range((last - first).days + 1))
    return tuple(day for day in span if is_workday(day))


@dataclass(frozen=True)
class Calendar:
    """
    The school days of one school, without asking the database again. Made by `calendar_of` or `calendars_of`.

    `terms` are (first, last) pairs; `exceptions` the school's own days, True for lessons.
    """

    terms: tuple[tuple[date, date], ...]
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def term_on(self, day: date) -> tuple[date, date] | None:
        """First and last day of the term that `day` falls in; None in the holidays."""
        return next((term for term in self.terms if term[0] <= day <= term[1]), None)

    def is_school_day(self, day: date) -> bool:
        """
        Whether the school has lessons. The school's own day comes first, then the terms, then the national calendar.

        A day on which the school itself says 上课 is a school day even outside the terms (补课周、提前返校).
        """
        own = self.exceptions.get(day)
        if own is not None:
            return own
        return self.term_on(day) is not None and is_workday(day)

    @cached_property
    def _all(self) -> list[date]:
        days = {day for term in self.terms for day in workdays(*term)}
        for day, lessons in self.exceptions.items():
            (days.add if lessons else days.discard)(day)
        return sorted(days)

    def days(self, first: date, last: date) -> list[date]:
        """The school days in first … last, oldest first."""
        return self._all[bisect_left(self._all, first) : bisect_right(self._all, last)]

    def count(self, first: date, last: date) -> int:
        """How many school days first … last has."""
        return max(bisect_right(self._all, last) - bisect_left(self._all, first), 0)

    def after(self, day: date, number: int) -> date:
        """
        The `number`-th school day after `day` (1 is the next one).

        Where no further term is entered, working days of the national calendar count, so that there is an answer.
        Raises ValueError for a number below 1.
        """
        if number < 1:
            raise ValueError("number counts from 1")
        later = self._all[bisect_right(self._all, day) :]
        if number <= len(later):
            return later[number - 1]
        at, left = max([day, *later[-1:], *(last for _, last in self.terms)]), number - len(later)
        while left:
            at += ONE_DAY
            left -= is_workday(at) and self.exceptions.get(at, True)
        return at


def calendars_of(schools: Iterable[School | int]) -> dict[int, Calendar]:
    """School id → its calendar with all its terms. Two statements for any number of schools."""
    ids: Collection[int] = {school.pk if isinstance(school, School) else school for school in schools}
    terms: dict[int, list[tuple[date, date]]] = {pk: [] for pk in ids}
    for school, first, last in _terms(tuple(ids)):
        terms[school].append((first, last))
    own: dict[int, dict[date, bool]] = {pk: {} for pk in ids}
    for school, on, kind in _own_days(tuple(ids)):
        own[school][on] = kind == SchoolDay.Kind.LESSONS
    return {pk: Calendar(tuple(terms[pk]), own[pk]) for pk in ids}


@fixed
def _terms(schools: tuple[int, ...]) -> QuerySet[Term, Any]:
    return Term.objects.filter(school__in=schools).order_by("starts_on").values_list("school", "starts_on", "ends_on")


@fixed
def _own_days(schools: tuple[int, ...]) -> QuerySet[SchoolDay, Any]:
    return SchoolDay.objects.filter(school__in=schools).order_by().values_list("school", "on", "kind")


def calendar_of(school: School | int) -> Calendar:
    """The calendar of one school, for asking it several times. Two statements."""
    return calendars_of([school])[school.pk if isinstance(school, School) else school]


def is_school_day(school: School | int, day: date) -> bool:
    """Whether the school has lessons on the day."""
    return calendar_of(school).is_school_day(day)


def school_days(school: School | int, first: date, last: date) -> list[date]:
    """The school days in first … last, oldest first."""
    return calendar_of(school).days(first, last)


def school_day_after(school: School | int, day: date, number: int) -> date:
    """The `number`-th school day after `day`; see `Calendar.after`."""
    return calendar_of(school).after(day, number)

"""
The periods of an item in a school's calendar (domain §8.7, §9.3).

Weeks are ISO weeks, months the school's reporting months, years school years; all clipped to the term, and without a
school day there is no period: holidays owe nothing. Festivals and birthdays that fall into the holidays are asked for on
the last school day before.
"""

import calendar as months
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from activities.compliance.rules import Every, Period, Window
from activities.festivals import FESTIVALS, Festival
from activities.queries import lunar_names
from caretrack.periods import months_between, school_year
from caretrack.schools.calendar import Calendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
#: A letter may be written this long before its festival; a birthday is kept in its month or this near to it.
BEFORE_FESTIVAL = timedelta(days=14)
NEAR_BIRTHDAY = timedelta(days=7)
#: Longer than the longest holidays: before that no term was entered, and nothing can be asked.
LONGEST_HOLIDAYS = timedelta(days=75)


def periods_of(every: str, calendar: Calendar, closing_day: int, span: Window) -> tuple[Period, ...]:
    """
    The periods of a kind that have a day in `span`, oldest first; none for birthdays, see `birthdays`.
    """
    maker: dict[str, Callable[[Calendar, int, date, date], Iterator[Period]]] = {
        Every.WEEK: _weeks,
        Every.MONTH: _months,
        Every.TERM: _terms,
        Every.STANDING: _terms,
        Every.YEAR: _years,
        Every.FESTIVAL: _festivals,
    }
    if every not in maker:
        return ()
    return tuple(maker[every](calendar, closing_day, span.first, span.last))


def _clipped(calendar: Calendar, first: date, last: date) -> tuple[date, date] | None:
    """The part of first … last that lies in a term; None without any."""
    parts = [(max(first, begin), min(last, end)) for begin, end in calendar.terms if begin <= last and end >= first]
    return (min(part[0] for part in parts), max(part[1] for part in parts)) if parts else None


def _period(calendar: Calendar, key: str, label: str, opens: date, closes: date) -> Period | None:
    clip = _clipped(calendar, opens, closes)
    if clip is None:
        return None
    days = tuple(calendar.days(*clip))
    return Period(key, label, *clip, opens, closes, days, clip[1]) if days else None


def _weeks(calendar: Calendar, closing_day: int, first: date, last: date) -> Iterator[Period]:
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        sunday = monday + 6 * DAY
        year, week, _ = monday.isocalendar()
        label = f"{monday.month}月{monday.day}日—{sunday.month}月{sunday.day}日这一周"
        if found := _period(calendar, f"{year}-W{week:02}", label, monday, sunday):
            yield found
        monday += WEEK


def _months(calendar: Calendar, closing_day: int, first: date, last: date) -> Iterator[Period]:
    for month in months_between(first, last, closing_day):
        if found := _period(calendar, month.key, month.label, month.first, month.last):
            yield found


def _terms(calendar: Calendar, closing_day: int, first: date, last: date) -> Iterator[Period]:
    for begin, end in sorted(calendar.terms):
        label = f"{begin.year}年{'春' if begin.month < 7 else '秋'}季学期"
        if begin <= last and end >= first and (found := _period(calendar, f"T{begin}", label, begin, end)):
            yield found


def _years(calendar: Calendar, closing_day: int, first: date, last: date) -> Iterator[Period]:
    for year in range(school_year(first), school_year(last) + 1):
        begin, end = date(year, 8, 1), date(year + 1, 7, 31)
        found = _period(calendar, f"Y{year}", f"{year}—{year + 1}学年", begin, end)
        if found:
            # The second term may not be entered yet: the year is over when it is over.
            yield Period(found.key, found.label, found.first, end, begin, end, found.days, end)


def asked_on(calendar: Calendar, day: date) -> date | None:
    """
    The day on which something that falls on `day` is asked for: the day itself in a term, else the last school day
    before the holidays; None where no term was entered for that time.
    """
    if calendar.term_on(day) is not None:
        return day
    before = calendar.days(day - LONGEST_HOLIDAYS, day)
    return before[-1] if before else None


def _festivals(calendar: Calendar, closing_day: int, first: date, last: date) -> Iterator[Period]:
    usual = [festival for festival in FESTIVALS if festival.letter or festival.meal]
    yield from festival_periods(calendar, usual, first, last)


def festival_periods(
    calendar: Calendar, festivals: Iterable[Festival], first: date, last: date, occasion: str = ""
) -> list[Period]:
    """Those of the festivals that are asked for in first … last, by that day; `occasion` is what their letters name."""
    found = []
    for year in range(first.year - 1, last.year + 2):
        for festival in festivals:
            day = _day_of(festival, year)
            on = asked_on(calendar, day)
            if on is None or not first <= on <= last:
                continue
            key, opens = f"F{day}", on - BEFORE_FESTIVAL
            label = f"{year}年{festival.name}"
            found.append(Period(key, label, opens, day, opens, day, (on,), on, at_day=True, occasion=occasion))
    return sorted(found, key=lambda period: period.on)


@lru_cache(maxsize=256)
def _day_of(festival: Festival, year: int) -> date:
    return festival.on(year)


def birthday_period(calendar: Calendar, born: date | None, lunar: str, year: int) -> Period | None:
    """
    The birthday that somebody keeps in the calendar year: by the lunar date where the family keeps that one, 29
    February on the 28th in common years. None without a known day or without a term near it.
    """
    day = lunar_day(lunar, year) if lunar else solar_day(born, year)
    on = asked_on(calendar, day) if day else None
    if day is None or on is None:
        return None
    month_last = date(on.year, on.month, months.monthrange(on.year, on.month)[1])
    opens = birthday_opens(on)
    closes = max(month_last, day, on + NEAR_BIRTHDAY)
    label = f"{day.month}月{day.day}日生日" + (f"（农历{lunar.removeprefix('农历')}）" if lunar else "")
    return Period(f"B{year}", label, opens, closes, opens, closes, (on,), on, at_day=True)


def birthdays_of(
    calendar: Calendar, born: Iterable[tuple[int, date | None, str]], span: Window
) -> dict[int, tuple[Period, ...]]:
    """Child (id) → its birthdays that are asked for in `span`, of those (id, day of birth, lunar day) who keep any."""
    found = {}
    for pk, birth, lunar in born:
        if birth is None and not lunar:
            continue
        # A birthday in the holidays is asked for before them: it may lie in the next calendar year.
        years = range(span.first.year, span.last.year + 2)
        listed = (birthday_period(calendar, birth, lunar, year) for year in years)
        mine = tuple(period for period in listed if period and span.first <= period.on <= span.last)
        if mine:
            found[pk] = mine
    return found


def birthday_opens(on: date) -> date:
    """The first day on which keeping a birthday that is asked for on the day counts: in its month or a week before."""
    return min(on.replace(day=1), on - NEAR_BIRTHDAY)


def solar_day(born: date | None, year: int) -> date | None:
    """The birthday in a year; of 29 February the 28th in common years."""
    if born is None or year <= born.year:
        return None
    if (born.month, born.day) == (2, 29) and not months.isleap(year):
        return date(year, 2, 28)
    return date(year, born.month, born.day)


def lunar_day(name: str, year: int) -> date | None:
    """The first day of the calendar year with this lunar name (冬月初三, 十一月初三 …); None for none, or no such name."""
    return _lunar_days(year).get(name)


@lru_cache(maxsize=8)
def _lunar_days(year: int) -> dict[str, date]:
    days: dict[str, date] = {}
    day = date(year, 1, 1)
    while day.year == year:
        for name in lunar_names(day):
            days.setdefault(name, day)
        day += DAY
    return days

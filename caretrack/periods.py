"""
Reporting months and spans of days. Nothing here knows what today is.

A school closes its month on the 25th; the 26th begins the next one (domain §10.1), so that no day is lost.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

CLOSING_DAY = 25


def chinese_date(day: date | None) -> str:
    """2026年11月25日, as it stands in a sentence or on paper; nothing of no day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@dataclass(frozen=True, order=True)
class Month:
    """A reporting month, named after the calendar month in which it closes."""

    year: int
    month: int
    closing_day: int = CLOSING_DAY

    @classmethod
    def of(cls, day: date, closing_day: int = CLOSING_DAY) -> "Month":
        """The reporting month that `day` belongs to."""
        last = min(closing_day, calendar.monthrange(day.year, day.month)[1])
        if day.day <= last:
            return cls(day.year, day.month, closing_day)
        return cls(day.year, day.month, closing_day).next()

    @classmethod
    def parse(cls, text: str, closing_day: int = CLOSING_DAY) -> "Month":
        """From "2026-11". Raises ValueError for anything else."""
        year, month = text.split("-")
        if not (len(year) == 4 and 1 <= int(month) <= 12):
            raise ValueError(f"not a month: {text!r}")
        return cls(int(year), int(month), closing_day)

    @property
    def first(self) -> date:
        """The day after the previous month's closing day."""
        return self.previous().last + timedelta(days=1)

    @property
    def last(self) -> date:
        """The closing day; the calendar's last day in a month that is shorter."""
        return date(self.year, self.month, min(self.closing_day, calendar.monthrange(self.year, self.month)[1]))

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1, self.closing_day)

    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1, self.closing_day)

    def contains(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def key(self) -> str:
        """The key in URLs and rows, such as 2026-11."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def label(self) -> str:
        return f"{self.year}年{self.month}月"

    def __str__(self) -> str:
        return self.label


def months_between(first: date, last: date, closing_day: int = CLOSING_DAY) -> Iterator[Month]:
    """Every reporting month that has a day in first … last, oldest first."""
    month = Month.of(first, closing_day)
    while month.first <= last:
        yield month
        month = month.next()


def school_year(day: date) -> int:
    """The year in which the school year of `day` began: it turns on the first of August."""
    return day.year if day.month >= 8 else day.year - 1


def months_elapsed(start: date, end: date) -> int:
    """Whole months from `start` to `end`: 1 March to 1 June is 3, to 31 May is 2."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    # A start on the 31st is complete on the last day of a shorter month.
    due = min(start.day, calendar.monthrange(end.year, end.month)[1])
    return whole - (end.day < due)


def age_on(birth: date, day: date) -> int:
    """Completed years of age; who was born on 29 February has a birthday on the 28th in common years (domain §9.3)."""
    month, due = birth.month, birth.day
    if (month, due) == (2, 29) and not calendar.isleap(day.year):
        due = 28
    return day.year - birth.year - ((day.month, day.day) < (month, due))

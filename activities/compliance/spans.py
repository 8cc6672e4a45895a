"""The span that a page looks at: a week, a reporting month or a term of a school; with the one before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from activities.compliance.rules import Every, Window
from caretrack.periods import Month
from caretrack.schools.models import School, Term

WEEK = timedelta(days=7)


class SpanKind(StrEnum):
    """How wide a page looks."""

    WEEK = "week"
    MONTH = "month"
    TERM = "term"

    @property
    def label(self) -> str:
        return {"week": "按周", "month": "按月", "term": "按学期"}[self.value]


#: Items of these rhythms are longer than the span: they stand there with how they stand so far.
_LONGER = {
    SpanKind.WEEK: {Every.MONTH, Every.TERM, Every.YEAR, Every.STANDING},
    SpanKind.MONTH: {Every.TERM, Every.YEAR, Every.STANDING},
    SpanKind.TERM: {Every.YEAR, Every.STANDING},
}


@dataclass(frozen=True)
class View:
    """A span of a school. `key` stands in addresses: 2026-W47, 2026-11, T12 (a term's id)."""

    kind: SpanKind
    key: str
    label: str
    first: date
    last: date

    @property
    def window(self) -> Window:
        return Window(self.first, self.last)

    def is_longer(self, every: str) -> bool:
        """Whether a rhythm is longer than the span."""
        return every in _LONGER[self.kind]


def view_of(school: School, kind: str, key: str, today: date) -> View:
    """The span that the address names; the one of `today` for none or a bad one."""
    wanted = SpanKind(kind) if kind in list(SpanKind) else SpanKind.MONTH
    found = {SpanKind.WEEK: _week, SpanKind.MONTH: _month, SpanKind.TERM: _term}[wanted](school, key, today)
    return found or _month(school, "", today)


def neighbour(school: School, view: View, today: date, step: int) -> View | None:
    """The span before (step -1) or after (1); None where there is none."""
    if view.kind is SpanKind.WEEK:
        return _week(school, _week_key(view.first + step * WEEK), today)
    if view.kind is SpanKind.MONTH:
        month = Month.parse(view.key, school.closing_day)
        return _month(school, (month.next() if step > 0 else month.previous()).key, today)
    terms = Term.objects.filter(school=school)
    later = terms.filter(starts_on__gt=view.last).order_by("starts_on")
    earlier = terms.filter(ends_on__lt=view.first).order_by("-starts_on")
    term = (later if step > 0 else earlier).first()
    return view_of_term(term) if term else None


def _week_key(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _week(school: School, key: str, today: date) -> View:
    try:
        year, week = key.split("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        monday = today - timedelta(days=today.weekday())
    sunday = monday + timedelta(days=6)
    label = f"{monday.year}年{monday.month}月{monday.day}日—{sunday.month}月{sunday.day}日"
    return View(SpanKind.WEEK, _week_key(monday), label, monday, sunday)


def _month(school: School, key: str, today: date) -> View:
    try:
        month = Month.parse(key, school.closing_day)
        if not 2000 <= month.year <= 2100:
            raise ValueError(key)
    except ValueError:
        month = Month.of(today, school.closing_day)
    return View(SpanKind.MONTH, month.key, month.label, month.first, month.last)


def _term(school: School, key: str, today: date) -> View | None:
    number = key.removeprefix("T")
    chosen = None
    if key.startswith("T") and number.isascii() and number.isdigit() and len(number) < 10:
        chosen = Term.objects.filter(school=school, pk=int(number)).first()
    chosen = chosen or Term.objects.current(school, today)
    return view_of_term(chosen) if chosen else None


def view_of_term(term: Term) -> View:
    """The span of a term."""
    return View(SpanKind.TERM, f"T{term.pk}", str(term), term.starts_on, term.ends_on)

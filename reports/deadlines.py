"""Which months of a school still have to be handed in or approved (三关工程: 月报 by the 25th, domain §13 no. 98)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.periods import Month
from caretrack.schools.models import School, Term
from reports.models import MonthlyReport, ReportState

#: How many months back nobody is reminded of any more.
MONTHS = 3
#: So many days before the closing day the running month is announced.
AHEAD = 5
TO_HAND_IN = frozenset({"", ReportState.DRAFT, ReportState.RETURNED})


@dataclass(frozen=True)
class Deadline:
    """One month of a school that is not approved yet. `state` is empty where nobody has begun its report."""

    school: School
    month: Month
    state: str

    @property
    def waits_for_lead(self) -> bool:
        return self.state in TO_HAND_IN

    @property
    def waits_for_principal(self) -> bool:
        return self.state == ReportState.SUBMITTED

    def days_left(self, on: date) -> int:
        """Days until the closing day; negative when it is over."""
        return (self.month.last - on).days


def open_months(schools: Collection[School], on: date) -> list[Deadline]:
    """
    The latest months of `schools` that are not approved, oldest first; two statements.

    A month without a day of term asks for no report, and the running one is told from five days before it closes.
    """
    asked = {school.pk: list(_latest(school, on)) for school in schools}
    if not any(asked.values()):
        return []
    oldest = min(month.key for months in asked.values() for month in months)
    states = {(pk, key): state for pk, key, state in _states(tuple(asked), oldest)}
    open_ones = [
        Deadline(school, month, states.get((school.pk, month.key), ""))
        for school in schools
        for month in asked[school.pk]
        if states.get((school.pk, month.key)) != ReportState.APPROVED
    ]
    if not open_ones:
        return []
    terms = list(_terms(tuple(asked)))
    return [
        one
        for one in open_ones
        if any(pk == one.school.pk and first <= one.month.last and last >= one.month.first for pk, first, last in terms)
    ]


@fixed
def _states(schools: tuple[int, ...], oldest: str) -> QuerySet[MonthlyReport, Any]:
    reports = MonthlyReport.objects.filter(school__in=schools, school_class=None, month__gte=oldest)
    return reports.order_by().values_list("school", "month", "state")


@fixed
def _terms(schools: tuple[int, ...]) -> QuerySet[Term, Any]:
    return Term.objects.filter(school__in=schools).order_by().values_list("school", "starts_on", "ends_on")


def _latest(school: School, on: date) -> Iterator[Month]:
    month = Month.of(on, school.closing_day)
    months = [month]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    return (one for one in reversed(months) if (one.last - on).days <= AHEAD)

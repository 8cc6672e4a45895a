"""Which changes came after the month that should have counted them was handed in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from caretrack.periods import Month
from caretrack.schools.models import School
from children.models import StatusChange
from reports.builders.month import CLOSED
from reports.models import MonthlyReport


def month_counted(school: School, on: date) -> str:
    """The label of the school's month that holds `on`, if its report has been handed in; else empty."""
    month = Month.of(on, school.closing_day)
    reports = MonthlyReport.objects.filter(school=school, school_class=None, month=month.key, state__in=CLOSED)
    return month.label if reports.exists() else ""


def supplements(school: School, lines: Iterable[StatusChange]) -> dict[int, str]:
    """
    Line id → label of the month that was frozen before the line was entered. One statement.

    Such a line is allowed and the frozen figures stand; the register shows it as a supplement (design §4).
    """
    listed = list(lines)
    keys = {Month.of(line.on, school.closing_day).key for line in listed}
    frozen: dict[str, datetime | None] = dict(
        MonthlyReport.objects.filter(
            school=school, school_class=None, month__in=keys, state__in=CLOSED, frozen_at__isnull=False
        ).values_list("month", "frozen_at")
    )
    found = {}
    for line in listed:
        month = Month.of(line.on, school.closing_day)
        if (at := frozen.get(month.key)) is not None and line.entered_at > at:
            found[line.pk] = month.label
    return found

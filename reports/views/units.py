"""What every page about a month begins with: the unit this person may open, the month, its report, its figures."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from caretrack.access.policy import Act, refusal
from caretrack.fixed import fixed
from caretrack.periods import Month
from children.left_behind import Definition
from reports.access import leads, unit_for
from reports.builders.month import MonthFigures, build_month
from reports.builders.paper import Imprint
from reports.builders.unit import Unit
from reports.models import MonthlyReport
from reports.services import frozen_figures


def unit_or_404(request: HttpRequest, code: str) -> Unit:
    """The unit if this person may open its figures; what they may not open does not exist."""
    unit = unit_for(request.user, code)  # type: ignore[arg-type]
    if unit is None:
        raise Http404
    return unit


def month_or_404(unit: Unit, key: str) -> Month:
    """The month; one that has not begun is not there yet."""
    month = Month.parse(key, unit.school.closing_day)
    if month.first > timezone.localdate():
        raise Http404
    return month


def report_of(unit: Unit, month: Month) -> MonthlyReport | None:
    found = (
        _of_a_class(unit.school_class.pk, month.key) if unit.school_class else _of_the_school(unit.school.pk, month.key)
    )
    return next(iter(found), None)


@fixed
def _of_the_school(school: int, month: str) -> QuerySet[MonthlyReport]:
    return MonthlyReport.objects.filter(school=school, school_class=None, month=month).select_related("school")


@fixed
def _of_a_class(school_class: int, month: str) -> QuerySet[MonthlyReport]:
    reports = MonthlyReport.objects.filter(school_class=school_class, month=month)
    return reports.select_related("school", "school_class__school")


def report_or_404(request: HttpRequest, unit_code: str, month_key: str, act: Act) -> MonthlyReport:
    """The report, for who holds the act's role at this very school; PermissionDenied for others who see it."""
    unit = unit_or_404(request, unit_code)
    report = report_of(unit, month_or_404(unit, month_key))
    if not leads(request.user, act, unit.school):  # type: ignore[arg-type]
        raise PermissionDenied(refusal(act))
    if report is None:
        raise Http404
    return report


def figures_of(unit: Unit, month: Month, report: MonthlyReport | None, definition: str = "") -> MonthFigures:
    """The frozen figures of a submitted report, else those of now."""
    kept = frozen_figures(report) if report else None
    if kept is not None:
        return kept
    return live_figures(unit, month, definition or (report.definition if report else Definition.SEED))


def live_figures(unit: Unit, month: Month, definition: str) -> MonthFigures:
    """The figures of now with the lists behind them."""
    return build_month(unit, month, definition=definition, on=timezone.localdate())


def imprint_for(request: HttpRequest) -> Imprint:
    return Imprint(str(request.user), timezone.localtime())

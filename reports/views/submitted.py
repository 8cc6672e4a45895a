"""What the 中心校 sees: submitted months of the schools below it, figures only, no child."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.policy import Act, Role
from caretrack.periods import Month
from caretrack.schools.models import School
from caretrack.web.components import Crumb
from reports.models import MonthlyReport, ReportState
from reports.services import frozen_figures
from reports.views.marks import state_badge

MONTHS_SHOWN = 6
HANDED_UP = (ReportState.SUBMITTED, ReportState.APPROVED)


@require_safe
@allows(Act.SUBMITTED_VIEW)
def submitted_list(request: HttpRequest) -> HttpResponse:
    """Schools below × latest months: who has handed in, who has not."""
    tops = request.user.schools_as(Role.SUPERIOR)  # type: ignore[union-attr]
    schools = list(School.objects.filter(parent__in=tops) | School.objects.filter(pk__in=[top.pk for top in tops]))
    current = Month.of(timezone.localdate())
    months = [current]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].previous())
    found = {
        (report.school_id, report.month): report
        for report in MonthlyReport.objects.visible_to(request.user).filter(
            school__in=schools, school_class=None, month__in=[month.key for month in months], state__in=HANDED_UP
        )
    }
    rows = [
        {
            "school": school,
            "cells": [
                {"month": month, "report": report, "badge": state_badge(report) if report else None}
                for month in months
                for report in [found.get((school.pk, month.key))]
            ],
        }
        for school in schools
    ]
    return render(request, "reports/submitted_list.html", {"rows": rows, "months": months})


@require_safe
@allows(Act.SUBMITTED_VIEW)
def submitted_show(request: HttpRequest, pk: int) -> HttpResponse:
    """The frozen tables of one school's month. No cell opens: names stay at the school."""
    tops = request.user.schools_as(Role.SUPERIOR)  # type: ignore[union-attr]
    reports = MonthlyReport.objects.visible_to(request.user).filter(school_class=None, state__in=HANDED_UP)
    below = School.objects.filter(parent__in=tops) | School.objects.filter(pk__in=[top.pk for top in tops])
    report = reports.filter(pk=pk, school__in=below).select_related("school").first()
    figures = frozen_figures(report) if report else None
    if report is None or figures is None:
        raise Http404
    context = {
        "report": report,
        "figures": figures,
        "badge": state_badge(report),
        "broken_text": f"学校提交时有 {len(figures.broken)} 处勾稽关系不平。",
        "crumbs": [
            Crumb("下级学校上报", reverse("reports:submitted_list")),
            Crumb(f"{report.school} {figures.month_label}"),
        ],
    }
    return render(request, "reports/submitted_show.html", context)

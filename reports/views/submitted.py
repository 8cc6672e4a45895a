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
from caretrack.web.components import Crumb, Tab
from reports.builders.town import ProgrammeTotal, programme_totals
from reports.models import MonthlyReport, ReportState
from reports.services import frozen_figures
from reports.views.marks import state_badge

MONTHS_SHOWN = 6
HANDED_UP = (ReportState.SUBMITTED, ReportState.APPROVED)


@require_safe
@allows(Act.SUBMITTED_VIEW)
def submitted_list(request: HttpRequest) -> HttpResponse:
    """Schools below × latest months: who has handed in, who has not."""
    schools = _below(request)
    current = Month.of(timezone.localdate())
    months = [current]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].previous())
    found = {
        (report.school_id, report.month): report
        for report in MonthlyReport.objects.visible_to(request.user)
        .filter(school__in=schools, school_class=None, month__in=[month.key for month in months], state__in=HANDED_UP)
        .without_figures()
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
def submitted_programmes(request: HttpRequest) -> HttpResponse:
    """应、实、率 of the care programme of every school below in one month (?month=), from what they handed in."""
    schools = _below(request)
    current = Month.of(timezone.localdate())
    months = [current]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].previous())
    chosen = next((month for month in months if month.key == request.GET.get("month")), months[1])
    reports = MonthlyReport.objects.visible_to(request.user).filter(
        school__in=schools, school_class=None, month=chosen.key, state__in=HANDED_UP
    )
    handed_in = programme_totals(reports)
    rows = [(school, handed_in.get(school.pk)) for school in schools]
    known = [told for _, told in rows if told is not None]
    silent = [school.label for school, told in rows if told is None] if chosen.last < timezone.localdate() else []
    due, done = sum(told.due for told in known), sum(told.done for told in known)
    context = {
        "rows": rows,
        "chosen": chosen,
        "tabs": [Tab(month.label, f"?month={month.key}", month == chosen) for month in months],
        "whole": ProgrammeTotal(0, "", sum(told.mentees for told in known), due, done),
        "handed_in": len(known),
        "silent": "、".join(silent),
        "silent_title": f"{chosen.label}还有 {len(silent)} 所学校没有上报",
        "crumbs": [Crumb("下级学校上报", reverse("reports:submitted_list")), Crumb("关爱项目完成情况")],
    }
    return render(request, "reports/submitted_programmes.html", context)


def _below(request: HttpRequest) -> list[School]:
    tops = request.user.schools_as(Role.SUPERIOR)  # type: ignore[union-attr]
    return list(School.objects.filter(parent__in=tops) | School.objects.filter(pk__in=[top.pk for top in tops]))


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

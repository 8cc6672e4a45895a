"""The months of a class or a school: figures with their lists, checks, life, and the PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.periods import Month
from caretrack.web.components import Crumb
from children.left_behind import Definition
from children.models import Child
from reports.access import leads, units_for
from reports.builders.differences import by_table, differences
from reports.builders.folding import fold
from reports.builders.tables import CheckedChild
from reports.builders.unit import Unit
from reports.keeping import live_month
from reports.models import MonthlyReport, ReportMove, ReportState
from reports.papers import TEXT_LABELS, month_paper
from reports.services import MOVES, frozen_figures, way_back
from reports.views.marks import state_badge
from reports.views.units import (
    figures_of,
    imprint_for,
    month_or_404,
    report_of,
    unit_or_404,
)

MONTHS_SHOWN = 8
#: A page that has just been set up can have a break for every class: the rest is one click away.
BREAKS_SHOWN = 12
CHILDREN_NAMED = 12
#: So many changed figures are read at a glance; of more, the tables are folded.
CHANGES_UNFOLDED = 12


def names_for(request: HttpRequest, children: Iterable[CheckedChild]) -> dict[int, str]:
    """The names of children behind breaks, as far as this person sees them. One statement."""
    ids = {child.child_id for child in children}
    return dict(Child.objects.visible_to(request.user).filter(pk__in=ids).values_list("pk", "name")) if ids else {}


@require_safe
@allows(Act.MONTH_VIEW)
def month_list(request: HttpRequest) -> HttpResponse:
    """Units and their latest months with the state of each report; a unit and month chosen by form leads there."""
    today = timezone.localdate()
    units = units_for(request.user, today)  # type: ignore[arg-type]
    chosen, key = request.GET.get("unit", ""), request.GET.get("month", "")
    if key and chosen in {unit.code for unit in units}:
        return redirect("reports:month", chosen, key)
    current = Month.of(today, units[0].school.closing_day) if units else Month.of(today)
    months = [current]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].previous())
    reports = MonthlyReport.objects.visible_to(request.user).filter(month__in=[month.key for month in months])
    reports = reports.without_figures()
    states = {(report.school_class_id or -report.school_id, report.month): report for report in reports}
    rows = [
        {"name": unit.name(today), "code": unit.code, "cells": [_month_cell(unit, month, states) for month in months]}
        for unit in units
    ]
    return render(request, "reports/month_list.html", {"rows": rows, "months": months, "current": current})


def _month_cell(unit: Unit, month: Month, reports: dict[tuple[int, str], MonthlyReport]) -> dict[str, Any]:
    """One unit's month in the overview: its address and how far its report is."""
    report = reports.get((unit.school_class.pk if unit.school_class else -unit.school.pk, month.key))
    return {
        "url": reverse("reports:month", args=[unit.code, month.key]),
        "label": month.label,
        "begun": report is not None,
        "state": state_badge(report),
    }


@require_safe
@allows(Act.MONTH_VIEW)
def month(request: HttpRequest, unit: str, month: str) -> HttpResponse:
    """Tables 1 to 4 with checks; every figure opens its list. A submitted report shows what it was, and what differs."""
    about = unit_or_404(request, unit)
    when = month_or_404(about, month)
    report = report_of(about, when)
    asked = request.GET.get("definition", "")
    definition = asked if asked in Definition.values and (report is None or report.figures is None) else ""
    today = timezone.localdate()
    figures = frozen_figures(report) if report else None
    wanted = definition or (report.definition if report else Definition.SEED)
    now = live_month(about, when, definition=wanted, on=today)
    changed = () if figures is None else differences(figures, now)
    figures = figures or now
    all_breaks = request.GET.get("breaks") == "all"
    broken = figures.broken
    breaks = broken if all_breaks else broken[:BREAKS_SHOWN]
    named = None if all_breaks else CHILDREN_NAMED
    names = names_for(request, (child for check in breaks for child in check.children[:named]))
    urls = [about.code, when.key]
    history = list(report.moves.select_related("made_by")) if report else []
    staff = request.user
    context = {
        "about": about,
        "unit_name": about.name(figures.cut_off),
        "month": when,
        "report": report,
        "badge": state_badge(report),
        "figures": figures,
        "frozen": bool(report and report.figures),
        "changed": by_table(changed, figures),
        "changed_title": f"提交以来有 {len(changed)} 个数字变了",
        "mend": _how_to_mend(request, report) if report else "",
        "changed_unfolded": len(changed) <= CHANGES_UNFOLDED,
        "tables": fold(figures.tables, grade=(grade := request.GET.get("grade", "")), page=request.GET.get("page", "")),
        "grade": grade,
        "breaks": [
            {
                "check": check,
                "children": [
                    {"child": child, "name": names.get(child.child_id, "")} for child in check.children[:named]
                ],
                "more": 0 if named is None else max(0, len(check.children) - named),
            }
            for check in breaks
        ],
        "breaks_folded": not all_breaks
        and (len(broken) > BREAKS_SHOWN or any(len(check.children) > CHILDREN_NAMED for check in breaks)),
        "definitions": Definition.choices,
        "units": [(other.code, other.name(today)) for other in units_for(staff, today)],  # type: ignore[arg-type]
        "earlier": when.previous(),
        "later": when.next() if when.next().first <= today else None,
        "over": today >= when.last,
        "not_over_text": f"{when.label}统计到{when.last:%m月%d日}为止，到期后可以提交审定。",
        "moves": [name for name in MOVES if report and _may_move(request, report, name)],
        "may_open": report is None and leads(staff, Act.MONTH_SUBMIT, about.school),  # type: ignore[arg-type]
        "may_write": bool(report) and _may_move(request, report, "submit"),
        "cells_url": reverse("reports:month", args=urls) + "cells/",
        "approve_ask": _approve_ask(len(changed)),
        "open_url": reverse("reports:month_open", args=urls) + (f"?definition={definition}" if definition else ""),
        "submit_url": reverse("reports:month_submit", args=urls),
        "approve_url": reverse("reports:month_approve", args=urls),
        "definition": definition,
        "query": f"?definition={definition}" if definition else "",
        "other_definition": _other_definition(report, definition),
        "agreed_text": f"表内、表间及与上月的勾稽关系共 {len(figures.checks)} 项，全部相符。",
        "breaks_title": f"有 {len(broken)} 处勾稽关系不平",
        "last_note": _last_note(report, history),
        "texts": [(label, getattr(report, name)) for name, label in TEXT_LABELS.items()] if report else [],
        "history": history,
        "crumbs": [Crumb("月报", reverse("reports:month_list")), Crumb(f"{about.name(figures.cut_off)} {when.label}")],
    }
    return render(request, "reports/month.html", context)


def _approve_ask(changed: int) -> str:
    """What is asked before the approval, with how many figures would be others today."""
    if not changed:
        return "提交以来数字没有变化。确定审定通过吗？"
    return f"提交以来有 {changed} 个数字变了（见下面的对照表），审定的仍是提交时的数字。确定审定通过吗？"


def _how_to_mend(request: HttpRequest, report: MonthlyReport) -> str:
    """What is to be done to have other figures in the report: by the principal who reads it, or by asking the principal."""
    step = way_back(report.state)
    mine = any(_may_move(request, report, name) for name in ("return", "reopen"))
    return f"要按新的数字上报，请{step}，改好后重新提交" if mine else f"需要更正请校长{step}"


def _other_definition(report: MonthlyReport | None, definition: str) -> str:
    """Says so when the page shows another definition than the report will hand up."""
    if report is None or not definition or definition == report.definition:
        return ""
    return f"现在看的是另一种口径的数字；月报按“{Definition(report.definition).label}”上报。"


def _last_note(report: MonthlyReport | None, history: list[ReportMove]) -> str:
    """What the principal wrote when the report came back, while it is still being changed."""
    return history[-1].note if report and report.state == ReportState.RETURNED and history else ""


def _may_move(request: HttpRequest, report: MonthlyReport, name: str) -> bool:
    step = MOVES[name]
    return report.state in step.sources and leads(request.user, step.act, report.school)  # type: ignore[arg-type]


@require_safe
@allows(Act.MONTH_VIEW)
def month_pdf(request: HttpRequest, unit: str, month: str) -> HttpResponse:
    """The month on paper, frozen if submitted."""
    about = unit_or_404(request, unit)
    when = month_or_404(about, month)
    report = report_of(about, when)
    figures = figures_of(about, when, report)
    note(request, Event.PRINT, detail=f"月报 {about.code} {when.key}")
    paper = month_paper(figures, report, imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)

"""Statistics by class and the summary of the civil affairs authority, as of any day: page, paper, workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.sheets import table_book
from caretrack.web.components import Tab
from children.models import Child
from reports.access import register_units
from reports.builders.civil_summary import CivilSummary, build_civil_summary
from reports.builders.statistics import Statistics, build_statistics
from reports.builders.tables import Check, Table
from reports.forms.statistics import BasisForm, SchoolForm
from reports.papers import Paper, civil_paper, statistics_paper
from reports.views.units import imprint_for

BREAKS_SHOWN = 40


def tabs(form: BasisForm, active: str) -> list[Tab]:
    """The three pages over the same unit, day and definition."""
    kept = {name: form.data.get(name, "") for name in ("unit", "on", "definition")}
    pages = (("class_table", "统计表"), ("ledger", "管理台账"), ("civil_summary", "民政汇总表"))
    return [Tab(label, f"{reverse(f'reports:{name}')}?{urlencode(kept)}", name == active) for name, label in pages]


def basis_form(request: HttpRequest, kind: type[BasisForm], *, whole_only: bool = False) -> BasisForm:
    """The bound form with the units this person may count; PermissionDenied without any."""
    today = timezone.localdate()
    units = [
        unit
        for unit in register_units(request.user, today)  # type: ignore[arg-type]
        if not (whole_only and unit.school_class)
    ]
    if not units:
        raise PermissionDenied("没有您可以统计的学校或班级。")
    return kind(request.GET or request.POST, units=units, today=today)


def breaks(request: HttpRequest, checks: tuple[Check, ...]) -> list[dict[str, Any]]:
    """Checks that do not hold, with the children behind them as far as this person sees them."""
    broken = [check for check in checks if not check.holds]
    ids = {line.child_id for check in broken for line in check.children}
    seen = dict(Child.objects.visible_to(request.user).filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "check": check,
            "children": [
                {"child": line, "name": seen.get(line.child_id, "")} for line in check.children[:BREAKS_SHOWN]
            ],
            "more": max(len(check.children) - BREAKS_SHOWN, 0),
        }
        for check in broken
    ]


def _statistics(request: HttpRequest) -> tuple[BasisForm, Statistics | None]:
    form = basis_form(request, BasisForm)
    return form, build_statistics(form.chosen, **form.basis) if form.is_valid() else None


@require_safe
@allows(Act.STATISTICS)
def class_table(request: HttpRequest) -> HttpResponse:
    """Table 1 of a day; every figure opens the ledger of those it counts."""
    form, figures = _statistics(request)
    query = f"?{urlencode({name: form.data[name] for name in ('unit', 'on', 'definition')})}"
    context = {
        "form": form,
        "figures": figures,
        "tabs": tabs(form, "class_table"),
        "breaks": breaks(request, figures.checks) if figures else [],
        "cells_url": f"{reverse('reports:class_table')}cells/",
        "query": query,
    }
    return render(request, "reports/class_table.html", context)


@require_safe
@allows(Act.STATISTICS)
def statistics_cell(request: HttpRequest, scope: int, key: str) -> HttpResponse:
    """A figure opens: the ledger narrowed to whom it counts, the roll to the list of children."""
    mark = key.removeprefix("t1.")
    if mark == "roll":
        classes = {"school_class": scope} if scope else {}
        return redirect(f"{reverse('children:child_list')}?{urlencode(classes)}")
    kept = {name: request.GET.get(name, "") for name in ("unit", "on", "definition")}
    return redirect(f"{reverse('reports:ledger')}?{urlencode(kept | {'mark': mark, 'scope': scope})}")


@require_safe
@allows(Act.STATISTICS)
def class_table_print(request: HttpRequest) -> HttpResponse:
    """The table on A4 or A3."""
    _form, figures = _statistics(request)
    if figures is None:
        raise Http404
    note(request, Event.PRINT, detail=f"{figures.title} {figures.on}")
    return _pdf(statistics_paper(figures, imprint_for(request), large=request.GET.get("paper") == "A3"))


@require_safe
@allows(Act.STATISTICS)
def class_table_export(request: HttpRequest) -> HttpResponse:
    """The table as a workbook."""
    _form, figures = _statistics(request)
    if figures is None:
        raise Http404
    note(request, Event.EXPORT, detail=f"{figures.title} {figures.on}")
    return _book(f"{figures.school}{figures.title}", figures.table, figures.checks)


def _civil(request: HttpRequest) -> tuple[BasisForm, CivilSummary | None]:
    form = basis_form(request, SchoolForm, whole_only=True)
    if not form.is_valid():
        return form, None
    data = form.cleaned_data
    return form, build_civil_summary(form.chosen, on=data["on"], by_village=data["rows"] != "school")


@require_safe
@allows(Act.STATISTICS)
def civil_summary(request: HttpRequest) -> HttpResponse:
    """The 32 columns with every equation and both its sides."""
    form, figures = _civil(request)
    context = {
        "form": form,
        "figures": figures,
        "tabs": tabs(form, "civil_summary"),
        "breaks": breaks(request, figures.checks) if figures else [],
        "query": f"?{urlencode({name: form.data.get(name, '') for name in form.fields})}",
    }
    return render(request, "reports/civil_summary.html", context)


@require_safe
@allows(Act.STATISTICS)
def civil_print(request: HttpRequest) -> HttpResponse:
    """The summary on A3 across (A4 on wish)."""
    _form, figures = _civil(request)
    if figures is None:
        raise Http404
    note(request, Event.PRINT, detail=f"信息汇总表 {figures.on}")
    return _pdf(civil_paper(figures, imprint_for(request), large=request.GET.get("paper") != "A4"))


@require_safe
@allows(Act.STATISTICS)
def civil_export(request: HttpRequest) -> HttpResponse:
    """The summary as a workbook, the numbers of the columns under their titles."""
    _form, figures = _civil(request)
    if figures is None:
        raise Http404
    note(request, Event.EXPORT, detail=f"信息汇总表 {figures.on}")
    return _book(f"{figures.school}{figures.table.title}", figures.table, figures.checks, numbered=True)


def _pdf(paper: Paper) -> HttpResponse:
    return pdf_response(paper.pdf, paper.filename)


def _book(title: str, table: Table, checks: tuple[Check, ...], *, numbered: bool = False) -> HttpResponse:
    heads = [" ".join(part for part in (one.group, one.label.replace("\n", "")) if part) for one in table.columns]
    if numbered:
        heads = [f"{number} {head}" for number, head in enumerate(heads, start=1)]
    rows = [[row.label.replace("　", ""), *(cell.value for cell in row.cells)] for row in table.rows]
    broken = [check for check in checks if not check.holds]
    said = [f"不平：{one.where} {one.rule}，左边 {one.left}，右边 {one.right}" for one in broken]
    notes = [table.basis, *table.notes, *(said or [f"核对关系共 {len(checks)} 项，全部相符"])]
    return xlsx_response(table_book(title, [table.stub.replace("　", ""), *heads], rows, notes=notes), f"{title}.xlsx")

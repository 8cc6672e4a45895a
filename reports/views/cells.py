"""A number opens: the children or records behind one figure of a month, or what came to it since it was handed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.models import CareRecord, Kind
from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from children.left_behind import Definition
from children.models import Child
from reports.builders.care_work import in_words
from reports.builders.month import MonthFigures
from reports.builders.programme import child_of
from reports.views.units import figures_of, live_figures, month_or_404, report_of, unit_or_404


@require_safe
@allows(Act.MONTH_VIEW)
def cell_list(request: HttpRequest, unit: str, month: str, scope: int, key: str) -> HttpResponse:
    """The children or records behind one figure, as far as this person sees them; the rest is counted, not named."""
    about = unit_or_404(request, unit)
    when = month_or_404(about, month)
    asked = request.GET.get("definition", "")
    report = report_of(about, when)
    figures = figures_of(about, when, report, asked if asked in Definition.values else "")
    if not figures.has_cell(key, scope):
        raise Http404
    table, row, column = next(
        (table, row, column)
        for table in figures.tables
        for row in table.rows
        if row.scope == scope
        for column, cell in zip(table.columns, row.cells, strict=True)
        if cell.key == key
    )
    counted = in_words(row) if key.startswith("t3.") and not key.endswith(".late") else ""
    if report is not None and report.figures is not None and request.GET.get("changed") == "1":
        now = live_figures(about, when, report.definition)
        parts = [
            _behind(request, now, key, scope, without=figures) | {"title": "提交以后增加的"},
            _behind(request, figures, key, scope, without=now) | {"title": "提交以后减少的"},
        ]
    else:
        parts = [_behind(request, figures, key, scope) | {"title": ""}]
    return render(
        request,
        "reports/cell_list.html",
        {
            "about": about,
            "month": when,
            "unit_name": about.name(figures.cut_off),
            "table": table,
            "row": row,
            "what": " ".join(part for part in (column.group, column.label.replace("\n", "")) if part),
            "counted": "" if len(parts) > 1 else counted,
            "parts": parts,
            "traced": len(parts) > 1 and request.user.may(Act.CHILD_EDIT),  # type: ignore[union-attr]
            "crumbs": [
                Crumb("月报", reverse("reports:month_list")),
                Crumb(
                    f"{about.name(figures.cut_off)} {when.label}", reverse("reports:month", args=[about.code, when.key])
                ),
                Crumb(f"表{table.number}"),
            ],
        },
    )


def _behind(
    request: HttpRequest, figures: MonthFigures, key: str, scope: int, *, without: MonthFigures | None = None
) -> dict[str, Any]:
    """
    The children or records behind a figure that this person sees, and how many there are in all.

    `without` leaves out what stands behind the same figure of another report.
    """

    def ids(of: str) -> tuple[int, ...]:
        others = frozenset(without.ids(of, scope)) if without else frozenset()
        return tuple(one for one in figures.ids(of, scope) if one not in others)

    owed = key.startswith("t4.") and key.rsplit(".", 1)[-1] in ("due", "done")
    part: dict[str, Any] = {"records": [], "children": [], "owed": owed}
    item, _, kind = key.removeprefix("t3.").rpartition(".")
    of_records = key.startswith("t3.") and kind in ("visits", "late") and item in Kind.values
    if of_records or key.endswith(".records"):
        records = CareRecord.objects.visible_to(request.user).filter(pk__in=ids(key))
        part["records"] = list(
            records.select_related("child", "author")
            .order_by("on", "pk")
            .only("on", "kind", "reached", "created_at", "child__name", "author__name", "author__username")
        )
        part["total"], shown = len(ids(key)), len(part["records"])
    else:
        # Activities, checks and grants have pages of their own; here the figure's children are listed.
        of_heads = key.startswith("t3.") and kind != "heads"
        wanted = ids(f"t3.{item}.heads" if of_heads else key)
        missing: Iterable[int] = ()
        if owed:
            wanted = tuple(dict.fromkeys(map(child_of, wanted)))
            missing = map(child_of, figures.ids(key.rsplit(".", 1)[0] + ".open", scope))
        part["children"] = _children(request, wanted, missing)
        part["total"], shown = len(wanted), len(part["children"])
    part["hidden"] = part["total"] - shown
    return part


def _children(request: HttpRequest, ids: Iterable[int], missing: Iterable[int] = ()) -> list[dict[str, Any]]:
    lacking = frozenset(missing)
    seen = (
        Child.objects.visible_to(request.user).filter(pk__in=list(ids)).select_related("school_class__school").by_name()
    )
    today = timezone.localdate()
    return [
        {"child": child, "class_name": child.class_name(today), "missing": child.pk in lacking}
        for child in seen.only(
            "name", "pinyin", "sex", "school_class__entry_year", "school_class__number", "school_class__school"
        )
    ]

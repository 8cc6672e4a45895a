"""A number opens: the children or records behind one figure of a month."""

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
from reports.builders.programme import child_of
from reports.views.units import figures_of, month_or_404, report_of, unit_or_404


@require_safe
@allows(Act.MONTH_VIEW)
def cell_list(request: HttpRequest, unit: str, month: str, scope: int, key: str) -> HttpResponse:
    """The children or records behind one figure, as far as this person sees them; the rest is counted, not named."""
    about = unit_or_404(request, unit)
    when = month_or_404(about, month)
    asked = request.GET.get("definition", "")
    figures = figures_of(about, when, report_of(about, when), asked if asked in Definition.values else "")
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
    ids = figures.ids(key, scope)
    owed = key.startswith("t4.") and key.rsplit(".", 1)[-1] in ("due", "done")
    context: dict[str, Any] = {
        "about": about,
        "month": when,
        "unit_name": about.name(figures.cut_off),
        "table": table,
        "row": row,
        "what": " ".join(part for part in (column.group, column.label.replace("\n", "")) if part),
        "counted": in_words(row) if key.startswith("t3.") and not key.endswith(".late") else "",
        "total": len(ids),
        "records": [],
        "owed": owed,
        "crumbs": [
            Crumb("月报", reverse("reports:month_list")),
            Crumb(f"{about.name(figures.cut_off)} {when.label}", reverse("reports:month", args=[about.code, when.key])),
            Crumb(f"表{table.number}"),
        ],
        "children": [],
    }
    item, _, kind = key.removeprefix("t3.").rpartition(".")
    of_records = key.startswith("t3.") and kind in ("visits", "late") and item in Kind.values
    if of_records or key.endswith(".records"):
        records = CareRecord.objects.visible_to(request.user).filter(pk__in=ids)
        context["records"] = list(
            records.select_related("child", "author")
            .order_by("on", "pk")
            .only("on", "kind", "reached", "created_at", "child__name", "author__name", "author__username")
        )
        shown = len(context["records"])
    elif key.startswith("t3.") and kind != "heads":
        # Activities, checks and grants have pages of their own; here the figure's children are listed.
        ids = figures.ids(f"t3.{item}.heads", scope)
        context["children"] = _children(request, ids)
        context["total"], shown = len(ids), len(context["children"])
    else:
        wanted = tuple(dict.fromkeys(child_of(one) for one in ids)) if owed else ids
        missing = (
            frozenset(child_of(one) for one in figures.ids(key.rsplit(".", 1)[0] + ".open", scope)) if owed else ()
        )
        context["children"] = _children(request, wanted, missing)
        context["total"], shown = len(wanted), len(context["children"])
    context["hidden"] = context["total"] - shown
    return render(request, "reports/cell_list.html", context)


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

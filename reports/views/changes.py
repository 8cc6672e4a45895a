"""变动登记: the ledger of changes with opening, in, out and closing for any period; print and Excel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.jobs.models import Job
from caretrack.jobs.services import enqueue
from caretrack.schools.models import Term
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView
from children.models import Child, StatusChange, Transfer
from children.models.transfer import HANDLERS
from children.queries import term_start
from reports.access import register_units
from reports.builders.changes import BASES, ROLL, Movement, build_movement
from reports.builders.unit import Unit
from reports.change_forms import ChangeFilter
from reports.change_ledger import Entry, entries, fetched, ledger_book, lines_of
from reports.change_papers import batch_for, ledger_paper, summaries_for, transfers_paper
from reports.jobs import TRANSFER_LETTERS
from reports.views.units import imprint_for

#: More letters, each with the summary of a dossier, take longer than anybody should wait for a page.
LETTERS_AT_ONCE = 6


@dataclass(frozen=True)
class Asked:
    """What the address asks for: whose register, which days, counted how, narrowed to what."""

    unit: Unit
    first: date
    last: date
    basis: str
    form: ChangeFilter

    @property
    def query(self) -> str:
        """The same question as an address, without the narrowing of the lines."""
        return "?" + urlencode({"unit": self.unit.code, "first": self.first, "last": self.last, "basis": self.basis})

    def lines(self, staff: Any) -> Any:
        rows = lines_of(staff, self.unit, self.first, self.last)
        return self.form.narrow(rows)


def asked_by(request: HttpRequest) -> Asked:
    """Reads the address; whose register one may not open does not exist. Wrong days fall back to this term."""
    today = timezone.localdate()
    units = {unit.code: unit for unit in register_units(request.user, today)}  # type: ignore[arg-type]
    if not units:
        raise Http404
    code = request.GET.get("unit", "")
    if code and code not in units:
        raise Http404
    unit = units[code] if code else next(iter(units.values()))
    data = request.GET.copy()
    data["unit"] = unit.code
    data["first"] = data.get("first") or str(term_start(unit.school, today))
    data["last"] = data.get("last") or str(today)
    data["basis"] = data.get("basis") or ROLL
    choices = [(key, one.name(today) if one.school_class else f"{one.school.label}全校") for key, one in units.items()]
    form = ChangeFilter(data, staff=request.user, units=choices)
    if form.is_valid():
        given = form.cleaned_data
        return Asked(unit, given["first"], given["last"], given["basis"], form)
    return Asked(unit, term_start(unit.school, today), today, ROLL, form)


@allows(Act.REGISTER_VIEW)
class ChangeList(FilteredListView):
    """The ledger, with the figures of its period above."""

    template_name = "reports/change_list.html"
    rows_template = "reports/_change_rows.html"
    heading = "变动登记"
    lead = "谁来了、谁走了、家里有什么变化，都在这里登记造册；期初＋增加－减少＝期末。"
    empty_text = "这段时间没有变动。"
    empty_url, empty_action = "children:change_pick", "登记变动"
    no_match_text = "这段时间没有符合条件的变动。"

    def get_filter(self) -> Any:
        self.asked = asked_by(self.request)
        return self.asked.form

    def get_queryset(self, staff: Any) -> Any:
        asked = self.asked
        return fetched(lines_of(staff, asked.unit, asked.first, asked.last)).reverse()

    def newest_first(self, page: Any) -> list[Entry]:
        """The lines of a page, the latest on top, each with the number that it has in the printed register."""
        oldest_first = list(page.object_list)[::-1]
        start = page.paginator.count - page.end_index() + 1
        return entries(self.request.user, self.asked.unit.school, oldest_first, start=start)[::-1]  # type: ignore[arg-type]

    def is_filtered(self, form: Any) -> bool:
        return any(self.request.GET.get(name, "").strip() for name in self.request.GET if name != "page")

    def get_template_names(self) -> list[str]:
        names = super().get_template_names()
        return names if names == [self.template_name] else ["reports/_change_body.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked, page = self.asked, context["page"]
        staff: Any = self.request.user
        movement = build_movement(asked.unit, asked.first, asked.last, asked.basis)
        kept = {name: self.request.GET.get(name, "") for name in ("kind", "q", "late")}
        full = asked.query + ("&" + urlencode({k: v for k, v in kept.items() if v}) if any(kept.values()) else "")
        return context | {
            "asked": asked,
            "unit_name": asked.unit.name(asked.last),
            "movement": movement,
            "basis_label": BASES[asked.basis],
            "gained": movement.gained,
            "lost": movement.lost,
            "cells": reverse("reports:change_list") + "cells/",
            "query": asked.query,
            "full_query": full,
            "opening_url": _cell_url(asked, movement.opening.key, movement.whole.scope),
            "closing_url": _cell_url(asked, movement.closing.key, movement.whole.scope),
            "entries": self.newest_first(page),
            "terms": _terms(asked),
            "may_edit": staff.may(Act.CHILD_EDIT),
            "may_transfer": staff.may(Act.TRANSFER),
            "may_turn": staff.may(Act.YEAR_TURN),
        }


def _cell_url(asked: Asked, key: str, scope: int) -> str:
    return reverse("reports:change_cell", args=[scope, key]) + asked.query


def _terms(asked: Asked) -> list[tuple[str, str, bool]]:
    """(words, address, chosen) of the periods one asks for most: this and earlier terms."""
    today = timezone.localdate()
    shown = []
    for term in Term.objects.filter(school=asked.unit.school, starts_on__lte=today).order_by("-starts_on")[:4]:
        last = min(term.ends_on, today)
        query = urlencode({"unit": asked.unit.code, "first": term.starts_on, "last": last, "basis": asked.basis})
        shown.append((str(term), f"?{query}", (term.starts_on, last) == (asked.first, asked.last)))
    return shown


@allows(Act.REGISTER_VIEW)
@require_safe
def change_cell(request: HttpRequest, scope: int, key: str) -> HttpResponse:
    """The children behind one figure, each with the lines of the period; who is out of sight is counted only."""
    asked = asked_by(request)
    movement = build_movement(asked.unit, asked.first, asked.last, asked.basis)
    if not movement.has_cell(key, scope):
        raise Http404
    row = next(row for row in movement.table.rows if row.scope == scope)
    column = next(column for column in movement.table.columns if column.key == key)
    ids = movement.ids(key, scope)
    staff: Any = request.user
    children = {
        child.pk: child
        for child in Child.objects.visible_to(staff)
        .filter(pk__in=ids)
        .select_related("school_class__school")
        .only("name", "pinyin", "sex", "school_class__entry_year", "school_class__number", "school_class__school")
        .by_name()
    }
    lines: dict[int, list[StatusChange]] = {}
    for line in lines_of(staff, asked.unit, asked.first, asked.last).filter(child__in=ids):
        lines.setdefault(line.child_id, []).append(line)
    context = {
        "what": f"{column.group}{column.label}".replace("\n", ""),
        "label": row.label.replace("　", ""),
        "basis": movement.table.basis,
        "total": len(ids),
        "hidden": len(ids) - len(children),
        "rows": [(child, child.class_name(asked.last), lines.get(pk, [])) for pk, child in children.items()],
        "crumbs": [
            Crumb("变动登记", reverse("reports:change_list") + asked.query),
            Crumb(column.label.replace("\n", "")),
        ],
    }
    return render(request, "reports/change_cell.html", context)


def _whole(request: HttpRequest) -> tuple[Asked, Movement, list[Any]]:
    asked = asked_by(request)
    lines = list(fetched(asked.lines(request.user)))
    movement = build_movement(asked.unit, asked.first, asked.last, asked.basis)
    return asked, movement, entries(request.user, asked.unit.school, lines)  # type: ignore[arg-type]


@allows(Act.REGISTER_VIEW)
@require_safe
def change_pdf(request: HttpRequest) -> HttpResponse:
    """The ledger of the period on paper, with its figures and places to sign."""
    asked, movement, rows = _whole(request)
    note(request, Event.PRINT, detail=f"变动登记 {len(rows)}条")
    paper = ledger_paper(asked.unit, movement, rows, imprint_for(request))
    return pdf_response(paper.pdf, paper.filename)


@allows(Act.REGISTER_VIEW)
@require_safe
def change_book(request: HttpRequest) -> HttpResponse:
    """The ledger of the period as a workbook."""
    asked, movement, rows = _whole(request)
    note(request, Event.EXPORT, detail=f"变动登记 {len(rows)}条")
    title = f"{asked.unit.name(asked.last)}变动登记（{asked.first}至{asked.last}）"
    return xlsx_response(ledger_book(title, movement, rows), f"{title}.xlsx")


@allows(Act.TRANSFER)
@require_safe
def transfer_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-over on paper: letter, list and receipt, with the summary while the dossier is still here."""
    staff: Any = request.user
    rows = Transfer.objects.visible_to(staff).select_related("child", "line", "from_school", "to_school")
    transfer = get_object_or_404(rows, pk=pk, from_school__in=staff.schools_as(*HANDLERS))
    if transfer.called_back_words:
        messages.warning(request, f"{transfer.called_back_words}移交函已作废，不再打印。")
        return redirect("children:transfer_show", transfer.pk)
    today = timezone.localdate()
    note(request, Event.PRINT, transfer.child_id, detail="档案移交函")
    paper = transfers_paper([transfer], summaries_for(staff, [transfer], today), imprint_for(request), today)
    return pdf_response(paper.pdf, paper.filename)


@allows(Act.TRANSFER)
@require_POST
def transfer_batch_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters of all hand-overs that were sent together, each with its summary; many are printed by a job."""
    staff: Any = request.user
    batch = batch_for(staff, pk)
    if not batch:
        raise Http404
    if len(batch) > LETTERS_AT_ONCE:
        params = {"batch": batch[0].pk}
        others = Job.objects.unfinished().filter(kind=TRANSFER_LETTERS, params=params).exclude(started_by=staff)
        if busy := others.select_related("started_by").first():
            messages.info(request, f"{busy.started_by}正在打印这一批移交函，没有再打印一次，以免同一份函寄出两次。")
            return redirect("children:transfer_batch", pk)
        job = enqueue(TRANSFER_LETTERS, staff, params, title=f"打印档案移交函（{len(batch)}份）")
        return redirect("jobs:job_show", job.pk)
    today = timezone.localdate()
    note_each(request, Event.PRINT, [transfer.child_id for transfer in batch], "档案移交函")
    paper = transfers_paper(batch, summaries_for(staff, batch, today), imprint_for(request), today)
    return pdf_response(paper.pdf, paper.filename)

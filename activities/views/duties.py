"""关爱项目完成情况: the matrix of children by items, by class and mentor, one child's duties; on paper and in a workbook."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.compliance.access import reach_to
from activities.compliance.board import Board, Cell, Column, board_of
from activities.compliance.matrix import (
    Line,
    class_names,
    grouped,
    line_of,
    mentor_names,
    remarks,
    shown_mark,
    words_of,
)
from activities.compliance.rules import OPEN, Obligation, Rule, State
from activities.compliance.spans import SpanKind, neighbour, view_of
from activities.compliance.words import (
    BY_OTHERS,
    also_by_others,
    asked_for,
    head,
    how_often,
    percent,
    standing,
    who,
    why,
)
from activities.models import CareRecord, Waiver
from activities.views.duty_asking import (
    Asked,
    asked_of,
    board_for,
    frame,
    paired_too_late,
    pupils_of,
    school_lines,
    units_of,
)
from activities.views.duty_links import Entries, proof_url, record_kind, unit_url
from activities.views.links import dossier_url
from activities.waivers import waivers_of
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb, Tab

#: Lines of a page; fewer when there are many items, so that the page stays small.
MANY, FEW, WIDE = 45, 25, 7
#: Duties of classes and the school on a page: a school of many classes has hundreds, the open ones come first.
UNITS = 30


@require_safe
@allows(Act.PROGRAMME_VIEW)
def duty_matrix(request: HttpRequest) -> HttpResponse:
    """Children by items: ?span=week|month|term &key= &programme= &class= &mentor= &open= &page=."""
    asked = asked_of(request)
    if asked is None:
        return render(request, "activities/duties/matrix.html", {"asked": None})
    board = board_for(asked)
    pupils, hidden = pupils_of(asked, board)
    columns = board.child_columns
    if asked.open_only:
        pupils = [pupil for pupil in pupils if board.still_owed(pupil.pk)]
    page = Paginator(pupils, FEW if len(columns) > WIDE else MANY).get_page(request.GET.get("page"))
    classes, mentors = class_names(board), mentor_names(board)
    here = request.get_full_path()
    entries = Entries(request.user, [pupil.pk for pupil in page.object_list], here, asked.today)
    context = frame(asked, "children") | {
        "page": page,
        "columns": [{"name": column.rule.name, "head": head(column.rule), "who": who(column.rule)} for column in columns],
        "rows": [_row(line_of(board, pupil, classes, mentors), columns, entries, asked) for pupil in page.object_list],
        "totals": _totals(board, [pupil.pk for pupil in pupils]),
        "runs_on": bool(board.told_next),
        "also": BY_OTHERS if any(also_by_others(column.rule) for column in columns) else "",
        "classes": _class_choices(asked, board, classes),
        "starts": remarks(board),
        "hidden": hidden,
        "too_late": [] if page.has_previous() or asked.open_only else paired_too_late(asked, board),
        "by_school": [] if page.has_previous() else _by_school(asked),
    }  # fmt: skip
    context |= {"units": []} if page.has_previous() else _units(asked, board)
    return render(request, "activities/duties/matrix.html", context)


def _row(line: Line, columns: Iterable[Column], entries: Entries, asked: Asked) -> dict[str, Any]:
    duties = f"{reverse('activities:child_duties', args=[line.pupil.pk])}?{urlencode({'span': asked.view.kind.value, 'key': asked.view.key})}"
    return {
        "pupil": line.pupil,
        "class_name": line.class_name,
        "mentor": line.mentor,
        "url": duties,
        "cells": [
            _shown(cell, column, line.pupil.pk, entries, duties)
            for cell, column in zip(line.cells, columns, strict=True)
        ],
        "due": line.told.due,
        "done": line.told.done,
        "rate": line.rate,
        "lacks": line.lacks,
        "begins": line.begins,
    }  # fmt: skip


def _shown(cell: Cell, column: Column, child: int, entries: Entries, duties: str) -> dict[str, Any]:
    """A cell of the page: its mark in words, its address, why it is asked for."""
    if cell.state is None:
        return {"state": "", "label": column.rule.name}
    today = entries.today
    open_ones = [one for one in cell.obligations if one.state in OPEN and one.begins <= today]
    # A festival that is over is made up for by nothing any more: the one to come is what can be done.
    to_come = (one for one in open_ones if one.period.at_day and one.state is State.DUE)
    open_one = next(to_come, open_ones[0] if open_ones else None)
    url = entries.url(open_one, child) if open_one else ""
    words = shown_mark(cell)
    also = (entries.by_whom(open_one, child) or also_by_others(column.rule)) if open_one else ""
    return {
        "state": cell.state.value,
        "label": column.rule.name,
        "mark": words if words[:1].isdigit() else "",
        "words": words_of(cell, today),
        "url": url or f"{duties}#c{column.code}",
        "why": "；".join(filter(None, (asked_for(open_one or cell.obligations[-1], today), also))),
        "opens": bool(url),
    }


def _totals(board: Board, children: list[int]) -> dict[str, Any]:
    told = board.totals({0: children})[0]
    parts = [told[column.key] for column in board.child_columns]
    due, done = sum(part.due for part in parts), sum(part.done for part in parts)
    return {
        "parts": [{"due": part.due, "done": part.done, "rate": percent(part)} for part in parts],
        "due": due,
        "done": done,
        "rate": f"{100 * done / due:.1f}%" if due else "—",
    }


def _class_choices(asked: Asked, board: Board, names: dict[int, str]) -> list[tuple[int, str]]:
    if not asked.reach.leads:
        return []
    taught = SchoolClass.objects.taught_on(board.asked_until).filter(school=asked.reach.school)
    found = []
    for row in taught:
        row.school = asked.reach.school
        found.append((row.pk, row.name_on(board.asked_until)))
    return found


def _units(asked: Asked, board: Board) -> dict[str, Any]:
    """The obligations of classes and the school as the page shows them, and how many more there are."""
    lines = units_of(asked, board)
    shown = lines if len(lines) <= UNITS else sorted(lines, key=lambda line: line.cell.state not in OPEN)[:UNITS]
    units = [
        {
            "label": line.label,
            "name": line.column.rule.name,
            "often": how_often(line.column.rule),
            "state": line.cell.state.value if line.cell.state else "",
            "mark": f"{line.cell.done}/{line.cell.due}" if len(line.cell.obligations) > 1 else "",
            "why": standing(next((one for one in line.cell.obligations if one.state in OPEN), line.cell.obligations[-1]), asked.today),
            "url": unit_url(line.column.rule) if line.cell.state in OPEN else "",
        }
        for line in shown
    ]  # fmt: skip
    return {"units": units, "units_left": len(lines) - len(shown)}


def _by_school(asked: Asked) -> list[dict[str, Any]]:
    """What the school does for all and no column shows, for whoever answers for children and not for the school."""
    return [
        {
            "name": line.column.rule.name,
            "state": line.cell.state.value if line.cell.state else "",
            "mark": f"{line.cell.done}/{line.cell.due}" if len(line.cell.obligations) > 1 else "",
            "url": proof_url(line.column.rule),
        }
        for line in school_lines(asked)
    ]


@require_safe
@allows(Act.PROGRAMME_VIEW)
def duty_groups(request: HttpRequest) -> HttpResponse:
    """应、实、率 of each item by class or by mentor (?by=)."""
    asked = asked_of(request)
    if asked is None or asked.reach.mentor_only:
        return render(request, "activities/duties/matrix.html", {"asked": None})
    by = "mentor" if request.GET.get("by") == "mentor" else "class"
    board = board_for(asked, whole=True)
    lines = grouped(board, board.pupils, by)
    context = frame(asked, by) | {
        "by": by,
        "starts": remarks(board),
        "columns": [{"name": column.rule.name, "head": head(column.rule)} for column in board.child_columns],
        "lines": [
            {
                "label": line.label,
                "heads": line.heads,
                "whole": line.ident == -1,
                "url": "" if line.ident == -1 else asked.url(**{by: line.ident}),
                "parts": [{"due": part.due, "done": part.done, "rate": percent(part)} for part in line.parts],
                "due": line.told.due,
                "done": line.told.done,
                "rate": percent(line.told),
            }
            for line in lines
        ],
    }
    context |= _units(asked, board)
    return render(request, "activities/duties/groups.html", context)


@require_safe
@allows(Act.PROGRAMME_VIEW)
def child_duties(request: HttpRequest, pk: int) -> HttpResponse:
    """What is owed to one child in a span: each item, why it is asked for, how it stands, what proves it."""
    reach = reach_to(request.user, pk)  # type: ignore[arg-type]
    if reach is None:
        raise Http404
    child = get_object_or_404(reach.children.select_related("school_class__school"), pk=pk)
    note(request, Event.VIEW, child)
    today = timezone.localdate()
    view = view_of(reach.school, request.GET.get("span", ""), request.GET.get("key", ""), today)
    board = board_of(reach.school, view, today, children=reach.children.filter(pk=pk))
    columns = [column for column in board.child_columns if not reach.mentor_only or column.rule.of_mentor]
    entries = Entries(request.user, [pk], request.get_full_path(), today)
    records = _records(request, board, pk)
    excuses = waivers_of(child, view.first, view.last)
    items = []
    for column in columns:
        cell = board.cell(pk, column)
        for one in cell.obligations:
            items.append(_duty(one, column, entries, records) | {"excused": _excuse(one, excuses)})
    mentor = mentor_names(board).get(board.sources.mentor_on(pk, view.first, board.asked_until), "")
    before, after = (neighbour(reach.school, view, today, step) for step in (-1, 1))
    base = reverse("activities:child_duties", args=[pk])
    context = {
        "child": child,
        "class_name": child.class_name(today),
        "mentor": mentor,
        "view": view,
        "items": items,
        "starts": remarks(board),
        "begun": not all(item["to_come"] for item in items),
        "open": [item for item in items if item["open"]],
        "rest": [item for item in items if not item["open"]],
        "spans": [Tab(kind.label, f"{base}?span={kind.value}", kind == view.kind) for kind in SpanKind],
        "before": f"{base}?{urlencode({'span': view.kind.value, 'key': before.key})}" if before else "",
        "after": f"{base}?{urlencode({'span': view.kind.value, 'key': after.key})}" if after and after.first <= today else "",
        "dossier": dossier_url(child),
        "may_excuse": reach.leads,
        "crumbs": [Crumb("关爱项目", reverse("activities:duty_matrix")), Crumb(str(child))],
    }  # fmt: skip
    return render(request, "activities/duties/child.html", context)


def _records(request: HttpRequest, board: Board, child: int) -> list[CareRecord]:
    """The child's records that this person may read, as far back as an item of the board looks."""
    sources = board.sources
    opens = [period.opens for periods in sources.periods.values() for period in periods]
    opens += [period.opens for rule in sources.rules for period in sources.own_periods(rule).get(child, ())]
    seen = CareRecord.objects.visible_to(request.user).filter(child=child)
    found = seen.between(min(opens, default=board.view.first), board.today).select_related("author")
    return list(found.only("kind", "on", "reached", "mentor", "author__name", "author__username").order_by("on", "pk"))


def _excuse(one: Obligation, waivers: list[Waiver]) -> str:
    """Why the obligation is excused, and by whom."""
    if one.state is not State.EXCUSED:
        return ""
    first, last = one.period.excused_in
    mine = (
        waiver
        for waiver in waivers
        if (waiver.item.programme_id, waiver.item.order) == one.rule.column
        and waiver.first <= last
        and waiver.last >= first
    )
    return "；".join(f"{waiver.reason}（{waiver.granted_by}批准）" for waiver in mine)


def _proof(record: CareRecord, rule: Rule) -> str:
    """11月3日 罗老师代做: whose record it is, and that it was not the 代理家长 who answers for the item."""
    instead = "代做" if rule.of_mentor and record.mentor_id is None else ""
    return f"{record.on.month}月{record.on.day}日 {record.author}{instead}" + ("" if record.reached else "（未联系上）")


def _counts_for(record: CareRecord, one: Obligation) -> bool:
    """Whether the record is dated in the period; of a deed that may be for several, whether it is for this one."""
    if one.rule.occasions and record.reached:
        return any(deed.page is not None and deed.page[1] == record.pk for deed in one.deeds)
    return one.period.opens <= record.on <= max(one.period.closes, one.period.last)


def _duty(one: Obligation, column: Column, entries: Entries, records: list[CareRecord]) -> dict[str, Any]:
    period, rule, today = one.period, one.rule, entries.today
    (child,) = entries.children
    mine = [
        {"text": _proof(record, rule), "url": reverse("activities:record_show", args=[record.pk])}
        for record in records
        if record.kind in rule.kinds and _counts_for(record, one)
    ]  # fmt: skip
    is_open = one.state in OPEN and one.begins <= today
    first, last = period.excused_in
    return {
        "code": column.code,
        "name": rule.name,
        "period": period.label,
        "why": why(one),
        "state": one.state.value,
        "standing": standing(one, today),
        "records": mine,
        "by_others": bool(one.done and not mine and record_kind(rule)),
        "open": is_open,
        "url": entries.url(one, child) if is_open else "",
        "by_whom": entries.by_whom(one, child) if is_open else "",
        "excuse": f"{reverse('activities:waiver_add')}?{urlencode({'item': rule.pk, 'first': first, 'last': last, 'child': child, 'next': entries.here})}",
        "to_come": one.begins > today,
    }  # fmt: skip

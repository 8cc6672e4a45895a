"""The third step of the wizard: everything that would happen, page by page, with search; questions about rows."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Tab
from children.forms.importing import QuestionsForm
from children.importing import batches, mending
from children.importing.body import LEFT_OUT, SKIP_REASONS
from children.importing.findings import Level
from children.importing.mends import Mends
from children.importing.outcomes import Status
from children.importing.overview import is_about_row
from children.models import ImportBatch
from children.views.importing import CRUMBS, STEPS, batch_or_404, check_again, elsewhere

PER_PAGE = 50
QUESTIONS_AT_ONCE = 20
ROWS_NAMED = 30
State = ImportBatch.State
LEVELS = (Level.ERROR, Level.QUESTION, Level.WARNING, Level.FIXED)
TONES = {Level.ERROR: "bad", Level.QUESTION: "info", Level.WARNING: "warn", Level.FIXED: "neutral"}
SHORT = {Level.ERROR: "错误", Level.QUESTION: "待确认", Level.WARNING: "提醒", Level.FIXED: "已整理"}


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be new, changed and left out, every fault with its place and the way to mend it."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    note(request, Event.VIEW, detail=f"import batch {batch.pk}")
    shown = request.GET.get("show", "faults")
    asked = row_questions(overview, plan)
    mends = Mends.read(batch.mends)
    context = {
        "batch": batch,
        "steps": STEPS,
        "crumbs": CRUMBS,
        "token": batches.plan_token(batch),
        "counts": batch.counts,
        "will_write": batch.counts.get("new", 0) + batch.counts.get("changed", 0),
        "left_out": batch.not_imported,
        "new_classes": overview["new_classes"],
        "mentors": overview["mentors"],
        "totals": overview["totals"],
        "questions": QuestionsForm(questions=asked[:QUESTIONS_AT_ONCE]),
        "questions_later": max(0, len(asked) - QUESTIONS_AT_ONCE),
        "column_questions_open": sum(
            not question["answer"] for question in overview["questions"] if not is_about_row(question)
        ),
        "first_faulty": next(iter(mending.faulty_rows(overview, plan)), None),
        "unchecked": mending.unchecked(batch, overview),
        "tabs": _tabs(overview, plan, mends, shown),
        "shown": shown,
        **_shown(request, overview, plan, mends, shown),
    }
    return render(request, "children/import_preview.html", context)


def row_questions(overview: dict[str, Any], plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open questions about single rows: of the file itself, and of whose row it is."""
    asked = [question for question in overview["questions"] if is_about_row(question) and not question["answer"]]
    for row in plan:
        if row["status"] == Status.DECIDE:
            sentence = f"第{row['row']}行 {row['name']}：{row['message']}"
            asked.append(
                {"key": row["key"], "sentence": sentence, "choices": row["choices"], "default": "", "answer": ""}
            )
    return asked


def _tabs(overview: dict[str, Any], plan: list[dict[str, Any]], mends: Mends, shown: str) -> list[Tab]:
    faults = sum(count for level, count in overview["levels"].items() if level != Level.FIXED)
    tabs = [Tab("问题清单", "?show=faults#rows", shown == "faults", faults)]
    for status in Status:
        count = sum(row["status"] == status for row in plan)
        if count:
            tabs.append(Tab(status.heading, f"?show={status.value}#rows", shown == status.value, count))
    for name, label in (("skipped", "跳过的行"), ("absent", "名册里没有")):
        if overview[name]:
            tabs.append(Tab(label, f"?show={name}#rows", shown == name, len(overview[name])))
    if mends.acts:
        tabs.append(Tab("改动记录", "?show=mends#rows", shown == "mends", len(mends.acts)))
    return tabs


def _shown(
    request: HttpRequest, overview: dict[str, Any], plan: list[dict[str, Any]], mends: Mends, shown: str
) -> dict[str, Any]:
    """The chosen tab: its rows that match the search, one page of them."""
    text = request.GET.get("q", "").strip()[:30]
    level = request.GET.get("level", "")
    places = {header["sheet"]: place for place, header in enumerate(overview["headers"])}
    found: list[Any]
    if shown == "faults":
        found = _faults(overview, plan, places, level)
    elif shown == "skipped":
        found = _skipped(overview, mends, places)
    elif shown == "absent":
        found = overview["absent"]
    elif shown == "mends":
        found = [{"act": act, "name": act.label, "row": act.row} for act in reversed(mends.acts)]
    else:
        found = [{**row, "place": places.get(row["sheet"])} for row in plan if row["status"] == shown]
    if text:
        found = [row for row in found if _matches(row, text)]
    return {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "level": level,
        "levels": [
            Tab(SHORT[kind], f"?show=faults&level={kind.value}#rows", level == kind, overview["levels"][kind])
            for kind in LEVELS
            if overview["levels"][kind]
        ],
        "several_sheets": len(overview["headers"]) > 1,
    }


def _faults(
    overview: dict[str, Any], plan: list[dict[str, Any]], places: dict[str | None, int], level: str
) -> list[dict[str, Any]]:
    """Findings with the pupil's name, the worst first; what was put right by itself only on demand."""
    names = {(row["sheet"], row["row"]): row["name"] for row in plan}
    wanted = [kind for kind in LEVELS if (kind == level if level else kind != Level.FIXED)]
    return [
        {
            **fault,
            "tone": TONES[kind],
            "word": SHORT[kind],
            "place": places.get(fault["sheet"]) if (fault["sheet"], fault["row"]) in names else None,
            "name": names.get((fault["sheet"], fault["row"]), ""),
            "first_rows": fault["rows"][:ROWS_NAMED],
            "more_rows": max(0, len(fault["rows"]) - ROWS_NAMED),
        }
        for kind in wanted
        for fault in overview["findings"]
        if fault["level"] == kind
    ]


def _skipped(overview: dict[str, Any], mends: Mends, places: dict[str | None, int]) -> list[dict[str, Any]]:
    """Lines that are no pupils; those that a person left out, with the name and the way back."""
    by_hand = mends.left_out
    return [
        {
            **row,
            "words": SKIP_REASONS.get(row["why"], "隐藏的行"),
            "act": by_hand.get((row["sheet"] or "", row["row"])) if row["why"] == LEFT_OUT else None,
            "place": places.get(row["sheet"]),
        }
        for row in overview["skipped"]
    ]


def _matches(row: dict[str, Any], text: str) -> bool:
    """Whether a line of the preview holds the searched words; a number finds its row."""
    if text.isdigit():
        return row.get("row") == int(text) or int(text) in row.get("rows", ())
    act = row.get("act")
    parts = [row.get(key) for key in ("name", "class", "sentence", "message", "label", "words")]
    parts += [act.label, act.old, act.new, act.by] if act else []
    return any(text in str(part) for part in parts if part)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers to questions about rows; the file is checked again."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    form = QuestionsForm(request.POST, questions=row_questions(json.loads(batch.result), batches.stored_plan(batch)))
    if form.is_valid() and form.answers():
        batches.answer(batch, answers=form.answers())
        messages.success(request, f"已保存 {len(form.answers())} 个回答，并重新核对。")
        return check_again(request, batch)
    messages.warning(request, "没有选择任何回答。")
    return redirect("children:import_preview", batch.pk)

"""The third step of the wizard: everything that would happen, page by page, with search; questions about rows."""

import json
from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.numbers import number
from children.forms.importing import QuestionsForm
from children.importing import batches, leavers, mending
from children.importing.keeping import FaultyRows, Kept
from children.importing.outcomes import Status
from children.jobs import live_job
from children.models import ImportBatch
from children.views.import_rows import shown_rows
from children.views.importing import CRUMBS, STEPS, batch_or_404, check_again, elsewhere

QUESTIONS_AT_ONCE = 20
CLASSES_NAMED = 3
State = ImportBatch.State


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be new, changed and left out, every fault with its place and the way to mend it."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready or live_job(batch):
        return elsewhere(request, batch)
    overview = json.loads(batch.result)
    kept = Kept(batch, overview)
    note(request, Event.VIEW, detail=f"import batch {batch.pk}")
    open_ones = len(kept.questions()) + len(kept.rows(Status.DECIDE))
    asked = row_questions(kept, QUESTIONS_AT_ONCE)
    context = {
        "batch": batch,
        "steps": STEPS,
        "crumbs": CRUMBS,
        "token": batches.plan_token(batch),
        "counts": batch.counts,
        "will_write": batch.counts.get("new", 0) + batch.counts.get("changed", 0),
        "left_out": batch.not_imported,
        "leaving": _leaving(batch),
        **_absent(overview, len(leavers.decisions(batch))),
        "new_classes": overview["new_classes"],
        "mentors": overview["mentors"],
        "may_pair": request.user.may(Act.PAIRING_EDIT),
        "totals_right": sum(total["agrees"] for total in overview["totals"]),
        "questions": QuestionsForm(questions=asked),
        "questions_later": open_ones - len(asked),
        "column_questions_open": _open_columns(overview["questions"]),
        "first_faulty": FaultyRows(overview).first,
        "unchecked": mending.unchecked(batch, overview),
        **shown_rows(request, batch, overview, "faults"),
    }
    return render(request, "children/import_preview.html", context)


def _absent(overview: dict[str, Any], decided: int) -> dict[str, Any]:
    """What is said of children of the file's classes who are not in it: asked about, unless the list is a partial one."""
    scope = overview.get("scope") or {"classes": [], "taught": 0, "listed": 0, "partial": False}
    number, names = len(overview["absent"]), scope["classes"]
    some = "、".join(names[:CLASSES_NAMED]) + (f"等{len(names)}个班" if len(names) > CLASSES_NAMED else "")
    whole = len(names) >= scope["taught"] or not names
    only = "" if whole else f"这份名单只有{some}，别的班不核对。"
    if scope["partial"]:
        where = "" if whole else f"{some}的"
        who = "" if scope.get("whole") else "有父母外出的"
        only = (
            f"这份名单只写了{where}{scope['listed']}名学生，像是部分名单；"
            f"{'全校' if whole else '这些班'}还有{number}名{who}学生没有写到，不逐个问，不作改动。"
        )
    elif scope.get("whole") and number:
        only += "这份名单也写了没有父母外出的学生，按全班核对。"
    if others := scope.get("others"):
        only += f"只核对系统里有父母外出的学生；{'' if whole else '这些班'}另有{others}名没有父母外出的学生也没写到，不核对。"
    return {
        "absent_open": 0 if scope["partial"] else number - decided,
        "absent_only": only,
        "absent_partial": scope["partial"],
    }


def _leaving(batch: ImportBatch) -> str:
    """The changes that confirming registers for children who are not in the file, in words."""
    counted = Counter(decision for decision in leavers.decisions(batch).values() if decision.writes)
    return "、".join(f"{decision.label} {number} 人" for decision, number in counted.items())


def _open_columns(questions: list[dict[str, Any]]) -> str:
    """What an unanswered question about a column, a sheet or the file means for this import; empty if none is open."""
    still_open = [question for question in questions if not question["answer"]]
    if any(question.get("waits", True) for question in still_open):
        return "还有关于整列的问题没有回答，有关的学生暂不导入。"
    return "还有关于整列的问题没有回答，有关的内容先不导入，学生照常导入。" if still_open else ""


def row_questions(kept: Kept, number: int) -> list[dict[str, Any]]:
    """The first open questions about single rows: of the file itself, then of whose row it is."""
    asked = kept.questions()[:number]
    return [*asked, *map(whose_row, kept.rows(Status.DECIDE)[: number - len(asked)])]


def whose_row(row: dict[str, Any]) -> dict[str, Any]:
    """The question of a planned row that a person must decide about; nobody is chosen beforehand."""
    sentence = f"第{row['row']}行 {row['name']}：{row['message']}"
    return {"key": row["key"], "sentence": sentence, "choices": row["choices"], "default": "", "answer": ""}


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers to questions about rows; the file is checked again."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    kept = Kept(batch, json.loads(batch.result))
    form = QuestionsForm(request.POST, questions=row_questions(kept, QUESTIONS_AT_ONCE))
    if form.is_valid() and form.answers():
        batches.answer(batch, answers=form.answers())
        messages.success(request, f"已保存 {len(form.answers())} 个回答，并重新核对。")
        return check_again(request, batch)
    messages.warning(request, "没有选择任何回答。")
    return redirect("children:import_preview", batch.pk)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_leavers(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of children who are not in the file; carried out when the import is confirmed."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    said = {
        child: value
        for name, value in request.POST.items()
        if name.startswith("child-") and (child := number(name.removeprefix("child-"))) is not None
    }
    if rest := request.POST.get("rest", ""):
        said = {child: value or rest for child, value in said.items()}
    try:
        leavers.decide(batch, said)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        registered = sum(decision.writes for decision in leavers.decisions(batch).values())
        told = f"确认导入时将为 {registered} 名学生办理变动。" if registered else "没有要办理的变动。"
        messages.success(request, f"已保存。{told}")
    query = urlencode({name: request.POST[name] for name in ("q", "page") if request.POST.get(name)})
    return redirect(reverse("children:import_preview", args=[batch.pk]) + f"?show=absent&{query}".rstrip("&") + "#rows")

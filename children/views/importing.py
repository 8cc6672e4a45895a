"""The import wizard: choose a file, check the columns, look at what would change, confirm, see what was done."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.jobs.services import enqueue
from caretrack.schools.models import School
from caretrack.web.components import Tab
from caretrack.web.lists import FormPage
from children.forms.importing import ColumnsForm, QuestionsForm, UploadForm
from children.importing import batches
from children.importing.body import SKIP_REASONS
from children.importing.findings import Level
from children.importing.guard import Refused
from children.importing.outcomes import Status
from children.importing.resource import PlanStale
from children.jobs import CHECK, WRITE
from children.models import ImportBatch

STEPS = ["选择文件", "核对列名", "预览", "完成"]
PER_PAGE = 50
State = ImportBatch.State
CRUMBS = [("学生", reverse_lazy("children:child_list")), ("导入花名册", reverse_lazy("children:roster_import"))]


def schools_of(request: HttpRequest) -> list[School]:
    """The schools whose register the person keeps."""
    return request.user.schools_as(Role.REGISTRAR)  # type: ignore[union-attr]


def own_batches(request: HttpRequest) -> QuerySet[ImportBatch]:
    """Imports of the schools whose register the person keeps; others do not exist for them."""
    return ImportBatch.objects.filter(school__in=schools_of(request)).select_related("school", "uploaded_by")


def batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    """One import of an own school, else 404."""
    return get_object_or_404(own_batches(request), pk=pk)


@allows(Act.ROSTER_IMPORT)
class RosterImport(FormPage):
    """The first step, with the template to download and the imports of the past."""

    template_name = "children/import_upload.html"
    form_class = UploadForm
    heading = "导入花名册"
    lead = "把学校、乡镇已有的 Excel 名册直接导入；先核对、再确认，确认前不会改动任何学生信息。"
    crumbs = (("学生", "children:child_list"),)
    keeps_draft = False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "schools": schools_of(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        past = own_batches(self.request).exclude(state=State.DROPPED)[:20]
        return super().get_context_data(**{"step_labels": STEPS, "batches": past, **kwargs})

    def save(self, form: Any) -> ImportBatch:
        """Keep and check the file; a refusal leaves nothing behind."""
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            batch = batches.take_file(
                school=form.cleaned_data["school"],
                by=self.request.user,  # type: ignore[arg-type]
                name=file.name or "",
                content=content,
                on=timezone.localdate(),
            )
        except Refused as refused:
            raise ValidationError({"file": str(refused)}) from refused
        note(self.request, Event.IMPORT, detail=f"batch {batch.pk} uploaded")
        if batches.needs_background(content):
            batch.state = State.CHECKING
            batch.save(update_fields=["state"])
            return batch
        try:
            batches.check(batch, self.request.user)  # type: ignore[arg-type]
        except Refused as refused:
            batch.delete()
            raise ValidationError({"file": str(refused)}) from refused
        return batch

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            batch = self.save(form)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        if batch.state == State.CHECKING:
            return _in_background(self.request, CHECK, batch)
        return redirect("children:import_columns", batch.pk)


@allows(Act.ROSTER_IMPORT)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """The second step: what every column was taken for, dates, questions about columns and sheets."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    overview = json.loads(batch.result)
    form = ColumnsForm(
        request.POST or None,
        headers=overview["headers"],
        questions=[question for question in overview["questions"] if not _about_row(question)],
        initial=_dates(batch),
    )
    if request.method == "POST" and form.is_valid():
        try:
            batches.answer(
                batch,
                mapping=form.mapping(),
                answers=form.answers(),
                on=form.cleaned_data["on"],
                entry_on=form.cleaned_data["entry_on"],
                entry_kind=form.cleaned_data["entry_kind"],
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _check_again(request, batch, int(batch.counts.get("rows", 0)))
    context = {
        "batch": batch,
        "form": form,
        "steps": STEPS,
        "tables": _tables(overview, form),
        "question_fields": [form[name] for name in form.keys],
        "crumbs": CRUMBS,
    }
    return render(request, "children/import_columns.html", context, status=422 if form.errors else 200)


def _about_row(question: dict[str, Any]) -> bool:
    return question["row"] is not None and question["what"] not in ("class_unknown", "class_from_title")


def _dates(batch: ImportBatch) -> dict[str, Any]:
    on = batch.cut_off or timezone.localdate()
    terms = batches.terms_of(batch.school, None, on, batch.answers)
    return {"on": on, "entry_on": terms.entry_on, "entry_kind": terms.entry_kind}


def _tables(overview: dict[str, Any], form: ColumnsForm) -> list[dict[str, Any]]:
    """One table a sheet: its place, its title facts, its columns with their select boxes."""
    tables = []
    for number, header in enumerate(overview["headers"]):
        rows = [
            {"column": column, "field": form[f"c{number}-{column['index']}"], "sure": _sure(column)}
            for column in header["columns"]
        ]
        tables.append({"header": header, "rows": rows, "unknown": sum(not row["column"]["field"] for row in rows)})
    return tables


def _sure(column: dict[str, Any]) -> tuple[str, str]:
    """Tone and words for how certain a recognition is."""
    if not column["field"]:
        return "warn", "没认出"
    return ("good", "确定") if column["confidence"] >= 1 else ("info", "推测")


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The third step: what would be new, changed and left out, every fault with its place, questions about rows."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    note(request, Event.VIEW, detail=f"import batch {batch.pk}")
    shown = request.GET.get("show", "faults")
    context = {
        "batch": batch,
        "steps": STEPS,
        "crumbs": CRUMBS,
        "token": batches.plan_token(batch),
        "counts": batch.counts,
        "will_write": batch.counts.get("new", 0) + batch.counts.get("changed", 0),
        "left_out": sum(batch.counts.get(status, 0) for status in ("decide", "waiting", "rejected")),
        "new_classes": overview["new_classes"],
        "mentors": overview["mentors"],
        "totals": overview["totals"],
        "questions": QuestionsForm(questions=row_questions(overview, plan)),
        "column_questions_open": sum(
            not question["answer"] for question in overview["questions"] if not _about_row(question)
        ),
        "tabs": _tabs(overview, plan, shown),
        "shown": shown,
        **_shown(request, overview, plan, shown),
    }
    return render(request, "children/import_preview.html", context)


def row_questions(overview: dict[str, Any], plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open questions about single rows: of the file itself, and of whose row it is."""
    asked = [question for question in overview["questions"] if _about_row(question) and not question["answer"]]
    for row in plan:
        if row["status"] == Status.DECIDE:
            sentence = f"第{row['row']}行 {row['name']}：{row['message']}"
            asked.append(
                {"key": row["key"], "sentence": sentence, "choices": row["choices"], "default": "", "answer": ""}
            )
    return asked


def _tabs(overview: dict[str, Any], plan: list[dict[str, Any]], shown: str) -> list[Tab]:
    faults = sum(count for level, count in overview["levels"].items() if level != Level.FIXED)
    tabs = [Tab("问题清单", "?show=faults#rows", shown == "faults", faults)]
    for status in Status:
        count = sum(row["status"] == status for row in plan)
        if count:
            tabs.append(Tab(status.heading, f"?show={status.value}#rows", shown == status.value, count))
    for name, label in (("skipped", "跳过的行"), ("absent", "名册里没有")):
        if overview[name]:
            tabs.append(Tab(label, f"?show={name}#rows", shown == name, len(overview[name])))
    return tabs


def _shown(request: HttpRequest, overview: dict[str, Any], plan: list[dict[str, Any]], shown: str) -> dict[str, Any]:
    """The content of the chosen tab."""
    several = len(overview["headers"]) > 1
    if shown == "faults":
        found = overview["findings"]
        groups = [
            (level, level.heading, [fault for fault in found if fault["level"] == level])
            for level in (Level.ERROR, Level.QUESTION, Level.WARNING, Level.FIXED)
        ]
        return {"groups": [group for group in groups if group[2]], "several_sheets": several}
    if shown == "skipped":
        rows = [{**row, "words": SKIP_REASONS.get(row["why"], "隐藏的行")} for row in overview["skipped"]]
    elif shown == "absent":
        rows = overview["absent"]
    else:
        rows = [row for row in plan if row["status"] == shown]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "several_sheets": several}


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
        return _check_again(request, batch, int(batch.counts.get("rows", 0)))
    messages.warning(request, "没有选择任何回答。")
    return redirect("children:import_preview", batch.pk)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the plan that was looked at. A second press leads to the result of the first."""
    batch = batch_or_404(request, pk)
    token = request.POST.get("token", "")
    if batch.state not in (State.PLANNED, State.WRITING, State.DONE):
        return elsewhere(request, batch)
    if batch.state == State.PLANNED and batch.counts.get("rows", 0) > batches.BACKGROUND_ROWS:
        return _in_background(request, WRITE, batch, token=token)
    try:
        batches.confirm(batch, by=request.user, token=token)  # type: ignore[arg-type]
    except batches.AlreadyDone:
        messages.info(request, "这次导入已经完成，没有重复导入。")
        return redirect("children:import_done", batch.pk)
    except PlanStale:
        messages.warning(request, batches.STALE)
        return _check_again(request, batch, int(batch.counts.get("rows", 0)))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:roster_import")
    note(request, Event.IMPORT, detail=f"batch {batch.pk} confirmed")
    return redirect("children:import_done", batch.pk)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an import up; nothing was written."""
    batch = batch_or_404(request, pk)
    try:
        batches.drop(batch)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return elsewhere(request, batch)
    messages.info(request, f"已放弃导入“{batch.file_name}”，没有改动任何学生信息。")
    return redirect("children:roster_import")


def _check_again(request: HttpRequest, batch: ImportBatch, rows: int) -> HttpResponse:
    if rows > batches.BACKGROUND_ROWS:
        batch.state = State.CHECKING
        batch.save(update_fields=["state"])
        return _in_background(request, CHECK, batch)
    try:
        batches.check(batch, request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:roster_import")
    return redirect("children:import_preview", batch.pk)


def _in_background(request: HttpRequest, kind: str, batch: ImportBatch, **params: str) -> HttpResponse:
    job = enqueue(kind, request.user, {"batch": batch.pk, **params})  # type: ignore[arg-type]
    return redirect("jobs:job_show", job.pk)


def elsewhere(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The page that fits the batch's state, with a word about it."""
    if batch.state == State.PLANNED:
        return redirect("children:import_preview", batch.pk)
    if batch.state in (State.DONE, State.UNDONE):
        return redirect("children:import_done", batch.pk)
    if batch.state in (State.CHECKING, State.WRITING):
        messages.info(request, f"“{batch.file_name}”正在后台处理，完成后会显示在这里。")
    else:
        messages.error(request, batch.message or "这次导入已经结束。")
    return redirect("children:roster_import")

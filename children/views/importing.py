"""The import wizard: choose a file, check the columns, look at what would change, confirm, see what was done."""

import json
from collections.abc import Container
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.jobs.services import enqueue
from caretrack.schools.models import School
from caretrack.web.lists import FormPage
from children.forms.importing import ColumnsForm, UploadForm
from children.importing import batches, circumstances, memory, mending, storage
from children.importing.guard import Refused
from children.importing.overview import is_about_row
from children.importing.resource import PlanStale
from children.jobs import CHECK, WRITE, live_job
from children.models import ColumnMapping, ImportBatch

STEPS = ["选择文件", "核对列名", "预览", "完成"]
State = ImportBatch.State
PAST_SHOWN = 20
WAITING = (State.CHECKING, State.WRITING)
CRUMBS = [("学生", reverse_lazy("children:child_list")), ("导入花名册", reverse_lazy("children:roster_import"))]


def schools_of(request: HttpRequest) -> list[School]:
    """The schools whose register the person keeps."""
    return request.user.schools_as(Role.REGISTRAR)  # type: ignore[union-attr]


def own_batches(request: HttpRequest) -> QuerySet[ImportBatch]:
    """Imports of the schools whose register the person keeps; others do not exist for them."""
    rosters = ImportBatch.objects.filter(kind=ImportBatch.ROSTER, school__in=schools_of(request))
    return rosters.select_related("school", "uploaded_by")


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
        past = own_batches(self.request).exclude(state=State.DROPPED).defer("result", "mends", "answers")
        page = Paginator(past, PAST_SHOWN).get_page(self.request.GET.get("page"))
        rows = [
            {
                "batch": batch,
                "job": live_job(batch) if batch.state in WAITING else None,
                "new": batch.counts.get("new", 0),
                "changed": batch.counts.get("changed", 0),
            }
            for batch in page
        ]
        return super().get_context_data(**{"step_labels": STEPS, "page": page, "rows": rows, **kwargs})

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
        return redirect(next_step(batch), batch.pk)


@allows(Act.ROSTER_IMPORT)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """The second step: what every column was taken for, dates, questions about columns and sheets."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready or live_job(batch):
        return elsewhere(request, batch)
    overview = json.loads(batch.result)
    form = ColumnsForm(
        request.POST or None,
        headers=overview["headers"],
        every_field="all" in request.GET,
        questions=[question for question in overview["questions"] if not is_about_row(question)],
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
                reason=form.cleaned_data.get("reason", ""),
            )
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            memory.remember(batch, overview, request.user)  # type: ignore[arg-type]
            if form.cleaned_data.get("reason"):
                note(request, Event.IMPORT, detail=f"batch {batch.pk} sensitive columns taken")
            return check_again(request, batch)
    context = {
        "batch": batch,
        "form": form,
        "steps": STEPS,
        "tables": _tables(batch, overview, form),
        "question_fields": [form[name] for name in form.keys],
        "recalled": ColumnMapping.objects.filter(pk__in=batch.answers.get("recalled", {}).values()).first(),
        "crumbs": CRUMBS,
        "every_field": "all" in request.GET,
    }
    return render(request, "children/import_columns.html", context, status=422 if form.errors else 200)


def next_step(batch: ImportBatch) -> str:
    """The page after the first check: the columns, or the preview at once where the header is known."""
    settled = memory.is_settled(batch, json.loads(batch.result))
    return "children:import_preview" if settled else "children:import_columns"


def _dates(batch: ImportBatch) -> dict[str, Any]:
    on = batch.cut_off or timezone.localdate()
    terms = circumstances.terms_of(batch.school, None, on, batch.answers)
    return {"on": on, "entry_on": terms.entry_on, "entry_kind": terms.entry_kind}


def _tables(batch: ImportBatch, overview: dict[str, Any], form: ColumnsForm) -> list[dict[str, Any]]:
    """One table a sheet: its place, its title facts, its columns with their select boxes."""
    tables = []
    for number, header in enumerate(overview["headers"]):
        by_hand = batch.answers.get("mapping", {}).get(header["sheet"] or "", {})
        rows = [
            {"column": column, "field": form[f"c{number}-{column['index']}"], "sure": _sure(column, by_hand)}
            for column in header["columns"]
        ]
        tables.append({"header": header, "rows": rows, "unknown": sum(_is_unknown(row["column"]) for row in rows)})
    return tables


def _is_unknown(column: dict[str, Any]) -> bool:
    return not column["field"] and column["confidence"] < 1


def _sure(column: dict[str, Any], by_hand: Container[str]) -> tuple[str, str]:
    """Tone and words for how certain a recognition is."""
    if str(column["index"]) in by_hand:
        return "good", "人工指定"
    if _is_unknown(column):
        return "warn", "没认出"
    return ("good", "确定") if column["confidence"] >= 1 else ("info", "推测，请核对")


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the plan that was looked at. A second press leads to the result of the first."""
    batch = batch_or_404(request, pk)
    token = request.POST.get("token", "")
    if batch.is_outdated or batch.state not in (State.PLANNED, State.WRITING, State.DONE) or live_job(batch):
        return elsewhere(request, batch)
    if batch.state == State.PLANNED and mending.unchecked(batch, json.loads(batch.result)):
        messages.warning(request, "改动还没有核对，已重新核对，请看过预览再确认。")
        return check_again(request, batch)
    if batch.state == State.PLANNED and memory.has_doubled_columns(json.loads(batch.result)):
        messages.warning(request, "有两列认作同一项，请先选定用哪一列，再导入。")
        return redirect("children:import_columns", batch.pk)
    if batch.state == State.PLANNED and batches.is_large(batch):
        return _in_background(request, WRITE, batch, token=token)
    try:
        batches.confirm(batch, by=request.user, token=token)  # type: ignore[arg-type]
    except batches.AlreadyDone:
        messages.info(request, "这次导入已经完成，没有重复导入。")
        return redirect("children:import_done", batch.pk)
    except PlanStale as stale:
        messages.warning(request, batches.stale_sentence(stale))
        return check_again(request, batch)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:roster_import")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("children:import_preview", batch.pk)
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


def check_again(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Check a batch once more, a large one in the background, and show the preview."""
    if batches.is_large(batch):
        batch.state = State.CHECKING
        batch.save(update_fields=["state"])
        return _in_background(request, CHECK, batch)
    try:
        check_now(request, batch)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:roster_import")
    return redirect("children:import_preview", batch.pk)


def check_now(request: HttpRequest, batch: ImportBatch) -> None:
    """Check a batch within the request. Raises Refused when no roster is left in the file."""
    batches.check(batch, request.user)  # type: ignore[arg-type]


def _in_background(request: HttpRequest, kind: str, batch: ImportBatch, **params: str) -> HttpResponse:
    job = enqueue(kind, request.user, {"batch": batch.pk, **params})  # type: ignore[arg-type]
    return redirect("jobs:job_show", job.pk)


def outdated(request: HttpRequest, batch: ImportBatch, pages: str, crumbs: list[Any]) -> HttpResponse:
    """In place of any page of a file that an earlier edition has checked: why it is not shown, and the check again."""
    addresses = {name: reverse(f"children:{pages}_{name}", args=[batch.pk]) for name in ("recheck", "drop")}
    context = {"batch": batch, "crumbs": crumbs, "kept_file": storage.is_kept(batch.stored), **addresses}
    return render(request, "children/import_outdated.html", context)


def elsewhere(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The page that fits the batch's state, with a word about it: the running work, the preview or the result."""
    running = live_job(batch)
    if running is not None and running.started_by_id == request.user.pk:
        return redirect("jobs:job_show", running.pk)
    if batch.state in (State.DONE, State.UNDONE):
        return redirect("children:import_done", batch.pk)
    if running is not None:
        messages.info(request, f"“{batch.file_name}”由{running.started_by}提交，正在后台处理，完成后会显示在这里。")
    elif batch.is_outdated:
        return outdated(request, batch, "import", CRUMBS)
    elif batch.state == State.PLANNED:
        return redirect("children:import_preview", batch.pk)
    elif batch.state in WAITING:
        messages.warning(request, f"“{batch.file_name}”的处理中断了，没有导入任何内容，请点“重新核对”。")
    else:
        messages.error(request, batch.message or "这次导入已经结束。")
    return redirect("children:roster_import")

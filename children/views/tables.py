"""Importing lists other than the roster: what there is, the file, its columns, the preview, questions about rows."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import SCHOOL_ROLES, Act, Role
from caretrack.downloads import xlsx_response
from caretrack.jobs.services import enqueue
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.forms.importing import QuestionsForm
from children.forms.tables import TableColumnsForm, TableUploadForm
from children.importing.batches import is_large, needs_background, plan_token
from children.importing.guard import Refused
from children.importing.keeping import FaultyRows, Kept, Lines
from children.importing.mending import unchecked
from children.importing.outcomes import Status
from children.models import ImportBatch
from children.tables import batches
from children.tables.jobs import CHECK
from children.tables.kinds import TableKind, kind_called, kinds_for
from children.tables.template import template_workbook
from children.views.import_preview import QUESTIONS_AT_ONCE, whose_row
from children.views.import_rows import shown_rows
from children.views.importing import outdated

STEPS = ["选择文件", "预览", "完成"]
State = ImportBatch.State
TITLES = {
    Status.NEW: "新登记",
    Status.CHANGED: "有变化",
    Status.SAME: "已有，不变",
    Status.DECIDE: "请您确认",
    Status.WAITING: "这次不导入",
    Status.REJECTED: "有错误",
}


def kind_or_404(request: HttpRequest, slug: str) -> TableKind:
    """The kind of list, else 404. Raises PermissionDenied with the reason if it is not for this person."""
    try:
        kind = kind_called(slug)
    except LookupError as error:
        raise Http404 from error
    if not kind.may(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(kind.refusal())
    return kind


def own_batches(request: HttpRequest) -> QuerySet[ImportBatch]:
    """
    The imports of lists that this person may look at: the own ones, and those of the schools that a post at the whole
    school gives; of each kind only while the person may import it.
    """
    staff: Any = request.user
    seen = Q(pk__in=[])
    for kind in kinds_for(staff):
        own = Q(uploaded_by=staff, school__in=kind.schools(staff))
        whole = staff.schools_as(*(kind.roles & (SCHOOL_ROLES | {Role.SYSADMIN}))) if _school_wide(staff, kind) else []
        seen |= Q(kind=kind.slug) & (own | Q(school__in=whole))
    return ImportBatch.objects.filter(seen).select_related("school", "uploaded_by")


def _school_wide(staff: Any, kind: TableKind) -> bool:
    return not staff.roles().isdisjoint(kind.roles & (SCHOOL_ROLES | {Role.SYSADMIN}))


def batch_or_404(request: HttpRequest, pk: int) -> tuple[ImportBatch, TableKind]:
    """One import that this person may look at, with its kind; else 404."""
    batch = get_object_or_404(own_batches(request), pk=pk)
    return batch, kind_called(batch.kind)


def crumbs(kind: TableKind) -> list[Crumb]:
    """The way to the pages of one import."""
    return [
        Crumb("导入其他表格", reverse("children:table_list")),
        Crumb(kind.title, reverse("children:table_import", args=[kind.slug])),
    ]


@require_safe
@allows(Act.TABLE_IMPORT)
def table_list(request: HttpRequest) -> HttpResponse:
    """Every kind of list that this person may import, with its template, and what was imported before."""
    staff: Any = request.user
    kinds = kinds_for(staff)
    past = [(batch, kind_called(batch.kind)) for batch in own_batches(request).exclude(state=State.DROPPED)[:20]]
    return render(request, "children/table_list.html", {"kinds": kinds, "past": past})


@allows(Act.TABLE_IMPORT)
class TableImport(FormPage):
    """The first step: the file and what is said beside it."""

    template_name = "children/table_upload.html"
    form_class = TableUploadForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.kind = kind_or_404(request, kwargs["kind"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"导入{self.kind.title}"

    def get_lead(self) -> str:
        return self.kind.lead

    def get_crumbs(self) -> list[Crumb]:
        return crumbs(self.kind)[:1]

    def get_form_kwargs(self) -> dict[str, Any]:
        given = {"kind": self.kind, "schools": self.kind.schools(self.request.user), "today": timezone.localdate()}  # type: ignore[arg-type]
        return super().get_form_kwargs() | given

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        past = own_batches(self.request).filter(kind=self.kind.slug).exclude(state=State.DROPPED)[:10]
        given = {"kind": self.kind, "step_labels": STEPS, "past": [(batch, self.kind) for batch in past]}
        return super().get_context_data(**{**given, **kwargs})

    def save(self, form: Any) -> ImportBatch:
        """Keep and check the file; a refusal leaves nothing behind."""
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            batch = batches.take_file(
                kind=self.kind,
                school=form.cleaned_data["school"],
                by=self.request.user,  # type: ignore[arg-type]
                name=file.name or "",
                content=content,
                on=timezone.localdate(),
                options=form.options(),
            )
            self.waits = needs_background(content)
            if not self.waits:
                batches.check(batch, self.request.user)  # type: ignore[arg-type]
        except Refused as refused:
            raise ValidationError({"file": str(refused)}) from refused
        note(self.request, Event.IMPORT, detail=f"{self.kind.slug} batch {batch.pk} uploaded")
        return batch

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                batch = self.save(form)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        return in_background(self.request, CHECK, batch) if self.waits else redirect("children:table_preview", batch.pk)


@require_safe
@allows(Act.TABLE_IMPORT)
def table_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The workbook to fill in, titled for the person's school."""
    found = kind_or_404(request, kind)
    schools = found.schools(request.user)  # type: ignore[arg-type]
    book = template_workbook(found, schools[0].name if schools else "")
    return xlsx_response(book, f"{found.title}模板.xlsx")


@allows(Act.TABLE_IMPORT)
class TableColumns(FormPage):
    """Which column is which, when the list's own titles do not say so."""

    template_name = "children/table_columns.html"
    form_class = TableColumnsForm
    heading = "核对列名"
    lead = "请为每个项目选出表里的那一列；下次遇到同样的表头会自动照此处理。"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.batch, self.kind = batch_or_404(request, kwargs["pk"])
        if not self.batch.is_ready:
            return elsewhere(request, self.batch)
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return crumbs(self.kind)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"kind": self.kind, "headers": json.loads(self.batch.result)["headers"]}

    def get_cancel_url(self) -> str:
        return reverse("children:table_import", args=[self.kind.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        missing = json.loads(self.batch.result)["missing"]
        return super().get_context_data(
            **{"step_labels": STEPS, "batch": self.batch, "missing": bool(missing), **kwargs}
        )

    def save(self, form: Any) -> ImportBatch:
        for sheet, columns in form.mapping().items():
            batches.map_columns(self.batch, sheet, columns, by=self.request.user)  # type: ignore[arg-type]
        return self.batch

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.save(form)
        except (ValidationError, Refused) as refusal:
            form.add_refusal(refusal if isinstance(refusal, ValidationError) else ValidationError(str(refusal)))
            return self.form_invalid(form)
        return check_again(self.request, self.batch)


@require_safe
@allows(Act.TABLE_IMPORT)
def table_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The second step: what would be new, changed and left out, every fault with its place, whose row is whose."""
    batch, kind = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    overview = json.loads(batch.result)
    if overview["missing"]:
        return redirect("children:table_columns", batch.pk)
    note(request, Event.VIEW, detail=f"{kind.slug} batch {batch.pk}")
    asked = Kept(batch, overview).rows(Status.DECIDE)
    context = {
        "batch": batch,
        "kind": kind,
        "steps": STEPS,
        "crumbs": crumbs(kind),
        "token": plan_token(batch),
        "counts": batch.counts,
        "will_write": batch.counts.get("new", 0) + batch.counts.get("changed", 0),
        "left_out": batch.not_imported,
        "questions": QuestionsForm(questions=[whose_row(row) for row in asked[:QUESTIONS_AT_ONCE]]),
        "questions_later": max(0, len(asked) - QUESTIONS_AT_ONCE),
        "only_ones": len(_only_ones(asked)),
        "has_columns": any(header["columns"] for header in overview["headers"]),
        "first_faulty": FaultyRows(overview).first,
        "unchecked": unchecked(batch, overview),
        **shown_rows(request, batch, overview, "faults", TITLES, "table", kind.place_title),
    }
    return render(request, "children/table_preview.html", context)


def _only_ones(asked: Lines) -> dict[str, str]:
    """The answer to each open question that has one candidate only: it is that pupil."""
    return {row["key"]: row["choices"][0][0] for row in asked if len(row["choices"]) == 2}


@require_POST
@allows(Act.TABLE_IMPORT)
def table_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers to whose row it is; the file is checked again."""
    batch, _ = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    asked = Kept(batch, json.loads(batch.result)).rows(Status.DECIDE)
    form = QuestionsForm(request.POST, questions=[whose_row(row) for row in asked[:QUESTIONS_AT_ONCE]])
    answers = {**(_only_ones(asked) if "only" in request.POST else {}), **(form.answers() if form.is_valid() else {})}
    if answers:
        batches.answer(batch, answers)
        messages.success(request, f"已保存 {len(answers)} 个回答，并重新核对。")
        return check_again(request, batch)
    messages.warning(request, "没有选择任何回答。")
    return redirect("children:table_preview", batch.pk)


def check_again(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Plan the batch anew and show the preview; a long file in the background."""
    if is_large(batch):
        return in_background(request, CHECK, batch)
    try:
        batches.check(batch, request.user)  # type: ignore[arg-type]
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:table_import", batch.kind)
    return redirect("children:table_preview", batch.pk)


def in_background(request: HttpRequest, job: str, batch: ImportBatch, **params: str) -> HttpResponse:
    """Let the worker do it and show the progress."""
    if job == CHECK:
        batch.state = State.CHECKING
        batch.save(update_fields=["state"])
    started = enqueue(job, request.user, {"batch": batch.pk, **params})  # type: ignore[arg-type]
    return redirect("jobs:job_show", started.pk)


def elsewhere(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """The page that fits the batch's state, with a word about it."""
    if batch.is_outdated:
        return outdated(request, batch, "table", crumbs(kind_called(batch.kind)))
    if batch.state == State.PLANNED:
        return redirect("children:table_preview", batch.pk)
    if batch.state in (State.DONE, State.UNDONE):
        return redirect("children:table_done", batch.pk)
    if batch.state in (State.CHECKING, State.WRITING):
        messages.info(request, f"“{batch.file_name}”正在后台处理，完成后会显示在这里。")
    else:
        messages.error(request, batch.message or "这次导入已经结束。")
    return redirect("children:table_import", batch.kind)

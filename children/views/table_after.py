"""After the preview of a list: confirm, give up, the result, rows to be mended, the undo."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from children.importing import storage
from children.importing.batches import AlreadyDone, drop, is_large, may_undo
from children.importing.guard import Refused
from children.importing.keeping import Kept
from children.importing.mending import unchecked
from children.importing.outcomes import Status
from children.models import ImportBatch
from children.tables import batches
from children.tables.jobs import LEFT_OUT, WRITE, left_out_name
from children.tables.slips import issue_slips, waiting_for_slip
from children.tables.staff import StaffTable
from children.views.import_rows import PER_PAGE
from children.views.left_out import left_out_rows
from children.views.tables import (
    STEPS,
    batch_or_404,
    check_again,
    crumbs,
    elsewhere,
    in_background,
)

State = ImportBatch.State


@require_POST
@allows(Act.TABLE_IMPORT)
def table_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the plan that was looked at. A second press leads to the result of the first."""
    batch, kind = batch_or_404(request, pk)
    token = request.POST.get("token", "")
    if batch.is_outdated or batch.state not in (State.PLANNED, State.WRITING, State.DONE):
        return elsewhere(request, batch)
    if batch.state == State.PLANNED and unchecked(batch, json.loads(batch.result)):
        messages.warning(request, "改动还没有核对，已重新核对，请看过预览再确认。")
        return check_again(request, batch)
    if batch.state == State.PLANNED and is_large(batch):
        return in_background(request, WRITE, batch, token=token)
    try:
        batches.confirm(batch, by=request.user, token=token)  # type: ignore[arg-type]
    except AlreadyDone:
        messages.info(request, "这次导入已经完成，没有重复导入。")
        return redirect("children:table_done", batch.pk)
    except batches.PlanMoved:
        messages.warning(request, batches.STALE)
        return check_again(request, batch)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("children:table_import", kind.slug)
    note(request, Event.IMPORT, detail=f"{kind.slug} batch {batch.pk} confirmed")
    return redirect("children:table_done", batch.pk)


@require_POST
@allows(Act.TABLE_IMPORT)
def table_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an import up; nothing was written."""
    batch, kind = batch_or_404(request, pk)
    try:
        drop(batch)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return elsewhere(request, batch)
    messages.info(request, f"已放弃导入“{batch.file_name}”，没有改动任何内容。")
    return redirect("children:table_import", kind.slug)


@require_safe
@allows(Act.TABLE_IMPORT)
def table_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The last step: what was written, what was left out, the ways on."""
    batch, kind = batch_or_404(request, pk)
    if batch.state not in (State.DONE, State.UNDONE):
        return elsewhere(request, batch)
    note(request, Event.VIEW, detail=f"{kind.slug} batch {batch.pk} result")
    overview = json.loads(batch.result or "{}")
    written = Kept(batch, overview).rows(*(status for status in Status if status.writes))
    context = {
        "batch": batch,
        "kind": kind,
        "steps": STEPS,
        "crumbs": crumbs(kind),
        "counts": batch.counts,
        "left_out": batch.not_imported,
        "page": Paginator(written, PER_PAGE).get_page(request.GET.get("page")),
        "file_kept": storage.is_kept(batch.stored) and bool(batch.result),
        "may_undo": may_undo(batch) and any(batch.counts.get(status.value) for status in Status if status.writes),
        "slips": len(waiting_for_slip(batch, request.user)) if kind.slug == StaffTable.slug else 0,  # type: ignore[arg-type]
        "spared": overview.get("spared", []),
    }
    return render(request, "children/table_done.html", context)


@require_POST
@allows(Act.TABLE_IMPORT)
def table_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, sparing and naming what was edited since."""
    batch, kind = batch_or_404(request, pk)
    if batch.state not in (State.DONE, State.UNDONE):
        return elsewhere(request, batch)
    try:
        number, _ = batches.undo(batch, by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        note(request, Event.IMPORT, detail=f"{kind.slug} batch {batch.pk} undone")
        messages.success(request, f"已撤销 {number} 行的导入内容。")
    return redirect("children:table_done", batch.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.TABLE_IMPORT)
def table_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that were not imported, as a workbook to be mended and uploaded again."""
    batch, kind = batch_or_404(request, pk)
    if batch.is_outdated:
        return elsewhere(request, batch)
    home = reverse("children:table_import", args=[kind.slug])
    return left_out_rows(request, batch, job=LEFT_OUT, name=left_out_name(kind), home=home, crumbs=crumbs(kind))


@require_POST
@allows(Act.TABLE_IMPORT)
def table_slips(request: HttpRequest, pk: int) -> HttpResponse:
    """First-password slips for the accounts just imported, on paper and nowhere else."""
    batch, _ = batch_or_404(request, pk)
    try:
        slips = issue_slips(batch, by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return elsewhere(request, batch)
    for slip in slips:
        note(request, Event.ADMIN, detail=f"批量出登录条 {slip.staff.pk}")
    address = request.build_absolute_uri("/")
    context = {"slips": slips, "school": batch.school.name, "address": address, "imprint": ""}
    pdf = render_pdf("print/slips.html", context, title="首次登录条", stylesheets=(PRINT_SHEET, "print/slips.css"))
    return pdf_response(pdf, f"{batch.school.label}首次登录条.pdf")

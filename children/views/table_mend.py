"""Mending a list of another kind in the page, with the machinery of the rosters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from children.models import ImportBatch
from children.tables import batches
from children.tables.kinds import TableKind
from children.views.mending_desk import Desk, leave_page, row_page
from children.views.tables import batch_or_404, check_again, crumbs, elsewhere

State = ImportBatch.State


def table_desk(request: HttpRequest, batch: ImportBatch, kind: TableKind) -> Desk:
    """The pages on which the rows of a list are mended."""
    return Desk(
        batch,
        "table",
        reverse("children:table_import", args=[kind.slug]),
        crumbs(kind),
        lambda: batches.check(batch, request.user),  # type: ignore[arg-type]
        lambda: check_again(request, batch),
    )


@allows(Act.TABLE_IMPORT)
def table_row(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """One row of the list with what is wrong, to be corrected."""
    batch, kind = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    return row_page(request, table_desk(request, batch, kind), sheet, row)


@require_POST
@allows(Act.TABLE_IMPORT)
def table_leave(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """Leave a row out of the import, or take it in again."""
    batch, kind = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    return leave_page(request, table_desk(request, batch, kind), sheet, row)


@require_POST
@allows(Act.TABLE_IMPORT)
def table_recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a long list again after rows were corrected."""
    batch, _ = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        messages.info(request, "这份名单现在不能重新核对。")
        return redirect("children:table_import", batch.kind)
    return check_again(request, batch)

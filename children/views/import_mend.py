"""Mending a roster in the page: one row with its faults, its cells to correct, the way on to the next faulty row."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from children.jobs import live_job
from children.models import ImportBatch
from children.views.importing import CRUMBS, WAITING, batch_or_404, check_again, check_now, elsewhere
from children.views.mending_desk import Desk, leave_page, row_page

State = ImportBatch.State


def roster_desk(request: HttpRequest, batch: ImportBatch) -> Desk:
    """The pages on which a roster's rows are mended."""
    return Desk(
        batch,
        "import",
        reverse("children:roster_import"),
        CRUMBS,
        lambda: check_now(request, batch),
        lambda: check_again(request, batch),
    )


@allows(Act.ROSTER_IMPORT)
def import_row(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """One row of the file with what is wrong, to be corrected."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    return row_page(request, roster_desk(request, batch), sheet, row)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_leave(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """Leave a row out of the import, or take it in again."""
    batch = batch_or_404(request, pk)
    if not batch.is_ready:
        return elsewhere(request, batch)
    return leave_page(request, roster_desk(request, batch), sheet, row)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a large file again after rows were corrected, or any file whose check was cut off."""
    batch = batch_or_404(request, pk)
    if batch.state not in (State.PLANNED, *WAITING) or live_job(batch):
        return elsewhere(request, batch)
    return check_again(request, batch)

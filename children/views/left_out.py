"""The rows that were not imported, as a workbook to be mended: made at once, of a long file in the background."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.downloads import xlsx_response
from caretrack.jobs.services import enqueue
from children.importing import storage
from children.importing.batches import GONE, is_large
from children.importing.error_book import error_book_of
from children.importing.guard import Refused
from children.models import ImportBatch


def left_out_rows(
    request: HttpRequest, batch: ImportBatch, *, job: str, name: str, home: str, crumbs: list[Any]
) -> HttpResponse:
    """
    The workbook called `name`, or the way to it: a long file has a page whose button starts the `job`.

    If the file is gone or can no longer be read, `home` (a page with arguments) tells so.
    """
    staff: Any = request.user
    if not storage.is_kept(batch.stored) or not batch.result:
        messages.error(request, GONE)
        return redirect(home)
    if is_large(batch) and request.method != "POST":
        return render(request, "children/import_errors.html", {"batch": batch, "crumbs": crumbs})
    note(request, Event.EXPORT, detail=f"{batch.kind} batch {batch.pk} errors")
    if is_large(batch):
        return redirect("jobs:job_show", enqueue(job, staff, {"batch": batch.pk}).pk)
    try:
        return xlsx_response(error_book_of(batch), name)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(home)

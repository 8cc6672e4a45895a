"""How a page answers with a print of several children: at once when they are few, as background work when many."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.downloads import pdf_response
from caretrack.jobs.services import enqueue
from children.models import Child
from reports.bulk import BulkKind, name_of
from reports.jobs import BULK
from reports.views.units import imprint_for


def print_children(
    request: HttpRequest, kind: BulkKind, children: Sequence[Child], back: str, *args: object
) -> HttpResponse:
    """
    The paper for these children, whom the caller has fetched with `chosen`.

    Without any the person is led to `back` with a word; above the paper's limit a job is started and shown.
    """
    staff = request.user
    if not children:
        messages.info(request, f"没有需要打印的{kind.title}。")
        return redirect(back, *args)
    if len(children) > kind.at_once or (kind.by_child and len(children) > 1):
        params = {"paper": kind.code, "children": [child.pk for child in children]}
        job = enqueue(BULK, staff, params, title=f"打印{kind.title}（{len(children)} 人）")  # type: ignore[arg-type]
        return redirect("jobs:job_show", job.pk)
    for child in children:
        note(request, Event.PRINT, child, kind.title)
    today = timezone.localdate()
    paper = kind.make(staff, children, name_of(children, today), today, imprint_for(request))  # type: ignore[arg-type]
    return pdf_response(paper.pdf, paper.filename)

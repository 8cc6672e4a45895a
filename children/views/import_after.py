"""Around the wizard: the template to fill in, the result, the rows to be mended, the undo."""

import json
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import xlsx_response
from caretrack.schools.models import SchoolClass
from caretrack.schools.models.school import Stage
from caretrack.web.templatetags.care import cn_date
from children.importing import batches, leavers, storage
from children.importing.keeping import Kept, Lines
from children.importing.outcomes import Status
from children.importing.template import template_workbook
from children.jobs import LEFT_OUT, LEFT_OUT_NAME
from children.models import Child, ImportBatch
from children.views.import_rows import shown_rows
from children.views.importing import CRUMBS, STEPS, batch_or_404, elsewhere, schools_of
from children.views.left_out import left_out_rows
from mentoring.models import Pairing

State = ImportBatch.State
INCOMPLETE_SHOWN = 100


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_template(request: HttpRequest) -> HttpResponse:
    """CareTrack's own template, titled for the person's school."""
    schools = schools_of(request)
    name = schools[0].name if schools else ""
    stages = {school.stage for school in schools} or Stage.values
    book = template_workbook(f"{name}留守儿童花名册", cn_date(timezone.localdate()), stages=stages)
    return xlsx_response(book, "留守儿童花名册模板.xlsx")


@require_safe
@allows(Act.ROSTER_IMPORT)
def import_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The last step: what was done, with ways on to the classes and children."""
    batch = batch_or_404(request, pk)
    if batch.state not in (State.DONE, State.UNDONE):
        return elsewhere(request, batch)
    overview = json.loads(batch.result or "{}")
    incomplete = _incomplete(batch, overview)
    note(request, Event.VIEW, detail=f"import batch {batch.pk}")
    written = any(batch.counts.get(status.value) for status in Status if status.writes)
    gone = _leavers(batch, overview)
    context = {
        "batch": batch,
        "steps": STEPS,
        "crumbs": CRUMBS,
        "counts": batch.counts,
        "mentors": overview.get("mentors", 0),
        "may_pair": request.user.may(Act.PAIRING_EDIT),
        "left_out": batch.not_imported,
        "classes": _classes(batch, overview.get("classes", {})),
        "incomplete": _with_dossiers(batch, incomplete[:INCOMPLETE_SHOWN]),
        "incomplete_number": len(incomplete),
        "leavers": gone,
        "paired": _still_paired(gone),
        "file_kept": storage.is_kept(batch.stored),
        "may_undo": batches.may_undo(batch) and (written or bool(gone)),
        "undo_until": batch.done_at + batches.UNDO_DAYS if batch.done_at else None,
        "spared": _spared(batch, overview),
        "tabs": [],
        **(shown_rows(request, batch, overview, _first_tab(batch)) if "kept" in overview else {}),
    }
    return render(request, "children/import_done.html", context)


def _incomplete(batch: ImportBatch, overview: dict[str, Any]) -> Lines | list[dict[str, Any]]:
    """The pupils taken without some of their cells; nobody once the import was undone."""
    return Kept(batch, overview).incomplete() if batch.state == State.DONE else []


def _with_dossiers(batch: ImportBatch, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of pupils with the way to their dossiers, if no other has the name."""
    named: dict[str, list[int]] = defaultdict(list)
    known = Child.objects.of_school(batch.school).filter(name__in={row["name"] for row in rows})
    for pk, name in known.values_list("pk", "name"):
        named[name].append(pk)
    for row in rows:
        same = named[row["name"]]
        row["pk"] = row["child"] or (same[0] if len(same) == 1 else None)
    return rows


def _first_tab(batch: ImportBatch) -> str:
    """What somebody wants to see first: what was changed, else who is new, else the remarks."""
    return next((name for name in ("changed", "new") if batch.counts.get(name)), "faults")


def _leavers(batch: ImportBatch, overview: dict[str, Any]) -> list[dict[str, Any]]:
    """The children who were not in the file and for whom a change was registered."""
    said = leavers.decisions(batch)
    return [
        {"pk": row["child"], "name": row["name"], "words": said[row["child"]].label}
        for row in overview.get("absent", [])
        if row["child"] in said and said[row["child"]].writes
    ]


def _still_paired(gone: list[dict[str, Any]]) -> list[str]:
    """The names of those of them whose mentor is still appointed."""
    if not gone:
        return []
    open_ones = Pairing.objects.open().filter(child__in=[child["pk"] for child in gone])
    paired = set(open_ones.order_by().values_list("child", flat=True))
    return [child["name"] for child in gone if child["pk"] in paired]


def _spared(batch: ImportBatch, overview: dict[str, Any]) -> list[dict[str, Any]]:
    """The children whom an undo left as they are, with the way to their dossiers."""
    spared = dict(overview.get("spared", []))
    known = set(Child.objects.of_school(batch.school).filter(pk__in=spared).values_list("pk", flat=True))
    return [{"name": name, "pk": pk if pk in known else None} for pk, name in spared.items()]


def _classes(batch: ImportBatch, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """The classes that pupils were written into, in the order of the school."""
    on = batch.cut_off or timezone.localdate()
    known = SchoolClass.objects.taught_on(on).filter(school=batch.school).select_related("school")
    names = {found.name_on(on): found.pk for found in known}
    ordered = [name for name in names if name in numbers] + [name for name in numbers if name not in names]
    return [{"name": name, "pk": names.get(name), "number": numbers[name]} for name in ordered]


@require_http_methods(["GET", "HEAD", "POST"])
@allows(Act.ROSTER_IMPORT)
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that were not imported, as a workbook to be mended and uploaded again."""
    batch = batch_or_404(request, pk)
    if batch.is_outdated:
        return elsewhere(request, batch)
    home = reverse("children:roster_import")
    return left_out_rows(request, batch, job=LEFT_OUT, name=LEFT_OUT_NAME, home=home, crumbs=CRUMBS)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back, sparing and naming the children edited since."""
    batch = batch_or_404(request, pk)
    if batch.state not in (State.DONE, State.UNDONE):
        return elsewhere(request, batch)
    try:
        batches.undo(batch, by=request.user)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        note(request, Event.IMPORT, detail=f"batch {batch.pk} undone")
    return redirect("children:import_done", batch.pk)

"""Mending a roster in the page: one row with its faults, its cells to correct, the way on to the next faulty row."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from children.forms.importing import RowForm
from children.importing import batches, storage
from children.importing.guard import Refused
from children.importing.mending import RowCell, cells_of_row, faulty_rows, leave_row_out, mend_row
from children.importing.mends import Mends
from children.importing.normalise.names import SEVERAL_PUPILS
from children.importing.outcomes import Status
from children.importing.overview import sheets_read
from children.importing.reader import read_workbook
from children.jobs import live_job
from children.models import ImportBatch
from children.views.importing import CRUMBS, WAITING, batch_or_404, check_again, check_now, elsewhere

State = ImportBatch.State


@allows(Act.ROSTER_IMPORT)
def import_row(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """One row of the file with what is wrong; what is typed is laid over the file, which itself stays as it is."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    content = storage.load(batch.stored)
    if content is None:
        messages.error(request, batches.GONE)
        return redirect("children:roster_import")
    overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    header, planned = _place_or_404(overview, plan, sheet, row)
    mends = Mends.read(batch.mends)
    cells = cells_of_row(read_workbook(content), header, overview["findings"], row, mends)
    form = RowForm(request.POST or None, cells=cells)
    name = header["sheet"] or ""
    if request.method == "POST" and form.is_valid():
        try:
            number = mend_row(batch, sheet=name, row=row, cells=cells, texts=form.texts(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _go_on(request, batch, sheet, row, changed=number)
    note(request, Event.VIEW, detail=f"import batch {batch.pk} row {row}")
    queue = faulty_rows(overview, plan)
    context = {
        "batch": batch,
        "form": form,
        "row": row,
        "sheet": sheet,
        "sheet_name": name if len(sheets_read(overview)) > 1 else "",
        "pupil": planned["name"] or _name_in(cells, header),
        "message": _own_message(planned, cells, overview["findings"], header["sheet"]),
        "faulty": [line for line in form.lines() if line[0].faults],
        "others": [line for line in form.lines() if not line[0].faults],
        "several": _rows_said(overview["findings"], header["sheet"], row),
        "next": _next(queue, sheet, row),
        "left": len([place for place in queue if place != (sheet, row)]),
        "several_pupils": _names_several(overview["findings"], header["sheet"], row),
        "acts": [act for act in mends.acts if (act.sheet, act.row) == (name, row)],
        "crumbs": [*CRUMBS, Crumb("预览", reverse("children:import_preview", args=[batch.pk])), Crumb(f"第{row}行")],
    }
    return render(request, "children/import_row.html", context, status=422 if form.errors else 200)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_leave(request: HttpRequest, pk: int, sheet: int, row: int) -> HttpResponse:
    """Leave a row out of the import, or take it in again."""
    batch = batch_or_404(request, pk)
    if batch.state != State.PLANNED:
        return elsewhere(request, batch)
    overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    mends = Mends.read(batch.mends)
    header, planned = _place_or_404(overview, plan, sheet, row, known=mends.left_out)
    name = header["sheet"] or ""
    back = (name, row) in mends.left_out
    pupil = mends.left_out[name, row].label if back else planned["name"]
    try:
        leave_row_out(batch, sheet=name, row=row, name=pupil, by=request.user, out=not back)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return elsewhere(request, batch)
    words = "重新列入" if back else "设为不导入"
    messages.success(request, f"第{row}行 {pupil or '（无姓名）'}已{words}。")
    return check_again(request, batch)


@require_POST
@allows(Act.ROSTER_IMPORT)
def import_recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Check a large file again after rows were corrected, or any file whose check was cut off."""
    batch = batch_or_404(request, pk)
    if batch.state not in (State.PLANNED, *WAITING) or live_job(batch):
        return elsewhere(request, batch)
    return check_again(request, batch)


def _place_or_404(
    overview: dict[str, Any], plan: list[dict[str, Any]], sheet: int, row: int, known: Any = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header of the sheet and the plan's line for the row; a line that is no pupil cannot be corrected."""
    headers = sheets_read(overview)
    if sheet >= len(headers) or not headers[sheet]["columns"]:
        raise Http404
    header = headers[sheet]
    found = next((line for line in plan if line["sheet"] == header["sheet"] and line["row"] == row), None)
    if found is None and (header["sheet"] or "", row) in known:
        found = {"name": "", "status": Status.REJECTED.value, "message": ""}
    if found is None:
        raise Http404
    return header, found


def _go_on(request: HttpRequest, batch: ImportBatch, sheet: int, row: int, *, changed: int) -> HttpResponse:
    """After saving: check what can be checked at once, then stay at a row that is still wrong, or go to the next one."""
    here = redirect("children:import_row", batch.pk, sheet, row)
    if batches.is_large(batch):
        if changed:
            messages.success(request, f"第{row}行已保存 {changed} 处改动，重新核对后生效。")
        overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    else:
        try:
            check_now(request, batch)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("children:roster_import")
        overview, plan = json.loads(batch.result), batches.stored_plan(batch)
        if (sheet, row) in faulty_rows(overview, plan):
            if changed:
                messages.warning(request, f"第{row}行已保存，但还有问题，请看下面的说明。")
                return here
            messages.info(request, f"第{row}行没有改动。")
        elif changed:
            messages.success(request, f"第{row}行已改好（{changed} 处），可以导入。")
    following = _next(faulty_rows(overview, plan), sheet, row)
    if "next" in request.POST and following:
        return redirect("children:import_row", batch.pk, *following)
    return redirect("children:import_preview", batch.pk)


def _next(queue: list[tuple[int, int]], sheet: int, row: int) -> tuple[int, int] | None:
    """The faulty row after this one, from the top again after the last; None if there is no other."""
    others = [place for place in queue if place != (sheet, row)]
    return next((place for place in others if place > (sheet, row)), others[0] if others else None)


def _own_message(planned: dict[str, Any], cells: list[RowCell], findings: list[Any], sheet: str | None) -> str:
    """What keeps the whole row out, unless the faults of its cells say it already."""
    if planned["status"] not in (Status.REJECTED, Status.DECIDE, Status.WAITING):
        return ""
    told = any(cell.faults for cell in cells)
    return "" if told and planned["message"].startswith("这一行有") else str(planned["message"])


def _rows_said(findings: list[dict[str, Any]], sheet: str | None, row: int) -> list[str]:
    """Remarks that stand on many rows at once, this one among them."""
    return [
        f"{found['label'] or found['letter']}：{found['sentence']}"
        for found in findings
        if found["sheet"] == sheet and row in found["rows"]
    ]


def _names_several(findings: list[dict[str, Any]], sheet: str | None, row: int) -> bool:
    """Whether the row's name cell holds more than one pupil (fault 37)."""
    return any(
        found["what"] == SEVERAL_PUPILS and found["sheet"] == sheet and (found["row"] == row or row in found["rows"])
        for found in findings
    )


def _name_in(cells: list[RowCell], header: dict[str, Any]) -> str:
    names = {column["index"] for column in header["columns"] if column["field"] == "name"}
    return next((cell.text for cell in cells if cell.index in names), "")

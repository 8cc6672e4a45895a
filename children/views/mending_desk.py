"""One row of an uploaded file with its faults and its cells to correct: the same for a roster and for any other list."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.web.components import Crumb
from children.forms.importing import RowForm
from children.importing import batches, storage
from children.importing.guard import Refused
from children.importing.keeping import FaultyRows, Kept, Line
from children.importing.mending import RowCell, cells_of_row, leave_row_out, mend_row
from children.importing.mends import Mends
from children.importing.normalise.names import SEVERAL_PUPILS
from children.importing.outcomes import Status
from children.importing.overview import mendable_sheets, sheets_read
from children.models import ImportBatch


@dataclass(frozen=True, slots=True)
class Desk:
    """
    What the pages need to know of a batch: how its addresses are called (import_row, table_row …), where one goes back
    to, and how it is checked: `check` within the request, `check_again` with a page as answer.
    """

    batch: ImportBatch
    pages: str
    home: str
    crumbs: list[Any]
    check: Callable[[], None]
    check_again: Callable[[], HttpResponse]

    def url(self, page: str, *args: int) -> str:
        """The address of one of the batch's pages."""
        return reverse(f"children:{self.pages}_{page}", args=[self.batch.pk, *args])

    def page_names(self) -> dict[str, str]:
        """What the shared templates call the pages."""
        return {f"{page}_page": f"children:{self.pages}_{page}" for page in ("row", "leave", "errors", "preview")}


def row_page(request: HttpRequest, desk: Desk, sheet: int, row: int) -> HttpResponse:
    """One row with what is wrong; what is typed is laid over the file, which itself stays as it is."""
    batch = desk.batch
    content = storage.load(batch.stored)
    if content is None:
        messages.error(request, batches.GONE)
        return redirect(desk.home)
    overview = json.loads(batch.result)
    kept = Kept(batch, overview)
    header, planned = _place_or_404(overview, kept, sheet, row)
    name = header["sheet"] or ""
    mends, found = Mends.read(batch.mends), kept.faults().of_row(header["sheet"], row)
    try:
        cells = cells_of_row(content, header, found, row, mends)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(desk.url("preview"))
    form = RowForm(request.POST or None, cells=cells)
    if request.method == "POST" and form.is_valid():
        try:
            number = mend_row(batch, sheet=name, cells=cells, texts=form.texts(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return _go_on(request, desk, sheet, row, changed=number)
    note(request, Event.VIEW, detail=f"{batch.kind} batch {batch.pk} row {row}")
    queue, own = FaultyRows(overview), {(cell.line, cell.index) for cell in cells}
    context = {
        "batch": batch,
        "form": form,
        "row": row,
        "sheet": sheet,
        "sheet_name": name if len(sheets_read(overview)) > 1 else "",
        "pupil": planned["name"] or next((cell.text for cell in cells if cell.field == "name"), ""),
        "message": _own_message(planned, cells),
        "faulty": [line for line in form.lines() if line[0].faults],
        "others": [line for line in form.lines() if not line[0].faults],
        "several": _rows_said(found),
        "next": queue.after(sheet, row),
        "left": len(queue) - ((sheet, row) in queue),
        "several_pupils": any(fault["what"] == SEVERAL_PUPILS for fault in found),
        "acts": [act for act in mends.acts if act.sheet == name and (act.row == row or (act.row, act.column) in own)],
        "crumbs": [*desk.crumbs, Crumb("预览", desk.url("preview")), Crumb(f"第{row}行")],
        **desk.page_names(),
    }
    return render(request, "children/import_row.html", context, status=422 if form.errors else 200)


def leave_page(request: HttpRequest, desk: Desk, sheet: int, row: int) -> HttpResponse:
    """Leave a row out of the import, or take it in again; the file is checked again."""
    batch, overview = desk.batch, json.loads(desk.batch.result)
    mends = Mends.read(batch.mends)
    header, planned = _place_or_404(overview, Kept(batch, overview), sheet, row, known=mends.left_out)
    name = header["sheet"] or ""
    back = (name, row) in mends.left_out
    pupil = mends.left_out[name, row].label if back else planned["name"]
    try:
        leave_row_out(batch, sheet=name, row=row, name=pupil, by=request.user, out=not back)  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(desk.home)
    words = "重新列入" if back else "设为不导入"
    messages.success(request, f"第{row}行 {pupil or '（无姓名）'}已{words}。")
    return desk.check_again()


def _place_or_404(
    overview: dict[str, Any], kept: Kept, sheet: int, row: int, known: Iterable[tuple[str, int]] = ()
) -> tuple[dict[str, Any], Line]:
    """The header of the sheet and the plan's line for the row; a line that is no pupil cannot be corrected."""
    if sheet not in mendable_sheets(overview).values():
        raise Http404
    header = sheets_read(overview)[sheet]
    found = kept.row(header["sheet"], row)
    if found is None and (header["sheet"] or "", row) in known:
        found = {"name": "", "status": Status.REJECTED.value, "message": ""}
    if found is None:
        raise Http404
    return header, found


def _go_on(request: HttpRequest, desk: Desk, sheet: int, row: int, *, changed: int) -> HttpResponse:
    """After saving: check what can be checked at once, then stay at a row that is still wrong, or go to the next one."""
    batch = desk.batch
    if batches.is_large(batch):
        if changed:
            messages.success(request, f"第{row}行已保存 {changed} 处改动，重新核对后生效。")
        queue = FaultyRows(json.loads(batch.result))
    else:
        try:
            desk.check()
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(desk.home)
        queue = FaultyRows(json.loads(batch.result))
        if (sheet, row) in queue:
            if changed:
                messages.warning(request, f"第{row}行已保存，但还有问题，请看下面的说明。")
                return redirect(desk.url("row", sheet, row))
            messages.info(request, f"第{row}行没有改动。")
        elif changed:
            messages.success(request, f"第{row}行已改好（{changed} 处），可以导入。")
    following = queue.after(sheet, row)
    return redirect(desk.url("row", *following) if "next" in request.POST and following else desk.url("preview"))


def _own_message(planned: Line, cells: list[RowCell]) -> str:
    """What keeps the whole row out, unless the faults of its cells say it already."""
    if planned["status"] not in (Status.REJECTED, Status.DECIDE, Status.WAITING):
        return ""
    told = any(cell.faults for cell in cells)
    return "" if told and planned["message"].startswith("这一行有") else str(planned["message"])


def _rows_said(findings: list[Line]) -> list[str]:
    """Remarks that stand on many rows at once, this one among them."""
    return [f"{found['label'] or found['letter']}：{found['sentence']}" for found in findings if found["rows"]]

"""The rows that were not imported, as a workbook with what is wrong, ready to be mended and uploaded again."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.styles import PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from caretrack.sheets import BOLD, add_sheet, new_book, saved, written
from children.importing import storage
from children.importing.aliases import COLUMN_OF_FAULT, WORDS_OF_FAULT
from children.importing.batches import GONE, Progress
from children.importing.findings import Level
from children.importing.guard import Refused
from children.importing.keeping import Kept, Line
from children.importing.mends import Mends
from children.importing.normalise.text import as_text
from children.importing.outcomes import Status
from children.importing.overview import sheets_read
from children.importing.picking import with_lines
from children.importing.sheets import Sheet
from children.models import ImportBatch

_FAULTY = PatternFill("solid", fgColor="F3E3D3")
_LEFT_OUT = (Status.REJECTED, Status.DECIDE, Status.WAITING)


def error_book_of(batch: ImportBatch, progress: Progress | None = None) -> bytes:
    """
    The rows of a checked batch that were not, or would not be, imported; see `error_workbook`.

    `progress` hears of the rows written. Raises Refused if the file is gone or can no longer be read.
    """
    content = storage.load(batch.stored)
    if content is None or not batch.result:
        raise Refused(GONE)
    overview = json.loads(batch.result)
    return error_workbook(content, overview, Kept(batch, overview), Mends.read(batch.mends), progress)


def error_workbook(
    content: bytes, overview: Mapping[str, Any], kept: Kept, mends: Mends, progress: Progress | None = None
) -> bytes:
    """
    The rejected and waiting rows of a file, with their header and two columns more.

    Takes the uploaded file, the stored overview and lines, and what has been corrected in the page. Every cell is text,
    so that no number loses digits and nothing can run as a formula. Forms of vehicles come back as a list; of pupils'
    registration forms only the names are listed: such a form is corrected in the form. Raises Refused if the file can no longer be read.
    """
    left_out: dict[str | None, dict[int, Line]] = defaultdict(dict)
    for row in kept.rows(*_LEFT_OUT):
        left_out[row["sheet"]][row["row"]] = row
    faults: dict[tuple[str | None, int], list[Line]] = defaultdict(list)
    for found in kept.faults(Level.ERROR, Level.QUESTION):
        if found["row"] in left_out.get(found["sheet"], ()):
            faults[found["sheet"], found["row"]].append(found)
    headers = sheets_read(overview)
    workbook = with_lines(content, _lines_of(headers, left_out))
    mends.lay_over(workbook)
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    book = new_book()
    tell = Told(progress, sum(len(rows) for rows in left_out.values()))
    for header in headers:
        if rows := left_out.get(header["sheet"]):
            target = add_sheet(book, header["sheet"] or "未导入的行")
            _write(target, sheets[header["sheet"]], header, rows, faults, tell)
    if not book.worksheets:
        add_sheet(book, "没有未导入的行")
    return saved(book)


def _write(
    target: WriteOnlyWorksheet,
    sheet: Sheet,
    header: dict[str, Any],
    left_out: dict[int, Line],
    faults: Mapping[tuple[str | None, int], list[Line]],
    tell: "Told",
) -> None:
    titles, cells = _layout(header)
    if line := _title(header):
        target.append([written(target, line)])
    heads = (*titles, COLUMN_OF_FAULT, WORDS_OF_FAULT)
    target.append([written(target, title, font=BOLD, fill=_FAULTY) for title in heads])
    for number, row in sorted(left_out.items()):
        own = faults.get((header["sheet"], number), [])
        letters = "、".join(dict.fromkeys(found["label"] for found in own if found["label"]))
        words = "；".join([*(found["sentence"].rstrip("。") for found in own), *_own_message(row, bool(own))])
        values = [as_text(sheet.value(line - 1, column)) if line else "" for line, column in cells(number)]
        values = values or [row["name"]]
        target.append([written(target, value) for value in (*values, letters, words)])
        tell.one_more()


def _lines_of(headers: list[dict[str, Any]], left_out: Mapping[str | None, Iterable[int]]) -> dict[str, list[int]]:
    """The lines of the file that hold the rows left out; a form has several."""
    forms = {header["sheet"]: header.get("cells", {}) for header in headers}
    return {
        sheet or "": [line for row in rows for line in (row, *(cell[0] for cell in forms[sheet].get(str(row), ())))]
        for sheet, rows in left_out.items()
    }


def _layout(header: dict[str, Any]) -> tuple[list[str], Callable[[int], list[tuple[int, int]]]]:
    """The titles of a sheet's list, and where the cells of a row stand: line and column, line 0 for one it lacks."""
    if "cells" not in header:
        columns = header["columns"]
        titles = [column["label"].replace("·", "") for column in columns] or ["姓名"]
        return titles, lambda row: [(row, column["index"]) for column in columns]
    forms = {int(row): {field: (line, column) for line, column, _, field in cells}
             for row, cells in header["cells"].items()}  # fmt: skip
    fields = {field: label for cells in header["cells"].values() for _, _, label, field in cells}
    return list(fields.values()), lambda row: [forms[row].get(field, (0, 0)) for field in fields]


@dataclass(slots=True)
class Told:
    """Tells every hundred rows how many have been written."""

    progress: Progress | None
    total: int
    done: int = 0

    def one_more(self) -> None:
        """A row was written."""
        self.done += 1
        if self.progress and (self.done % 100 == 0 or self.done == self.total):
            self.progress(self.done, self.total)


def _title(header: dict[str, Any]) -> str:
    """A title line with what the file said above its table, so that the class and the day are known again."""
    titles = header["titles"]
    words = [titles["school"], titles["class"], "未导入的学生", titles["date"] and f"填报日期：{titles['date']}"]
    return " ".join(word for word in words if word) if titles["class"] or titles["date"] else ""


def _own_message(row: dict[str, Any], told: bool) -> list[str]:
    generic = told and row["message"].startswith("这一行有")
    return [] if generic or not row["message"] else [row["message"].rstrip("。")]

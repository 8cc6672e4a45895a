"""The rows that were not imported, as a workbook with what is wrong, ready to be mended and uploaded again."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from caretrack.sheets import BOLD, add_sheet, new_book, saved, written
from children.importing import storage
from children.importing.aliases import COLUMN_OF_FAULT, WORDS_OF_FAULT
from children.importing.batches import GONE, Progress
from children.importing.error_rows import LeftOut, Part, Shown, is_pupils_form, parts_of
from children.importing.findings import Level
from children.importing.guard import Refused
from children.importing.keeping import Kept, Line
from children.importing.lines import FAMILY_LINE
from children.importing.mends import Mends
from children.importing.outcomes import Status
from children.importing.overview import sheets_read
from children.importing.picking import with_lines
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

    Takes the uploaded file, the stored overview and lines, and what has been corrected in the page. Numbers are text,
    so that none loses digits, and nothing can run as a formula; forms come back as a list. Raises Refused if the file
    can no longer be read.
    """
    left_out: dict[str | None, dict[int, Line]] = defaultdict(dict)
    for row in kept.rows(*_LEFT_OUT):
        left_out[row["sheet"]][row["row"]] = row
    family = {(line["sheet"], line["row"]) for line in kept.skipped() if line["why"] == FAMILY_LINE}
    for sheet, rows in left_out.items():
        for number, row in list(rows.items()):
            while (sheet, number := number + 1) in family:
                rows[number] = {**row, "row": number, "message": ""}
    faults: dict[tuple[str | None, int], list[Line]] = defaultdict(list)
    for found in kept.faults(Level.ERROR, Level.QUESTION):
        if found["row"] in left_out.get(found["sheet"], ()):
            faults[found["sheet"], found["row"]].append(found)
    headers = sheets_read(overview)
    workbook = with_lines(content, _lines_of(headers, left_out), overview["headers"], mends)
    book = new_book()
    tell = Told(progress, sum(len(rows) for rows in left_out.values()))
    for part in parts_of(workbook, headers, left_out):
        _write(add_sheet(book, part.name), part, faults, tell)
    if not book.worksheets:
        add_sheet(book, "没有未导入的行")
    return saved(book)


def _write(
    target: WriteOnlyWorksheet, part: Part, faults: Mapping[tuple[str | None, int], list[Line]], tell: "Told"
) -> None:
    if part.title:
        target.append([written(target, part.title)])
    heads = (*part.titles, COLUMN_OF_FAULT, WORDS_OF_FAULT)
    target.append([written(target, title, font=BOLD, fill=_FAULTY) for title in heads])
    for row, values in part.rows:
        own = faults.get((row["sheet"], row["row"]), [])
        letters = "、".join(dict.fromkeys(found["label"] for found in own if found["label"]))
        words = "；".join([*(found["sentence"].rstrip("。") for found in own), *_own_message(row, bool(own))])
        target.append([_cell(target, value) for value in (*values, letters, words)])
        tell.one_more()


def _cell(target: WriteOnlyWorksheet, value: str | Shown) -> Cell:
    if not isinstance(value, Shown):
        return written(target, value)
    cell = WriteOnlyCell(target, value=value.value)
    if value.number_format:
        cell.number_format = value.number_format
    return cell


def _lines_of(headers: list[dict[str, Any]], left_out: LeftOut) -> dict[str, list[int] | None]:
    """
    The lines of the file that hold the rows left out; a form of a vehicle has several, of a sheet with pupils' forms
    (None) all are needed.
    """
    found = {header["sheet"]: header for header in headers}
    return {
        sheet or "": None
        if is_pupils_form(found[sheet])
        else [
            line
            for row in rows
            for line in (row, *(cell[0] for cell in found[sheet].get("cells", {}).get(str(row), ())))
        ]
        for sheet, rows in left_out.items()
    }


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


def _own_message(row: dict[str, Any], told: bool) -> list[str]:
    generic = told and row["message"].startswith("这一行有")
    return [] if generic or not row["message"] else [row["message"].rstrip("。")]

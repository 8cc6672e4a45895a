"""Reading .xlsx with openpyxl in normal mode: slow and thorough, for files the quick reader does not know."""

import io
import re
import zipfile
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from children.importing.guard import Refused, refuse_vast_sheets
from children.importing.sheets import CellValue, Merge, Sheet, Workbook

UNREADABLE = "表格读不出来，可能已损坏。请在 Excel 或 WPS 里打开，另存为新的 .xlsx 后再上传。"


def read_slowly(data: bytes) -> Workbook:
    """Read a workbook that the guard has let through. Raises Refused if openpyxl cannot make sense of it."""
    refuse_vast_sheets(data)
    book, repaired = _load(data, values=True)
    formulas = _load(data, values=False)[0] if _has_formulas(data) else None
    sheets = []
    struck = _has_strikes(data)
    for worksheet in book.worksheets:
        sheet = _read_sheet(worksheet, struck)
        if formulas is not None:
            _mark_unsolved(sheet, formulas[worksheet.title])
        sheets.append(sheet)
    return Workbook("xlsx", sheets, date1904=book.epoch == CALENDAR_MAC_1904, repaired=repaired)


def _load(data: bytes, *, values: bool) -> tuple[Any, bool]:
    """The openpyxl workbook and whether the file had to be repaired first (an empty fill crashes openpyxl)."""
    try:
        return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False), False
    except TypeError:
        repaired = _with_filled_fills(data)
    except Exception as error:  # openpyxl answers a damaged part with whatever its parser happens to raise
        raise Refused(UNREADABLE) from error
    try:
        return openpyxl.load_workbook(io.BytesIO(repaired), data_only=values, keep_links=False), True
    except Exception as error:
        raise Refused(UNREADABLE) from error


def _with_filled_fills(data: bytes) -> bytes:
    """A copy of the file whose empty fills say "none", as rosters §1.4 describes."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/styles.xml":
                content = re.sub(
                    rb"<fill\s*/>|<fill>\s*</fill>", b'<fill><patternFill patternType="none"/></fill>', content
                )
            new.writestr(part.filename, content)
    return copy.getvalue()


def _has_strikes(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "xl/styles.xml" in archive.namelist() and b"<strike" in archive.read("xl/styles.xml")


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(
            re.search(rb"<f[ />]", archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        )


def _read_sheet(worksheet: Worksheet, struck: bool) -> Sheet:
    sheet = Sheet(worksheet.title, [], state=worksheet.sheet_state)
    for index, cells in enumerate(worksheet.iter_rows()):
        row: list[CellValue] = []
        for column, cell in enumerate(cells):
            value = cell.value
            row.append(value)
            if value is not None and not isinstance(value, str | bool):
                number_format = cell.number_format
                if number_format != "General":
                    sheet.formats[index, column] = number_format
                if struck and cell.font.strike:
                    sheet.struck_rows.add(index)
            elif struck and value and cell.font.strike:
                sheet.struck_rows.add(index)
            if cell.comment is not None:
                sheet.comments[index, column] = cell.comment.text or ""
        while row and row[-1] is None:
            row.pop()
        sheet.rows.append(row)
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
    sheet.merges = [
        Merge(area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in worksheet.merged_cells.ranges
    ]
    sheet.hidden_rows = {number - 1 for number, size in worksheet.row_dimensions.items() if size.hidden}
    for size in worksheet.column_dimensions.values():
        if size.hidden and size.min and size.max:
            sheet.hidden_columns.update(range(size.min - 1, size.max))
    return sheet


def _mark_unsolved(sheet: Sheet, worksheet: Worksheet) -> None:
    """Note the cells that hold a formula but no stored result (made by a program, never opened in Excel)."""
    for cells in worksheet.iter_rows():
        for cell in cells:
            if cell.data_type == "f" and sheet.value(cell.row - 1, cell.column - 1) is None:
                sheet.unsolved.add((cell.row - 1, cell.column - 1))

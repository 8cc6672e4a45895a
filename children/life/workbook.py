"""A list as a workbook: every cell is text, so that no number loses digits and nothing runs as a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD_FILL = PatternFill("solid", fgColor="E4EFE8")
WIDEST = 40


def plain(value: Any) -> str:
    """A value as the import reads it back: 2026-11-02, 是, 132.5, or nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet called `title`, `header` in its first row. Takes any values; returns the file."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    lines = [[plain(value) for value in row] for row in rows]
    for number, head in enumerate(header):
        longest = max([len(head), *(len(line[number]) for line in lines)])
        sheet.column_dimensions[get_column_letter(number + 1)].width = min(longest * 2 + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, head, head=True) for head in header])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: str, *, head: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    cell.number_format = "@"
    if head:
        cell.font, cell.fill = Font(bold=True), HEAD_FILL
    return cell

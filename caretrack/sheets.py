"""
Tables out as .xlsx: numbers that are counted are numbers, everything else is text.

Text cells keep every digit of an ID number, and a text that begins with = is shown and never computed.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import openpyxl
from django.http import HttpResponse
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
WIDEST = 44


def table_book(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, notes: Sequence[str] = ()
) -> bytes:
    """
    One sheet: the title, lines of `notes` (as of when, which definition), the header, the rows.

    Whole numbers stay numbers; None is an empty cell; everything else is text.
    """
    listed = [list(row) for row in rows]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "表")
    for place, column in enumerate(columns):
        texts = [str(row[place]) for row in listed if row[place] is not None]
        widest = max([_width(column), *(_width(text) for text in texts)])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(widest, WIDEST) + 3
    sheet.freeze_panes = f"A{len(notes) + 3}"
    sheet.append([_cell(sheet, title, Font(bold=True, size=15))])
    for text in notes:
        sheet.append([_cell(sheet, text, Font(color="606060"))])
    sheet.append([_cell(sheet, column, Font(bold=True), boxed=True) for column in columns])
    for row in listed:
        sheet.append([_cell(sheet, value, boxed=True) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(c) > 255 else 1 for c in text)


def _cell(sheet: WriteOnlyWorksheet, value: Any, font: Font | None = None, *, boxed: bool = False) -> WriteOnlyCell:
    number = isinstance(value, int) and not isinstance(value, bool)
    cell = WriteOnlyCell(sheet, value=value if number or value is None else str(value))
    if not number and value is not None:
        cell.data_type = "s"
        cell.number_format = "@"
    if font is not None:
        cell.font = font
    if boxed:
        cell.border = _BOX
        cell.alignment = Alignment(vertical="center", wrap_text=not number)
    return cell


def xlsx_response(content: bytes, name: str) -> HttpResponse:
    """The workbook as a download called `name` (Chinese, with .xlsx)."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response

"""
Single cells and lines of an uploaded file, picked out in the guarded process: a page never holds the whole file.

A line of a list has a cell for each column of its header; a registration form has a cell for each of its labels, and is
named by the line of its 姓名 (L6).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from children.importing.body import read_body
from children.importing.form_sheets import form_cells
from children.importing.further_tables import sheet_called
from children.importing.header import Column, Header, only_columns
from children.importing.mends import Mends
from children.importing.sheets import CellValue, Merge, Sheet, Workbook
from children.importing.workroom import read_apart

LINE, FORM, LINES, CELLS = "line", "form", "lines", "cells"


@dataclass(frozen=True, slots=True)
class FileCell:
    """A cell as the file holds it: line as Excel numbers it, column counted from 0, title and field, content."""

    line: int
    column: int
    label: str
    field: str
    value: CellValue


def cells_of_line(content: bytes, sheet: str | None, row: int, columns: list[int]) -> list[CellValue]:
    """
    The values in these columns of a line as Excel numbers it; what is merged over several lines counts in each.

    Raises Refused if the file cannot be read (any more).
    """
    found = read_apart(content, pick={"what": LINE, "sheet": sheet, "row": row, "columns": columns})
    return found.sheets[0].rows[0] if found.sheets else [None] * len(columns)


def cells_of_form(content: bytes, sheet: str | None, row: int) -> list[FileCell]:
    """The cells of the registration form whose 姓名 stands in that line. Raises Refused as `cells_of_line` does."""
    found = read_apart(content, pick={"what": FORM, "sheet": sheet, "row": row})
    rows: list[list[Any]] = found.sheets[0].rows if found.sheets else []
    return [FileCell(*cell) for cell in rows]


def cells_at(content: bytes, sheet: str | None, places: Iterable[tuple[int, int]]) -> list[CellValue]:
    """The values of single cells, each named by its line (from 1) and column (from 0). Raises Refused as above."""
    found = read_apart(content, pick={"what": CELLS, "sheet": sheet, "row": 1, "cells": list(places)})
    return found.sheets[0].rows[0] if found.sheets else []


def with_lines(
    content: bytes, lines: Mapping[str, Iterable[int] | None], headers: Iterable[Mapping[str, Any]], mends: Mends
) -> Workbook:
    """
    The file with nothing but these lines of its sheets ("" for a sheet without a name; None for all its lines), each in
    its place, as corrected in the page.

    What a merge or 同上 stands for is written out, for which the stored headers are needed: the line above is not there
    any more. Raises Refused as `cells_of_line` does.
    """
    known = [
        {key: header[key] for key in ("sheet", "top", "bottom")}
        | {"columns": [[column["index"], column["label"], column["field"]] for column in header["columns"]]}
        for header in headers
    ]
    wanted = {sheet: rows if rows is None else list(rows) for sheet, rows in lines.items()}
    return read_apart(content, pick={"what": LINES, "lines": wanted, "headers": known, "mends": mends.as_text()})


def picked_from(workbook: Workbook, pick: Mapping[str, Any]) -> Workbook:
    """In the guarded process: what was asked for, as a workbook; one without sheets if it is not there."""
    if pick["what"] == LINES:
        return _lines_in(workbook, pick)
    line = pick["row"] - 1
    sheet = sheet_called(workbook, pick["sheet"])
    if sheet is None or line >= len(sheet.rows):
        return Workbook(workbook.kind, [])
    if pick["what"] == FORM:
        found = form_cells(sheet, line)
        return Workbook(
            workbook.kind,
            [Sheet(None, [[cell.row + 1, cell.column, cell.label, cell.field, cell.value] for cell in found])],
        )
    if pick["what"] == CELLS:
        return Workbook(workbook.kind, [Sheet(None, [[sheet.value(row - 1, column) for row, column in pick["cells"]]])])
    spread = {merge.left: merge for merge in sheet.merges if _runs_through(merge, line)}
    return Workbook(workbook.kind, [Sheet(None, [[_value(sheet, spread, line, at) for at in pick["columns"]]])])


def _lines_in(workbook: Workbook, pick: Mapping[str, Any]) -> Workbook:
    Mends.read(pick["mends"]).lay_over(workbook)
    sheets = []
    for name, lines in pick["lines"].items():
        if held := sheet_called(workbook, name):
            headers = [header for header in pick["headers"] if (header["sheet"] or "") == name and header["columns"]]
            sheets.append(held if lines is None else _only(held, name, set(lines), headers))
    return Workbook(workbook.kind, sheets, date1904=workbook.date1904)


def _only(held: Sheet, name: str, lines: set[int], headers: list[dict[str, Any]]) -> Sheet:
    for header in headers:
        columns = [Column(*column) for column in header["columns"]]
        known = Header(held.name, header["top"] - 1, header["bottom"] - 1, columns)
        _write_out(held, only_columns(held, known), known, lines)
    rows = [cells if number in lines else [] for number, cells in enumerate(held.rows, start=1)]
    formats = {place: shown for place, shown in held.formats.items() if place[0] + 1 in lines}
    return Sheet(name or None, rows, formats=formats)


def _write_out(sheet: Sheet, part: Sheet, header: Header, lines: set[int]) -> None:
    """Put into the cells of these lines what they were read as where that stands in other cells."""
    fields, body = header.fields, read_body(part, header)
    for row, values, copied in zip(body.rows, body.values, body.copied, strict=True):
        if row + 1 in lines:
            cells = sheet.rows[row]
            for name in copied:
                index = fields[name].index
                cells += [None] * (index + 1 - len(cells))
                cells[index] = values[name]


def _runs_through(merge: Merge, line: int) -> bool:
    return merge.left == merge.right and merge.top < line <= merge.bottom


def _value(sheet: Sheet, spread: Mapping[int, Merge], line: int, column: int) -> CellValue:
    merge = spread.get(column)
    return sheet.value(merge.top, merge.left) if merge else sheet.value(line, column)

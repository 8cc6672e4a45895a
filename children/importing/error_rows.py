"""
The rows that were left out, laid out as lists that can be uploaded again.

A list keeps its own columns. Forms of vehicles are listed by their own labels, registration forms of pupils (L6) under
titles of our catalogue: whatever was read from a form comes back in the field it was read for.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from children.importing.aliases import FIELDS
from children.importing.form_sheets import read_form
from children.importing.keeping import Line
from children.importing.normalise.dates import SERIAL_RANGE, read_date
from children.importing.normalise.text import as_text, is_nothing
from children.importing.sheets import CellValue, Sheet, Workbook

Place = tuple[int, int]
LeftOut = Mapping[str | None, Mapping[int, Line]]
FORMS = "未导入的学生"
_DATES = frozenset({"birth_date", "enrolled_on", "away_since"})
_CLASS, _CLASS_FIELDS = "class_name", ("class_name", "grade")
_MONTH_AND_DAY = 'm"月"d"日"'


@dataclass(frozen=True, slots=True)
class Shown:
    """A number or date that says what it means only together with its number format: 2015.1, a class 3-2 (rosters §1.5)."""

    value: int | float | dt.datetime
    number_format: str


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the workbook of rejected rows: its name, what its title line says, its titles and rows."""

    name: str
    title: str
    titles: list[str]
    rows: list[tuple[Line, list[str | Shown]]]


def parts_of(workbook: Workbook, headers: list[dict[str, Any]], left_out: LeftOut) -> Iterator[Part]:
    """The parts with the rows left out of a file: `headers` as stored, one a sheet, `workbook` with those rows at least."""
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    forms = [header for header in headers if is_pupils_form(header)]
    for header in headers:
        if (rows := left_out.get(header["sheet"])) and header not in forms:
            yield _listed(sheets[header["sheet"]], header, rows, workbook.date1904)
    wanted = {header["sheet"]: left_out[header["sheet"]] for header in forms if left_out.get(header["sheet"])}
    if wanted:
        several = len({header["titles"]["class"] for header in forms}) > 1
        titles = forms[0]["titles"] | ({"class": ""} if several else {})
        listed = [sheets[name] for name in wanted]
        yield _forms_listed(listed, {**forms[0], "titles": titles}, wanted, workbook.date1904)


def is_pupils_form(header: Mapping[str, Any]) -> bool:
    """True for the stored header of a pupil's registration form, of which the whole sheet is needed."""
    return bool(header.get("form")) and "cells" not in header


def as_returned(value: CellValue, field: str = "", number_format: str = "", *, date1904: bool = False) -> str | Shown:
    """
    What a cell is written as, so that it means the same when it is read again.

    All is text, so that no digit is lost, but what only the format of a number tells.
    """
    if isinstance(value, dt.datetime) and field == _CLASS:
        return Shown(value, number_format or _MONTH_AND_DAY)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return as_text(value)
    is_date = field.rpartition(".")[2] in _DATES
    if is_date and value in SERIAL_RANGE and (day := read_date(value, date1904=date1904).value):
        return day.iso
    if (is_date and value != int(value)) or (field == _CLASS and (value < 0 or value != int(value))):
        return Shown(value, number_format)
    return as_text(value)


def _listed(sheet: Sheet, header: dict[str, Any], rows: Mapping[int, Line], date1904: bool) -> Part:
    """The rows of a list, or of a sheet with forms of vehicles."""
    titles, places = _layout(header)

    def values(row: int) -> list[str | Shown]:
        return [
            as_returned(sheet.value(*at), field, sheet.formats.get(at, ""), date1904=date1904) if at else ""
            for at, field in places(row)
        ]

    listed = [(line, values(row)) for row, line in sorted(rows.items())]
    return Part(header["sheet"] or "未导入的行", _title(header), titles, listed)


def _layout(header: dict[str, Any]) -> tuple[list[str], Callable[[int], list[tuple[Place | None, str]]]]:
    """The titles of a sheet's list, and where the cells of a row stand (None for one it lacks) with their fields."""
    if "cells" not in header:
        columns = header["columns"]
        titles = [column["label"].replace("·", "") for column in columns]
        return titles, lambda row: [((row - 1, column["index"]), column["field"]) for column in columns]
    forms = {int(row): {field: (line - 1, column) for line, column, _, field in cells}
             for row, cells in header["cells"].items()}  # fmt: skip
    labels = {field: label for cells in header["cells"].values() for _, _, label, field in cells}
    return list(labels.values()), lambda row: [(forms[row].get(field), field) for field in labels]


def _forms_listed(sheets: list[Sheet], header: dict[str, Any], left_out: LeftOut, date1904: bool) -> Part:
    """
    A row for each form. The class that somebody has chosen for the forms is written out: it is not asked again.
    """
    found: list[tuple[Line, dict[str, CellValue]]] = []
    for sheet in sheets:
        _, body, _ = read_form(sheet)
        for row, values in zip(body.rows, body.values, strict=True):
            if line := left_out[sheet.name].get(row + 1):
                if line["class"] and all(is_nothing(values.get(field)) for field in _CLASS_FIELDS):
                    values = {**values, _CLASS: line["class"]}
                found.append((line, values))
    said = {field for _, values in found for field, value in values.items() if value is not None} | {"name"}
    fields = [field for field in FIELDS if field in said]
    rows = [
        (line, [as_returned(values.get(field), field, date1904=date1904) for field in fields]) for line, values in found
    ]
    return Part(FORMS, _title(header), [FIELDS[field].label for field in fields], rows)


def _title(header: dict[str, Any]) -> str:
    """A title line with what the file said above its table, so that the class and the day are known again."""
    titles = header["titles"]
    words = [titles["school"], titles["class"], "未导入的学生", titles["date"] and f"填报日期：{titles['date']}"]
    return " ".join(word for word in words if word) if titles["class"] or titles["date"] else ""

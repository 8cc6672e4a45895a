"""The acts of mending: correct the cells of a row, leave a row out, take it in again. The file is never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.schools.models import Staff
from children.importing import batches
from children.importing.aliases import AGE, IGNORE, SENSITIVE
from children.importing.findings import Level
from children.importing.mends import CELL, LEAVE, TAKE, Act, Mends
from children.importing.normalise.text import as_text
from children.importing.picking import FileCell, cells_at, cells_of_form, cells_of_line
from children.importing.sheets import column_letter
from children.models import ImportBatch

_SAID = {Level.ERROR.value, Level.QUESTION.value, Level.WARNING.value}
_NOT_SHOWN = (IGNORE, AGE, SENSITIVE)


@dataclass(frozen=True, slots=True)
class RowCell:
    """A cell of a row as its form shows it: the file's own column title, its text, what is wrong with it."""

    row: int
    line: int
    index: int
    label: str
    text: str
    original: str
    faults: tuple[str, ...] = ()
    field: str = ""
    in_form: bool = False

    @property
    def key(self) -> str:
        """Names the cell within its row; the cells of a registration form stand in many lines."""
        return f"c{self.index}" if self.line == self.row else f"r{self.line}c{self.index}"

    @property
    def place(self) -> str:
        """Where it stands: F列, or F7 in a form."""
        letter = column_letter(self.index)
        return f"{letter}{self.line}" if self.in_form else f"{letter}列"

    @property
    def mended(self) -> bool:
        """True if a person has changed it."""
        return _plain(self.text) != _plain(self.original)


def cells_of_row(
    content: bytes, header: Mapping[str, Any], findings: Iterable[Mapping[str, Any]], row: int, mends: Mends
) -> list[RowCell]:
    """
    The cells of a row of the uploaded file with the corrections made so far and what is wrong with each.

    Takes the file, the stored header of the sheet, what was found about the row, and Excel's row number. Columns that
    are not imported are left out. The file is read in a process of its own; raises Refused if that fails.
    """
    told: dict[tuple[int, str], list[str]] = {}
    for found in findings:
        if found["level"] in _SAID and found["row"] == row:
            told.setdefault((found.get("line", row), found["letter"]), []).append(found["sentence"])
    now, in_form = mends.cells, bool(header.get("form"))
    cells = []
    for cell in _file_cells(content, header, row):
        original = as_text(cell.value)
        text = now.get((header["sheet"] or "", cell.line, cell.column), original)
        faults = tuple(told.get((cell.line, column_letter(cell.column)), ()))
        label = cell.label or "无标题"
        cells.append(RowCell(row, cell.line, cell.column, label, text, original, faults, cell.field, in_form))
    return cells


def _file_cells(content: bytes, header: Mapping[str, Any], row: int) -> list[FileCell]:
    if "cells" in header:
        places = header["cells"].get(str(row), [])
        found = cells_at(content, header["sheet"], [(line, column) for line, column, _, _ in places])
        return [
            FileCell(line, column, label, name, value)
            for (line, column, label, name), value in zip(places, found, strict=True)
        ]
    if header.get("form"):
        return cells_of_form(content, header["sheet"], row)
    columns = [column for column in header["columns"] if column["field"] not in _NOT_SHOWN]
    values = cells_of_line(content, header["sheet"], row, [column["index"] for column in columns])
    return [
        FileCell(row, column["index"], column["label"], column["field"], value)
        for column, value in zip(columns, values, strict=True)
    ]


def mend_row(batch: ImportBatch, *, sheet: str, cells: Iterable[RowCell], texts: Mapping[str, str],
             by: Staff | None) -> int:  # fmt: skip
    """
    Remember the texts a person has typed into the cells of a row, by their keys; returns how many differ from before.

    The batch must be checked again afterwards. Raises ValidationError once the import is confirmed or given up.
    """
    now = timezone.localtime().isoformat(timespec="minutes")
    acts = [
        Act(CELL, sheet, cell.line, str(by or "系统"), now, cell.index, cell.label, cell.text, texts[cell.key].strip())
        for cell in cells
        if cell.key in texts and _plain(texts[cell.key]) != _plain(cell.text)
    ]
    _remember(batch, acts)
    return len(acts)


def leave_row_out(batch: ImportBatch, *, sheet: str, row: int, name: str, by: Staff | None, out: bool = True) -> None:
    """Leave a row out of the import, or take it in again. Raises ValidationError as `mend_row` does."""
    now = timezone.localtime().isoformat(timespec="minutes")
    _remember(batch, [Act(LEAVE if out else TAKE, sheet, row, str(by or "系统"), now, label=name)])


@transaction.atomic
def _remember(batch: ImportBatch, acts: list[Act]) -> None:
    if not acts:
        return
    stored = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if stored.state != ImportBatch.State.PLANNED:
        raise ValidationError(batches.CLOSED)
    stored.mends = Mends([*Mends.read(stored.mends).acts, *acts]).as_text()
    stored.save(update_fields=["mends"])
    batch.mends, batch.version, batch.change_id = stored.mends, stored.version, stored.change_id


def unchecked(batch: ImportBatch, overview: Mapping[str, Any]) -> int:
    """How many acts of mending the shown plan does not know yet."""
    return len(Mends.read(batch.mends).acts) - int(overview.get("mends", 0))


def _plain(text: str) -> str:
    """A text as it is compared: a browser turns line breaks of a cell into blanks, which is no correction."""
    return " ".join(text.split())

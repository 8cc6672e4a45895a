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
from children.importing.findings import Level, column_letter
from children.importing.mends import CELL, LEAVE, TAKE, Act, Mends
from children.importing.normalise.text import as_text
from children.importing.outcomes import Status
from children.importing.overview import sheets_read
from children.importing.sheets import Workbook
from children.models import ImportBatch

_SAID = {Level.ERROR.value, Level.QUESTION.value, Level.WARNING.value}
_NOT_SHOWN = (IGNORE, AGE, SENSITIVE)


@dataclass(frozen=True, slots=True)
class RowCell:
    """A cell of a row as its form shows it: the file's own column title, its text, what is wrong with it."""

    index: int
    label: str
    text: str
    original: str
    faults: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """Excel's letters of the column."""
        return column_letter(self.index)

    @property
    def mended(self) -> bool:
        """True if a person has changed it."""
        return _plain(self.text) != _plain(self.original)


def cells_of_row(
    workbook: Workbook, header: Mapping[str, Any], findings: Iterable[Mapping[str, Any]], row: int, mends: Mends
) -> list[RowCell]:
    """
    The cells of a row of the uploaded file with the corrections made so far and what is wrong with each.

    Takes the workbook as uploaded, the stored header and findings of the sheet, and Excel's row number. Columns that
    are not imported are left out.
    """
    name = header["sheet"] or ""
    sheet = next(sheet for sheet in workbook.sheets if (sheet.name or "") == name)
    merged = {
        merge.left: sheet.value(merge.top, merge.left)
        for merge in sheet.merges
        if merge.left == merge.right and merge.top < row - 1 <= merge.bottom
    }
    told: dict[str, list[str]] = {}
    for found in findings:
        if found["sheet"] == header["sheet"] and found["row"] == row and found["level"] in _SAID:
            told.setdefault(found["letter"], []).append(found["sentence"])
    now = mends.cells
    cells = []
    for column in header["columns"]:
        if column["field"] in _NOT_SHOWN:
            continue
        index = column["index"]
        original = as_text(merged[index] if index in merged else sheet.value(row - 1, index))
        text = now.get((name, row, index), original)
        faults = tuple(told.get(column["letter"], ()))
        cells.append(RowCell(index, column["label"] or "无标题", text, original, faults))
    return cells


def faulty_rows(overview: Mapping[str, Any], plan: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """The rows that cannot be imported as they are or lose a cell: (place of the sheet's header, row), in file order."""
    places = {header["sheet"]: place for place, header in enumerate(sheets_read(overview)) if header["columns"]}
    rows = {
        (places[found["sheet"]], found["row"])
        for found in overview["findings"]
        if found["level"] == Level.ERROR and found["row"] and found["sheet"] in places
    }
    rejected = (row for row in plan if row["status"] == Status.REJECTED and row["sheet"] in places)
    rows |= {(places[row["sheet"]], row["row"]) for row in rejected}
    return sorted(rows)


def mend_row(batch: ImportBatch, *, sheet: str, row: int, cells: Iterable[RowCell], texts: Mapping[int, str],
             by: Staff | None) -> int:  # fmt: skip
    """
    Remember the texts a person has typed into the cells of a row, by column; returns how many cells differ from before.

    The batch must be checked again afterwards. Raises ValidationError once the import is confirmed or given up.
    """
    now = timezone.localtime().isoformat(timespec="minutes")
    acts = [
        Act(CELL, sheet, row, str(by or "系统"), now, cell.index, cell.label, cell.text, texts[cell.index].strip())
        for cell in cells
        if cell.index in texts and _plain(texts[cell.index]) != _plain(cell.text)
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

"""
Corrections that a person makes in the page. The uploaded file stays as it is; they are laid over it before it is read.

What is stored is the list of acts in their order: who changed which cell from what to what, who left which row out.
The present state of a cell follows from it, and so does the history that the pages show (rosters §7).
"""

import json
from dataclasses import asdict, dataclass, field

from children.importing.body import Body, SkippedRow
from children.importing.further_tables import sheet_called
from children.importing.lines import LEFT_OUT
from children.importing.sheets import Merge, Sheet, Workbook, column_letter

CELL, LEAVE, TAKE = "cell", "leave", "take"


@dataclass(frozen=True, slots=True)
class Act:
    """
    One act on a row (numbered as Excel shows it): a cell corrected, the row left out, the row taken in again.

    For a cell ``column`` counts from 0 and ``old`` is what stood there; for a row ``label`` is the pupil's name.
    """

    kind: str
    sheet: str
    row: int
    by: str
    at: str
    column: int = -1
    label: str = ""
    old: str = ""
    new: str = ""

    @property
    def place(self) -> str:
        """Where it was, e.g. 第7行 F列“身份证号”."""
        where = f"第{self.row}行"
        return f"{where} {column_letter(self.column)}列“{self.label}”" if self.kind == CELL else f"{where} {self.label}"

    @property
    def when(self) -> str:
        """When it was, to the minute: 2026-11-20 16:05."""
        return self.at[:16].replace("T", " ")


@dataclass(slots=True)
class Mends:
    """The acts on one file, and what follows from them."""

    acts: list[Act] = field(default_factory=list)

    @classmethod
    def read(cls, stored: str) -> "Mends":
        """From the sealed text of a batch; an empty text is no act."""
        return cls([Act(**act) for act in json.loads(stored)] if stored else [])

    def as_text(self) -> str:
        """For the sealed field of a batch."""
        return json.dumps([asdict(act) for act in self.acts], ensure_ascii=False)

    @property
    def cells(self) -> dict[tuple[str, int, int], str]:
        """The text that now stands in each corrected cell; a cell put back to the file's own text is not in it."""
        first: dict[tuple[str, int, int], str] = {}
        now: dict[tuple[str, int, int], str] = {}
        for act in self.acts:
            if act.kind == CELL:
                place = (act.sheet, act.row, act.column)
                first.setdefault(place, act.old)
                now[place] = act.new
        return {place: text for place, text in now.items() if text != first[place]}

    @property
    def left_out(self) -> dict[tuple[str, int], Act]:
        """The rows that a person does not want imported, with the act that said so."""
        rows: dict[tuple[str, int], Act] = {}
        for act in self.acts:
            if act.kind == LEAVE:
                rows[act.sheet, act.row] = act
            elif act.kind == TAKE:
                rows.pop((act.sheet, act.row), None)
        return rows

    def lay_over(self, workbook: Workbook) -> None:
        """Put the corrected texts into the cells of a workbook in memory."""
        for (name, row, column), text in self.cells.items():
            if sheet := sheet_called(workbook, name):
                _put(sheet, row - 1, column, text)

    def take_out(self, sheet: Sheet, body: Body) -> None:
        """Remove the rows that a person has left out from a sheet's pupils; they count as skipped lines."""
        name = sheet.name or ""
        unwanted = {row - 1 for where, row in self.left_out if where == name}
        if not unwanted:
            return
        kept = [place for place, row in enumerate(body.rows) if row not in unwanted]
        gone = [row for row in body.rows if row in unwanted]
        body.skipped += [SkippedRow(sheet.name, row + 1, LEFT_OUT) for row in gone]
        body.findings = [found for found in body.findings if found.row is None or found.row - 1 not in unwanted]
        body.rows = [body.rows[place] for place in kept]
        body.values = [body.values[place] for place in kept]
        body.copied = [body.copied[place] for place in kept]


def _put(sheet: Sheet, row: int, column: int, text: str) -> None:
    if row >= len(sheet.rows):
        return
    sheet.merges = [part for merge in sheet.merges for part in _without(sheet, merge, row, column)]
    cells = sheet.rows[row]
    cells += [None] * (column + 1 - len(cells))
    cells[column] = text or None
    sheet.formats.pop((row, column), None)
    sheet.unsolved.discard((row, column))


def _without(sheet: Sheet, merge: Merge, row: int, column: int) -> list[Merge]:
    """A merged range without one row: what stands above and below keeps the range's value."""
    if not (merge.top <= row <= merge.bottom and merge.left <= column <= merge.right):
        return [merge]
    value = sheet.value(merge.top, merge.left)
    parts = []
    if merge.top < row:
        parts.append(Merge(merge.top, merge.left, row - 1, merge.right))
    if row < merge.bottom:
        below = sheet.rows[row + 1]
        below += [None] * (merge.left + 1 - len(below))
        below[merge.left] = value
        parts.append(Merge(row + 1, merge.left, merge.bottom, merge.right))
    return parts

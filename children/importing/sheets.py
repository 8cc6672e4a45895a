"""A file as plain rows: what every reader produces and the rest of the importer works on."""

import datetime as dt
from dataclasses import dataclass, field

CellValue = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range, rows and columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """
    One sheet. ``rows[i]`` is Excel's row i + 1, starting in column A.

    Only the evidence that some cells need is kept beside the values: number formats of numbers and dates
    (rosters §1.5), formulas that were stored without a result, and comments. Keys are (row, column) from 0.
    """

    name: str | None
    rows: list[list[CellValue]]
    state: str = "visible"
    merges: list[Merge] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    unsolved: set[tuple[int, int]] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    struck_rows: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def value(self, row: int, column: int) -> CellValue:
        """The value of a cell, None outside the stored rows."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


@dataclass(slots=True)
class Workbook:
    """All sheets of a file, in order, with what must be known about the file as a whole."""

    kind: str
    sheets: list[Sheet]
    date1904: bool = False
    encoding: str = ""
    repaired: bool = False
    notes: tuple[str, ...] = ()

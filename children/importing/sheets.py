"""
A file as plain rows: what every reader produces and the rest of the importer works on.

Neither here nor in the modules that read .xlsx are there dataclasses or `typing`: each file is read in a process of its
own, in which loading these two would take as long as reading four hundred pupils.
"""

import datetime as dt
from collections import namedtuple

CellValue = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


class Merge(namedtuple("Merge", ("top", "left", "bottom", "right"))):
    """A merged range, rows and columns counted from 0, both ends included."""

    __slots__ = ()


class _Held:
    """Equal to another one of its kind that holds the same: two ways of reading a file can be compared."""

    __slots__: tuple[str, ...] = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return other.__class__ is self.__class__ and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )


class Sheet(_Held):
    """
    One sheet. ``rows[i]`` is Excel's row i + 1, starting in column A.

    Only the evidence that some cells need is kept beside the values: number formats of numbers and dates
    (rosters §1.5), formulas that were stored without a result, and comments. Keys are (row, column) from 0.
    """

    __slots__ = (
        "name", "rows", "state", "merges", "formats", "unsolved", "comments", "struck_rows", "hidden_rows",
        "hidden_columns",
    )  # fmt: skip

    def __init__(
        self,
        name: str | None,
        rows: list[list[CellValue]],
        state: str = "visible",
        merges: list[Merge] | None = None,
        formats: dict[tuple[int, int], str] | None = None,
        unsolved: set[tuple[int, int]] | None = None,
        comments: dict[tuple[int, int], str] | None = None,
        struck_rows: set[int] | None = None,
        hidden_rows: set[int] | None = None,
        hidden_columns: set[int] | None = None,
    ) -> None:
        self.name, self.rows, self.state = name, rows, state
        self.merges, self.formats = merges or [], formats or {}
        self.unsolved, self.comments = unsolved or set(), comments or {}
        self.struck_rows, self.hidden_rows = struck_rows or set(), hidden_rows or set()
        self.hidden_columns = hidden_columns or set()

    def value(self, row: int, column: int) -> CellValue:
        """The value of a cell, None outside the stored rows."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)


class Workbook(_Held):
    """All sheets of a file, in order, with what must be known about the file as a whole."""

    __slots__ = ("kind", "sheets", "date1904", "encoding", "repaired", "notes")

    def __init__(
        self, kind: str, sheets: list[Sheet], *, date1904: bool = False, encoding: str = "", repaired: bool = False
    ) -> None:
        self.kind, self.sheets = kind, sheets
        self.date1904, self.encoding, self.repaired = date1904, encoding, repaired
        self.notes: tuple[str, ...] = ()


def column_letter(column: int) -> str:
    """Excel's letters of a column counted from 0 (0 is A, 26 is AA)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The column counted from 0 for Excel's letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

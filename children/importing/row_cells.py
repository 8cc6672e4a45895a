"""The cells of a row by field: each read once with its normaliser, each remark put to the place it belongs to."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from children.importing.findings import Finding, Remark
from children.importing.header import Column
from children.importing.normalise import dates, text
from children.importing.normalise.reading import Reading, error
from children.importing.records import ChildRow
from children.importing.sheets import CellValue, Sheet
from children.importing.value_questions import Meanings, meaning_of

ADULT_PARTS = ("work_unit", "phone", "id_no", "ethnic", "age", "address", "health", "education", "job")


@dataclass(slots=True)
class SheetCells:
    """What the rows of a sheet share; remembers what was read before, since columns repeat their values."""

    sheet: Sheet
    fields: dict[str, Column]
    date1904: bool = False
    meanings: Meanings = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seen: dict[str, dict[Any, Reading]] = field(default_factory=lambda: defaultdict(dict))
    people: set[str] = field(init=False)
    parts: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.people = {name.partition(".")[0] + "." for name in self.fields if "." in name}
        self.parts = {
            prefix: [part for part in ADULT_PARTS if prefix + part in self.fields or self._may_split(prefix, part)]
            for prefix in self.people
        }

    def _may_split(self, prefix: str, part: str) -> bool:
        """A column that holds place and phone gives a phone as well."""
        return part == "phone" and prefix + "place_phone" in self.fields

    def read_date(self, value: CellValue) -> Reading:
        """A date in the calendar of the workbook."""
        return dates.read_date(value, date1904=self.date1904)

    def read(
        self,
        name: str,
        value: CellValue,
        reader: Callable[[CellValue], Reading],
        shown: str = "",
        *,
        may_clear: bool = False,
    ) -> Reading:
        """
        The reading of a value in a field; `shown` is the number format where it matters.

        With `may_clear` the token 【清空】 is CLEARED.
        """
        seen = self.seen[name]
        # 1, 1.0 and True are equal, but not the same to a reader; most cells are texts.
        key = value if value.__class__ is str and not shown else (value.__class__, value, shown)
        known = seen.get(key)
        if known is None:
            if may_clear and text.is_clear(value):
                known = CLEARED
            else:
                told = meaning_of(self.meanings, name, value) if self.meanings else None
                known = told or reader(value)
            if len(seen) < MOST_REMEMBERED:
                seen[key] = known
        return known

    def shown(self, row: int, name: str) -> str:
        """The number format of a cell, an empty string for General."""
        column = self.fields.get(name)
        return self.sheet.formats.get((row, column.index), "") if column else ""


@dataclass(slots=True)
class RowCells:
    """The cells of one row; ``alias`` names the column that a value was taken from if it is not its field's own."""

    shared: SheetCells
    child: ChildRow
    row: int
    values: dict[str, CellValue]
    alias: dict[str, str] = field(default_factory=dict)

    def empty(self, name: str) -> bool:
        """True if the cell says nothing."""
        return text.is_nothing(self.values.get(name))

    def take(self, name: str, reader: Callable[[CellValue], Reading], shown: str = "") -> Any:
        """The value of a field; its remarks become findings."""
        value = self.values.get(name)
        if value is None and not self.shared.sheet.unsolved:
            return None
        if value.__class__ is str and not shown:  # as nearly all: what was read before and left no remark
            known = self.shared.seen[name].get(value)
            if known is not None and known is not CLEARED and not known.remarks:
                return known.value
        return self.reading(name, reader, shown).value

    def reading(self, name: str, reader: Callable[[CellValue], Reading], shown: str = "") -> Reading:
        """The whole reading of a field; its remarks become findings, the token 【清空】 a wish to clear."""
        value = self.values.get(name)
        if value is None:
            if self.shared.sheet.unsolved and name in self.values:
                self._unsolved(name)
            return _NOTHING
        reading = self.shared.read(name, value, reader, shown, may_clear=True)
        if reading is CLEARED:
            self.child.clears |= {name}
        elif reading.remarks:
            for remark in reading.remarks:
                self.remark(name, remark)
        return reading

    def remark(self, name: str, remark: Remark) -> None:
        """A finding in the column of a field; it may settle the fate of the row."""
        column = self.shared.fields.get(self.alias.get(name, name))
        self.child.settle(remark.fate)
        self.shared.findings.append(
            Finding(
                remark.what,
                remark.level,
                remark.sentence,
                self.child.sheet,
                self.child.row,
                column.index if column else None,
                column.label if column else "",
                remark.fate,
                remark.offer,
            )
        )

    def _unsolved(self, name: str) -> None:
        column = self.shared.fields.get(name)
        if column and (self.row, column.index) in self.shared.sheet.unsolved:
            sentence = "单元格是公式，但文件里没有保存结果。请用 Excel 打开这个文件保存一次，再上传。"
            self.remark(name, error("formula_no_value", sentence))


MOST_REMEMBERED = 2_000
"""Readings kept of one column: what repeats itself does so early, and a large file must not be kept twice."""
_NOTHING: Reading[Any] = Reading(None)
CLEARED: Reading[Any] = Reading(None)
"""The reading of the token 【清空】."""

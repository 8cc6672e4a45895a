"""A printed table of figures: columns under grouped heads, rows whose cells open, a total, and cross-footing checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

Value = int | Decimal | str | None


@dataclass(frozen=True)
class Column:
    """A column: `key` names the question behind it, `group` the head it stands under."""

    key: str
    label: str
    group: str = ""


# Cells and checks are made by the thousand for a page: a frozen dataclass takes four times as long to make.
@dataclass(slots=True)
class Cell:
    """A figure and the key of its drill-down (empty: nothing to open, as with a rate)."""

    value: Value
    key: str = ""

    @property
    def shown(self) -> str:
        return "—" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Row:
    """A row; `scope` is the class id the figures belong to, 0 for the whole. `group`: sums up the classes of a grade."""

    label: str
    cells: tuple[Cell, ...]
    scope: int = 0
    total: bool = False
    note: str = ""
    group: str = ""


@dataclass(frozen=True)
class HeadCell:
    label: str
    across: int = 1
    down: int = 1


# A long narrow table on wide paper stands in so many blocks beside each other.
BLOCKS = 3
T = TypeVar("T")


def abreast(items: Sequence[T], blocks: int) -> tuple[tuple[T | None, ...], ...]:
    """The items in blocks beside each other, told line by line; None where the last blocks have no more."""
    deep = -(-len(items) // blocks)
    padded = (*items, *(None,) * (deep * blocks - len(items)))
    return tuple(padded[at::deep] for at in range(deep))


@dataclass(frozen=True)
class Table:
    """One table of the month (domain §10.2). `basis` states definition and cut-off, as the title must."""

    number: int
    title: str
    basis: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    side_by_side: bool = False

    @property
    def name(self) -> str:
        return f"表{self.number}　{self.title}"

    @property
    def two_heads(self) -> bool:
        return any(column.group for column in self.columns)

    @property
    def upper_heads(self) -> tuple[HeadCell, ...]:
        """The first head row: groups span their columns, lone columns reach down over both rows."""
        return tuple(self._upper())

    def _upper(self) -> Iterator[HeadCell]:
        at = 0
        while at < len(self.columns):
            column = self.columns[at]
            if not column.group:
                yield HeadCell(column.label, down=2 if self.two_heads else 1)
                at += 1
                continue
            across = 1
            while at + across < len(self.columns) and self.columns[at + across].group == column.group:
                across += 1
            yield HeadCell(column.group, across=across)
            at += across

    @property
    def lower_heads(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.group)

    @property
    def abreast(self) -> tuple[tuple[Row | None, ...], ...]:
        return abreast(self.rows, BLOCKS)

    @property
    def columns_abreast(self) -> int:
        return BLOCKS * (1 + len(self.columns))

    def cell(self, scope: int, key: str) -> Cell:
        """The cell of a row's scope under a column's key; KeyError when there is none."""
        at = next((place for place, column in enumerate(self.columns) if column.key == key), None)
        for row in self.rows:
            if at is not None and row.scope == scope:
                return row.cells[at]
        raise KeyError(f"{scope}/{key}")


@dataclass(frozen=True)
class CheckedChild:
    """A child behind a break; the name is filled for those who may see it, never frozen into a report."""

    child_id: int
    reason: str
    name: str = ""


@dataclass(slots=True)
class Check:
    """One cross-footing rule (勾稽关系): `left` must equal (or not exceed) `right`."""

    rule: str
    where: str
    left: int
    right: int
    holds: bool
    children: tuple[CheckedChild, ...] = field(default_factory=tuple)
    advice: str = ""

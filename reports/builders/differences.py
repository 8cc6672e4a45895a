"""The figures of a report handed in that would read otherwise today, by table and by class or grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from reports.builders.folding import BY_CLASS, FOLD_ABOVE, grade_of
from reports.builders.month import MonthFigures
from reports.builders.tables import Cell, Row, Table


@dataclass(frozen=True)
class Difference:
    """A figure that would be another one if the report were made today."""

    table: str
    row: str
    column: str
    frozen: str
    now: str
    total: bool = False
    #: Where its list is, see MonthFigures.ids; no key where none opens.
    key: str = ""
    scope: int = 0


@dataclass(frozen=True)
class ChangedRow:
    """A row of the report with the figures in it that changed."""

    label: str
    cells: tuple[Difference, ...]


@dataclass(frozen=True)
class ChangedGroup:
    """Rows under one head: the classes of a grade, or (without a label) all rows of a table that has few."""

    label: str
    rows: tuple[ChangedRow, ...]

    @property
    def count(self) -> int:
        return sum(len(row.cells) for row in self.rows)


@dataclass(frozen=True)
class ChangedTable:
    """A table of the report: `totals` is what the school hands up, `groups` where in the school it comes from."""

    name: str
    totals: tuple[ChangedRow, ...]
    groups: tuple[ChangedGroup, ...]

    @property
    def count(self) -> int:
        return sum(len(row.cells) for row in self.totals) + sum(group.count for group in self.groups)


def differences(frozen: MonthFigures, live: MonthFigures) -> tuple[Difference, ...]:
    """Every cell of the frozen report that would read otherwise now."""
    found = []
    for old, new in zip(frozen.tables, live.tables, strict=True):
        rows = {(row.scope, row.note): row for row in new.rows}
        for row in old.rows:
            now = _by_key(new, rows.get((row.scope, row.note)))
            for column, cell in zip(old.columns, row.cells, strict=True):
                current = now.get(column.key)
                shown = current.shown if current else "—"
                if shown != cell.shown:
                    label = f"{column.group}{column.label}".replace("\n", "")
                    found.append(
                        Difference(old.name, row.label, label, cell.shown, shown, row.total, cell.key, row.scope)
                    )
    return tuple(found)


def _by_key(table: Table, row: Row | None) -> dict[str, Cell]:
    if row is None:
        return {}
    return {column.key: cell for column, cell in zip(table.columns, row.cells, strict=True)}


def by_table(found: Iterable[Difference], frozen: MonthFigures) -> tuple[ChangedTable, ...]:
    """What `differences` found, table by table; the classes of a large school by grade, as its tables show them."""
    by_grade = {
        table.name for table in frozen.tables if table.number in BY_CLASS and len(table.rows) > FOLD_ABOVE
    }  # fmt: skip
    tables = []
    for name, mine in groupby(found, key=lambda one: one.table):
        totals: list[ChangedRow] = []
        rows: list[ChangedRow] = []
        for (label, total), cells in groupby(mine, key=lambda one: (one.row, one.total)):
            (totals if total else rows).append(ChangedRow(label, tuple(cells)))
        heads = groupby(rows, key=lambda row: grade_of(row.label)[1] if name in by_grade else "")
        tables.append(ChangedTable(name, tuple(totals), tuple(ChangedGroup(head, tuple(some)) for head, some in heads)))
    return tuple(tables)

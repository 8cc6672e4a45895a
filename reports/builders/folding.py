"""
The tables of a large school as a page shows them: its classes by grade until one is opened, its mentors some at a time.

Figures stay what they are; paper and frozen reports keep every row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.core.paginator import Page, Paginator

from reports.builders.tables import Cell, Row, Table

#: Up to so many rows a table is shown as it is.
FOLD_ABOVE = 24
MENTORS_A_PAGE = 25
BY_CLASS = (1, 2)
BY_MENTOR = 4


@dataclass(frozen=True)
class Shown:
    """A table as it stands on a page; `page` where only some of its rows are shown."""

    table: Table
    page: Page[Row] | None = None


def fold(tables: tuple[Table, ...], *, grade: str, page: str) -> tuple[Shown, ...]:
    """The tables of a month with the classes of one `grade` (四; empty: of none) and one `page` of the mentors."""
    found = []
    for table in tables:
        totals = [row for row in table.rows if row.total]
        rows = [row for row in table.rows if not row.total]
        if len(rows) <= FOLD_ABOVE or table.number not in (*BY_CLASS, BY_MENTOR):
            found.append(Shown(table))
        elif table.number == BY_MENTOR:
            some = Paginator(rows, MENTORS_A_PAGE).get_page(page)
            found.append(Shown(replace(table, rows=(*some, *totals)), some))
        else:
            found.append(Shown(replace(table, rows=(*_by_grade(rows, grade), *totals))))
    return tuple(found)


def grade_of(label: str) -> tuple[str, str]:
    """The grade of a class's row, as an address has it and as it is read: 四, 四年级."""
    name = label.partition("（")[0]
    return name, name if name.endswith(("班", "届")) else f"{name}年级"


def _by_grade(rows: list[Row], opened: str) -> list[Row]:
    grades: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grades.setdefault(grade_of(row.label), []).append(row)
    found = []
    for (name, label), mine in grades.items():
        sums = map(sum, zip(*([cell.value for cell in row.cells] for row in mine), strict=True))
        found.append(Row(f"{label}（{len(mine)}个班）", tuple([Cell(figure) for figure in sums]), group=name))
        found += mine if name == opened else []
    return found

"""What changed since a report was handed in, put together for who approves it."""

from dataclasses import replace

from reports.builders.differences import by_table, differences
from reports.builders.month import MonthFigures
from reports.builders.tables import Cell, Table
from tests.reports.specimens.of_school import month, table1


def with_tables(*tables: Table) -> MonthFigures:
    return replace(month(), tables=tables)


def changed(table: Table, at: int, *, by: int = 1, columns: int = 2) -> Table:
    """The table with the first figures of one row changed."""
    row = table.rows[at]
    cells = tuple(Cell(cell.value + by) if place < columns else cell for place, cell in enumerate(row.cells))
    return replace(table, rows=(*table.rows[:at], replace(row, cells=cells), *table.rows[at + 1 :]))


def test_only_rows_that_changed_stand_under_their_table_with_counts():
    old = table1(classes=3)
    frozen, live = with_tables(old), with_tables(changed(changed(old, 1), 3, columns=1))
    (table,) = by_table(differences(frozen, live), frozen)
    assert table.name == old.name
    assert table.count == 3
    assert [(row.label, len(row.cells)) for row in table.totals] == [("合　计", 1)]
    (group,) = table.groups
    assert (group.label, group.count) == ("", 2)
    assert [row.label for row in group.rows] == [old.rows[1].label]
    assert group.rows[0].cells[1].column == "留守儿童小计"


def test_the_classes_of_a_large_school_stand_by_grade():
    old = table1(classes=30)
    frozen, live = with_tables(old), with_tables(changed(changed(changed(old, 0), 1), 8))
    (table,) = by_table(differences(frozen, live), frozen)
    assert [(group.label, group.count, len(group.rows)) for group in table.groups] == [
        ("一年级", 4, 2),
        ("二年级", 2, 1),
    ]


def test_a_table_without_a_change_is_left_out():
    one, two = table1(classes=3), replace(table1(classes=3), number=2, title="另一张")
    frozen, live = with_tables(one, two), with_tables(one, changed(two, 0))
    assert [table.name for table in by_table(differences(frozen, live), frozen)] == [two.name]

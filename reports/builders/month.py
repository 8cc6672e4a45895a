"""The month of a class or a school: tables 1 to 4 with their checks and, behind each figure, its list (domain §10.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models.fields.json import KeyTransform

from caretrack.periods import Month
from children.left_behind import Definition
from reports.builders import basics, care_work, movement, programme
from reports.builders.paper import chinese_date, chinese_span
from reports.builders.register import gather, register
from reports.builders.tables import Cell, Check, Row, Table
from reports.builders.tally import Tally, behind_key
from reports.builders.unit import Unit
from reports.models import MonthlyReport, ReportState

CLOSED = (ReportState.SUBMITTED, ReportState.APPROVED)


@dataclass(frozen=True)
class MonthFigures:
    """What the page, the PDF and a frozen report show of one month. Holds no name of a child."""

    unit: str
    school: str
    month_label: str
    starts_on: date
    ends_on: date
    cut_off: date
    definition: str
    basis: str
    tables: tuple[Table, ...]
    checks: tuple[Check, ...]
    behind: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def broken(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.holds)

    def ids(self, key: str, scope: int) -> tuple[int, ...]:
        """What stands behind a cell, empty when nothing does."""
        return tuple(self.behind.get(behind_key(key, scope), ()))

    def has_cell(self, key: str, scope: int) -> bool:
        """Whether a cell of these tables opens `key` for `scope`."""
        return any(
            cell.key == key for table in self.tables for row in table.rows if row.scope == scope for cell in row.cells
        )


@dataclass(frozen=True)
class Difference:
    """A figure that would be another one if the report were made today."""

    table: str
    row: str
    column: str
    frozen: str
    now: str


def build_month(unit: Unit, month: Month, *, definition: str, on: date) -> MonthFigures:
    """
    The figures of `unit` for `month` under `definition`, as of the month's end or `on` if that comes first.

    The number of statements does not depend on the number of children.
    """
    cut_off = min(month.last, on)
    tally = Tally()
    before = month.first - timedelta(days=1)
    sources = gather(unit, before, cut_off)
    closing = register(unit, cut_off, definition, sources)
    basics.count(closing, tally)
    opening = sources.members(before, definition)
    span = movement.Span(month.first, cut_off, opening, closing.classes())
    unexplained = movement.count(unit, span, definition, sources.birth, tally)
    everyone = opening | closing.classes()
    done = care_work.completed(unit, month.first, cut_off)
    aid = care_work.count(unit, month.first, cut_off, everyone.keys(), tally, done)
    running = programme.active_programme(unit, cut_off)
    asked = programme.count(unit, month, running, tally, done=done, on=on)
    classes = [(school_class.pk, school_class.name_on(cut_off)) for school_class in unit.classes(cut_off)]
    names = dict(classes)
    single = unit.school_class is not None
    label = Definition(definition).label
    days = f"统计期{chinese_span(month.first, cut_off)}"
    until = f"截至{chinese_date(cut_off)}"
    tables = (
        basics.table(tally, classes, f"{label}　{until}　单位：人", single=single),
        movement.table(tally, classes, f"{label}　{days}　单位：人", single=single),
        care_work.table(tally, f"{days}　对象：本期名册内儿童（{label.partition('：')[0]}）", aid),
        programme.table(tally, asked, f"“{running.name}”完成情况表" if running else "关爱项目完成情况表", days),
    )
    checks = (
        *basics.checks(closing, tally, names),
        *movement.checks(tally, names, unexplained, _carried(unit, month, definition)),
        *care_work.checks(tally, everyone),
    )
    return MonthFigures(
        unit=unit.title_prefix(cut_off),
        school=unit.school.name,
        month_label=month.label,
        starts_on=month.first,
        ends_on=month.last,
        cut_off=cut_off,
        definition=definition,
        basis=label,
        tables=tables,
        checks=checks,
        behind=tally.behind(),
    )


def _carried(unit: Unit, month: Month, definition: str) -> frozenset[int] | None:
    """The closing register of the report before, None when there is no closed one under the same definition."""
    reports = MonthlyReport.objects.filter(
        school=unit.school, school_class=unit.school_class, month=month.previous().key, definition=definition
    )
    # Only the one list is fetched: the whole of a school's figures would take longer to read than to count anew.
    closing = KeyTransform(behind_key("t2.end", 0), KeyTransform("behind", "figures"))
    closed = reports.filter(state__in=CLOSED).annotate(closing=closing).values_list("closing", flat=True)[:1]
    return next((frozenset(ids or ()) for ids in closed), None)


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
                    found.append(Difference(old.name, row.label, label, cell.shown, shown))
    return tuple(found)


def _by_key(table: Table, row: Row | None) -> dict[str, Cell]:
    if row is None:
        return {}
    return {column.key: cell for column, cell in zip(table.columns, row.cells, strict=True)}

"""The month of a class or a school: tables 1 to 4 with their checks and, behind each figure, its list (domain §10.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models.fields.json import KeyTransform

from caretrack.periods import Month, chinese_date
from children.left_behind import Definition
from reports.builders import basics, care_work, movement, programme
from reports.builders.paper import chinese_span
from reports.builders.register import Register, gather, register
from reports.builders.sums import Beside, Sums
from reports.builders.tables import Check, Table
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


def build_month(unit: Unit, month: Month, *, definition: str, on: date) -> MonthFigures:
    """
    The figures of `unit` for `month` under `definition`, as of the month's end or `on` if that comes first.

    The number of statements does not depend on the number of children.
    """
    cut_off = min(month.last, on)
    tally = Tally()
    asked = Asked.of(unit, month, cut_off)
    beside, closing = count_month(unit, month, asked, tally, definition=definition, on=on)
    care_work.count_meetings(unit, month.first, cut_off, tally)
    strays = basics.strays(closing, dict(asked.classes))
    sums = Sums.of(tally, beside)
    carried = carried_over(unit, month, definition)
    figures = compose(unit, month, asked, sums, definition=definition, carried=carried, strays=strays)
    return replace(figures, behind=tally.behind())


@dataclass(frozen=True)
class Asked:
    """What the tables of a month ask for besides children: the classes with their names, the duties of mentors."""

    cut_off: date
    classes: list[tuple[int, str]]
    duties: programme.Duties

    @classmethod
    def of(cls, unit: Unit, month: Month, cut_off: date) -> Asked:
        """Two statements."""
        return cls(
            cut_off,
            [(school_class.pk, school_class.name_on(cut_off)) for school_class in unit.classes(cut_off)],
            programme.duties(unit.school, month),
        )


def count_month(
    unit: Unit,
    month: Month,
    asked: Asked,
    tally: Tally,
    *,
    definition: str,
    on: date,
    of: tuple[int, ...] | None = None,
) -> tuple[Beside, Register]:
    """
    Put what the unit's children (of `of` only) add to its month into the tally; returns what stands beside the figures.

    What is counted for a child depends on nothing that is known of other children.
    """
    before, cut_off = month.first - timedelta(days=1), asked.cut_off
    sources = gather(unit, before, cut_off, of)
    closing = register(unit, cut_off, definition, sources)
    basics.count(closing, tally)
    opening = sources.members(before, definition)
    span = movement.Span(month.first, cut_off, opening, closing.classes())
    unexplained = movement.count(unit, span, definition, sources.birth, tally, of)
    everyone = opening | closing.classes()
    done = care_work.completed(unit, month.first, cut_off, of)
    grants = care_work.count_children(unit, month.first, cut_off, everyone.keys(), tally, done, of)
    programme.count(unit, month, asked.duties, tally, done=done, on=on, of=of)
    wrong = [(place, at, child) for (place, at), children in basics.wrong(closing).items() for child in children]
    return Beside(wrong, unexplained, grants, list(opening), list(everyone)), closing


def compose(
    unit: Unit,
    month: Month,
    asked: Asked,
    sums: Sums,
    *,
    definition: str,
    carried: frozenset[int] | None,
    strays: Sequence[int] = (),
) -> MonthFigures:
    """
    Tables and checks from the sums of all children, without the lists behind the figures. One statement.

    `carried` is what `carried_over` tells; `strays` are pupils in classes that have no row.
    """
    cut_off = asked.cut_off
    names = dict(asked.classes)
    single = unit.school_class is not None
    label = Definition(definition).label
    days = f"统计期{chinese_span(month.first, cut_off)}"
    until = f"截至{chinese_date(cut_off)}"
    mentors = programme.names(sums.scopes("t4.mentees"))
    tables = (
        basics.table(sums, asked.classes, f"{label}　{until}　单位：人", single=single),
        movement.table(sums, asked.classes, f"{label}　{days}　单位：人", single=single),
        care_work.table(sums, f"{days}　对象：本期名册内儿童（{label.partition('：')[0]}）", sums.aid),
        programme.table(sums, asked.duties, mentors, days),
    )
    checks = (
        *basics.checks(sums, names, sums.wrong_of(), strays),
        *movement.checks(sums, names, sums.unexplained, sums.opening, carried),
        *care_work.checks(sums, sums.everyone),
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
    )


def carried_over(unit: Unit, month: Month, definition: str) -> frozenset[int] | None:
    """The closing register of the report before, None when there is no closed one under the same definition."""
    reports = MonthlyReport.objects.filter(
        school=unit.school, school_class=unit.school_class, month=month.previous().key, definition=definition
    )
    # Only the one list is fetched: the whole of a school's figures would take longer to read than to count anew.
    closing = KeyTransform(behind_key("t2.end", 0), KeyTransform("behind", "figures"))
    closed = reports.filter(state__in=CLOSED).annotate(closing=closing).values_list("closing", flat=True)[:1]
    return next((frozenset(ids or ()) for ids in closed), None)

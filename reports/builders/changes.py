"""
The register of changes for any span of days: 期初 + 增加 − 减少 = 期末, by class, every figure with who is behind it.

Pupils are counted at each coming and going, from the dated enrolments; why comes from the register's lines. Whoever
leaves is counted on the last day in class and leaves the day after. Left-behind children are compared between the
two ends of the span, as table 2 of the monthly report does (reports.builders.movement).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from caretrack.schools.models import SchoolClass
from children.left_behind import Definition
from children.models import StatusChange, codes
from reports.builders import movement
from reports.builders.paper import chinese_span
from reports.builders.register import gather
from reports.builders.tables import Cell, Column, Row, Table
from reports.builders.tally import WHOLE, Tally, behind_key
from reports.builders.unit import Unit

Kind = codes.ChangeKind
ROLL = "roll"
BASES: dict[str, str] = {ROLL: "在校生（学籍在班人数）", **{d.value: d.label for d in Definition}}
ONE_DAY = timedelta(days=1)
CAME = {
    Kind.ENROL_NEW: "enrol_new",
    Kind.IN_TRANSFER: "in_transfer",
    Kind.RESUME: "resume",
    Kind.FOUND: "found",
    Kind.CLASS_CHANGE: "class_in",
}
WENT = {
    Kind.OUT_TRANSFER: "out_transfer",
    Kind.GRADUATE: "graduate",
    Kind.SUSPENDED: "suspended",
    Kind.DROPOUT: "dropout",
    Kind.DEATH: "gone",
    Kind.MISSING: "gone",
    Kind.ERROR: "error",
    Kind.CLASS_CHANGE: "class_out",
}
GAINS = ("enrol_new", "in_transfer", "resume", "found", "class_in", "came_unsaid")
LOSSES = ("out_transfer", "graduate", "suspended", "dropout", "gone", "error", "class_out", "went_unsaid")
COLUMNS = (
    Column("roll.start", "期初数"),
    Column("roll.enrol_new", "新生", "增加"),
    Column("roll.in_transfer", "转入", "增加"),
    Column("roll.resume", "复学", "增加"),
    Column("roll.found", "补登", "增加"),
    Column("roll.class_in", "调入\n本班", "增加"),
    Column("roll.came_unsaid", "未登记\n原因", "增加"),
    Column("roll.gain", "小计", "增加"),
    Column("roll.out_transfer", "转出", "减少"),
    Column("roll.graduate", "毕业", "减少"),
    Column("roll.suspended", "休学", "减少"),
    Column("roll.dropout", "辍学", "减少"),
    Column("roll.gone", "死亡\n失踪", "减少"),
    Column("roll.error", "误登", "减少"),
    Column("roll.class_out", "调出\n本班", "减少"),
    Column("roll.went_unsaid", "未登记\n原因", "减少"),
    Column("roll.loss", "小计", "减少"),
    Column("roll.end", "期末数"),
    Column("roll.kept", "休学辍学\n在册"),
)
NOTES = (
    "按在班经历逐次统计，同一学生期内几次进出各计一次",
    "离校的从在校最后一天的次日起减少",
    "休学、辍学的不计入在校生，仍在册作为重点对象跟进",
)
NOTES_LEFT_BEHIND = ("比较期初和期末两天，期内先增后减的不计", *movement.NOTES)


@dataclass(frozen=True)
class Movement:
    """The table of a span, and the children behind its cells."""

    basis: str
    first: date
    last: date
    table: Table
    behind: Mapping[str, tuple[int, ...]]

    def ids(self, key: str, scope: int) -> tuple[int, ...]:
        return tuple(self.behind.get(behind_key(key, scope), ()))

    def has_cell(self, key: str, scope: int) -> bool:
        return any(cell.key == key for row in self.table.rows if row.scope == scope for cell in row.cells)

    @property
    def whole(self) -> Row:
        """The row that the figures above the register show: the total, or a class's only row."""
        return self.table.rows[-1]

    def _sum(self, group: str) -> int:
        pairs = zip(self.table.columns, self.whole.cells, strict=True)
        return sum(
            int(str(cell.value))
            for column, cell in pairs
            if column.group == group and not column.key.endswith((".gain", ".loss"))
        )

    def _at(self, suffix: str) -> Cell:
        return next(cell for cell in self.whole.cells if cell.key.endswith(suffix))

    @property
    def opening(self) -> Cell:
        return self._at(".start")

    @property
    def closing(self) -> Cell:
        return self._at(".end")

    @property
    def gained(self) -> int:
        return self._sum("增加") + self._sum("新增")

    @property
    def lost(self) -> int:
        return self._sum("减少")

    @property
    def holds(self) -> bool:
        """期初 + 增加 − 减少 = 期末."""
        return int(str(self.opening.value)) + self.gained - self.lost == int(str(self.closing.value))


def build_movement(unit: Unit, first: date, last: date, basis: str = ROLL) -> Movement:
    """
    How the number of pupils (`basis` roll), or of left-behind children under a definition, changed in first … last.

    A fixed number of statements whatever the number of children. Raises ValueError for an unknown basis.
    """
    if basis not in BASES:
        raise ValueError(f"unknown basis: {basis!r}")
    tally = Tally()
    classes = _classes(unit, first, last)
    single = unit.school_class is not None
    title = f"{BASES[basis]}　统计期{chinese_span(first, last)}　单位：人"
    if basis == ROLL:
        _count_roll(unit, first, last, tally)
        table = _roll_table(tally, classes, title, single=single)
    else:
        before = first - ONE_DAY
        sources = gather(unit, before, last)
        span = movement.Span(first, last, sources.members(before, basis), sources.members(last, basis))
        movement.count(unit, span, basis, sources.birth, tally)
        made = movement.table(tally, classes, title, single=single)
        table = Table(1, "留守儿童变动情况表", title, "班　级", made.columns[:-2], _cut(made.rows), NOTES_LEFT_BEHIND)
    return Movement(basis, first, last, table, tally.behind())


def _cut(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Without the two columns that move nobody."""
    return tuple(Row(row.label, row.cells[:-2], row.scope, row.total, row.note) for row in rows)


def _classes(unit: Unit, first: date, last: date) -> list[tuple[int, str]]:
    """Classes with a row: those taught on the last day, and any that had pupils; graduates keep their last name."""
    if unit.school_class:
        classes = [unit.school_class]
    else:
        had = unit.enrolled_during(first - ONE_DAY, last).order_by().values("school_class")
        found = SchoolClass.objects.filter(school=unit.school)
        taught = SchoolClass.objects.taught_on(last).filter(school=unit.school).order_by().values("pk")
        classes = list(found.filter(Q(pk__in=had) | Q(pk__in=taught)).order_by("-entry_year", "number"))
        for school_class in classes:
            school_class.school = unit.school
    return [(one.pk, one.name_on(min(last, date(one.graduates_year, 7, 31)))) for one in classes]


def _count_roll(unit: Unit, first: date, last: date, tally: Tally) -> None:
    """Every coming and going of the span into the tally. Three statements."""
    came, went = _reasons(unit, first, last)
    before = first - ONE_DAY
    rows = unit.enrolled_during(before, last).order_by("school_class_id", "child__pinyin", "child_id", "starts_on")
    for child, at, start, end in rows.values_list("child_id", "school_class_id", "starts_on", "ends_on"):
        scopes = (at, WHOLE)
        if start <= before and (end is None or end >= before):
            tally.add("roll.start", child, *scopes)
        if start <= last and (end is None or end >= last):
            tally.add("roll.end", child, *scopes)
        if first <= start <= last:
            reason = CAME.get(came.get((child, start), ""), "came_unsaid")  # type: ignore[call-overload]
            tally.add_time(f"roll.{reason}", child, *scopes)
            tally.add_time("roll.gain", child, *scopes)
        if end is not None and before <= end < last:
            reason = WENT.get(went.get((child, end), ""), "went_unsaid")  # type: ignore[call-overload]
            tally.add_time(f"roll.{reason}", child, *scopes)
            tally.add_time("roll.loss", child, *scopes)
    for child, at in kept_on_register(unit, last).items():
        tally.add("roll.kept", child, at, WHOLE)


def _reasons(unit: Unit, first: date, last: date) -> tuple[dict[tuple[int, date], str], dict[tuple[int, date], str]]:
    """(child, first day) → kind of coming, (child, last day) → kind of leaving."""
    lines = StatusChange.objects.filter(school=unit.school, on__range=(first - ONE_DAY, last + ONE_DAY)).standing()
    came: dict[tuple[int, date], str] = {}
    went: dict[tuple[int, date], str] = {}
    for child, kind, on in lines.order_by("pk").values_list("child_id", "kind", "on"):
        if kind in codes.ENTERS_SCHOOL:
            came[child, on] = kind
        elif kind in codes.LEAVES_SCHOOL:
            went[child, on] = kind
        elif kind == Kind.CLASS_CHANGE:
            came.setdefault((child, on), kind)
            went.setdefault((child, on - ONE_DAY), kind)
    return came, went


def kept_on_register(unit: Unit, on: date) -> dict[int, int]:
    """
    Children who are suspended or dropped out on the day: child id → the class they left.

    They left the roll and stay on the register as key cases (domain §5.3). Two statements.
    """
    lines = StatusChange.objects.filter(school=unit.school, kind__in=codes.LEAVES_SCHOOL, on__lt=on).standing()
    if unit.school_class:
        lines = lines.filter(school_class=unit.school_class)
    last: dict[int, tuple[str, date, int]] = {}
    for child, kind, day, at in lines.order_by("on", "pk").values_list("child_id", "kind", "on", "school_class_id"):
        last[child] = (kind, day, at)
    kept = {
        child: (day, at) for child, (kind, day, at) in last.items() if kind in (Kind.SUSPENDED, Kind.DROPOUT) and at
    }
    back = set(
        Unit(unit.school).enrolled_during(on, on).filter(child__in=list(kept)).values_list("child_id", flat=True)
    )
    return {child: at for child, (_day, at) in kept.items() if child not in back}


def _roll_table(tally: Tally, classes: list[tuple[int, str]], basis: str, *, single: bool) -> Table:
    # What nobody left unsaid needs no column.
    unsaid = [c.key for c in COLUMNS if c.key.endswith("_unsaid") and not tally.times(c.key)]
    columns = tuple(column for column in COLUMNS if column.key not in unsaid)

    def row(label: str, scope: int, *, total: bool = False) -> Row:
        return Row(label, tuple(Cell(tally.times(c.key, scope), c.key) for c in columns), scope, total=total)

    rows = [row(name, class_id) for class_id, name in classes]
    if not single:
        rows.append(row("合　计", WHOLE, total=True))
    return Table(1, "在校生变动情况表", basis, "班　级", columns, tuple(rows), NOTES)

"""
Table 3: what was done for the children of the register in a span of days (domain §10.2).

人次 and 人数 stand side by side (§0.3). A group talk is one occasion with n heads. Only what was completed counts;
what was entered late for an earlier span is listed apart, as supplement (§10.1).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from activities.models import Activity, ActivityParticipant, CareRecord, Kind, Meeting
from caretrack.fixed import fixed
from children.models import AidGrant, HealthCheck
from reports.builders.tables import Cell, Check, CheckedChild, Column, Row, Table
from reports.builders.tally import Tally
from reports.builders.unit import Unit

COLUMNS = (
    Column("times", "次数"),
    Column("heads", "涉及人数"),
    Column("visits", "人次"),
    Column("late", "补记（次）"),
)
RECORDS = "records"
OTHERS = (
    ("health_check", "健康检查"),
    ("lecture", "讲座"),
    ("activity", "关爱活动"),
    ("meeting", "座谈会"),
    ("aid", "资助"),
)
NOTES = (
    "只统计已完成的记录，未联系上的不计；集体谈话按一次、多人次计，家访按户次计",
    "“补记”是本期登记、发生在本期以前的记录，不计入前三栏",
)


@dataclass(frozen=True)
class Aid:
    """Aid given in the span to children of the register."""

    amount: Decimal
    goods: tuple[str, ...]

    @property
    def note(self) -> str:
        parts = [f"资助金额合计{self.amount:.2f}元" if self.amount else "", "、".join(self.goods)]
        return "；物资：".join(part for part in parts if part)


@dataclass(frozen=True)
class Done:
    """A completed record: its id, the child, the kind, the group talk it belongs to."""

    record: int
    child: int
    kind: str
    group: int | None


def completed(unit: Unit, first: date, last: date) -> tuple[Done, ...]:
    """Every completed record of the unit's school in the span. One statement."""
    return tuple(Done(*row) for row in _completed(unit.school.pk, first, last))


@fixed
def _completed(school: int, first: date, last: date) -> QuerySet[CareRecord, Any]:
    rows = CareRecord.objects.filter(school=school).reached().between(first, last).order_by()
    return rows.values_list("pk", "child_id", "kind", "group_id")


def count(
    unit: Unit, first: date, last: date, children: Collection[int], tally: Tally, done: tuple[Done, ...] | None = None
) -> Aid:
    """
    Put the span's records, checks, activities and aid of `children` into the tally.

    `done` are the span's completed records where they have been read already. Six statements otherwise.
    """
    wanted = frozenset(children)
    school = unit.school.pk
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    for one in completed(unit, first, last) if done is None else done:
        if one.child in wanted:
            _add(tally, one.kind, child=one.child, visit=one.record, occasion=-one.group if one.group else one.record)
    for record, child, kind in _late(school, first, begin, end):
        if child in wanted:
            tally.add(f"t3.{kind}.late", record, 0)
    for check, child in _checks(school, first, last):
        if child in wanted:
            _add(tally, "health_check", child=child, visit=check, occasion=check)
    _count_events(unit, first, last, wanted, tally)
    amount = Decimal(0)
    goods: list[str] = []
    batches: dict[str, int] = {}
    for grant, child, money, things, batch in _grants(school, first, last):
        if child in wanted:
            occasion = -batches.setdefault(batch, len(batches) + 1) if batch else grant
            _add(tally, "aid", child=child, visit=grant, occasion=occasion)
            amount += money or 0
            goods += [things] if things else []
    return Aid(amount, tuple(dict.fromkeys(goods)))


@fixed
def _late(school: int, first: date, begin: datetime, end: datetime) -> QuerySet[CareRecord, Any]:
    """Records of before `first` that were written down in begin … end."""
    written = CareRecord.objects.filter(school=school, created_at__gte=begin, created_at__lt=end)
    return written.reached().filter(on__lt=first).order_by().values_list("pk", "child_id", "kind")


@fixed
def _checks(school: int, first: date, last: date) -> QuerySet[HealthCheck, Any]:
    checks = HealthCheck.objects.filter(child__school=school, on__gte=first, on__lte=last)
    return checks.order_by().values_list("pk", "child_id")


@fixed
def _grants(school: int, first: date, last: date) -> QuerySet[AidGrant, Any]:
    grants = AidGrant.objects.filter(child__school=school, on__gte=first, on__lte=last).order_by("on", "pk")
    return grants.values_list("pk", "child_id", "amount", "goods", "batch")


def _add(tally: Tally, item: str, *, child: int, visit: int, occasion: int) -> None:
    tally.add(f"t3.{item}.times", occasion, 0)
    tally.add(f"t3.{item}.heads", child, 0)
    tally.add(f"t3.{item}.visits", visit, 0)


def _count_events(unit: Unit, first: date, last: date, wanted: frozenset[int], tally: Tally) -> None:
    """Activities and meetings count when a child of the register took part, or when they were for the whole unit."""
    school = unit.school.pk
    for row, child, activity, kind in _came_to_activities(school, first, last):
        if child in wanted:
            item = "lecture" if kind == Activity.Kind.LECTURE else "activity"
            _add(tally, item, child=child, visit=row, occasion=activity)
    for meeting, school_class in _meetings(school, first, last):
        if unit.school_class is None or school_class == unit.school_class.pk:
            tally.add("t3.meeting.times", meeting, 0)
    for row, child, meeting in _came_to_meetings(school, first, last):
        if child in wanted:
            _add(tally, "meeting", child=child, visit=row, occasion=meeting)


@fixed
def _came_to_activities(school: int, first: date, last: date) -> QuerySet[ActivityParticipant, Any]:
    came = ActivityParticipant.objects.present().filter(
        activity__school=school, activity__on__gte=first, activity__on__lte=last
    )
    return came.order_by().values_list("pk", "child_id", "activity_id", "activity__kind")


@fixed
def _meetings(school: int, first: date, last: date) -> QuerySet[Meeting, Any]:
    held = Meeting.objects.held().filter(school=school, on__gte=first, on__lte=last)
    return held.order_by().values_list("pk", "school_class_id")


@fixed
def _came_to_meetings(school: int, first: date, last: date) -> QuerySet[ActivityParticipant, Any]:
    came = ActivityParticipant.objects.present().filter(
        meeting__school=school, meeting__on__gte=first, meeting__on__lte=last
    )
    return came.order_by().values_list("pk", "child_id", "meeting_id")


def table(tally: Tally, basis: str, aid: Aid) -> Table:
    """Table 3: a row for each kind of care."""
    items = [(kind.value, kind.label) for kind in Kind] + list(OTHERS)
    rows = tuple(_row(tally, key, label) for key, label in items)
    notes = NOTES + ((aid.note,) if aid.note else ())
    return Table(3, "关爱活动统计表", basis, "项　目", COLUMNS, rows, notes, side_by_side=True)


def _row(tally: Tally, item: str, label: str) -> Row:
    recorded = item in Kind.values
    cells = []
    for column in COLUMNS:
        key = f"t3.{item}.{column.key}"
        if column.key == "late" and not recorded:
            cells.append(Cell(None))
        else:
            # Occasions are not rows of one table; the records behind them are what opens.
            opens = f"t3.{item}.visits" if column.key == "times" else key
            cells.append(Cell(tally.count(key), opens))
    return Row(label, tuple(cells), 0, note=item)


def checks(tally: Tally, register: Collection[int]) -> list[Check]:
    """人数≤名册人数 and 人数≤人次, once for each kind that happened."""
    found = []
    for key, label in [(kind.value, kind.label) for kind in Kind] + list(OTHERS):
        heads = tally.ids(f"t3.{key}.heads")
        visits = tally.count(f"t3.{key}.visits")
        if not visits:
            continue
        strangers = tuple(CheckedChild(child, "不在本期名册") for child in heads if child not in register)
        found.append(
            Check(f"{label}：涉及人数≤本期名册人数", "本单位", len(heads), len(register), not strangers, strangers)
        )
        found.append(Check(f"{label}：涉及人数≤人次", "本单位", len(heads), visits, len(heads) <= visits))
    return found

"""
Table 3: what was done for the children of the register in a span of days (domain §10.2).

人次 and 人数 stand side by side (§0.3). A group talk is one occasion with n heads. Only what was completed counts;
what was entered late for an earlier span is listed apart, as supplement (§10.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from activities.models import Activity, ActivityParticipant, CareRecord, Kind, Meeting
from caretrack.fixed import fixed, narrowed
from children.models import AidGrant, HealthCheck
from reports.builders.tables import Cell, Check, Column, Row, Table
from reports.builders.tally import Counted, Tally
from reports.builders.unit import Unit

COLUMNS = (
    Column("times", "次数"),
    Column("heads", "涉及人数"),
    Column("visits", "人次"),
    Column("late", "补记（次）"),
)
#: The figure to which meetings without any child of the register count as well.
MEETINGS = "t3.meeting.times"
OTHERS = (
    ("health_check", "健康检查"),
    ("lecture", "讲座"),
    ("activity", "关爱活动"),
    ("meeting", "座谈会"),
    ("aid", "资助"),
)
RECORDED = frozenset(Kind.values)
ITEMS = (*Kind.choices, *OTHERS)
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
class Grant:
    """Aid given to a child of the register on a day."""

    pk: int
    child: int
    on: date
    amount: Decimal | None
    goods: str


def aid_of(grants: Iterable[Grant]) -> Aid:
    """All grants together, goods in the order in which they were given."""
    listed = sorted(grants, key=lambda grant: (grant.on, grant.pk))
    amount = sum((grant.amount or Decimal(0) for grant in listed), Decimal(0))
    return Aid(amount, tuple(dict.fromkeys(grant.goods for grant in listed if grant.goods)))


@dataclass(frozen=True)
class Done:
    """A completed record: its id, the child, the kind, the group talk it belongs to."""

    record: int
    child: int
    kind: str
    group: int | None


def completed(unit: Unit, first: date, last: date, of: tuple[int, ...] | None = None) -> tuple[Done, ...]:
    """Every completed record of the unit's school in the span, or of some children. One statement."""
    return tuple(Done(*row) for row in _completed(unit.school.pk, first, last, of=of))


@narrowed("school")
def _completed(first: date, last: date) -> QuerySet[CareRecord, Any]:
    rows = CareRecord.objects.reached().between(first, last).order_by()
    return rows.values_list("pk", "child_id", "kind", "group_id")


def count(
    unit: Unit, first: date, last: date, children: Collection[int], tally: Tally, done: tuple[Done, ...] | None = None
) -> Aid:
    """
    Put the span's records, checks, activities and aid of `children`, and the unit's meetings, into the tally.

    `done` are the span's completed records where they have been read already. Seven statements otherwise.
    """
    count_meetings(unit, first, last, tally)
    read = completed(unit, first, last) if done is None else done
    return aid_of(count_children(unit, first, last, children, tally, read))


def count_children(
    unit: Unit,
    first: date,
    last: date,
    children: Collection[int],
    tally: Tally,
    done: tuple[Done, ...],
    of: tuple[int, ...] | None = None,
) -> list[Grant]:
    """
    Put what concerns `children` into the tally; `of` names them where they are but some of the register.

    What several children share has a negative number: a group talk, an activity, a meeting, aid given at once. Returns
    the aid. Five statements.
    """
    wanted = frozenset(children)
    school = unit.school.pk
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1)))
    for one in done:
        if one.child in wanted:
            _add(tally, one.kind, child=one.child, visit=one.record, occasion=-one.group if one.group else one.record)
    for record, child, kind in _late(school, first, begin, end, of=of):
        if child in wanted:
            tally.add(f"t3.{kind}.late", record, 0, of=child)
    for check, child in _checks(school, first, last, of=of):
        if child in wanted:
            _add(tally, "health_check", child=child, visit=check, occasion=check)
    _count_events(school, first, last, wanted, tally, of)
    grants = []
    for grant, child, on, amount, goods, batch in _grants(school, first, last, of=of):
        if child in wanted:
            _add(tally, "aid", child=child, visit=grant, occasion=_occasion(batch) if batch else grant)
            grants.append(Grant(grant, child, on, amount, goods))
    return grants


def _occasion(batch: str) -> int:
    """The same negative number for the same batch of aid, whoever counts."""
    return -int.from_bytes(blake2b(batch.encode(), digest_size=7).digest()) - 1


@narrowed("school")
def _late(first: date, begin: datetime, end: datetime) -> QuerySet[CareRecord, Any]:
    """Records of before `first` that were written down in begin … end."""
    written = CareRecord.objects.filter(created_at__gte=begin, created_at__lt=end)
    return written.reached().filter(on__lt=first).order_by().values_list("pk", "child_id", "kind")


@narrowed("child__school")
def _checks(first: date, last: date) -> QuerySet[HealthCheck, Any]:
    checks = HealthCheck.objects.filter(on__gte=first, on__lte=last)
    return checks.order_by().values_list("pk", "child_id")


@narrowed("child__school")
def _grants(first: date, last: date) -> QuerySet[AidGrant, Any]:
    grants = AidGrant.objects.filter(on__gte=first, on__lte=last).order_by("on", "pk")
    return grants.values_list("pk", "child_id", "on", "amount", "goods", "batch")


def _add(tally: Tally, item: str, *, child: int, visit: int, occasion: int) -> None:
    tally.add(f"t3.{item}.times", occasion, 0, of=child)
    tally.add(f"t3.{item}.heads", child, 0, of=child)
    tally.add(f"t3.{item}.visits", visit, 0, of=child)


def _count_events(
    school: int, first: date, last: date, wanted: frozenset[int], tally: Tally, of: tuple[int, ...] | None
) -> None:
    """Activities and meetings count when a child of the register took part."""
    for row, child, activity, kind in _came_to_activities(school, first, last, of=of):
        if child in wanted:
            item = "lecture" if kind == Activity.Kind.LECTURE else "activity"
            _add(tally, item, child=child, visit=row, occasion=-activity)
    for row, child, meeting in _came_to_meetings(school, first, last, of=of):
        if child in wanted:
            _add(tally, "meeting", child=child, visit=row, occasion=-meeting)


def count_meetings(unit: Unit, first: date, last: date, tally: Tally) -> None:
    """Put the meetings that were for the whole unit into the tally, whoever came. One statement."""
    for meeting, school_class in _meetings(unit.school.pk, first, last):
        if unit.school_class is None or school_class == unit.school_class.pk:
            tally.add(MEETINGS, -meeting, 0)


@narrowed("activity__school")
def _came_to_activities(first: date, last: date) -> QuerySet[ActivityParticipant, Any]:
    came = ActivityParticipant.objects.present().filter(activity__on__gte=first, activity__on__lte=last)
    return came.order_by().values_list("pk", "child_id", "activity_id", "activity__kind")


@fixed
def _meetings(school: int, first: date, last: date) -> QuerySet[Meeting, Any]:
    held = Meeting.objects.held().filter(school=school, on__gte=first, on__lte=last)
    return held.order_by().values_list("pk", "school_class_id")


@narrowed("meeting__school")
def _came_to_meetings(first: date, last: date) -> QuerySet[ActivityParticipant, Any]:
    came = ActivityParticipant.objects.present().filter(meeting__on__gte=first, meeting__on__lte=last)
    return came.order_by().values_list("pk", "child_id", "meeting_id")


def table(tally: Counted, basis: str, aid: Aid) -> Table:
    """Table 3: a row for each kind of care."""
    rows = tuple(_row(tally, key, label) for key, label in ITEMS)
    notes = NOTES + ((aid.note,) if aid.note else ())
    return Table(3, "关爱活动统计表", basis, "项　目", COLUMNS, rows, notes, side_by_side=True)


def _row(tally: Counted, item: str, label: str) -> Row:
    recorded = item in RECORDED
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


def in_words(row: Row) -> str:
    """Occasions, heads and 人次 of a row in one sentence, for the list behind one of them; nothing if they agree."""
    shown = {column.key: cell.shown for column, cell in zip(COLUMNS, row.cells, strict=True)}
    if shown["times"] == shown["visits"] == shown["heads"]:
        return ""
    counted = f"{shown['times']} 次，{shown['visits']} 人次，涉及 {shown['heads']} 名学生"
    return f"{row.label}：{counted}。几名学生一起的算 1 次、几人次。"


def checks(tally: Counted, register: int) -> list[Check]:
    """
    人数≤名册人数 and 人数≤人次, once for each kind that happened.

    `register` is the number of children who were on it in the span; only of these anything is counted.
    """
    found = []
    for key, label in ITEMS:
        heads = tally.count(f"t3.{key}.heads")
        visits = tally.count(f"t3.{key}.visits")
        if not visits:
            continue
        found.append(Check(f"{label}：涉及人数≤本期名册人数", "本单位", heads, register, heads <= register))
        found.append(Check(f"{label}：涉及人数≤人次", "本单位", heads, visits, heads <= visits))
    return found

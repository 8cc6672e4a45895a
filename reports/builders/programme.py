"""
Table 4: what the school's programme asks of each mentor in the month, and what was done (domain §8, §10.2).

Counted are the items that every child is owed each month; a child owes an item when it was paired for at least half
of the month (§8.7) and the item applies to it. Done counts at most what was due: a second talk with one child does
not make up for a missing one with another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q

from activities.models import Kind, Programme, ProgrammeItem, Waiver
from caretrack.periods import Month
from children.models import codes
from mentoring.models import Mentor, Pairing
from reports.builders.care_work import Done
from reports.builders.tables import Cell, Column, Row, Table
from reports.builders.tally import WHOLE, Tally
from reports.builders.unit import Unit
from reports.models import MonthlyForm

NO_PROGRAMME = "学校还没有启用关爱项目，没有应完成数，本表只列已完成的次数"
# What is listed where nothing is asked: the five kinds that 六个一 asks of a mentor for each child (domain §8.1).
GENERAL = codes.SupportLevel.GENERAL
USUAL = (Kind.TALK, Kind.HOMEWORK, Kind.TUTORING, Kind.HOME_VISIT, Kind.MEAL)
NOTES = (
    "应完成＝本期结对满半期、适用该项的儿童数×每月次数；每人最多按应完成次数计",
    "凭证是该儿童名下已完成的相应记录，不论由谁登记",
)


@dataclass(frozen=True)
class Item:
    """A monthly item of the programme."""

    pk: int
    name: str
    count: int
    kinds: frozenset[str]
    levels: frozenset[str]
    min_grade: int

    def applies(self, level: str, grade: int) -> bool:
        return (not self.levels or level in self.levels) and grade >= self.min_grade


def percent(part: int, whole: int) -> str | None:
    """One decimal with the sign; None of nothing (domain §10.3)."""
    if not whole:
        return None
    return f"{(Decimal(100 * part) / Decimal(whole)).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def active_programme(unit: Unit, on: date) -> Programme | None:
    """The programme in force at the unit's school, the newest if there are several."""
    running = Programme.objects.filter(school=unit.school, starts_on__lte=on)
    return running.filter(Q(ends_on=None) | Q(ends_on__gte=on)).order_by("-starts_on", "-pk").first()


def monthly_items(programme: Programme | None, month: Month) -> tuple[Item, ...]:
    """The items owed to each child each month, in the programme's order."""
    if programme is None:
        return ()
    rows = programme.items.filter(subject=ProgrammeItem.Subject.CHILD, period=ProgrammeItem.Period.MONTH)
    rows = rows.filter(Q(starts_on=None) | Q(starts_on__lte=month.last), Q(ends_on=None) | Q(ends_on__gte=month.first))
    return tuple(
        Item(
            item.pk,
            item.name,
            item.count,
            frozenset(item.evidence),
            frozenset(item.applies_to.get("levels", ())),
            int(item.applies_to.get("min_grade", 0)),
        )
        for item in rows.order_by("order")
    )


@dataclass(frozen=True)
class Duties:
    """Who is paired with whom in the month and long enough to owe the items."""

    mentors: Mapping[int, str]
    paired: Mapping[int, int]
    owing: frozenset[int]


def duties(unit: Unit, month: Month, register: Mapping[int, int]) -> Duties:
    """The last acting parent of each child of the register in the month. Two statements."""
    rows = (
        Pairing.objects.acting_parents()
        .filter(child__in=register, starts_on__lte=month.last)
        .filter(Q(ends_on=None) | Q(ends_on__gte=month.first))
        .order_by("starts_on", "pk")
        .values_list("child_id", "mentor_id", "starts_on", "ends_on")
    )
    paired: dict[int, int] = {}
    days: dict[int, int] = {}
    for child, mentor, starts, ends in rows:
        paired[child] = mentor
        begin, end = max(starts, month.first), min(ends or month.last, month.last)
        days[child] = days.get(child, 0) + (end - begin + timedelta(days=1)).days
    half = ((month.last - month.first).days + 1) / 2
    mentors = dict(
        Mentor.objects.filter(pk__in=set(paired.values())).order_by("pinyin", "pk").values_list("pk", "name")
    )
    return Duties(mentors, paired, frozenset(child for child, count in days.items() if count >= half))


def count(
    unit: Unit,
    month: Month,
    register: Mapping[int, int],
    items: tuple[Item, ...],
    tally: Tally,
    *,
    levels: Mapping[int, str],
    done: Iterable[Done],
) -> Duties:
    """
    Put what is due, done and still missing of every item into the tally, by mentor and as a whole.

    `levels` are the children's support levels, `done` the month's completed records. Five statements.
    """
    asked = duties(unit, month, register)
    for child, mentor in asked.paired.items():
        tally.add("t4.mentees", child, mentor, WHOLE)
    handed = MonthlyForm.objects.filter(child__in=asked.paired, month=month.key, handed_in_on__isnull=False)
    for child in handed.values_list("child_id", flat=True):
        tally.add("t4.handed", child, asked.paired[child], WHOLE)
    counted: dict[tuple[int, str], int] = {}
    for one in done:
        counted[one.child, one.kind] = counted.get((one.child, one.kind), 0) + 1
        if not items and one.kind in USUAL and one.child in asked.paired:
            tally.add(f"t4.{one.kind}.records", one.record, asked.paired[one.child], WHOLE)
    if not items:
        return asked
    grades = {school_class.pk: school_class.grade_on(month.last) for school_class in unit.classes(month.last)}
    waivers = Waiver.objects.filter(item__in=[item.pk for item in items], first__lte=month.last, last__gte=month.first)
    waived = set(waivers.values_list("child_id", "item_id"))
    for item in items:
        for child in sorted(asked.owing):
            if (
                not item.applies(levels.get(child, GENERAL), grades.get(register[child], 0))
                or (child, item.pk) in waived
            ):
                continue
            got = sum(counted.get((child, kind), 0) for kind in item.kinds)
            for turn in range(item.count):
                # One obligation a turn: the child's id and the turn in one number, so that two turns count twice.
                owed = child * 100 + turn
                state = "done" if turn < got else "open"
                tally.add(f"t4.{item.pk}.due", owed, asked.paired[child], WHOLE)
                tally.add(f"t4.{item.pk}.{state}", owed, asked.paired[child], WHOLE)
    return asked


def child_of(owed: int) -> int:
    """The child of an obligation's number, see `count`."""
    return owed // 100


def columns(items: tuple[Item, ...]) -> tuple[Column, ...]:
    """结对人数, then 应 实 率 of each item (without a programme: what was done), then the forms."""
    heads = [Column("t4.mentees", "结对\n人数")]
    if not items:
        heads += [Column(f"t4.{kind.value}.records", kind.label, "已完成（次）") for kind in USUAL]
    for item in items:
        heads += [
            Column(f"t4.{item.pk}.due", "应", item.name),
            Column(f"t4.{item.pk}.done", "实", item.name),
            Column(f"t4.{item.pk}.rate", "率", item.name),
        ]
    return (*heads, Column("t4.handed", "记录表\n已交"))


def table(tally: Tally, asked: Duties, items: tuple[Item, ...], title: str, basis: str) -> Table:
    """Table 4 with a row for each mentor and a total."""
    heads = columns(items)

    def row(label: str, scope: int, *, total: bool = False) -> Row:
        cells = []
        for column in heads:
            name, _, what = column.key.rpartition(".")
            if what == "rate":
                cells.append(Cell(percent(tally.count(f"{name}.done", scope), tally.count(f"{name}.due", scope))))
            else:
                cells.append(Cell(tally.count(column.key, scope), column.key))
        return Row(label, tuple(cells), scope, total=total)

    rows = [row(name, mentor) for mentor, name in asked.mentors.items()]
    if rows:
        rows.append(row("合　计", WHOLE, total=True))
    notes = NOTES if items else (NO_PROGRAMME,)
    return Table(4, title, basis, "代理家长", heads, tuple(rows), notes)

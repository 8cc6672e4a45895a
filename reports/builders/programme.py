"""
Table 4: what the school's programmes ask of each mentor in the month, and what was done (domain §8, §10.2).

Counted by the engine of activities.compliance, so that page and paper say the same: the items that a 代理家长 owes each
paired child, by week, month or festival. Done counts at most what was due: a second talk with one child does not make
up for a missing one with another. Excused obligations are not due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, QuerySet

from activities.compliance.board import Board
from activities.compliance.rules import Every, Rule, State, Subject
from activities.compliance.sources import rules_of
from activities.compliance.spans import SpanKind, View
from activities.models import Kind
from caretrack.fixed import fixed
from caretrack.periods import Month
from caretrack.schools.models import School
from mentoring.models import Mentor, Pairing
from reports.builders.care_work import Done
from reports.builders.tables import Cell, Column, Row, Table
from reports.builders.tally import WHOLE, Counted, Tally
from reports.builders.unit import Unit
from reports.models import MonthlyForm

NO_PROGRAMME = "学校还没有启用关爱项目，没有应完成数，本表只列已完成的次数"
# What is listed where nothing is asked: the five kinds that 六个一 asks of a mentor for each child (domain §8.1).
USUAL = (Kind.TALK, Kind.HOMEWORK, Kind.TUTORING, Kind.HOME_VISIT, Kind.MEAL)
NOTES = (
    "应完成＝本期结对满半期、适用该项的儿童数×次数，以上课天数计半期；每人最多按应完成次数计，批准免做的不计入应完成",
    "凭证是该儿童名下已完成的相应记录，不论由谁登记；期满后七日内补做、事后补记的计入实完成",
)
#: The rhythms that a month can answer for; what is owed once a term stands in the summary of the term.
IN_A_MONTH = frozenset({Every.WEEK, Every.MONTH, Every.FESTIVAL})
#: Turns of one child under one item that a month may hold: the drill-down keeps child and turn in one number.
TURNS = 100


def percent(part: int, whole: int) -> str | None:
    """One decimal with the sign; None of nothing (domain §10.3)."""
    if not whole:
        return None
    return f"{(Decimal(100 * part) / Decimal(whole)).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def monthly_items(school: School, month: Month) -> tuple[Rule, ...]:
    """
    The items owed to each child each month, by every programme in force: what the mentor's monthly form lists.

    Of items that the same records prove the one that asks most; of an item that was edited the wording of the month's end.
    """
    asked: dict[frozenset[str], Rule] = {}
    for rule in {rule.column: rule for rule in rules_of(school, month.first, month.last)}.values():
        if rule.subject == Subject.CHILD and rule.every == Every.MONTH:
            known = asked.get(rule.kinds)
            asked[rule.kinds] = rule if known is None or rule.count > known.count else known
    return tuple(asked.values())


@dataclass(frozen=True)
class Duties:
    """What the programmes ask of mentors in a month: all versions of their items, and the newest of each."""

    rules: tuple[Rule, ...]
    items: tuple[Rule, ...]

    def asked(self, tally: Counted) -> tuple[Rule, ...]:
        """The items that have columns: all of a single programme, of several those of which anything was due, if any."""
        if len({item.programme_id for item in self.items}) < 2:
            return self.items
        return tuple(item for item in self.items if tally.count(f"t4.{item.pk}.due", WHOLE)) or self.items


def duties(school: School, month: Month) -> Duties:
    """What every programme in force on a day of the month asks of a 代理家长, newest programme first. One statement."""
    found = rules_of(school, month.first, month.last)
    rules = tuple(rule for rule in found if rule.of_mentor and rule.every in IN_A_MONTH)
    return Duties(rules, tuple({rule.column: rule for rule in rules}.values()))


def _paired(unit: Unit, month: Month, of: tuple[int, ...] | None) -> dict[int, int]:
    """The last acting parent of each child (of `of`) that was in the unit in the month. Two statements."""
    stayed = {child for child, *_ in unit.stays(month.first, month.last, of)}
    return dict(_pairings(tuple(stayed), month.first, month.last))


def names(mentors: Collection[int]) -> dict[int, str]:
    """Mentor id → name, in the order of a list of them. One statement."""
    return dict(_mentors(tuple(mentors)))


@fixed
def _pairings(children: tuple[int, ...], first: date, last: date) -> QuerySet[Pairing, Any]:
    rows = Pairing.objects.acting_parents().reaching(first).filter(child__in=children, starts_on__lte=last)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=first)).order_by("starts_on", "pk")
    return rows.values_list("child_id", "mentor_id")


@fixed
def _mentors(ids: tuple[int, ...]) -> QuerySet[Mentor, Any]:
    return Mentor.objects.filter(pk__in=ids).order_by("pinyin", "pk").values_list("pk", "name")


@fixed
def _handed_in(children: tuple[int, ...], month: str) -> QuerySet[MonthlyForm, Any]:
    forms = MonthlyForm.objects.filter(child__in=children, month=month, handed_in_on__isnull=False)
    return forms.order_by().values_list("child_id", flat=True)


def count(
    unit: Unit,
    month: Month,
    asked: Duties,
    tally: Tally,
    *,
    done: Iterable[Done],
    on: date,
    of: tuple[int, ...] | None = None,
) -> None:
    """
    Put what is due, done and still missing of every item into the tally, by mentor and as a whole, as of `on`.

    `done` are the month's completed records: without a programme they are listed by kind. `of` narrows to some children.
    """
    paired = _paired(unit, month, of)
    for child, mentor in paired.items():
        tally.add("t4.mentees", child, mentor, WHOLE)
    for child in _handed_in(tuple(paired), month.key):
        tally.add("t4.handed", child, paired[child], WHOLE)
    if asked.rules:
        _count_items(unit, month, asked.rules, tally, paired, on)
        return
    for one in done:
        if one.kind in USUAL and one.child in paired:
            tally.add(f"t4.{one.kind}.records", one.record, paired[one.child], WHOLE, of=one.child)


def _count_items(
    unit: Unit, month: Month, rules: Sequence[Rule], tally: Tally, mentors: Mapping[int, int], on: date
) -> None:
    view = View(SpanKind.MONTH, month.key, month.label, month.first, month.last)
    board = Board(unit.school, view, on, children=mentors, rules=rules)
    paired = {child: mentor for child, mentor in mentors.items() if _counts(unit, board, child)}
    for column in board.child_columns:
        due, done, still = (f"t4.{column.rule.pk}.{what}" for what in ("due", "done", "open"))
        for child, mentor in paired.items():
            turn = 0
            for one in board.owed(child, column):
                if one.state is State.EXCUSED or one.begins > on:
                    continue
                for time in range(min(one.times, TURNS - turn)):
                    # One obligation a turn: the child's id and the turn in one number, so that two turns count twice.
                    owed = child * TURNS + turn + time
                    tally.add(due, owed, mentor, WHOLE, of=child)
                    tally.add(done if time < one.done else still, owed, mentor, WHOLE, of=child)
                turn = min(turn + one.times, TURNS)


def _counts(unit: Unit, board: Board, child: int) -> bool:
    """Whether the child was in the unit in the month, and still is counted there."""
    pupil = board.sources.pupils.get(child)
    return pupil is not None and (unit.school_class is None or board.class_of(pupil) == unit.school_class.pk)


def child_of(owed: int) -> int:
    """The child of an obligation's number, see `count`."""
    return owed // TURNS


def columns(items: tuple[Rule, ...]) -> tuple[Column, ...]:
    """
    结对人数, then 应 实 率 of each item (without a programme: what was done), then the forms.

    Items of several programmes stand under the name of theirs, as two may ask for the same.
    """
    heads = [Column("t4.mentees", "结对\n人数")]
    if not items:
        heads += [Column(f"t4.{kind.value}.records", kind.label, "已完成（次）") for kind in USUAL]
    several = len(_programmes(items)) > 1
    for item in items:
        name = f"{item.programme}：{item.name}" if several else item.name
        heads += [
            Column(f"t4.{item.pk}.due", "应", name),
            Column(f"t4.{item.pk}.done", "实", name),
            Column(f"t4.{item.pk}.rate", "率", name),
        ]
    return (*heads, Column("t4.handed", "记录表\n已交"))


def _programmes(items: Iterable[Rule]) -> dict[int, str]:
    """Programme id → name, in the order of the items."""
    return {item.programme_id: item.programme for item in items}


def table(tally: Counted, asked: Duties, mentors: Mapping[int, str], basis: str) -> Table:
    """
    Table 4 with a row for each mentor (id → name) and a total.

    What has no column because nothing of it was due, as of a programme adopted in the last days, is named in a note.
    """
    items = asked.asked(tally)
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

    rows = [row(name, mentor) for mentor, name in mentors.items()]
    if rows:
        rows.append(row("合　计", WHOLE, total=True))
    notes: tuple[str, ...] = NOTES if items else (NO_PROGRAMME,)
    if silent := [item for item in asked.items if item not in items]:
        named = "；".join(
            f"“{name}”{'、'.join(item.name for item in silent if item.programme_id == programme)}"
            for programme, name in _programmes(silent).items()
        )
        notes += (f"本期没有应完成数、不列入本表的：{named}",)
    title = f"{''.join(f'“{name}”' for name in _programmes(items).values()) or '关爱项目'}完成情况表"
    return Table(4, title, basis, "代理家长", heads, tuple(rows), notes)

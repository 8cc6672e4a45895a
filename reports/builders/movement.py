"""
Table 2: how the register changed in a span of days, by reason (domain §5.3, §10.2).

Who came and went is computed from the facts; why comes from the register of changes. A child that came or went
without an entry there breaks the sum and is named, which is how a forgotten entry is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from caretrack.fixed import narrowed
from caretrack.periods import age_on
from children.left_behind import MCA_AGE, Definition
from children.models import StatusChange, codes
from reports.builders.tables import Cell, Check, CheckedChild, Column, Row, Table
from reports.builders.tally import WHOLE, Counted, Tally
from reports.builders.unit import Unit

Kind = codes.ChangeKind
ONE_DAY = timedelta(days=1)
# A type change moves a child on or off where a definition counts one absent parent only with a second condition.
PLUS: dict[str, str] = {
    Kind.NEW_AWAY: "new_away",
    Kind.TYPE_CHANGE: "new_away",
    Kind.IN_TRANSFER: "in_transfer",
    Kind.ENROL_NEW: "enrol_new",
    Kind.RESUME: "resume",
    Kind.FOUND: "found",
    Kind.CLASS_CHANGE: "class_in",
}
MINUS: dict[str, str] = {
    Kind.OUT_TRANSFER: "out_transfer",
    Kind.PARENT_BACK: "parent_back",
    Kind.TYPE_CHANGE: "parent_back",
    Kind.GRADUATE: "graduate",
    Kind.DROPOUT: "other",
    Kind.SUSPENDED: "other",
    Kind.DEATH: "other",
    Kind.MISSING: "other",
    Kind.ERROR: "other",
    Kind.CLASS_CHANGE: "class_out",
}
GAINS = ("new_away", "in_transfer", "enrol_new", "resume", "found", "reached", "class_in")
LOSSES = ("out_transfer", "parent_back", "graduate", "age_out", "other", "class_out")
GAINED, LOST = (tuple(f"t2.{key}" for key in keys) for keys in (GAINS, LOSSES))
COLUMNS = (
    Column("t2.start", "期初数"),
    Column("t2.new_away", "父母新外出", "新增"),
    Column("t2.in_transfer", "转入", "新增"),
    Column("t2.enrol_new", "新生", "新增"),
    Column("t2.resume", "复学", "新增"),
    Column("t2.found", "补登", "新增"),
    Column("t2.reached", "满时限", "新增"),
    Column("t2.class_in", "调入本班", "新增"),
    Column("t2.out_transfer", "转出", "减少"),
    Column("t2.parent_back", "父母返乡", "减少"),
    Column("t2.graduate", "毕业", "减少"),
    Column("t2.age_out", "满16周岁", "减少"),
    Column("t2.other", "其他", "减少"),
    Column("t2.class_out", "调出本班", "减少"),
    Column("t2.end", "期末数"),
    Column("t2.care_change", "监护人\n变更"),
    Column("t2.contact_change", "联系方式\n变更"),
)
KEYS = tuple(column.key for column in COLUMNS)
NOTES = (
    "“满时限”指父母外出时间在本期达到口径规定的时长",
    "减少“其他”包括休学、辍学、误登、死亡和失踪",
    "调入、调出本班在合计行为同校调班，增减相抵",
)


@dataclass(frozen=True)
class Span:
    """The register before the first day and on the last: child id → class id, with the days between."""

    first: date
    last: date
    start: Mapping[int, int]
    end: Mapping[int, int]

    @property
    def came(self) -> dict[int, int]:
        return {child: at for child, at in self.end.items() if self.start.get(child) != at}

    @property
    def went(self) -> dict[int, int]:
        return {child: at for child, at in self.start.items() if self.end.get(child) != at}


def count(
    unit: Unit,
    span: Span,
    definition: str,
    birth: Callable[[int], date | None],
    tally: Tally,
    of: tuple[int, ...] | None = None,
) -> list[tuple[int, int, str]]:
    """
    Put the span's movements into the tally.

    `birth` tells a child's birth date; the span is that of the children `of`, or of all. Returns who came or went without a registered reason, as (child id, class id,
    what is missing). One statement.
    """
    for key, members in (("t2.start", span.start), ("t2.end", span.end)):
        for child, class_id in members.items():
            tally.add(key, child, class_id, WHOLE)
    changed: dict[int, list[str]] = {}
    days = (span.first, span.last, span.first - ONE_DAY, span.last - ONE_DAY)
    for child, kind in _changes(unit.school.pk, *days, of=of):
        changed.setdefault(child, []).append(kind)
        at = span.end.get(child, span.start.get(child))
        if at is not None and kind in (Kind.CARE_CHANGE, Kind.CONTACT_CHANGE):
            tally.add(f"t2.{kind}", child, at, WHOLE)
    unexplained: list[tuple[int, int, str]] = []
    for child, class_id in span.came.items():
        moved = child in span.start
        reason = "class_in" if moved else _latest(changed.get(child, []), PLUS)
        if reason is None and definition in (Definition.EDU, Definition.STAT):
            reason = "reached"
        if reason is None:
            unexplained.append((child, class_id, "本期进入名册，但变动登记里没有新增记录"))
        else:
            tally.add(f"t2.{reason}", child, class_id, WHOLE)
    for child, class_id in span.went.items():
        moved = child in span.end
        reason = "class_out" if moved else _latest(changed.get(child, []), MINUS)
        born = birth(child)
        if reason is None and born and age_on(born, span.last) >= MCA_AGE:
            reason = "age_out"
        if reason is None:
            unexplained.append((child, class_id, "本期离开名册，但变动登记里没有减少记录"))
        else:
            tally.add(f"t2.{reason}", child, class_id, WHOLE)
    return unexplained


@narrowed("school")
def _changes(first: date, last: date, left_from: date, left_until: date) -> QuerySet[StatusChange, Any]:
    lines = StatusChange.objects.standing().effective_during(first, last, left=(left_from, left_until))
    return lines.order_by("on", "pk").values_list("child", "kind")


def _latest(kinds: list[str], reasons: Mapping[str, str]) -> str | None:
    """The reason of the last change that can be one; a change of class is none for who was not on the register."""
    for kind in reversed(kinds):
        if kind in reasons and kind != Kind.CLASS_CHANGE:
            return reasons[kind]
    return None


def table(tally: Counted, classes: list[tuple[int, str]], basis: str, *, single: bool) -> Table:
    """Table 2, by class with a total."""

    def row(label: str, scope: int, *, total: bool = False) -> Row:
        cells = tuple([Cell(figure, key) for key, figure in zip(KEYS, tally.row(KEYS, scope), strict=True)])
        return Row(label, cells, scope, total=total)

    rows = [row(name, class_id) for class_id, name in classes]
    if not single:
        rows.append(row("合　计", WHOLE, total=True))
    return Table(2, "留守儿童动态变化表", basis, "班　级", COLUMNS, tuple(rows), NOTES)


def checks(
    tally: Counted,
    names: dict[int, str],
    unexplained: Iterable[tuple[int, int, str]],
    opening: Iterable[int],
    carried: frozenset[int] | None,
) -> list[Check]:
    """
    期初＋新增−减少＝期末 for each class, and 期初 against the closing of the report before (None: no report).

    `unexplained` is what `count` returned, `opening` the children of the register before the first day.
    """
    found = []
    unnamed: dict[int, list[CheckedChild]] = {}
    for child, at, why in sorted(unexplained):
        unnamed.setdefault(at, []).append(CheckedChild(child, why))
    for class_id, name in names.items():
        gained, lost = sum(tally.row(GAINED, class_id)), sum(tally.row(LOST, class_id))
        closing = tally.count("t2.end", class_id)
        culprits = tuple(unnamed.get(class_id, ()))
        left = tally.count("t2.start", class_id) + gained - lost
        found.append(
            Check(
                "期初＋新增－减少＝期末",
                name,
                left,
                closing,
                left == closing and not culprits,
                culprits,
                "在学生档案里补办变动登记",
            )
        )
    if carried is not None:
        opening_ids = frozenset(opening)
        differing = tuple(
            CheckedChild(
                child,
                "上期月报以后补改了事实，现在算在上期期末"
                if child in opening_ids
                else "上期月报计入，现在算不在上期期末",
            )
            for child in sorted(opening_ids ^ carried)
        )
        found.append(Check("期初＝上期月报期末", "全部班级", len(opening_ids), len(carried), not differing, differing))
    return found

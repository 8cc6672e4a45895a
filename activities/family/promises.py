"""
The five promises of parents away: who agreed, what was kept this month, a text that reminds (domain §8.5).

What is owed and what counts is the programme's matter (activities.compliance); here it is told of families.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.compliance.board import Board, Cell, Column
from activities.compliance.rules import State, Subject
from activities.compliance.sources import rules_of
from activities.compliance.spans import SpanKind, view_of
from activities.family.month import LIMIT
from activities.models import ParentPromise
from caretrack.schools.models import School, Staff
from children.models import Child
from children.models.child import ChildQuerySet

#: How a promise that is not kept is named in a reminder.
OPEN_STATES = (State.MISSING, State.ATTEMPTED, State.DUE)


@dataclass(frozen=True)
class Family:
    """One family in a month: that it agreed, each promise, what is still open, the reminder."""

    child: Child
    agreed: ParentPromise | None
    named: tuple[tuple[str, Cell], ...]
    open: tuple[tuple[str, int], ...]
    reminder: str

    @property
    def behind(self) -> bool:
        return bool(self.open)


@dataclass(frozen=True)
class Kept:
    """The families of a class in a month under the promises in force."""

    columns: tuple[Column, ...]
    families: tuple[Family, ...]


def kept(school: School, children: ChildQuerySet, month: str, *, teacher: str, today: date) -> Kept:
    """How these families (of one school, class loaded) stand in a month; no columns where no programme asks it."""
    view = view_of(school, SpanKind.MONTH, month, today)
    rules = [rule for rule in rules_of(school, view.first, view.last) if rule.subject == Subject.CARER]
    listed = list(children)
    noted = ParentPromise.objects.filter(child__in=listed).select_related("child__school", "change")
    agreed = {row.child_id: row for row in noted}
    board = Board(school, view, today, children=children.order_by(), rules=rules) if rules else None
    columns = board.columns if board else ()
    families = []
    for child in listed:
        cells = tuple(board.cell(child.pk, column) for column in columns) if board else ()
        # What the year still has time for is no reminder this month.
        waiting = tuple(
            (column.rule.name, cell.missing)
            for column, cell in zip(columns, cells, strict=True)
            if cell.state in OPEN_STATES and not (view.is_longer(column.rule.every) and cell.state == State.DUE)
        )
        named = tuple((column.rule.name, cell) for column, cell in zip(columns, cells, strict=True))
        text = reminder(child.name, waiting, school=school.label, teacher=teacher)
        families.append(Family(child, agreed.get(child.pk), named, waiting, text))
    return Kept(columns, tuple(families))


def reminder(name: str, waiting: Sequence[tuple[str, int]], *, school: str, teacher: str) -> str:
    """A friendly text of at most 140 characters; empty when nothing is open."""
    if not waiting:
        return ""
    head, tail = f"{name}家长您好！孩子盼着您的消息，约定的这些别忘了：", f"。有困难请和老师说。{school}{teacher}"
    told = ""
    for what, times in waiting:
        more = f"{'、' if told else ''}{what}" + (f"（还差{times}次）" if times > 1 else "")
        if len(head) + len(told) + len(more) + len(tail) > LIMIT:
            break
        told += more
    return f"{head}{told}{tail}"[:LIMIT]


@transaction.atomic
def agree(children: Sequence[Child], *, on: date, by: Staff, today: date) -> int:
    """Note that these families agreed on a day; an earlier day is replaced. Raises ValidationError for the future."""
    if on > today:
        raise ValidationError("约定日期不能在今天以后。")
    there = {row.child_id: row for row in ParentPromise.objects.filter(child__in=[child.pk for child in children])}
    for child in children:
        row = there.get(child.pk) or ParentPromise(child=child)
        row.agreed_on, row.noted_by = on, by
        row.save()
    return len(children)

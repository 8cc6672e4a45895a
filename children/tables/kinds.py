"""The kinds of lists: what each declares, and the register in which an app enters its own."""

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from caretrack.access.policy import ACTS, Act, DataClass, Level, Role, roles_for
from caretrack.schools.models import School, Staff
from children.importing.edits import Edits, shown
from children.importing.findings import Finding
from children.importing.outcomes import Outcome, Status
from children.importing.questions import Choice
from children.tables.fields import Field, Option
from children.tables.sheets import Table, TableRow, Titles


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances of an import: whose, for which school, on which day, and what was said beside the file."""

    school: School
    by: Staff | None
    on: dt.date
    options: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def option(self, name: str) -> str:
        """What was chosen on the upload page; empty if nothing was."""
        return self.options.get(name, "")

    def day(self, name: str = "on") -> dt.date | None:
        """A day that was chosen on the upload page."""
        return dt.date.fromisoformat(text) if (text := self.option(name)) else None


@dataclass(slots=True)
class Plan:
    """
    What an import would do: an outcome a row, the edits of all rows, and which of them belong to which row.

    ``parts`` holds, for each outcome, the positions of its new rows and the keys of its changed rows in ``edits``;
    ``shared`` the positions of new rows that belong to no single line of the file, such as a route of many riders.
    """

    edits: Edits = field(default_factory=Edits)
    outcomes: list[Outcome] = field(default_factory=list)
    parts: list[tuple[range, list[int]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shared: list[int] = field(default_factory=list)

    def begin(self, row: TableRow, name: str, *, child: int | None = None, place: str = "") -> "Laying":
        """Start laying a row over what is stored; `Laying.end` must follow."""
        return Laying(self, row, Outcome(row.sheet, row.number, name, Status.SAME, child, place))

    def counts(self) -> dict[str, int]:
        """How many rows have which status."""
        return {status.value: sum(outcome.status == status for outcome in self.outcomes) for status in Status}


class Laying:
    """One row on its way into the plan."""

    def __init__(self, plan: Plan, row: TableRow, outcome: Outcome) -> None:
        self.plan, self.row, self.outcome = plan, row, outcome
        self._created, self._changed = len(plan.edits.created), len(plan.edits.changed)

    def add(self, instance: Any, *fields: str, told: bool = True) -> Any:
        """A new row of the database; the given fields are shown in the preview. Returns it."""
        self.plan.edits.add(instance)
        if told:
            self.outcome.status = Status.NEW
        for name in fields:
            if words := shown(instance, name, getattr(instance, name)):
                self.outcome.changes.append((str(instance._meta.get_field(name).verbose_name), "", words))
        return instance

    def share(self, instance: Any) -> Any:
        """A new row that other lines of the file use as well; to be added before anything of the line's own."""
        self.plan.edits.add(instance)
        self.plan.shared.append(len(self.plan.edits.created) - 1)
        self._created = len(self.plan.edits.created)
        return instance

    def put(self, instance: Any, **values: Any) -> None:
        """Change what is stated and differs; blank never clears (rosters §1.8)."""
        for name, value in values.items():
            if value in (None, ""):
                continue
            old = getattr(instance, name)
            if self.plan.edits.put(instance, name, value):
                label = str(instance._meta.get_field(name).verbose_name)
                self.tell(label, shown(instance, name, old), shown(instance, name, value))

    def tell(self, label: str, old: str, new: str) -> None:
        """A change in words, for the preview."""
        if self.outcome.status == Status.SAME:
            self.outcome.status = Status.CHANGED
        self.outcome.changes.append((label, old, new))

    def ask(self, sentence: str, choices: tuple[Choice, ...]) -> None:
        """A person must decide about the row first."""
        self.outcome.status, self.outcome.message = Status.DECIDE, sentence
        self.outcome.key, self.outcome.choices = self.row.key, choices

    def end(self) -> Outcome:
        """Enter the row into the plan. A failed row leaves nothing behind."""
        edits, outcome = self.plan.edits, self.outcome
        if self.row.failed:
            outcome.status, outcome.changes = Status.REJECTED, []
            outcome.message = "这一行有错误，改好后再导入。"
        if not outcome.status.writes:
            self._take_back()
        new = range(self._created, len(edits.created))
        self.plan.outcomes.append(outcome)
        self.plan.parts.append((new, list(edits.changed)[self._changed :]))
        return outcome

    def _take_back(self) -> None:
        edits = self.plan.edits
        del edits.created[self._created :]
        for key in list(edits.changed)[self._changed :]:
            change = edits.changed.pop(key)
            for name, old in change.old.items():
                setattr(change.instance, name, old)


class TableKind(ABC):
    """
    A kind of list. Subclasses give the attributes and `plan`; everything else is the same for all.

    ``slug`` stands in addresses, ``unit`` counts rows, ``matching`` and ``hints`` are told on the upload page,
    ``back`` is where to go when all is done.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str]
    unit: ClassVar[str] = "条"
    place_title: ClassVar[str] = "班级"
    icon: ClassVar[str] = "table"
    act: ClassVar[Act] = Act.CHILD_EDIT
    data: ClassVar[DataClass | None] = None
    fields: ClassVar[tuple[Field, ...]]
    options: ClassVar[tuple[Option, ...]] = ()
    matching: ClassVar[tuple[str, ...]] = ()
    hints: ClassVar[tuple[str, ...]] = ()
    back: ClassVar[str] = "children:life_home"
    back_label: ClassVar[str] = "查看已登记的"

    @property
    def roles(self) -> frozenset[Role]:
        """Who may import such a list."""
        allowed = ACTS[self.act]
        return allowed & roles_for(self.data, Level.WRITE) if self.data else allowed

    def may(self, staff: Staff) -> bool:
        """Whether a post of this person allows the import."""
        return staff.is_active and not self.roles.isdisjoint(staff.roles())

    def refusal(self) -> str:
        """Why somebody may not."""
        names = "、".join(role.label for role in Role if role in self.roles)
        return f"导入{self.title}只对{names}开放。如果需要，请联系学校的系统管理员调整岗位。"

    def schools(self, staff: Staff) -> list[School]:
        """The schools for which this person may import such a list."""
        return staff.schools_as(*self.roles)

    def titles(self) -> Titles:
        """The titles by which the columns are recognised."""
        return Titles(self.fields)

    @abstractmethod
    def plan(self, table: Table, setting: Setting) -> Plan:
        """Lay the rows over what is stored. Writes nothing."""


_kinds: dict[str, TableKind] = {}


def register(kind: type[TableKind]) -> type[TableKind]:
    """Decorator: enter a kind of list. Raises ValueError if its slug belongs to another."""
    if type(_kinds.get(kind.slug, kind())) is not kind:
        raise ValueError(f"two kinds of lists are called {kind.slug}")
    _kinds[kind.slug] = kind()
    return kind


def kind_called(slug: str) -> TableKind:
    """The kind of that slug. Raises LookupError."""
    return _kinds[slug]


def kinds_for(staff: Staff) -> list[TableKind]:
    """The lists that this person may import."""
    return [kind for kind in _kinds.values() if kind.may(staff)]

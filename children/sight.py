"""
What one person gets of one child: the policy table applied to the posts that reach this very child.

A person may hold several posts. The class teacher of one class who is mentor of a child in another reads the first
child's economy and not the second's, so the question is always asked per child.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from caretrack.access.catalogue import entry
from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child

# ID number and 学籍号: security requirements §2.1 counts them to family data, and a mentor's card holds none (domain §4).
NUMBER_ROLES = ACTS[Act.CHILD_REVEAL] - {Role.MENTOR}
NUMBERS = frozenset({"id_no", "student_no"})


@dataclass(frozen=True)
class Sight:
    """The roles through which one person reaches one child, and what follows from them."""

    roles: frozenset[Role] = frozenset()

    def level(self, data: DataClass) -> Level:
        """The highest level of `data` that any of the roles gives."""
        return max((SIGHT[role][data] for role in self.roles), default=Level.NONE)

    def reads(self, data: DataClass) -> bool:
        return self.level(data) >= Level.READ

    def writes(self, data: DataClass) -> bool:
        return self.level(data) >= Level.WRITE

    def may(self, act: Act) -> bool:
        """Whether a role that reaches this child allows `act`; a role held elsewhere does not count."""
        return not ACTS[act].isdisjoint(self.roles)

    @property
    def contact(self) -> bool:
        """Whether family data may be shown."""
        return self.reads(DataClass.CONTACT)

    @property
    def care(self) -> bool:
        """Whether the care records of others may be read, not only those one wrote."""
        return self.reads(DataClass.CARE)

    @property
    def numbers(self) -> bool:
        """Whether ID number and 学籍号 are shown, masked."""
        return not NUMBER_ROLES.isdisjoint(self.roles)

    def reads_field(self, model: str, name: str) -> bool:
        """Whether a field of the catalogue may be shown. Raises KeyError for a field that is not in it."""
        return self.reads(entry(model, name).data) and (name not in NUMBERS or self.numbers)

    def writes_field(self, model: str, name: str) -> bool:
        """Whether a field of the catalogue may be changed. Raises KeyError for a field that is not in it."""
        return self.may(Act.CHILD_EDIT) and self.writes(entry(model, name).data)


def sights(staff: Staff, children: Iterable[int], on: date | None = None) -> dict[int, Sight]:
    """Child id → Sight, in one statement; children whom `staff` does not see have a Sight without roles."""
    ids = list(children)
    rows: Iterable[dict[str, Any]] = []
    if ids:
        rows = _reached_today(staff, tuple(ids)) if on is None else _reached(staff, ids, on)
    roles = [(role, f"by_{role.value}") for role in staff.roles()]
    found = {row["pk"]: Sight(frozenset(role for role, mark in roles if row.get(mark))) for row in rows}
    return {pk: found.get(pk, Sight()) for pk in ids}


def _reached(staff: Staff, ids: Iterable[int], on: date | None) -> QuerySet[Child, dict[str, Any]]:
    reach = {role: q for role in staff.roles() if (q := children_reached_by(staff, frozenset({role}), on)) != _NOBODY}
    marks = {
        f"by_{role.value}": Case(When(q, then=Value(True)), default=Value(False), output_field=BooleanField())
        for role, q in reach.items()
    }
    return Child.objects.filter(pk__in=ids).annotate(**marks).values("pk", *marks)


@fixed
def _reached_today(staff: Staff, ids: tuple[int, ...]) -> QuerySet[Child, dict[str, Any]]:
    return _reached(staff, ids, None)


def sight_of(staff: Staff, child: Any, on: date | None = None) -> Sight:
    """What `staff` gets of one child (one statement)."""
    return sights(staff, [child.pk], on)[child.pk]


_NOBODY = Q(pk__in=[])

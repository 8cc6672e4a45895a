"""
Why a person may see a child: the reasons, contributed by the apps that know them.

`children` contributes class and school, `mentoring` contributes pairing. A reason that is forgotten hides a child
and never reveals one (design §3).
"""

from collections.abc import Callable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from caretrack.access.policy import DataClass, Level, Role, roles_for

Reason = Callable[[Any, frozenset[Role], date], Q | None]
RoleSource = Callable[[Any, date], frozenset[Role]]

#: Roles from facts may begin and end at this hour as well as at midnight: whoever is on duty is so from noon to noon.
NOON = 12

_reasons: list[Reason] = []
_role_sources: list[RoleSource] = []


def child_scope(reason: Reason) -> Reason:
    """
    Register a reason to see children: (staff, roles that count, day) → Q over Child, or None for nobody.

    `roles` holds the roles that get the asked class of data; a reason must look only at posts with these roles.
    """
    _reasons.append(reason)
    return reason


def role_source(source: RoleSource) -> RoleSource:
    """Register roles that follow from facts instead of appointments: (staff, day) → roles."""
    _role_sources.append(source)
    return source


def derived_roles(staff: Any, on: date) -> frozenset[Role]:
    """Roles from facts, such as MENTOR from an open pairing."""
    return frozenset().union(*(source(staff, on) for source in _role_sources)) if _role_sources else frozenset()


def children_reached_by(staff: Any, roles: frozenset[Role], on: date | None = None) -> Q:
    """A condition on Child: whom `staff` reaches through a post with one of `roles`; matches nothing when no reason does."""
    nothing = Q(pk__in=[])
    if staff is None or not getattr(staff, "is_authenticated", False) or not staff.is_active:
        return nothing
    day = on or timezone.localdate()
    # A page asks many times; the condition holds subqueries, so it stays true while rows change.
    known: dict[tuple[frozenset[Role], date], Q] = staff.__dict__.setdefault("_reach", {})
    if (roles, day) not in known:
        found = [q for reason in _reasons if (q := reason(staff, roles, day)) is not None]
        known[roles, day] = reduce(or_, found) if found else nothing
    return known[roles, day]


def children_seen_by(staff: Any, data: DataClass, level: Level, on: date | None = None) -> Q:
    """A condition on Child: what `staff` may see of `data` at `level` or more; matches nothing when no reason does."""
    return children_reached_by(staff, roles_for(data, level), on)

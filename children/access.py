"""Reasons to see a child that the register knows: the class one teaches, the school one serves."""

from datetime import date

from django.db.models import Q

from caretrack.access.policy import CLASS_ROLES, SCHOOL_ROLES, DataClass, Level, Role
from caretrack.access.scopes import child_scope
from caretrack.schools.models import Staff
from children.models import Child


@child_scope
def own_class(staff: Staff, roles: frozenset[Role], on: date) -> Q | None:
    """班主任 and 任课教师: the children who are in their class now."""
    classes = [p.school_class_id for p in staff.posts(on) if p.role in CLASS_ROLES and Role(p.role) in roles]
    return Q(school_class__in=classes) if classes else None


@child_scope
def whole_school(staff: Staff, roles: frozenset[Role], on: date) -> Q | None:
    """Registrar, counsellor, care lead, principal: the children of their school, leavers included."""
    schools = {p.school_id for p in staff.posts(on) if p.role in SCHOOL_ROLES and Role(p.role) in roles}
    return Q(school__in=schools) if schools else None


def sees(staff: Staff, child: Child, data: DataClass, level: Level = Level.READ) -> bool:
    """Whether `staff` gets `data` of this one child today (one query)."""
    return Child.objects.visible_to(staff, data, level).filter(pk=child.pk).exists()

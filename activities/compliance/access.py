"""Whose obligations a person sees: leads their school, homeroom teachers their class, mentors their mentees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from activities.queries import own_children
from caretrack.access.policy import Role
from caretrack.fixed import fixed
from caretrack.schools.models import School, Staff
from children.models import Child
from mentoring.models import Mentor

LEADS = (Role.CARE_LEAD, Role.PRINCIPAL)


@dataclass(frozen=True)
class Reach:
    """One school, and of it the whole (`leads`) or some children and classes."""

    staff: Staff
    school: School
    leads: bool
    classes: tuple[int, ...] = ()

    @cached_property
    def children(self) -> QuerySet[Child]:
        """The children that this person answers for here."""
        seen = Child.objects.visible_to(self.staff).filter(school=self.school)
        return seen if self.leads else seen.filter(own_children(self.staff))

    @property
    def mentor_only(self) -> bool:
        """Whether this person is asked for nothing but what a 代理家长 answers for."""
        return not self.leads and not self.classes


def reaches(staff: Staff) -> list[Reach]:
    """One Reach for each school in which `staff` answers for children, those that they lead first."""
    led = staff.schools_as(*LEADS)
    found = [Reach(staff, school, leads=True) for school in led]
    own = {school_class.school_id: school_class.school for school_class in staff.classes_as(Role.HOMEROOM)}
    if Role.MENTOR in staff.roles():
        for mentor in _mentors_of(staff.pk):
            own.setdefault(mentor.school_id, mentor.school)
    known = {school.pk for school in led}
    found += [own_reach(staff, school) for pk, school in own.items() if pk not in known]
    return found


def own_reach(staff: Staff, school: School) -> Reach:
    """The children of the school in the own class and those one is paired with, and the own classes."""
    classes = tuple(c.pk for c in staff.classes_as(Role.HOMEROOM) if c.school_id == school.pk)
    return Reach(staff, school, leads=False, classes=classes)


@fixed
def _mentors_of(staff: int) -> QuerySet[Mentor]:
    return Mentor.objects.active().filter(staff=staff).select_related("school")


@fixed
def own_ids(staff: Staff, school: int) -> QuerySet[Child, Any]:
    """The ids of the children of `own_reach`, in rows of one."""
    seen = Child.objects.visible_to(staff).filter(own_children(staff), school=school)
    return seen.order_by().values_list("pk")


def reach_to(staff: Staff, child: int) -> Reach | None:
    """The reach by which `staff` answers for the child; None without one."""
    return next((reach for reach in reaches(staff) if reach.children.filter(pk=child).exists()), None)

"""
Whose pupils stand on a list: the leader knows its names across classes, each class teacher enters the own (system 76).

The leader of an activity, a meeting or a group sees name and class of whoever is on its list and nothing else of them.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q

from activities.gatherings import WITHOUT_PUPILS, Gathering, leads
from activities.models import Activity, InterestGroup, Meeting
from activities.models.group import InterestGroupQuerySet
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from children.models.child import ChildQuerySet

Listing = Gathering | InterestGroup
#: Meetings to which pupils or their carers are asked.
OF_PUPILS = frozenset(
    {Meeting.Kind.ROUNDTABLE, Meeting.Kind.CLASS, Meeting.Kind.SUMMARY, *Meeting.FOR_CARERS},
)


@dataclass(frozen=True)
class Hand:
    """What a person does with a list: `leads` all of it, or enters only `children`, those whom the person may choose."""

    leads: bool
    children: ChildQuerySet


def hand_of(listing: Listing, staff: Staff) -> Hand | None:
    """What `staff` does with a list: as its leader, as the class teacher of some of the school's pupils, or nothing."""
    seen = Child.objects.visible_to(staff).filter(school=listing.school_id)
    if leads(listing, staff):
        return Hand(True, seen)
    own = [c.pk for c in staff.classes_as(Role.HOMEROOM) if c.school_id == listing.school_id]
    return Hand(False, seen.filter(school_class__in=own)) if own and _for_every_class(listing) else None


def _for_every_class(listing: Listing) -> bool:
    if isinstance(listing, InterestGroup):
        return listing.ends_on is None
    of_pupils = listing.kind not in WITHOUT_PUPILS if isinstance(listing, Activity) else listing.kind in OF_PUPILS
    return of_pupils and listing.school_class_id is None


def joinable(child: Child, staff: Staff, on: date) -> InterestGroupQuerySet:
    """The running groups into which `staff` may put the child: as its class teacher any, else those that one leads."""
    running = InterestGroup.objects.visible_to(staff).running(on).filter(school=child.school_id, ends_on__isnull=True)
    if child.school_class_id in {c.pk for c in staff.classes_as(Role.HOMEROOM)}:
        return running
    return running & InterestGroup.objects.changeable_by(staff)


def enterable(staff: Staff, on: date) -> InterestGroupQuerySet:
    """The running groups into which `staff` may put pupils (whom: see hand_of), with their members, by name."""
    classes = {c.school_id for c in staff.classes_as(Role.HOMEROOM)}
    rows = InterestGroup.objects.visible_to(staff).running(on).filter(ends_on__isnull=True)
    changeable = InterestGroup.objects.changeable_by(staff).values("pk")
    return rows.filter(Q(school__in=classes) | Q(pk__in=changeable)).with_members(on).order_by("name", "pk")


def pupil_named(school_class: SchoolClass | int | str, name: str) -> Child:
    """
    The pupil of a class (row or id) by the full name, for somebody who does not see the class.

    Raises ValidationError when nobody or more than one is called so.
    """
    found = list(Child.objects.on_roll().filter(school_class=school_class, name=name)[:2])
    if not found:
        raise ValidationError({"name": f"这个班没有叫“{name}”的在校学生，请核对姓名和班级。"})
    if len(found) > 1:
        raise ValidationError({"name": f"这个班有同名的“{name}”，请由班主任加进名单。"})
    return found[0]

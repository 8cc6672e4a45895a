"""Whom one may write about: the children of a form, and what waits for them."""

from django.db.models import QuerySet

from activities.models import FollowUp, Kind
from caretrack.access.policy import DataClass, Level
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child


def children_to_record(staff: Staff, kind: str) -> "QuerySet[Child]":
    """The children about whom `staff` may write a record of the kind."""
    if kind == Kind.COUNSELLING:
        return Child.objects.visible_to(staff, DataClass.COUNSELLING, Level.WRITE)
    return Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)


def children_asked_for(staff: Staff, kind: str, ids: tuple[int, ...]) -> list[Child]:
    """Those of `children_to_record` with these ids, with their classes; one statement."""
    return _to_counsel(staff, ids) if kind == Kind.COUNSELLING else _to_care_for(staff, ids)


@fixed
def _to_care_for(staff: Staff, ids: tuple[int, ...]) -> "QuerySet[Child]":
    return children_to_record(staff, Kind.TALK).filter(pk__in=ids).select_related("school_class__school")


@fixed
def _to_counsel(staff: Staff, ids: tuple[int, ...]) -> "QuerySet[Child]":
    return children_to_record(staff, Kind.COUNSELLING).filter(pk__in=ids).select_related("school_class__school")


@fixed
def open_follow_ups(staff: Staff, child: int) -> "QuerySet[FollowUp]":
    """The open follow-ups of a child that `staff` sees, with their owners."""
    return FollowUp.objects.visible_to(staff).filter(child=child).open().select_related("owner")

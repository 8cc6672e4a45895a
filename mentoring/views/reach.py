"""Whom and what the pages of pairing reach."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from caretrack.schools.models import School, Staff
from children.models import Child
from mentoring.models import Mentor
from mentoring.queries import with_load


def reached(staff: Any, act: Act) -> "QuerySet[Child]":
    """The children whom this person reaches through a post that allows the act."""
    return Child.objects.filter(children_reached_by(staff, ACTS[act])).on_roll()  # type: ignore[attr-defined]


def schools_of(staff: Any, act: Act) -> list[School]:
    """The schools at which a post of this person allows the act."""
    return staff.schools_as(*(role for role in ACTS[act]))


def mentors_of(staff: Any, act: Act, today: date) -> "QuerySet[Mentor]":
    """The mentors in service at those schools, with their load."""
    listed = Mentor.objects.active().filter(school__in=schools_of(staff, act)).select_related("school", "staff")
    return with_load(listed, today).order_by("pinyin", "pk")


def takers_for(staff: Any, today: date) -> "QuerySet[Mentor]":
    """Of those whom this person may give children, who still works there."""
    return mentors_of(staff, Act.PAIRING_EDIT, today).working(today)  # type: ignore[attr-defined,no-any-return]


def keepers(mentor: Mentor) -> "QuerySet[Staff]":
    """The other staff of the school, who can take over what the mentor has open."""
    people = Staff.objects.of_school(mentor.school, timezone.localdate()).filter(is_active=True)
    return people.exclude(pk=mentor.staff_id).distinct().order_by("pinyin", "pk")

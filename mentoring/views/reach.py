"""Whom and what the pages of pairing reach."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from caretrack.schools.models import School, Staff
from caretrack.web.at_school import school_asked, school_tabs
from caretrack.web.lists import FormPage
from children.models import Child
from mentoring.models import Mentor, Pairing
from mentoring.queries import too_much, with_key_load, with_load


def reached(staff: Any, act: Act) -> "QuerySet[Child]":
    """The children whom this person reaches through a post that allows the act."""
    return Child.objects.filter(children_reached_by(staff, ACTS[act])).on_roll()  # type: ignore[attr-defined]


def schools_of(staff: Any, act: Act) -> list[School]:
    """The schools at which a post of this person allows the act."""
    return staff.schools_as(*(role for role in ACTS[act]))


def mentors_of(staff: Any, act: Act, today: date) -> "QuerySet[Mentor]":
    """The mentors in service at those schools, with their load."""
    listed = Mentor.objects.active().filter(school__in=schools_of(staff, act)).select_related("school", "staff")
    return with_key_load(with_load(listed, today), today).order_by("pinyin", "pk")


def warn_of_load(request: HttpRequest, made: Iterable[Pairing]) -> None:
    """Tell whoever has paired which of the mentors now have more children than is advised."""
    today, ids = timezone.localdate(), {pairing.mentor_id for pairing in made}
    for mentor in mentors_of(request.user, Act.PAIRING_EDIT, today).filter(pk__in=ids):
        for words in too_much(mentor, mentor.load, mentor.key_load):  # type: ignore[attr-defined]
            messages.warning(request, words)


def takers_for(staff: Any, today: date) -> "QuerySet[Mentor]":
    """Of those whom this person may give children, who still works there."""
    return mentors_of(staff, Act.PAIRING_EDIT, today).working(today)  # type: ignore[attr-defined,no-any-return]


def keepers(mentor: Mentor) -> "QuerySet[Staff]":
    """The other staff of the school, who can take over what the mentor has open."""
    people = Staff.objects.of_school(mentor.school, timezone.localdate()).filter(is_active=True)
    return people.exclude(pk=mentor.staff_id).distinct().order_by("pinyin", "pk")


class AtOneSchool(FormPage):
    """A form about one of the schools at which this person arranges pairings: `?school=`, else the first."""

    template_name = "mentoring/at_one_school.html"
    school: School

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.schools = schools_of(request.user, Act.PAIRING_EDIT)
        self.school = school_asked(request, self.schools)
        return super().dispatch(request, *args, **kwargs)

    def draft_key(self) -> str:
        return f"{super().draft_key()}:{self.school.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"places": school_tabs(self.schools, self.school)}

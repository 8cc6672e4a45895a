"""What the pages of school and family have in common: their tabs, the month, the children one picked."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.urls import reverse

from activities.family.feedback import month_asked
from caretrack.access.policy import Act
from caretrack.periods import CLOSING_DAY, Month
from caretrack.web.components import Tab
from caretrack.web.numbers import number, numbers
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import roll_order

PAGES = (
    ("每月反馈", "feedback_list", Act.FAMILY),
    ("致家长的信", "letter_text_list", Act.FAMILY),
    ("家长约定", "promise_list", Act.FAMILY),
    ("家长建议", "suggestion_list", Act.FAMILY),
)


def tabs(active: str, staff: Any) -> list[Tab]:
    """The pages that this person may open; `active` is the name of the one shown."""
    return [Tab(label, reverse(f"activities:{name}"), name == active) for label, name, act in PAGES if staff.may(act)]


def closing_day(staff: Any) -> int:
    """The day on which the month of the person's school ends."""
    school = staff.home_school()
    return int(school.closing_day) if school else CLOSING_DAY


def month_of(request: HttpRequest, today: Any) -> Month:
    """The month of the address. Raises Http404 for one that does not exist or lies ahead."""
    try:
        return month_asked(request.GET.get("month", ""), today, closing_day(request.user))
    except ValidationError as error:
        raise Http404 from error


def picked(request: HttpRequest, children: ChildQuerySet) -> list[Child]:
    """
    Of `children` those ticked (?child=1&child=2), or all of a class (?school_class=1), in the order of a roll.

    Whom one does not see is not among them.
    """
    ids = numbers(request.GET.getlist("child"))
    asked = number(request.GET.get("school_class"))
    if ids:
        children = children.filter(pk__in=ids)
    elif asked:
        children = children.filter(school_class=asked)
    else:
        return []
    return list(in_roll_order(children))


def in_roll_order(children: ChildQuerySet) -> ChildQuerySet:
    """Class by class, as a roll is ordered, with what a class name needs."""
    return children.select_related("school", "school_class__school").order_by(*roll_order())

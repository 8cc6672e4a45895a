"""What the workbench says about families: whom nobody told this month, suggestions past their day."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from activities.family import feedback
from activities.models import Suggestion
from activities.views.family.frame import closing_day
from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed, tally
from caretrack.periods import Month
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.addresses import address
from caretrack.web.workbench import Panel

#: The last days of a month, in which who is left is worth a line.
LAST_DAYS = timedelta(days=7)
#: Who answers families day by day; the principal finds the same on the pages.
ANSWER = frozenset({Role.HOMEROOM, Role.CARE_LEAD})


def waiting(staff: Any, today: date) -> Panel | None:
    """Class teachers near the end of the month: parents away who were not told; suggestions that wait too long."""
    if not staff.may(Act.FAMILY) or staff.roles().isdisjoint(ANSWER):
        return None
    month = Month.of(today, closing_day(staff))
    near = Role.HOMEROOM in staff.roles() and today >= month.last - LAST_DAYS
    left = feedback.waiting(staff, month) if near else 0
    late = sum(number for (number,) in _late(staff, today))
    if not left and not late:
        return None
    data = {"left": left, "late": late, "last": month.last}
    url = address("activities:feedback_list")
    return Panel("家校联系", "activities/panels/families.html", data, url, "每月反馈", side=True)


@fixed
def _late(staff: Staff, today: date) -> QuerySet[Suggestion, Any]:
    return tally(Suggestion.objects.visible_to(staff).overdue(today), number=Count("pk"))


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(waiting, 42)

"""What the workbench says about support plans: those of one's own that are to be reviewed."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from caretrack.access.policy import Act
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.workbench import Panel
from mentoring.models import SupportPlan

SOON = timedelta(days=7)
SHOWN = 5


def reviews(staff: Any, today: date) -> Panel | None:
    """Own plans whose review is due within a week."""
    if not staff.may(Act.PLAN_EDIT):
        return None
    rows = _due(staff, today + SOON)
    if not rows:
        return None
    url = f"{reverse('activities:support_list')}?state=due"
    return Panel(
        "帮扶计划该评估了", "activities/panels/support.html", {"rows": rows, "today": today}, url, "全部", side=True
    )


@fixed
def _due(staff: Staff, until: date) -> QuerySet[SupportPlan]:
    seen = SupportPlan.objects.visible_to(staff).values("pk")
    due = SupportPlan.objects.filter(made_by=staff, pk__in=seen).due_by(until)
    return due.select_related("child").order_by("review_on", "pk")[:SHOWN]


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(reviews, 41)

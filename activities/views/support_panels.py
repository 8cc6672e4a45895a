"""What the workbench says about support plans: those of one's own that are to be reviewed."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act
from caretrack.web import workbench
from caretrack.web.workbench import Panel
from mentoring.models import SupportPlan

SOON = timedelta(days=7)
SHOWN = 5


def reviews(staff: Any, today: date) -> Panel | None:
    """Own plans whose review is due within a week."""
    if not staff.may(Act.PLAN_EDIT):
        return None
    due = SupportPlan.objects.filter(made_by=staff).due_by(today + SOON).filter(
        pk__in=SupportPlan.objects.visible_to(staff).values("pk")
    )  # fmt: skip
    rows = list(due.select_related("child").order_by("review_on", "pk")[:SHOWN])
    if not rows:
        return None
    url = f"{reverse('activities:support_list')}?state=due"
    return Panel(
        "帮扶计划该评估了", "activities/panels/support.html", {"rows": rows, "today": today}, url, "全部", side=True
    )


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(reviews, 41)

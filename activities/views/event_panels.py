"""What the workbench says about meetings' tasks and campaigns."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from activities.campaigns import waiting_for
from activities.models import MeetingTask
from caretrack.access.policy import Act
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.workbench import Panel

SOON = timedelta(days=7)
SHOWN = 5


def tasks(staff: Any, today: date) -> Panel | None:
    """What one is to do after a meeting, due within a week or overdue."""
    if not staff.may(Act.EVENT_VIEW):
        return None
    rows = _due(staff, today + SOON)
    if not rows:
        return None
    data = {"rows": rows, "today": today}
    url = reverse("activities:meeting_tasks")
    return Panel("会议落实事项", "activities/panels/tasks.html", data, url, "全部事项", side=True)


def campaigns(staff: Any, today: date) -> Panel | None:
    """Children of a running campaign whom one still has to reach."""
    if not staff.may(Act.EVENT_VIEW):
        return None
    rows = [
        {
            "campaign": campaign,
            "number": number,
            "days": (campaign.ends_on - today).days,
            "url": f"{reverse('activities:campaign_show', args=[campaign.pk])}?state=open&assignee=me",
        }
        for campaign, number in waiting_for(staff, today)
    ]
    return Panel("专项行动", "activities/panels/campaigns.html", {"rows": rows}) if rows else None


@fixed
def _due(staff: Staff, until: date) -> QuerySet[MeetingTask]:
    due = MeetingTask.objects.open().filter(owner=staff, due_on__lte=until)
    return due.select_related("meeting").order_by("due_on", "pk")[:SHOWN]


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(campaigns, 15)
    workbench.register(tasks, 40)

"""The leads' workbench about promises that nobody can keep any more: who made them sees the child no longer, or has left."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from activities.campaigns import not_reached_yet, targets_seen_by
from activities.gatherings import tasks_open_to
from activities.left_open import has_left, unseen_by
from activities.models import CampaignTarget, FollowUp, MeetingTask
from activities.views.panels import LEADS
from caretrack.access.policy import Act
from caretrack.access.scopes import children_reached_by
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.workbench import Line, Panel, lines_panel
from children.models import Child

NAMED = 3


def left_open(staff: Any, today: date) -> Panel | None:
    """Follow-ups, children of campaigns and tasks of meetings that wait for somebody else to take them over."""
    if not staff.may(Act.RECORD_REVIEW):
        return None
    lists, tasks = reverse("activities:follow_up_list"), reverse("activities:meeting_tasks")
    lines = _lines("负责人已看不到学生的跟进", "项", _promised(staff, today), f"{lists}?owner=gone")
    for campaign, rows in _targets(staff, today).items():
        url = f"{reverse('activities:campaign_show', args=[campaign[0]])}?state=open&assignee=gone"
        lines += _lines(f"{campaign[1]}：负责教师已看不到学生", "名", rows, url)
    lines += _lines("落实人已离岗的会议事项", "项", _tasks(staff, today), f"{tasks}?owner=gone")
    return lines_panel("要另找人接着办", lines, lists, "跟进事项")


def _lines(text: str, unit: str, by_name: list[tuple[str, int]], url: str) -> list[Line]:
    if not by_name:
        return []
    names = "、".join(name for name, _ in by_name[:NAMED]) + ("等" if len(by_name) > NAMED else "")
    return [Line(text, f"{sum(number for _, number in by_name)}{unit}", url, "bad", f"原由{names}负责")]


def _targets(staff: Staff, today: date) -> dict[tuple[int, str], list[tuple[str, int]]]:
    """(id, name) of a campaign → who was to go there and how many are left of each."""
    if not _handed_out(staff, today):
        return {}
    rows = targets_seen_by(staff).filter(unseen_by("assignee", today), assignee__isnull=False)
    seen = not_reached_yet(rows, today).order_by()
    found: dict[tuple[int, str], list[tuple[str, int]]] = {}
    counted = seen.values_list("campaign", "campaign__name", "assignee__name").annotate(number=Count("pk"))
    for pk, campaign, name, number in counted.order_by("campaign", "-number"):
        found.setdefault((pk, campaign), []).append((name, number))
    return found


@fixed
def _handed_out(staff: Staff, today: date) -> QuerySet[CampaignTarget, Any]:
    """Whether anybody was to go anywhere: most of the year no campaign is on, and to ask what is left costs more."""
    seen = targets_seen_by(staff).filter(campaign__ends_on__gte=today, assignee__isnull=False, excused="")
    return seen.order_by().values_list("pk")[:1]


@fixed
def _promised(staff: Staff, today: date) -> QuerySet[FollowUp, Any]:
    children = Child.objects.filter(children_reached_by(staff, LEADS)).on_roll()
    rows = FollowUp.objects.visible_to(staff).open().filter(unseen_by("owner", today), child__in=children)
    return rows.order_by().values_list("owner__name").annotate(number=Count("pk")).order_by("-number", "owner__name")


@fixed
def _tasks(staff: Staff, today: date) -> QuerySet[MeetingTask, Any]:
    rows = tasks_open_to(staff).select_related(None).filter(has_left(today)).order_by()
    return rows.values_list("owner__name").annotate(number=Count("pk")).order_by("-number", "owner__name")


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(left_open, 29)

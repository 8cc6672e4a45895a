"""The workbench about what leaders said on records, and about promises that others let pass."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp, RecordRemark
from activities.views.panels import LEADS
from caretrack.access.policy import Act
from caretrack.access.scopes import children_reached_by
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.workbench import Panel
from children.models import Child

SHOWN = 6
NEWS = timedelta(days=7)
LATE_LONG = timedelta(days=3)


def said_to_me(staff: Any, today: date) -> Panel | None:
    """The author: questions that wait for an answer, thanks of the last week."""
    if not staff.may(Act.RECORD_WRITE):
        return None
    said = _said_to(staff, timezone.now() - NEWS)
    waiting = [remark for remark in said if remark.kind == RecordRemark.Kind.QUESTION][:SHOWN]
    thanks = [remark for remark in said if remark.kind == RecordRemark.Kind.THANKS][:SHOWN]
    if not waiting and not thanks:
        return None
    data = {"questions": waiting, "answers": [], "thanks": thanks}
    return Panel("领导批阅", "activities/panels/remarks.html", data, side=not waiting)


def answered_to_me(staff: Any, today: date) -> Panel | None:
    """The leader: what came back to one's own questions within a week."""
    if not staff.may(Act.RECORD_REVIEW):
        return None
    found = _answers_to(staff, timezone.now() - NEWS)
    if not found:
        return None
    return Panel(
        "提问的答复", "activities/panels/remarks.html", {"questions": [], "answers": found, "thanks": []}, side=True
    )


def let_pass(staff: Any, today: date) -> Panel | None:
    """The leader: colleagues' follow-ups that are more than three days overdue, by who is to do them."""
    if not staff.may(Act.RECORD_REVIEW):
        return None
    by_owner = _late_by_owner(staff, today - LATE_LONG)
    if not by_owner:
        return None
    rows = _latest(staff, today - LATE_LONG)
    url = f"{reverse('activities:follow_up_list')}?state=overdue"
    named = by_owner[:SHOWN]
    total = sum(owner["number"] for owner in by_owner)
    data = {
        "owners": named,
        "rest": total - sum(owner["number"] for owner in named),
        "rows": [{"follow_up": row, "days": (today - row.due_on).days} for row in rows],
        "total": total,
        "url": url,
    }
    return Panel("过期没办的跟进", "activities/panels/overdue.html", data, url=url, link="全部")


@fixed
def _said_to(staff: Staff, since: datetime) -> QuerySet[RecordRemark]:
    """Questions that wait for this author, and thanks since then; one statement."""
    answered = Exists(RecordRemark.objects.filter(answers=OuterRef("pk")))
    waiting = Q(kind=RecordRemark.Kind.QUESTION) & ~answered
    thanked = Q(kind=RecordRemark.Kind.THANKS, created_at__gte=since)
    seen = RecordRemark.objects.visible_to(staff).filter(waiting | thanked, record__author=staff)
    return seen.select_related("record__child", "author").order_by("-created_at")[: 4 * SHOWN]


@fixed
def _answers_to(staff: Staff, since: datetime) -> QuerySet[RecordRemark]:
    seen = RecordRemark.objects.visible_to(staff).filter(answers__author=staff, created_at__gte=since)
    return seen.select_related("record__child", "author", "answers").order_by("-created_at")[:SHOWN]


def _late(staff: Staff, before: date) -> QuerySet[FollowUp]:
    children = Child.objects.filter(children_reached_by(staff, LEADS)).on_roll()
    return FollowUp.objects.visible_to(staff).overdue(before).filter(child__in=children).exclude(owner=staff)


@fixed
def _late_by_owner(staff: Staff, before: date) -> QuerySet[FollowUp, Any]:
    by_owner = _late(staff, before).order_by().values("owner__name").annotate(number=Count("pk"))
    return by_owner.order_by("-number", "owner__name")


@fixed
def _latest(staff: Staff, before: date) -> QuerySet[FollowUp]:
    return _late(staff, before).select_related("child", "owner").order_by("due_on", "pk")[:SHOWN]


def register_all() -> None:
    """Put the panels on the workbench."""
    workbench.register(said_to_me, 12)
    workbench.register(answered_to_me, 65)
    workbench.register(let_pass, 28)

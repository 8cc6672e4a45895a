"""The family phone on the workbench: of whoever is on duty today, and of the class teacher whose pupils called."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from activities.models import CallBooking, CallDuty
from activities.views.links import dossier_url
from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed
from caretrack.periods import chinese_date
from caretrack.web import workbench
from caretrack.web.workbench import Line, Panel, lines_panel

SHOWN = 6
TOLD_FOR = timedelta(days=6)


def on_duty(staff: Any, today: date) -> Panel | None:
    """The turns of today that are not written down yet."""
    if not staff.may(Act.RECORD_WRITE):
        return None
    duties = _duties(staff.pk, today)
    if not duties:
        return None
    turns = CallBooking.objects.filter(school=duties[0].school_id, on=today).standing().select_related("child", "line")
    rows = list(turns.order_by("at", "pk"))
    waiting = [row for row in rows if row.state == CallBooking.State.BOOKED]
    url = reverse("activities:call_day")
    data = {"rows": waiting[:SHOWN], "total": len(rows), "waiting": len(waiting)}
    return Panel("今天亲情电话您值班", "activities/panels/duty.html", data, url=url, link="去登记")


def called_on_duty(staff: Any, today: date) -> Panel | None:
    """The class teacher: for whom of the class somebody on duty called home or saw the number these days, and why."""
    classes = tuple(post.school_class_id for post in staff.posts(today) if post.role == Role.HOMEROOM)
    if not classes:
        return None
    told = [
        (call, words) for call in _called(classes, today - TOLD_FOR) if (words := _done_on_duty(call, but_by=staff.pk))
    ]
    lines = [
        Line(
            f"{call.child.name}：{words}",
            call.state_words,
            dossier_url(call.child_id),
            "info",
            f"{chinese_date(call.on)} {call.at:%H:%M}，打给{call.with_whom}"
            + (f"，原因：{call.reason}" if call.reason else "，预约的通话"),
        )
        for call, words in told[:SHOWN]
    ]
    return lines_panel("值班教师给您班学生家里打的电话", lines, reverse("activities:call_board"), "亲情电话")


def _done_on_duty(call: CallBooking, *, but_by: int) -> str:
    """What somebody else than `but_by` did on duty: 石老师值班时当场登记，看了完整号码; empty for nothing."""
    entered = call.booked_by_id if call.reason else None
    done = [f"{call.booked_by}值班时当场登记"] if entered not in (None, but_by) else []
    if call.shown_to_id not in (None, but_by):
        done.append("看了完整号码" if done and call.shown_to_id == entered else f"{call.shown_to}值班时看了完整号码")
    return "，".join(done)


@fixed
def _called(classes: tuple[int, ...], since: date) -> QuerySet[CallBooking]:
    calls = CallBooking.objects.by_duty().filter(child__school_class__in=classes, on__gte=since)
    return calls.select_related("child", "booked_by", "shown_to").order_by("-on", "-at")


@fixed
def _duties(staff: int, today: date) -> QuerySet[CallDuty]:
    return CallDuty.objects.filter(staff=staff, on=today)[:1]


def register_all() -> None:
    """Put the panels on the workbench."""
    workbench.register(on_duty, 14)
    workbench.register(called_on_duty, 15)

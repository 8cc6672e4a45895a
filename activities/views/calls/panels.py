"""The workbench of whoever is on duty at the family phone today."""

from datetime import date
from typing import Any

from django.urls import reverse

from activities.models import CallBooking, CallDuty
from caretrack.access.policy import Act
from caretrack.web import workbench
from caretrack.web.workbench import Panel

SHOWN = 6


def on_duty(staff: Any, today: date) -> Panel | None:
    """The turns of today that are not written down yet."""
    if not staff.may(Act.RECORD_WRITE):
        return None
    duty = CallDuty.objects.filter(staff=staff, on=today).first()
    if duty is None:
        return None
    turns = CallBooking.objects.filter(school=duty.school_id, on=today).standing().select_related("child", "line")
    rows = list(turns.order_by("at", "pk"))
    waiting = [row for row in rows if row.state == CallBooking.State.BOOKED]
    url = reverse("activities:call_day")
    data = {"rows": waiting[:SHOWN], "total": len(rows), "waiting": len(waiting)}
    return Panel("今天亲情电话您值班", "activities/panels/duty.html", data, url=url, link="去登记")


def register_all() -> None:
    """Put the panel on the workbench."""
    workbench.register(on_duty, 14)

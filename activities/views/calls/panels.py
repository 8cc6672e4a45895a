"""The workbench of whoever is on duty at the family phone today."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from activities.models import CallBooking, CallDuty
from caretrack.access.policy import Act
from caretrack.fixed import fixed
from caretrack.web import workbench
from caretrack.web.workbench import Panel

SHOWN = 6


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


@fixed
def _duties(staff: int, today: date) -> QuerySet[CallDuty]:
    return CallDuty.objects.filter(staff=staff, on=today)[:1]


def register_all() -> None:
    """Put the panel on the workbench."""
    workbench.register(on_duty, 14)

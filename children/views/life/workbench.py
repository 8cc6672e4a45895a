"""What the workbench says about buses, boarders and second looks: only what waits or is dangerous."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from caretrack.access.policy import Act, DataClass
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff
from caretrack.web.workbench import Panel
from children.life.boarding import bed_gaps, beds_of
from children.life.bus import in_unlicensed_vehicles
from children.models import BusRoute, Child, HealthCheck


def dangers(staff: Any, today: date) -> Panel | None:
    """Leads, registrar and class teachers: overloaded and unlicensed vehicles, boarders without a bed, open checks."""
    lines: list[dict[str, str]] = []
    if staff.may(Act.BUS_VIEW):
        lines += _buses(staff, today)
    if staff.may(Act.HEALTH_EDIT) and (count := sum(number for (number,) in _open_checks(staff))):
        url = f"{reverse('children:health_list')}?state=open"
        lines.append({"text": "体检后还没有复查", "badge": f"{count}人次", "tone": "warn", "url": url})
    if staff.may(Act.BOARDING_EDIT):
        lines += _beds(staff)
    if not lines:
        return None
    url = reverse("children:life_home")
    return Panel("在校安全和住宿", "children/life/panel.html", {"lines": lines}, url=url, link="在校登记", side=True)


def _buses(staff: Any, today: date) -> list[dict[str, str]]:
    url, lines = reverse("children:bus_list"), []
    routes = _routes(staff, today)
    over = sum(route.capacity is not None and route.riders > route.capacity for route in routes)
    unlicensed = sum(route.vehicle == BusRoute.Vehicle.UNLICENSED for route in routes)
    unsafe = sum(number for (number,) in _unsafe(staff, today))
    if over:
        lines.append({"text": "乘车线路超员", "badge": f"{over}条", "tone": "bad", "url": url})
    if unlicensed:
        lines.append({"text": "线路用无证车辆", "badge": f"{unlicensed}条", "tone": "bad", "url": url})
    if unsafe:
        lines.append({"text": "学生乘无证或非营运车上下学", "badge": f"{unsafe}人", "tone": "bad", "url": url})
    return lines


@fixed
def _open_checks(staff: Staff) -> QuerySet[HealthCheck, Any]:
    return tally(HealthCheck.objects.visible_to(staff).open(), number=Count("pk"))


@fixed
def _routes(staff: Staff, today: date) -> QuerySet[BusRoute]:
    return BusRoute.objects.visible_to(staff).running(today).with_riders(today)


@fixed
def _unsafe(staff: Staff, today: date) -> QuerySet[Child, Any]:
    seen = Child.objects.visible_to(staff, DataClass.CONTACT)
    return tally(in_unlicensed_vehicles(seen, today), number=Count("pk"))


@fixed
def _boarders(staff: Staff) -> QuerySet[Child, Any]:
    return beds_of(Child.objects.visible_to(staff))


def _beds(staff: Any) -> list[dict[str, str]]:
    no_bed, clashes = bed_gaps(_boarders(staff))
    url, lines = reverse("children:boarding_list"), []
    if no_bed:
        lines.append({"text": "住校没有床位", "badge": f"{no_bed}人", "tone": "warn", "url": f"{url}?gap=bed"})
    if clashes:
        lines.append({"text": "床位重复", "badge": f"{clashes}人", "tone": "bad", "url": f"{url}?gap=clash"})
    return lines

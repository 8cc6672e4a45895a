"""What the workbench says about buses, boarders and second looks: only what waits or is dangerous."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from caretrack.access.policy import Act, DataClass
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff
from caretrack.web.workbench import Line, Panel, lines_panel
from children.life.boarding import bed_gaps, beds_of
from children.life.bus import in_unlicensed_vehicles
from children.models import BusRoute, Child, HealthCheck


def dangers(staff: Any, today: date) -> Panel | None:
    """Leads, registrar and class teachers: overloaded and unlicensed vehicles, boarders without a bed, open checks."""
    lines: list[Line] = []
    if staff.may(Act.BUS_VIEW):
        lines += _buses(staff, today)
    if staff.may(Act.HEALTH_EDIT) and (count := sum(number for (number,) in _open_checks(staff))):
        url = f"{reverse('children:health_list')}?state=open"
        lines.append(Line("体检后还没有复查", f"{count}人次", url))
    if staff.may(Act.BOARDING_EDIT):
        lines += _beds(staff)
    return lines_panel("在校安全和住宿", lines, reverse("children:life_home"), "在校登记")


def _buses(staff: Any, today: date) -> list[Line]:
    url, lines = reverse("children:bus_list"), []
    routes = _routes(staff, today)
    over = sum(route.capacity is not None and route.riders > route.capacity for route in routes)
    unlicensed = sum(route.vehicle == BusRoute.Vehicle.UNLICENSED for route in routes)
    unsafe = sum(number for (number,) in _unsafe(staff, today))
    if over:
        lines.append(Line("乘车线路超员", f"{over}条", url, "bad"))
    if unlicensed:
        lines.append(Line("线路用无证车辆", f"{unlicensed}条", url, "bad"))
    if unsafe:
        lines.append(Line("学生乘无证或非营运车上下学", f"{unsafe}人", url, "bad"))
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


def _beds(staff: Any) -> list[Line]:
    no_bed, clashes = bed_gaps(_boarders(staff))
    url, lines = reverse("children:boarding_list"), []
    if no_bed:
        lines.append(Line("住校没有床位", f"{no_bed}人", f"{url}?gap=bed"))
    if clashes:
        lines.append(Line("床位重复", f"{clashes}人", f"{url}?gap=clash", "bad"))
    return lines

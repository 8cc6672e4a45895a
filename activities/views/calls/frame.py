"""What every page about the family phone shares: the school, the tabs, the day asked for."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from caretrack.access.policy import Act
from caretrack.schools.models import School
from caretrack.web.components import Tab
from mentoring.models import Mentor


def school_of(request: HttpRequest) -> School:
    """The school that the pages are about: of the post, else of the pairing. Raises PermissionDenied without either."""
    staff: Any = request.user
    if school := staff.home_school():
        return school  # type: ignore[no-any-return]
    mentor = Mentor.objects.filter(staff=staff).select_related("school").first()
    if mentor is None:
        raise PermissionDenied("您目前没有任职学校，看不到亲情联系的安排。")
    return mentor.school


def day_asked(request: HttpRequest, today: date) -> date:
    """?on=2026-11-23, else today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


def tabs_for(staff: Any, active: str) -> list[Tab]:
    """The pages of the family's ways to speak, with the one shown marked."""
    offered = [
        ("预约", "activities:call_board", True),
        ("值班登记", "activities:call_day", True),
        ("书信", "activities:letter_list", True),
        ("悄悄话", "activities:note_list", True),
        ("现场通话", "activities:call_looks", staff.may(Act.CALL_SETUP)),
        ("学期检查", "activities:call_check", staff.may(Act.CALL_SETUP)),
        ("线路和值班", "activities:call_setup", staff.may(Act.CALL_SETUP)),
    ]
    return [Tab(label, reverse(name), active=name == active) for label, name, shown in offered if shown]

"""What the workbench says about the months: to hand in, to approve, and who has not reported to the 中心校."""

from datetime import date
from typing import Any

from django.urls import reverse

from caretrack.access.policy import Act, Role
from caretrack.schools.models import School
from caretrack.web.workbench import Line, Panel, lines_panel
from reports.builders.unit import Unit
from reports.deadlines import Deadline, open_months

NAMED = 5


def months_due(staff: Any, today: date) -> Panel | None:
    """For 德育主任 and 校长: the months of their school that wait for them."""
    if not (staff.may(Act.MONTH_SUBMIT) or staff.may(Act.MONTH_APPROVE)):
        return None
    writes = {school.pk for school in staff.schools_as(Role.CARE_LEAD)}
    schools = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
    approves = {school.pk for school in staff.schools_as(Role.PRINCIPAL)}
    lines = []
    for one in open_months(schools, today):
        if one.waits_for_principal and one.school.pk in approves:
            lines.append(_line(one, "等您审定", "待审定", "warn", len(schools)))
        elif one.waits_for_lead:
            lines.append(_to_hand_in(one, today, one.school.pk in writes, len(schools)))
    return lines_panel("月报", lines, reverse("reports:month_list"), "全部月份")


def _to_hand_in(one: Deadline, today: date, writes: bool, schools: int) -> Line:
    left = one.days_left(today)
    if left > 0:
        return _line(one, "可以先核对", f"还有 {left} 天截止", "info", schools)
    what = "被退回，等修改后再提交" if one.state == "returned" else "等您提交" if writes else "德育处还没有提交"
    return _line(one, what, "今天截止" if left == 0 else f"已过 {-left} 天", "warn" if left == 0 else "bad", schools)


def _line(one: Deadline, what: str, badge: str, tone: str, schools: int) -> Line:
    whose = f"{one.school.label}：" if schools > 1 else ""
    url = reverse("reports:month", args=[Unit(one.school).code, one.month.key])
    return Line(f"{whose}{one.month.label}月报", badge, url, tone, what)


def months_missing(staff: Any, today: date) -> Panel | None:
    """For the 中心校: the schools whose last closed month has not come."""
    if not staff.may(Act.SUBMITTED_VIEW):
        return None
    below = School.objects.filter(parent__in=staff.schools_as(Role.SUPERIOR)).order_by("pk")
    late = [one for one in open_months(list(below), today) if one.waits_for_lead and one.days_left(today) < 0]
    if not late:
        return None
    newest = max(one.month for one in late)
    silent = [one.school.label for one in late if one.month == newest]
    more = f"等 {len(silent)} 所" if len(silent) > NAMED else ""
    url = reverse("reports:submitted_list")
    line = Line(f"{newest.label}月报没有报来", f"{len(silent)} 所", url, "bad", "、".join(silent[:NAMED]) + more)
    return lines_panel("下级上报", [line], url, "全部学校")

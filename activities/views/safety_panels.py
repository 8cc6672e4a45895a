"""What the workbench says about safety: worries that wait, files that are open, warnings, levels due for review."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Window
from django.urls import reverse
from django.utils import timezone

from activities.alerts.access import watched
from activities.incidents.open_steps import OpenFile, files_to_report
from activities.models import Incident, IncidentChild, NightAbsence, Worry
from activities.night import evening, rooms_of
from activities.night_duty import countable, duty_at
from activities.views.alert_panel import last_known
from caretrack.access.policy import Act
from caretrack.fixed import fixed, hang, tally
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.addresses import address
from caretrack.web.workbench import Figure, Line, Panel

SHOWN = 5


def urgent_steps(staff: Any, today: date) -> Panel | None:
    """Whoever has to act this minute: danger that nobody has answered, files in which somebody is still to be told."""
    dangers = _dangers(staff) if staff.may(Act.WORRY_TRIAGE) else []
    files = files_to_report(staff, timezone.now()) if staff.may(Act.WORRY_REPORT) else []
    answered = {worry.incident_id for worry in dangers}
    lines = [
        Line(f"现在就有危险：{worry.who}", "还没有人受理", address("activities:worry_show", worry.pk), "urgent",
             f"{worry.reporter.name}，{timezone.localtime(worry.created_at):%m月%d日 %H:%M} 报告")
        for worry in dangers
    ]  # fmt: skip
    lines += [_to_report(file) for file in files if file.incident.pk not in answered][:SHOWN]
    if not lines:
        return None
    # On a phone the figures come before all sheets, and this before all figures.
    first = (Figure("现在要办", len(lines), lines[0].url, "件", tone="bad"),)
    url = reverse("activities:safety")
    return Panel("现在要办", "web/_panel_lines.html", {"lines": lines}, url=url, link="安全", figures=first)


def _to_report(file: OpenFile) -> Line:
    incident = file.incident
    badge, tone = ("已超时", "urgent") if file.overdue else ("计时中", "warn")
    if file.own is not None:
        url = address("activities:worry_own", file.own)
        return Line("您报告的危险：五分钟报告", badge, url, tone, "还没有登记已告诉校长")
    named = f"：{incident.names}" if incident.names else ""
    url = address("activities:incident_show", incident.pk)
    return Line(f"{incident.number} {incident.what}{named}", badge, url, tone, f"还没有登记报告：{file.whom}")


def worries_waiting(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: what was reported and is not decided."""
    if not staff.may(Act.WORRY_TRIAGE) or not (number := sum(row[0] for row in _waiting(staff))):
        return None
    url = reverse("activities:worry_list")
    figures = (Figure("待处理的担心", number, url, "件", tone="bad"),)
    # Danger stands in a sheet of its own, above all others.
    if not (rows := _longest_waiting(staff)):
        return Panel(figures=figures)
    return Panel("担心的事", "activities/panels/worries_waiting.html", {"rows": rows}, url, "全部", figures=figures)


def files_open(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: the incident files that are not closed, the newest first, each by its number."""
    if not staff.may(Act.WORRY_TRIAGE) or not (rows := _open_files(staff)):
        return None
    hang(rows, "involved", _involved_in(tuple(row.pk for row in rows)))
    url = reverse("activities:incident_list")
    return Panel(
        "未结案的事件",
        "activities/panels/incidents.html",
        {"rows": rows},
        url=url,
        link="全部",
        figures=(Figure("未结案的事件", rows[0].number_open, url, "件", tone="warn"),),
    )


def gone_tonight(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: boarders who could not be found last evening or this, until somebody looked into it."""
    if not staff.may(Act.WORRY_TRIAGE) or not (rows := _gone(staff, today - timedelta(days=1))):
        return None
    lines = [
        Line(
            f"{row.child.name}：查夜去向不明", row.get_called_display(), reverse("activities:night_home"), "urgent",
            f"{row.roll.room}，{timezone.localtime(row.roll.taken_at):%m月%d日 %H:%M} 查夜{row.note and f'：{row.note}'}",
        )
        for row in rows
    ]  # fmt: skip
    return Panel(
        "去向不明", "web/_panel_lines.html", {"lines": lines}, url=reverse("activities:night_home"), link="查夜"
    )


def night_duty(staff: Any, today: date) -> Panel | None:
    """Whoever is on duty in the dormitories tonight: how many rooms are still to be counted, at each school."""
    schools = duty_at(staff)
    if not schools:
        return None
    on, url, lines = evening(), reverse("activities:night_home"), []
    for school in schools:
        rooms = rooms_of(countable(staff, on), school, on)
        left = sum(room.roll is None for room in rooms)
        badge, tone = (f"还有 {left} 个没查", "warn") if left else ("已查完", "good")
        where = f"在{school.label}" if len(schools) > 1 else ""
        text = f"{on.month}月{on.day}日晚您{where}值班查夜"
        note = f"{len(rooms)} 个宿舍，次日中午以前可以登记"
        lines.append(Line(text, badge, f"{url}?school={school.pk}", tone, note))
    return Panel("查夜值班", "web/_panel_lines.html", {"lines": lines}, url=url, link="查夜")


def warnings(staff: Any, today: date) -> Panel | None:
    """
    Whoever reads the care of children: how many warnings were last known, at once; the gravest ones follow by themselves.

    Without what was last known the sheet would be empty until they have come, and for good where scripts are off.
    """
    if not staff.may(Act.ALERT_VIEW):
        return None
    data = {"known": last_known(staff, today)}
    return Panel("预警", "activities/panels/warnings.html", data, url=reverse("activities:alert_list"), link="全部")


def rolls(staff: Any, today: date) -> Panel | None:
    """Class teacher and leads: today's rolls in one press, and who stays away."""
    if not staff.may(Act.ABSENCE):
        return None
    url = reverse("activities:absence_home")
    return Panel("今天点名", "activities/panels/absence.html", {}, url=url, link="缺勤控辍", side=True)


@fixed
def _waiting(staff: Staff) -> QuerySet[Worry, Any]:
    return tally(Worry.objects.visible_to(staff).to_answer(), number=Count("pk"))


@fixed
def _dangers(staff: Staff) -> QuerySet[Worry]:
    return Worry.objects.visible_to(staff).to_answer().filter(in_danger=True).select_related("reporter")[:SHOWN]


@fixed
def _longest_waiting(staff: Staff) -> QuerySet[Worry]:
    return Worry.objects.visible_to(staff).waiting().order_by("created_at")[:SHOWN]


@fixed
def _open_files(staff: Staff) -> QuerySet[Incident]:
    found = Incident.objects.visible_to(staff).real().open().annotate(number_open=Window(Count("pk")))
    return found.order_by("-found_at", "-pk")[:SHOWN]


@fixed
def _involved_in(files: tuple[int, ...]) -> QuerySet[IncidentChild]:
    return IncidentChild.objects.filter(incident__in=files).select_related("child")


@fixed
def _gone(staff: Staff, since: date) -> QuerySet[NightAbsence]:
    rows = NightAbsence.objects.filter(child__in=watched(staff)).not_found().filter(on__gte=since)
    return rows.select_related("child", "roll").order_by("-on", "pk")[:SHOWN]


def register_all() -> None:
    """Put the panels on the workbench."""
    workbench.register(urgent_steps, 1)
    workbench.register(night_duty, 2)
    workbench.register(gone_tonight, 3)
    workbench.register(files_open, 4)
    workbench.register(worries_waiting, 5)
    workbench.register(warnings, 25)
    workbench.register(rolls, 7)

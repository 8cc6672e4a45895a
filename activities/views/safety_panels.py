"""What the workbench says about safety: worries that wait, files that are open, warnings, levels due for review."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from activities.models import Incident, Worry
from caretrack.access.policy import Act
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.workbench import Figure, Panel

SHOWN = 5


def worries_waiting(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: what was reported and is not decided; files that are open."""
    if not staff.may(Act.WORRY_TRIAGE):
        return None
    number = sum(row[0] for row in _waiting(staff))
    files = sum(row[0] for row in _open_files(staff))
    if not number and not files:
        return None
    url = reverse("activities:worry_list")
    figures = (
        Figure("待处理的担心", number, url, "件", tone="bad" if number else "good"),
        Figure("未结案的事件", files, reverse("activities:incident_list"), "件", tone="warn" if files else "good"),
    )
    if not number:
        return Panel(figures=figures)
    rows = list(Worry.objects.visible_to(staff).waiting().order_by("created_at")[:SHOWN])
    return Panel(
        "担心的事", "activities/panels/worries_waiting.html", {"rows": rows}, url=url, link="全部", figures=figures
    )


def warnings(staff: Any, today: date) -> Panel | None:
    """Whoever reads the care of children: the gravest warnings, worked out after the start page has arrived."""
    if not staff.may(Act.ALERT_VIEW):
        return None
    return Panel("预警", "activities/panels/warnings.html", {}, url=reverse("activities:alert_list"), link="全部")


def rolls(staff: Any, today: date) -> Panel | None:
    """Class teacher and leads: today's rolls in one press, and who stays away."""
    if not staff.may(Act.ABSENCE):
        return None
    url = reverse("activities:absence_home")
    return Panel("今天点名", "activities/panels/absence.html", {}, url=url, link="缺勤控辍", side=True)


@fixed
def _waiting(staff: Staff) -> QuerySet[Worry, Any]:
    return tally(Worry.objects.visible_to(staff).waiting(), number=Count("pk"))


@fixed
def _open_files(staff: Staff) -> QuerySet[Incident, Any]:
    return tally(Incident.objects.visible_to(staff).real().open(), number=Count("pk"))


def register_all() -> None:
    """Put the panels on the workbench."""
    workbench.register(worries_waiting, 5)
    workbench.register(warnings, 25)
    workbench.register(rolls, 7)

"""What the workbench says about census rounds: the class teacher's task, the school's overdue classes, what waits."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed
from caretrack.web.workbench import Figure, Panel
from children.census.rounds import open_tasks, progress
from children.models import Census


def census_tasks(staff: Any, today: date) -> Panel | None:
    """Own classes with open pupils; for those who keep the school the classes that are late and what to confirm."""
    if not staff.may(Act.CENSUS):
        return None
    schools = staff.schools_as(Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)
    rounds = _open_rounds(tuple(school.pk for school in schools))
    own = open_tasks(staff, today)
    if not rounds and not own:
        return None
    figures = [
        Figure(
            f"{found.name}普查未核对",
            found.open + found.returned,
            reverse("children:census_class", args=[census.pk, found.school_class.pk]),
            "人",
            hint=f"{census.due_on:%m月%d日}前完成" if census.due_on else "",
            tone="bad" if found.overdue else "warn",
        )
        for census, found in own
    ]
    figures += [figure for census in rounds for figure in _school(census, today, staff)]
    return Panel(figures=tuple(figures))


@fixed
def _open_rounds(schools: tuple[int, ...]) -> QuerySet[Census]:
    return Census.objects.open().filter(school__in=schools)


def _school(census: Census, today: date, staff: Any) -> list[Figure]:
    classes = progress(census, today)
    unfinished = [found for found in classes if not found.complete]
    late = any(found.overdue for found in classes)
    figures = [
        Figure(
            "普查未完成的班级",
            len(unfinished),
            reverse("children:census_show", args=[census.pk]),
            "个",
            hint=f"{census.get_kind_display()}" + ("，已超期" if late else ""),
            tone="bad" if late else "warn" if unfinished else "good",
        )
    ]
    waiting = sum(found.proposed for found in classes)
    if waiting and staff.may(Act.CENSUS_REVIEW):
        url = reverse("children:census_review", args=[census.pk])
        figures.append(Figure("普查变化待确认", waiting, url, "人", tone="warn"))
    return figures

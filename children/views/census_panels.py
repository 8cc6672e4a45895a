"""What the workbench says about census rounds: the class teacher's task, the school's overdue classes, what waits."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed
from caretrack.web.workbench import Figure, Line, Panel, lines_panel
from children.census.plan import Due, census_plan, survey_plan
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


def plan_panel(staff: Any, today: date) -> Panel | None:
    """Those who may open a round or a questionnaire read how many are owed; nothing once all are done."""
    lines = plan_lines([due for due in dues_of(staff, today) if not due.complete], today)
    url, link = (
        (reverse("children:census_list"), "普查")
        if staff.may(Act.CENSUS)
        else (reverse("children:survey_list"), "问卷")
    )
    return lines_panel("普查和问卷计划", lines, url, link)


def dues_of(staff: Any, today: date) -> list[Due]:
    """What is owed by the schools whose censuses and questionnaires this person sets going."""
    found: list[Due] = []
    if staff.may(Act.CENSUS_OPEN):
        found += census_plan(staff.schools_as(Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL), today)
    if staff.may(Act.SURVEY_SET):
        found += survey_plan(staff.schools_as(Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL), today)
    return found


def plan_lines(dues: list[Due], today: date) -> list[Line]:
    """A line for each of `dues`: how many are owed and made, by when, and where the next one begins."""
    several = len({due.school.pk for due in dues}) > 1
    return [_plan_line(due, today, due.school.label if several else "") for due in dues]


def _plan_line(due: Due, today: date, note: str) -> Line:
    words = f"{due.period}应{due.what}{due.wanted}次，已做{due.done}次"
    if due.running:
        words += f"，进行中{due.running}次"
    if due.complete:
        badge, tone = "已完成", "good"
    elif due.late(today):
        badge, tone = "已过期", "bad"
    else:
        badge, tone = f"{due.due_on.month}月{due.due_on.day}日前", "neutral"
    return Line(words, badge, _next_page(due), tone, note)


def _next_page(due: Due) -> str:
    """The list where nothing is to be begun, else the form that begins the next one."""
    if due.started:
        return reverse("children:census_list" if due.kind else "children:survey_list")
    return reverse("children:census_open", query={"kind": due.kind}) if due.kind else reverse("children:survey_add")

"""Festivals and birthdays that are near, and the birthdays of a month on paper."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.birthdays import KeptDay, calendar_for, kept_already, kept_days
from activities.elders import OCCASION, SHOWN_BEFORE, ElderBirthday, elder_birthdays
from activities.festival_tasks import TaskState, task_states
from activities.festivals import Proof, Task, festivals_between, holidays_between
from activities.models import Kind
from activities.queries import Birthday, cared_for
from activities.views.gatherings import event_tabs
from activities.views.links import add_url, dossier_url
from caretrack.access.gates import allows
from caretrack.access.log import note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.web.templatetags.care import cn_date, cn_day
from children.life.papers import imprint
from children.models import Child

DAYS = SHOWN_BEFORE.days
AHEAD = timedelta(days=150)
#: A festival is shown until what is entered counts for it no longer.
BACK = timedelta(days=30)
FESTIVALS_SHOWN = 6
#: More children than a class are not filled into a form from here.
AT_ONCE = 60


#: Months whose list can be printed, beginning with the one before this.
MONTHS = 8


def months_near(today: date) -> list[date]:
    """The first days of the months whose birthdays can be printed: the one before this one, this one, the next."""
    begun = today.year * 12 + today.month - 2
    return [date(n // 12, n % 12 + 1, 1) for n in range(begun, begun + MONTHS)]


@allows(Act.RECORD_LIST)
@require_safe
def festive_days(request: HttpRequest) -> HttpResponse:
    """What is near: birthdays of the children one cares for, the next festivals with what is done for them."""
    staff: Any = request.user
    today = timezone.localdate()
    children = cared_for(Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)).select_related(
        "school_class__school"
    )
    calendar = calendar_for(staff)
    days = kept_days(children, calendar, today, DAYS)
    done = kept_already(days, staff)
    writes = staff.may(Act.RECORD_WRITE)
    listed = festivals_between(today - BACK, today + AHEAD) + holidays_between(
        calendar.terms, today - BACK, today + AHEAD
    )
    near = sorted((day for day in listed if day.window[1] >= today), key=lambda day: day.on)
    context = {
        "tabs": event_tabs("activities:festive_days"),
        "days": DAYS,
        "groups": [_group(day, today, done, request.path, writes=writes) for day in days],
        "festivals": [
            {
                "title": one.festival.name,
                "on": one.on,
                "wait": _wait((one.on - today).days),
                "hotline": one.hotline_on,
                "opens": one.window[0] if one.window[0] > today else None,
                "tasks": [_task(state, staff, request.path) for state in task_states(one, staff, today)],
            }
            for one in near[:FESTIVALS_SHOWN]
        ],
        "elders": [_elder(one, request.path, writes=writes) for one in elder_birthdays(staff, today, DAYS)],
        "may_write": staff.may(Act.EVENT_EDIT),
        "months": [(f"{m:%Y-%m}", f"{m.year}年{m.month}月", m == today.replace(day=1)) for m in months_near(today)],
    }
    return render(request, "activities/events/festive.html", context)


def _elder(one: ElderBirthday, here: str, *, writes: bool) -> dict[str, Any]:
    return {
        "birthday": one,
        "dossier": dossier_url(one.child),
        "add": add_url(children=[one.child.pk], kind=Kind.LETTER, next_page=here, occasion=OCCASION, whom=one.who)
        if writes
        else "",
    }


def _wait(days: int) -> str:
    return "今天" if days == 0 else f"还有 {days} 天" if days > 0 else f"已过 {-days} 天"


def _task(state: TaskState, staff: Any, here: str) -> dict[str, Any]:
    latest = state.doings[0] if state.doings else None
    others = f"等 {len(state.doings)} 人" if len(state.doings) > 1 else ""
    waiting = state.waiting if len(state.waiting) <= AT_ONCE else ()
    return {
        "words": state.task.words,
        "url": _entry_url(state.task, waiting, staff, here),
        "done": f"{latest.by}{others}，最近 {cn_day(latest.last)}，共 {state.entries} 次" if latest else "",
        "waiting": len(state.waiting) if latest else 0,
        "begun": state.begun,
    }


def _entry_url(task: Task, children: Iterable[int], staff: Any, here: str) -> str:
    """The form in which the task is entered, filled as far as is known; empty for whom it is not open."""
    if task.proof == Proof.ACTIVITY:
        return (
            f"{reverse('activities:event_add')}?{urlencode({'name': task.words})}" if staff.may(Act.EVENT_EDIT) else ""
        )
    if task.proof == Proof.HOME_LETTER:
        return reverse("activities:letter_text_list") if staff.may(Act.FAMILY) else ""
    if task.proof == Proof.HOMECOMING:
        return reverse("activities:homecoming_many") if staff.may(Act.EVENT_EDIT) else ""
    if not staff.may(Act.RECORD_WRITE):
        return ""
    return add_url(children=children, kind=task.proof, next_page=here, occasion=task.occasion)


def _group(day: KeptDay, today: date, done: dict[int, date], here: str, *, writes: bool) -> dict[str, Any]:
    notes = []
    if day.early and day.keep_on is not None:
        notes.append(f"当天不上课，可在{cn_day(day.keep_on)}前提前过")
    if day.together:
        notes.append(f"同一天 {len(day.people)} 人，可以开特别座谈会")
    begun = day.opens <= today
    if not begun:
        notes.append(f"{cn_day(day.opens)}起可以记")
    open_ones = [one.child.pk for one in day.people if one.child.pk not in done]
    together = (
        add_url(children=open_ones, kind=Kind.BIRTHDAY, next_page=here)
        if writes and begun and len(open_ones) > 1
        else ""
    )
    return {
        "title": f"{cn_date(day.on)}{'（今天）' if day.on == today else ''}",
        "note": "；".join(notes),
        "people": [_person(one, today, done, here, writes=writes and begun) for one in day.people],
        "together": together,
    }


def _person(one: Birthday, today: date, done: dict[int, date], here: str, *, writes: bool) -> dict[str, Any]:
    return {
        "child": one.child,
        "class_name": one.child.class_name(today),
        "turns": one.turns,
        "lunar": one.lunar,
        "dossier": dossier_url(one.child),
        "kept_on": done.get(one.child.pk),
        "add": add_url(children=[one.child.pk], kind=Kind.BIRTHDAY, next_page=here) if writes else "",
    }


@dataclass(frozen=True)
class BirthdayLine:
    """One pupil of the printed list."""

    on: date
    name: str
    class_name: str
    turns: int | None
    lunar: str
    note: str


@dataclass(frozen=True)
class BirthdayPaper:
    """The birthdays of a calendar month."""

    school: str
    month: str
    lines: tuple[BirthdayLine, ...]


@allows(Act.RECORD_LIST)
@require_safe
def birthday_print(request: HttpRequest) -> HttpResponse:
    """The birthdays of a calendar month (`?month=`, else this one), with those of a holiday that are kept in it."""
    staff: Any = request.user
    today = timezone.localdate()
    asked = request.GET.get("month", "")
    first = next((m for m in months_near(today) if f"{m:%Y-%m}" == asked), today.replace(day=1))
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    children = cared_for(Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)).select_related(
        "school_class__school"
    )
    days = kept_days(children, calendar_for(staff), first, (last - first).days)
    lines = tuple(
        BirthdayLine(
            day.on,
            one.child.name,
            one.child.class_name(first),
            one.turns,
            one.lunar,
            f"可在{cn_day(day.keep_on)}前过" if day.early and day.keep_on else "",
        )
        for day in days
        for one in day.people
    )
    school = staff.home_school()
    paper = BirthdayPaper(school.name if school else "", f"{first.year}年{first.month}月", lines)
    people = [one.child.pk for day in days for one in day.people]
    note_each(request, Event.PRINT, people, f"birthdays {first:%Y-%m}")
    context = {"paper": paper, "imprint": imprint(staff, timezone.localtime())}
    title = f"{paper.month}生日名单"
    sheets = (PRINT_SHEET, "print/events.css")
    return pdf_response(render_pdf("print/birthdays.html", context, title=title, stylesheets=sheets), f"{title}.pdf")

"""Festivals and birthdays that are near, and the birthdays of a month on paper."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.birthdays import KeptDay, calendar_for, kept_days
from activities.festivals import festivals_between
from activities.models import CareRecord, Kind
from activities.queries import Birthday, cared_for
from activities.views.gatherings import event_tabs
from activities.views.links import add_url, dossier_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.web.templatetags.care import cn_date, cn_day
from children.life.papers import imprint
from children.models import Child

DAYS = 30
AHEAD = timedelta(days=150)
FESTIVALS_SHOWN = 5


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
    days = kept_days(children, calendar_for(staff), today, DAYS)
    ids = [birthday.child.pk for day in days for birthday in day.people]
    lately = CareRecord.objects.visible_to(staff).filter(kind=Kind.BIRTHDAY, child__in=ids, reached=True)
    done = set(lately.filter(on__gte=today - timedelta(days=60)).values_list("child", flat=True))
    writes = staff.may(Act.RECORD_WRITE)
    festivals = festivals_between(today, today + AHEAD)[:FESTIVALS_SHOWN]
    context = {
        "tabs": event_tabs("activities:festive_days"),
        "days": DAYS,
        "groups": [_group(day, today, done, request.path, writes=writes) for day in days],
        "festivals": [
            {
                "title": one.festival.name,
                "on": one.on,
                "wait": "今天" if one.on == today else f"还有 {(one.on - today).days} 天",
                "hotline": one.hotline_on,
                "tasks": one.festival.tasks,
            }
            for one in festivals
        ],
        "may_write": staff.may(Act.EVENT_EDIT),
        "months": [(f"{m:%Y-%m}", f"{m.year}年{m.month}月", m == today.replace(day=1)) for m in months_near(today)],
    }
    return render(request, "activities/events/festive.html", context)


def _group(day: KeptDay, today: date, done: set[int], here: str, *, writes: bool) -> dict[str, Any]:
    notes = []
    if day.early and day.keep_on is not None:
        notes.append(f"当天不上课，可在{cn_day(day.keep_on)}前提前过")
    if day.together:
        notes.append(f"同一天 {len(day.people)} 人，可以开特别座谈会")
    open_ones = [one.child.pk for one in day.people if one.child.pk not in done]
    together = add_url(children=open_ones, kind=Kind.BIRTHDAY, next_page=here) if writes and len(open_ones) > 1 else ""
    return {
        "title": f"{cn_date(day.on)}{'（今天）' if day.on == today else ''}",
        "note": "；".join(notes),
        "people": [_person(one, today, done, here, writes=writes) for one in day.people],
        "together": together,
    }


def _person(one: Birthday, today: date, done: set[int], here: str, *, writes: bool) -> dict[str, Any]:
    return {
        "child": one.child,
        "class_name": one.child.class_name(today),
        "turns": one.turns,
        "lunar": one.lunar,
        "dossier": dossier_url(one.child),
        "done": one.child.pk in done,
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
    note(request, Event.PRINT, detail=f"birthdays {first:%Y-%m}: {len(lines)}")
    context = {"paper": paper, "imprint": imprint(staff, timezone.localtime())}
    title = f"{paper.month}生日名单"
    sheets = (PRINT_SHEET, "print/events.css")
    return pdf_response(render_pdf("print/birthdays.html", context, title=title, stylesheets=sheets), f"{title}.pdf")

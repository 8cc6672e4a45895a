"""The evening roll of the dormitories: every room in one press, the missing called for, verified next day."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.absence import MonthChoice
from activities.forms.night import NightMonthChoice, RoomForm, VerifyForm
from activities.models import Incident, NightAbsence
from activities.night import (
    LATE,
    ONE_DAY,
    NightMonth,
    Room,
    count_room,
    evening,
    may_be_entered,
    night_month,
    raise_missing,
    rooms_of,
    verify,
)
from activities.night_duty import countable, counting_at, missed, on_duty
from activities.views.safety import day_asked, safety_tabs
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act
from caretrack.downloads import pdf_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.schools.models import School
from caretrack.web.at_school import school_asked, school_tabs
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.life.papers import imprint


@dataclass(frozen=True)
class Night:
    """Which evening of which school a page is about; `schools` are all those whose rooms this person counts."""

    schools: tuple[School, ...]
    school: School
    on: date

    @property
    def query(self) -> str:
        """How acts name it, always in full: at noon, or with a new duty, another evening or school comes first."""
        return f"?{urlencode({'school': self.school.pk, 'on': self.on})}"

    @property
    def home(self) -> str:
        """The page of it; tonight's is not dated, so that it is tonight's again when it is opened tomorrow."""
        named = {"school": self.school.pk} if len(self.schools) > 1 else {}
        dated = {"on": self.on} if self.on != evening() else {}
        return f"{reverse('activities:night_home')}?{urlencode(named | dated)}".rstrip("?")


def _night(request: HttpRequest) -> Night:
    """Tonight at the school of the address (`?school=`). Raises Http404 for one where this person counts no rooms."""
    schools = counting_at(request.user)  # type: ignore[arg-type]
    return Night(tuple(schools), school_asked(request, schools), evening())


def _home_of(request: HttpRequest, row: NightAbsence) -> str:
    """Tonight's page of the school at which the child is now, which lists it; that may not be the school of the roll."""
    schools = tuple(counting_at(request.user))  # type: ignore[arg-type]
    return Night(schools, row.child.school if row.child.school in schools else schools[0], evening()).home


def _asked(request: HttpRequest, tonight: Night | None = None) -> Night:
    """The evening of the address (`?on=`), tonight for none. Raises Http404 for one that may not be entered."""
    night = tonight or _night(request)
    on = day_asked(request.GET.get("on", ""), night.on)
    if not may_be_entered(night.school, on):
        raise Http404
    return replace(night, on=on)


def _rooms(request: HttpRequest, night: Night) -> list[Room]:
    staff: Any = request.user
    return rooms_of(countable(staff, night.on), night.school, night.on)


def _room(request: HttpRequest, night: Night, key: str) -> Room:
    found = next((room for room in _rooms(request, night) if room.key == key), None)
    if found is None:
        raise Http404
    return found


def _absences(request: HttpRequest) -> "QuerySet[NightAbsence]":
    staff: Any = request.user
    return missed(staff).select_related("child__school", "roll", "incident")


@require_safe
@allows(Act.NIGHT_CHECK)
def night_home(request: HttpRequest) -> HttpResponse:
    """The rooms of tonight or of an evening asked for, and who of the last evenings is still to be looked into."""
    staff: Any = request.user
    tonight = _night(request)
    try:
        night = _asked(request, tonight)
    except Http404:
        messages.info(request, f"这一晚不能登记：只能登记今晚，补登或更正最近{LATE.days}天里要查夜的晚上。")
        return redirect(tonight.home)
    rooms = _rooms(request, night)
    opened = Incident.objects.visible_to(staff).values_list("pk", flat=True)
    here = _absences(request).filter(child__school=night.school, on__lt=timezone.localdate())
    unverified = list(here.unverified().order_by("on")[:50])  # type: ignore[attr-defined]
    missing = [row for room in rooms for row in room.absences if row.reason == NightAbsence.Reason.MISSING]
    readable = set(opened.filter(pk__in=[row.incident_id for row in (*missing, *unverified) if row.incident_id]))
    context = {
        "tabs": safety_tabs(staff, "activities:night_home"),
        "places": school_tabs(night.schools, night.school),
        "night": night,
        "tonight": tonight,
        "on_duty": [duty.staff.name for duty in on_duty(night.school, night.on, night.on)],
        "arranges": night.school in staff.schools_as(*ACTS[Act.NIGHT_DUTY]),
        "rooms": rooms,
        "left": sum(room.roll is None for room in rooms),
        "expected": sum(len(room.boarders) for room in rooms),
        "present": sum(room.present for room in rooms),
        "missing": missing,
        "unverified": unverified,
        "readable": readable,
    }
    return render(request, "activities/night_home.html", context)


def _full(request: HttpRequest, night: Night, rooms: list[Room]) -> None:
    staff: Any = request.user
    for room in rooms:
        count_room(school=night.school, room=room, on=night.on, missing={}, by=staff, now=timezone.now())
    note(request, Event.WRITE, detail=f"night roll {len(rooms)} rooms")


@require_POST
@allows(Act.NIGHT_CHECK)
def night_full(request: HttpRequest, room: str) -> HttpResponse:
    """One press: everybody of this room is in bed."""
    night = _asked(request)
    found = _room(request, night, room)
    _full(request, night, [found])
    messages.success(request, f"{found.house}{found.name}全部在，已登记。")
    return redirect(night.home)


@require_POST
@allows(Act.NIGHT_CHECK)
def night_rest(request: HttpRequest) -> HttpResponse:
    """One press: everybody of the rooms that were not counted yet is in bed."""
    night = _asked(request)
    rooms = _rooms(request, night)
    left = [room for room in rooms if room.roll is None]
    if not left:
        # Whoever is on duty the next evening too may press at noon on the page of the evening that is over.
        messages.info(request, "没有还没查的宿舍。" if rooms else "这一晚没有您能登记的宿舍，漏查的请德育主任补登。")
        return redirect(night.home)
    _full(request, night, left)
    messages.success(request, f"其余 {len(left)} 个宿舍全部在，已登记。")
    return redirect(night.home)


@allows(Act.NIGHT_CHECK)
class NightRoom(FormPage):
    """A room in which somebody is missing."""

    template_name = "activities/night_room.html"
    form_class = RoomForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.night = _asked(request)
        self.room = _room(request, self.night, kwargs["room"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"查夜：{self.room.house}{self.room.name}"

    def get_lead(self) -> str:
        on = self.night.on
        late = "补登，" if on != evening() else ""
        return f"{late}{on.month}月{on.day}日晚，应到 {len(self.room.boarders)} 人。只改不在的；去向不明的先打电话。"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("查夜", self.night.home)]

    def get_cancel_url(self) -> str:
        return self.night.home

    def get_redirect_url(self, result: Any) -> str:
        return self.night.home

    def get_form_kwargs(self) -> dict[str, Any]:
        known = {row.child_id: row for row in self.room.absences}
        return super().get_form_kwargs() | {"pupils": self.room.boarders, "known": known}

    def save(self, form: Any) -> int:
        missing = form.missing()
        staff: Any = self.request.user
        count_room(
            school=self.night.school, room=self.room, on=self.night.on, missing=missing, by=staff, now=timezone.now()
        )
        for pk in missing:
            note(self.request, Event.WRITE, pk, detail="night roll")
        return len(missing)

    def get_saved_text(self, result: int) -> str:
        return f"{self.room.name}已登记，{result} 人不在。" if result else f"{self.room.name}全部在，已登记。"


@require_POST
@allows(Act.NIGHT_CHECK)
def night_raise(request: HttpRequest, pk: int) -> HttpResponse:
    """One press: whoever cannot be found is an incident."""
    row = get_object_or_404(_absences(request).filter(reason=NightAbsence.Reason.MISSING), pk=pk)
    incident = raise_missing(absence=row, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    note(request, Event.WRITE, row.child_id, detail=f"incident {incident.pk}")
    messages.warning(
        request, f"{row.child.name}已报为失踪事件，计时从查夜时间算起。请立即打110，并告诉值班领导和校长。"
    )
    if Incident.objects.visible_to(request.user).filter(pk=incident.pk).exists():
        return redirect("activities:incident_show", incident.pk)
    return redirect(_home_of(request, row))


@allows(Act.NIGHT_CHECK)
class NightVerify(FormPage):
    """The next day: what became of somebody who was not in bed."""

    form_class = VerifyForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row = get_object_or_404(_absences(request), pk=kwargs["pk"])
        note(request, Event.VIEW, self.row.child_id, "night")
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.row.child.name}：次日核实"

    def get_lead(self) -> str:
        called = f"，{self.row.get_called_display()}" if self.row.called else ""
        return f"{self.row.on.month}月{self.row.on.day}日晚不在{self.row.roll.room}：{self.row.get_reason_display()}{called}"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("查夜", self.get_cancel_url())]

    def get_initial(self) -> dict[str, Any]:
        return {"result": self.row.verified_result}

    def get_cancel_url(self) -> str:
        return _home_of(self.request, self.row)

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> NightAbsence:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.row.child_id, detail="night verified")
        return verify(absence=self.row, result=form.cleaned_data["result"], by=staff, on=timezone.localdate())

    def get_saved_text(self, result: NightAbsence) -> str:
        return f"{self.row.child.name}的核实结果已登记。"


def _month(request: HttpRequest, event: Event) -> tuple[MonthChoice, NightMonth, Night]:
    """The reporting month that is asked for, with the evenings that are over."""
    night = _night(request)
    school, before = night.school, night.on - ONE_DAY
    form = NightMonthChoice(request.GET, staff=request.user, today=timezone.localdate(), closing_day=school.closing_day)
    month = form.chosen()
    staff: Any = request.user
    told = set(countable(staff, before).filter(school=school).values_list("pk", flat=True))
    note(request, event, detail=f"night {month.key}")
    return form, night_month(school, month.first, month.last, month.label, told, over=before), night


@require_safe
@allows(Act.NIGHT_CHECK)
def night_month_show(request: HttpRequest) -> HttpResponse:
    """The evenings of a reporting month, also those on which nobody counted."""
    form, report, night = _month(request, Event.VIEW)
    context = {
        "form": form,
        "report": report,
        "lines": [
            (line, replace(night, on=line.on).home if line.on >= night.on - LATE else "") for line in report.lines
        ],
        "print_query": urlencode({"month": form.chosen().key, "school": night.school.pk}),
        "places": school_tabs(night.schools, night.school),
        "crumbs": [Crumb("查夜", night.home), Crumb("月报")],
    }
    return render(request, "activities/night_month.html", context)


@require_safe
@allows(Act.NIGHT_CHECK)
def night_print(request: HttpRequest) -> HttpResponse:
    """查夜登记表 of a reporting month."""
    _, report, _ = _month(request, Event.PRINT)
    context = {"report": report, "imprint": imprint(request.user, timezone.localtime())}
    sheets = (PRINT_SHEET, "print/safety.css")
    return pdf_response(
        render_pdf("print/night.html", context, title=report.title, stylesheets=sheets), f"{report.title}.pdf"
    )

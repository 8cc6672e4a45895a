"""心理辅导预约: a teacher asks, the counsellor gives a time, it is kept or not."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.counselling import ask_for_counselling, end_appointment, give_time
from activities.forms.counselling import AskForm, TimeForm
from activities.models import CounsellingAppointment, SealedNote, SpecialOpening
from activities.openings import concerning
from activities.views.links import add_url, dossier_url, way_back
from activities.views.picking import pick_child
from activities.views.reading import care_children
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import workbench
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.workbench import Figure, Panel

State = CounsellingAppointment.State
SHOWN = 8
AHEAD = timedelta(days=7)
ENDED = timedelta(days=60)


def _seen(staff: Any) -> Any:
    found = CounsellingAppointment.objects.visible_to(staff)
    return found.select_related("child__school_class__school", "asked_by", "counsellor", "record")


@require_safe
@allows(Act.COUNSELLING)
def appointment_list(request: HttpRequest) -> HttpResponse:
    """The counsellor's book: what waits for a time, what is coming, what was."""
    today = timezone.localdate()
    rows = list(
        _seen(request.user).exclude(state__in=(State.DONE, State.MISSED, State.CANCELLED), on__lt=today - ENDED)
    )
    for row in rows:
        note(request, Event.VIEW, row.child_id)
    told = [
        {
            "row": row,
            "class_name": row.child.class_name(today),
            "dossier": dossier_url(row.child),
            "write": add_url(children=[row.child_id], kind="counselling", next_page=request.path),
            "past": row.on is not None and row.on <= today,
        }
        for row in rows
    ]
    context = {
        "asked": [r for r in told if r["row"].state == State.ASKED],
        "booked": [r for r in told if r["row"].state == State.BOOKED],
        "ended": [r for r in told if r["row"].state in (State.DONE, State.MISSED, State.CANCELLED)][::-1][:30],
        "today": today,
    }
    return render(request, "activities/appointment_list.html", context)


@require_safe
@allows(Act.RECORD_WRITE)
def appointment_pick(request: HttpRequest) -> HttpResponse:
    """For which child."""
    return pick_child(
        request,
        care_children(request.user),
        heading="预约心理辅导",
        lead="选择学生。原因只有心理教师和您自己看得到。",
        crumbs=[Crumb("关爱记录", reverse("activities:record_list"))],
        link=lambda child: reverse("activities:appointment_ask", args=[child.pk]),
    )


@allows(Act.RECORD_WRITE)
class AppointmentAsk(FormPage):
    """A teacher asks for a talk with the counsellor."""

    form_class = AskForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.child = get_object_or_404(care_children(request.user).on_roll(), pk=kwargs["pk"])  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"为{self.child}预约心理辅导"

    def draft_key(self) -> str:
        return f"counselling:ask:{self.child.pk}"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("关爱记录", reverse("activities:record_list"))]

    def get_cancel_url(self) -> str:
        return way_back(self.request, dossier_url(self.child))

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> CounsellingAppointment:
        made = ask_for_counselling(child=self.child, by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, "counselling asked")
        return made

    def get_saved_text(self, result: Any) -> str:
        return f"已请心理教师为{self.child}安排辅导，约好时间会出现在您的工作台。"


@allows(Act.COUNSELLING)
class AppointmentTime(FormPage):
    """The counsellor gives a time, or another one."""

    form_class = TimeForm
    heading = "约定时间"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.row = get_object_or_404(_seen(request.user).waiting(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_lead(self) -> str:
        return f"{self.row.child}，{self.row.asked_by}提出。{self.row.reason}"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("心理辅导预约", self.get_cancel_url())]

    def get_initial(self) -> dict[str, Any]:
        told = {"on": self.row.on, "at": self.row.at, "minutes": self.row.minutes, "place": self.row.place}
        return {name: value for name, value in told.items() if value}

    def get_cancel_url(self) -> str:
        return reverse("activities:appointment_list")

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> CounsellingAppointment:
        made = give_time(
            appointment=self.row,
            by=self.request.user,  # type: ignore[arg-type]
            today=timezone.localdate(),
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, made.child_id, "counselling time")
        return made

    def get_saved_text(self, result: Any) -> str:
        return f"已约定：{self.row.child}，{result.on.month}月{result.on.day}日 {result.at:%H:%M}。"


@require_POST
@allows(Act.COUNSELLING)
def appointment_end(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """`state` is missed or cancelled."""
    row = get_object_or_404(_seen(request.user), pk=pk)
    try:
        end_appointment(appointment=row, state=state, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, row.child_id, f"counselling {state}")
        messages.success(request, f"{row.child}：已记为{State(state).label}。")
    return redirect(reverse("activities:appointment_list"))


def waiting_for_me(staff: Any, today: date) -> Panel | None:
    """The counsellor: who was asked for and who comes this week."""
    if not staff.may(Act.COUNSELLING):
        return None
    rows = list(_seen(staff).waiting().order_by("state", "on", "at")[:50])
    asked = [row for row in rows if row.state == State.ASKED]
    soon = [row for row in rows if row.state == State.BOOKED and row.on and row.on <= today + AHEAD]
    url = reverse("activities:appointment_list")
    figure = Figure("待安排的辅导", len(asked), url, "人", tone="warn" if asked else "good")
    if not asked and not soon:
        return Panel(figures=(figure,))
    data = {"asked": asked[:SHOWN], "booked": soon[:SHOWN], "own": True}
    return Panel("心理辅导预约", "activities/panels/appointments.html", data, url=url, link="全部", figures=(figure,))


def to_be_sent(staff: Any, today: date) -> Panel | None:
    """Class teacher and whoever asked: which child goes to the counsellor when; never why."""
    if staff.may(Act.COUNSELLING) or staff.roles().isdisjoint({Role.HOMEROOM, Role.MENTOR, Role.TEACHER}):
        return None
    rows = _booked(staff, today, today + AHEAD)
    if not rows:
        return None
    data = {"asked": [], "booked": rows, "own": False}
    return Panel("心理辅导预约", "activities/panels/appointments.html", data, side=True)


def sealed_for_me(staff: Any, today: date) -> Panel | None:
    """Envelopes that wait for this person, and looks by others that it has to sign."""
    rows = _sealed(staff) if staff.may(Act.RECORD_LIST) else []
    looks = _looks(staff)
    if not rows and not looks:
        return None
    return Panel("悄悄话和特批查看", "activities/panels/sealed.html", {"rows": rows, "looks": looks})


@fixed
def _booked(staff: Staff, first: date, last: date) -> QuerySet[CounsellingAppointment]:
    known = CounsellingAppointment.objects.known_to(staff).filter(state=State.BOOKED, on__gte=first, on__lte=last)
    return known.defer("reason").select_related("child").order_by("on", "at")[:SHOWN]


@fixed
def _sealed(staff: Staff) -> QuerySet[SealedNote]:
    waiting = SealedNote.objects.addressed_to(staff).unopened().defer("text").select_related("child")
    return waiting.order_by("received_on")[:SHOWN]


@fixed
def _looks(staff: Staff) -> QuerySet[SpecialOpening]:
    unsigned = concerning(staff).filter(acknowledged_at__isnull=True).exclude(staff=staff)
    return unsigned.select_related("staff")[:SHOWN]


def register_all() -> None:
    """Put the panels on the workbench."""
    workbench.register(sealed_for_me, 11)
    workbench.register(waiting_for_me, 13)
    workbench.register(to_be_sent, 55)

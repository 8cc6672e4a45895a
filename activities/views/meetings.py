"""Meetings: list, one with minutes and tasks, who comes, the roll, paper."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activities.forms.gatherings import AttendeeForm, GuestForm, MeetingChange, MeetingForm
from activities.forms.meeting_tasks import DoneForm, TaskForm
from activities.gathering_photos import photos_for
from activities.gatherings import (
    attendance,
    invite_guest,
    invite_mentors,
    tasks_open_to,
)
from activities.models import Meeting, MeetingAttendee
from activities.papers import minutes_paper
from activities.views.gatherings import (
    LEADS,
    GatheringAdd,
    GatheringDelete,
    GatheringEdit,
    GatheringList,
    crumbs_of,
    event_tabs,
    find_to_change,
    find_to_enter,
    may_change,
    may_enter,
    named_participants,
    record_response,
    roll_url,
    show_url,
    sign_in_response,
    whose,
)
from activities.views.name_lists import invite_page
from activities.views.rolls import RollPage
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, Role
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage


@allows(Act.EVENT_VIEW)
class MeetingList(GatheringList):
    """Meetings of the school."""

    heading = "会议"
    meetings = True
    template_name = "activities/events/list.html"
    rows_template = "activities/events/_meeting_rows.html"
    queryset = Meeting.objects.all()
    unit = "次会议"
    empty_text = "还没有登记会议。"
    empty_hint = "座谈会、代理家长会、家长会、家长学校都登记在这里，可以打印签到表。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "tabs": event_tabs("activities:meeting_list"),
            "meetings": True,
            "open_tasks": tasks_open_to(self.request.user).count(),
        }
        if context["may_write"]:
            context |= {"empty_url": reverse("activities:meeting_add"), "empty_action": "登记会议"}
        return context


@allows(Act.EVENT_VIEW)
@require_safe
def meeting_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting. Minutes, opinions and tasks only for those who keep it or are on its list."""
    meeting = get_object_or_404(
        Meeting.objects.visible_to(request.user).select_related("school_class__school", "school", "keeper"), pk=pk
    )
    note(request, Event.VIEW, detail=f"meeting {meeting.pk}")
    return show_meeting(request, meeting)


def show_meeting(request: HttpRequest, meeting: Meeting, task_form: TaskForm | None = None) -> HttpResponse:
    """The page; 422 with the task that was refused in it."""
    listed, hidden = named_participants(meeting, request.user)
    reads = Meeting.objects.minutes_open_to(request.user).filter(pk=meeting.pk).exists()
    changes = may_change(Meeting, request.user, meeting.pk)
    heads, today = attendance(meeting), timezone.localdate()
    context = {
        "meeting": meeting,
        "of": whose(meeting),
        "heads": heads,
        "photos": photos_for(meeting, request.user),  # type: ignore[arg-type]
        "early": meeting.on > today,
        "awaits_roll": meeting.on > today or not heads.roll_called,
        "awaits_grown_ups": meeting.on > today or not heads.grown_ups_called,
        "listed": listed,
        "hidden": hidden,
        "reads": reads,
        "guests": list(meeting.attendees.select_related("mentor", "staff")),
        "tasks": list(meeting.tasks.select_related("owner")) if reads else [],
        "task_form": task_form or (TaskForm(school=meeting.school, on=today) if changes else None),
        "done_form": DoneForm(),
        "may_change": changes,
        "may_enter": may_enter(meeting, request.user),
        "roll_url": roll_url(meeting),
        "crumbs": [Crumb("会议", reverse("activities:meeting_list")), Crumb(meeting.name)],
        "today": today,
    }
    return render(request, "activities/events/meeting.html", context, status=422 if task_form else 200)


@allows(Act.EVENT_EDIT)
class MeetingAdd(GatheringAdd):
    """Add a meeting; one of the mentors expects them all."""

    model = Meeting
    form_class = MeetingForm
    what = "会议"
    heading = "登记会议"
    crumbs = (("会议", "activities:meeting_list"),)
    cancel_url = "activities:meeting_list"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        staff: Any = request.user
        if not staff.schools_as(*LEADS) and not staff.classes_as(Role.HOMEROOM):
            raise PermissionDenied("会议由德育主任、校长或班主任登记。")
        return super().dispatch(request, *args, **kwargs)

    def get_instance(self) -> Meeting:
        asked = self.request.GET.get("kind", "")
        return Meeting(kind=asked if asked in Meeting.Kind else "", chair=self.staff.name)

    def complete(self, row: Meeting) -> None:
        row.keeper = self.staff
        row.term = row.school.terms.filter(starts_on__lte=row.on, ends_on__gte=row.on).first()

    @transaction.atomic
    def save(self, form: Any) -> Meeting:
        meeting: Meeting = super().save(form)
        if meeting.kind == Meeting.Kind.MENTORS and not meeting.attendees.exists():
            invite_mentors(meeting)
        return meeting


@allows(Act.EVENT_EDIT)
class MeetingEdit(GatheringEdit):
    """Change a meeting, write its minutes."""

    model = Meeting
    form_class = MeetingChange
    what = "会议"
    crumbs = (("会议", "activities:meeting_list"),)


@allows(Act.EVENT_EDIT)
class MeetingDelete(GatheringDelete):
    model = Meeting
    what = "会议"
    list_url = "activities:meeting_list"
    consequence = "签到、会议记录和落实事项一起删除，月报里不再有这次会议。"


@allows(Act.EVENT_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Which children, or their carers, are asked to come."""
    return invite_page(request, *find_to_enter(Meeting, request.user, pk))


@allows(Act.EVENT_EDIT)
class MeetingRoll(RollPage):
    """Which children and carers came."""

    model = Meeting


@allows(Act.EVENT_EDIT)
class MeetingGuests(FormPage):
    """Which mentors, colleagues and guests came; more are added below."""

    form_class = AttendeeForm
    template_name = "activities/events/guests.html"
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.meeting = find_to_change(Meeting, request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.meeting.name}：与会人员"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.meeting)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": list(self.meeting.attendees.all())}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        given = {"lines": context["form"].lines(), "meeting": self.meeting}
        return context | given | {"guest_form": kwargs.get("guest_form") or self.guest_form()}

    def guest_form(self, data: Any = None) -> GuestForm:
        """The form below the list."""
        return GuestForm(data, school=self.meeting.school, on=timezone.localdate())

    @transaction.atomic
    def save(self, form: Any) -> int:
        for row in form.changed:
            row.save()
        note(self.request, Event.WRITE, detail=f"meeting {self.meeting.pk} guests")
        return len(form.changed)

    def get_saved_text(self, result: Any) -> str:
        return f"签到已保存，改动 {result} 人。" if result else "没有改动，签到和原来一样。"

    def get_cancel_url(self) -> str:
        return show_url(self.meeting)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.meeting)


@allows(Act.EVENT_EDIT)
class MeetingGuestAdd(MeetingGuests):
    """All mentors of the school, or one more grown-up; what is refused stays in the form below the list."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("mentors"):
            new = invite_mentors(self.meeting)
            messages.success(request, f"{new} 位代理家长已加入名单。" if new else "代理家长都已在名单里。")
            return self._back()
        form = self.guest_form(request.POST)
        if form.is_valid():
            try:
                guest = invite_guest(self.meeting, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_refusal(refusal)
            else:
                messages.success(request, f"{guest.name}已加入名单。")
                return self._back()
        roll = AttendeeForm(rows=list(self.meeting.attendees.all()))
        roll.cancel_url = self.get_cancel_url()
        return self.render_to_response(self.get_context_data(form=roll, guest_form=form), status=422)

    def _back(self) -> HttpResponse:
        return redirect("activities:meeting_guests", pk=self.meeting.pk)


@allows(Act.EVENT_EDIT)
@require_POST
def meeting_guest_off(request: HttpRequest, pk: int, guest: int) -> HttpResponse:
    """Take a grown-up off the list."""
    meeting = find_to_change(Meeting, request.user, pk)
    row = get_object_or_404(MeetingAttendee, meeting=meeting, pk=guest)
    row.delete()
    messages.success(request, f"{row.name}已从名单里移出。")
    return redirect("activities:meeting_guests", pk=pk)


@allows(Act.EVENT_VIEW)
@require_safe
def meeting_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """签到表."""
    rows = Meeting.objects.visible_to(request.user).select_related("school")
    return sign_in_response(request, get_object_or_404(rows, pk=pk))


@allows(Act.EVENT_VIEW)
@require_safe
def meeting_print(request: HttpRequest, pk: int) -> HttpResponse:
    """会议记录, for those who may read the minutes."""
    rows = Meeting.objects.visible_to(request.user).select_related("school_class__school", "school", "keeper")
    meeting = get_object_or_404(rows, pk=pk)
    if not Meeting.objects.minutes_open_to(request.user).filter(pk=pk).exists():
        raise PermissionDenied("会议记录只对德育主任、校长、记录人和与会人员开放。")
    return record_response(request, meeting, minutes_paper(meeting, request.user))  # type: ignore[arg-type]

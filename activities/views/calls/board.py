"""亲情电话预约: the week with its turns, choosing a child, booking, giving a turn back."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.calls import book, callables, cancel, free_turns, must_explain, on_duty, turns_of, week_of, whom_to_book
from activities.forms.calls import BookingForm
from activities.models import CallBooking, CallDuty, CallLine, Kind
from activities.views.calls.frame import day_asked, school_of, tabs_for
from activities.views.links import add_url
from activities.views.picking import pick_child
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.calendar import calendar_of
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.numbers import number
from children.models import Child
from children.sight import sight_of


@require_safe
@allows(Act.RECORD_LIST)
def call_board(request: HttpRequest) -> HttpResponse:
    """The turns of a week: whose they are as far as one may know, which are free, who is on duty."""
    staff: Any = request.user
    school, now = school_of(request), timezone.now()
    today = timezone.localdate(now)
    day = day_asked(request, today)
    week = week_of(day)
    lines = list(CallLine.objects.filter(school=school, active=True))
    standing = CallBooking.objects.standing().filter(school=school, on__in=week)
    taken = {(b.line_id, b.on, b.at) for b in standing}
    seen = list(standing.visible_to(staff).select_related("child__school_class__school", "line"))
    for booking in seen:
        note(request, Event.VIEW, booking.child_id)
    context = {
        "tabs": tabs_for(staff, "activities:call_board"),
        "school": school,
        "lines": lines,
        "days": _days(week, lines, taken, seen, school, now),
        "week": week,
        "today": today,
        "this_week": week == week_of(today),
        "before": f"?on={week[0] - timedelta(days=7)}",
        "after": f"?on={week[0] + timedelta(days=7)}",
        "may_book": staff.may(Act.RECORD_WRITE),
        "may_set": staff.may(Act.CALL_SETUP),
        "log_url": add_url(kind=Kind.CALL, next_page=request.path),
    }
    return render(request, "activities/calls/board.html", context)


def _days(week: list[date], lines: Any, taken: Any, seen: Any, school: Any, now: datetime) -> list[dict[str, Any]]:
    today = timezone.localdate(now)
    by_turn = {(b.line_id, b.on, b.at): b for b in seen}
    duties = {d.on: d.staff for d in CallDuty.objects.filter(school=school, on__in=week).select_related("staff")}
    calendar = calendar_of(school)
    days = []
    for day in week:
        turns = [
            {
                "line": line,
                "at": at,
                "booking": by_turn.get((line.pk, day, at)),
                "taken": (line.pk, day, at) in taken,
                "over": line.is_over(day, at, now),
                "url": f"{reverse('activities:call_pick')}?line={line.pk}&on={day}&at={at:%H:%M}",
            }
            for line, at in turns_of(lines, day)
            if day >= today or (line.pk, day, at) in taken
        ]
        listed = {(turn["line"].pk, day, turn["at"]) for turn in turns}
        days.append(
            {
                "day": day,
                "turns": turns,
                "extra": [b for b in seen if b.on == day and (b.line_id, b.on, b.at) not in listed],
                "duty": duties.get(day),
                "past": day < today,
                "lessons": calendar.is_school_day(day),
                "day_url": f"{reverse('activities:call_day')}?on={day}",
            }
        )
    return days


def _asked_turn(request: HttpRequest) -> tuple[CallLine, date]:
    """The line and day in the address. Raises Http404 for a line of another school or a day that is none."""
    line = get_object_or_404(CallLine, pk=number(request.GET.get("line")) or 0, school=school_of(request), active=True)
    try:
        return line, date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        raise Http404 from None


def _as_duty(request: HttpRequest, line: CallLine, on: date) -> bool:
    """Whether this is a call of the moment that the person on duty today enters."""
    staff: Any = request.user
    return request.GET.get("now") == "1" and on == timezone.localdate() and on_duty(staff, line.school, on)


@require_safe
@allows(Act.RECORD_WRITE)
def call_pick(request: HttpRequest) -> HttpResponse:
    """Choose the child who gets the turn; the left-behind first, by class or name. On duty: of the whole school."""
    line, on = _asked_turn(request)
    as_duty = _as_duty(request, line, on)
    kept = {name: request.GET[name] for name in ("line", "on", "at", "now") if name in request.GET}

    def busy(children: list[int]) -> set[int]:
        booked = CallBooking.objects.standing().filter(on=on, child__in=children)
        return set(booked.values_list("child", flat=True))

    return pick_child(
        request,
        whom_to_book(request.user, line.school, as_duty=as_duty),  # type: ignore[arg-type]
        names_only=as_duty,
        heading="给哪名学生登记" if kept.get("now") == "1" else "给哪名学生预约",
        lead=f"{on.month}月{on.day}日 {kept.get('at', '')}，{line}（{line.get_kind_display()}）",
        crumbs=[Crumb("亲情电话", f"{reverse('activities:call_board')}?on={on}")],
        link=lambda child: f"{reverse('activities:call_book', args=[child.pk])}?{urlencode(kept)}",
        kept=kept,
        busy=busy,
        taken="当天已约",
    )


@allows(Act.RECORD_WRITE)
class CallBook(FormPage):
    """Book a turn for a child: ?line=, ?on=, ?at=; ?now=1 enters a call of this moment outside the turns."""

    form_class = BookingForm
    template_name = "activities/calls/book.html"
    keeps_draft = False
    child: Child
    line: CallLine
    on: date

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.line, self.on = _asked_turn(request)
        as_duty = _as_duty(request, self.line, self.on)
        seen = whom_to_book(request.user, self.line.school, as_duty=as_duty).on_roll()  # type: ignore[arg-type]
        self.child = get_object_or_404(seen.select_related("school", "school_class__school"), pk=kwargs["pk"])
        self.now = request.GET.get("now") == "1"
        self.button = "登记" if self.now else ""
        self.explain = self.now and must_explain(self.child, request.user, self.on)  # type: ignore[arg-type]
        note(request, Event.VIEW, self.child)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.child}的{self.line.get_kind_display()}"

    def get_lead(self) -> str:
        when = "现在" if self.now else f"{self.on.month}月{self.on.day}日"
        return f"{self.line}，{when}，{self.line.minutes} 分钟。"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("亲情电话", self.get_cancel_url())]

    def get_initial(self) -> dict[str, Any]:
        moment = timezone.localtime()
        return {"at": f"{moment:%H:%M}" if self.now else self.request.GET.get("at", "")}

    def get_form_kwargs(self) -> dict[str, Any]:
        turns = (
            [timezone.localtime().time().replace(second=0, microsecond=0)]
            if self.now
            else free_turns(self.line, self.on, timezone.now())
        )
        if self.now and (sent := self.request.POST.get("at")):
            turns = _sent_time(sent)
        self.whole = sight_of(self.request.user, self.child).contact  # type: ignore[arg-type]
        self.numbers = callables(self.child, self.request.user)  # type: ignore[arg-type]
        return super().get_form_kwargs() | {
            "numbers": self.numbers,
            "turns": turns,
            "whole": self.whole,
            "explain": self.explain,
        }

    def get_cancel_url(self) -> str:
        name = "activities:call_day" if self.now else "activities:call_board"
        return f"{reverse(name)}?on={self.on}"

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def save(self, form: Any) -> CallBooking:
        told = form.cleaned_data
        made = book(
            child=self.child,
            line=self.line,
            on=self.on,
            at=told["at"],
            phone=told.get("phone"),
            with_whom=told["with_whom"],
            by=self.request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            walk_in=self.now,
            reason=told.get("reason", ""),
        )
        note(self.request, Event.WRITE, self.child, f"call {made.pk}")
        return made

    def get_saved_text(self, result: CallBooking) -> str:
        if result.at_once:
            return f"已登记{result.child}现在的通话，{result.line}。打完后在下面点“已通话”或“没人接”。"
        return f"已为{result.child}预约{result.on.month}月{result.on.day}日 {result.at:%H:%M}，{result.line}。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**{"child": self.child, **kwargs})
        barred = [row for row in self.numbers if not row.allowed] if self.whole else []
        return context | {"barred": barred, "may_decide": self.request.user.may(Act.CHILD_EDIT)}  # type: ignore[union-attr]


def _sent_time(text: str) -> list[time]:
    try:
        return [time.fromisoformat(text)]
    except ValueError:
        return []


@require_POST
@allows(Act.RECORD_WRITE)
def call_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a turn back."""
    seen = CallBooking.objects.visible_to(request.user).select_related("child")
    booking = get_object_or_404(seen, pk=pk)
    try:
        cancel(booking=booking, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, booking.child_id, f"call {booking.pk}")
        messages.success(request, f"已取消{booking.child}{booking.at:%H:%M}的预约。")
    return redirect(f"{reverse('activities:call_board')}?on={booking.on}")

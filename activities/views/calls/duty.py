"""值班登记: the turns of a day in their order, one press for each; the number whole on demand; the two papers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.calls import log_call, note_shown, on_duty, sees_numbers, week_of
from activities.models import CallBooking, CallDuty, CallLine
from activities.views.calls.frame import day_asked, school_of, tabs_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf
from caretrack.web.reveal import reveal
from children.life.papers import imprint
from children.not_called import not_called

OUTCOMES = {
    CallBooking.State.DONE: "已记为通话",
    CallBooking.State.NO_ANSWER: "已记为没人接，三个上学日内会提醒再试",
    CallBooking.State.SKIPPED: "已记为没有进行",
}


def _seen(request: HttpRequest) -> Any:
    return (
        CallBooking.objects.visible_to(request.user)
        .standing()
        .select_related("child__school_class__school", "line", "phone__member", "logged_by", "booked_by", "record")
    )


@require_safe
@allows(Act.RECORD_LIST)
def call_day(request: HttpRequest) -> HttpResponse:
    """The day's turns for the teacher on duty."""
    staff: Any = request.user
    school, today = school_of(request), timezone.localdate()
    day = day_asked(request, today)
    bookings = list(_seen(request).filter(school=school, on=day))
    for booking in bookings:
        note(request, Event.VIEW, booking.child_id)
    today_mine = day == today and on_duty(staff, school, today)
    duty = CallDuty.objects.filter(school=school, on=day).select_related("staff").first()
    context = {
        "tabs": tabs_for(staff, "activities:call_day"),
        "day": day,
        "today": today,
        "rows": [(booking, booking.child.class_name(day)) for booking in bookings],
        "open": sum(b.state == CallBooking.State.BOOKED for b in bookings),
        "duty": duty.staff if duty else None,
        "lines": list(CallLine.objects.filter(school=school, active=True)) if day == today else [],
        "on_duty": today_mine,
        "may_log": staff.may(Act.RECORD_WRITE) and day <= today,
    }
    return render(request, "activities/calls/day.html", context)


@require_POST
@allows(Act.RECORD_WRITE)
def call_log(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """`outcome` is done, no_answer or skipped."""
    if outcome not in OUTCOMES:
        raise Http404
    booking = get_object_or_404(_seen(request), pk=pk)
    try:
        log_call(booking=booking, outcome=outcome, by=request.user, today=timezone.localdate())  # type: ignore[arg-type]
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    else:
        note(request, Event.WRITE, booking.child_id, f"call {booking.pk} {outcome}")
        messages.success(request, f"{booking.child}：{OUTCOMES[outcome]}。")  # type: ignore[index]
    return redirect(f"{reverse('activities:call_day')}?on={booking.on}")


@require_POST
@allows(Act.RECORD_WRITE)
def call_number(request: HttpRequest, pk: int) -> HttpResponse:
    """The number whole: for whoever is on duty that day, on that day, and for those who may show the family's numbers."""
    booking = get_object_or_404(_seen(request), pk=pk)
    if booking.phone is None:
        raise Http404
    staff: Any = request.user
    own = sees_numbers(staff, booking.child)
    if not own and not (booking.on == timezone.localdate() and on_duty(staff, booking.school_id, booking.on)):
        raise PermissionDenied("完整号码只给当天的值班教师和可以查看这家联系方式的老师显示。")
    if not_called([booking.child_id]).bars(booking.phone):
        raise PermissionDenied("这个号码现在不能拨打。请换一个号码，或者问德育主任、校长。")
    note(request, Event.REVEAL, booking.child_id, "call number")
    if not own:
        note_shown(booking=booking, to=staff, now=timezone.now())
    return reveal(request, booking.phone.number, what="电话")


@require_safe
@allows(Act.RECORD_LIST)
def call_print(request: HttpRequest, paper: str) -> HttpResponse:
    """The week on paper: `schedule` to hang up, `log` with what became of each turn."""
    if paper not in ("schedule", "log"):
        raise Http404
    school, today = school_of(request), timezone.localdate()
    week = week_of(day_asked(request, today))
    bookings = list(_seen(request).filter(school=school, on__in=week).order_by("on", "at", "line"))
    for booking in bookings:
        note(request, Event.PRINT, booking.child_id, f"calls {paper}")
    duties = {d.on: d.staff.name for d in CallDuty.objects.filter(school=school, on__in=week).select_related("staff")}
    days = [
        {
            "day": day,
            "duty": duties.get(day, ""),
            "rows": [(b, b.child.class_name(day)) for b in bookings if b.on == day],
        }
        for day in week
    ]
    title = {"schedule": "亲情电话预约表", "log": "亲情电话（视频）使用登记表"}[paper]
    context = {
        "school": school.name,
        "days": [day for day in days if day["rows"]],
        "week": week,
        "heading": title,
        "log": paper == "log",
        "lines": list(CallLine.objects.filter(school=school, active=True)),
        "imprint": imprint(request.user, timezone.localtime()),
    }
    content = render_pdf("print/calls.html", context, title=title, stylesheets=("print/print.css", "print/records.css"))
    return pdf_response(content, f"{title}_{week[0]:%m%d}.pdf")

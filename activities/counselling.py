"""Appointments with the counsellor: asked for, given a time, kept or missed; a counselling record settles them."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activities.models import CareRecord, CounsellingAppointment, CounsellingNote, FollowUp, Kind, Worry
from activities.worries import report_worry
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child

State = CounsellingAppointment.State
SOON = timedelta(days=3)
COUNSELLING_FOLLOW_UP = "下次心理辅导"
#: How long a pupil at high risk waits for the next talk at most.
HIGH_RISK_DAYS = timedelta(days=7)


@transaction.atomic
def ask_for_counselling(*, child: Child, reason: str, by: Staff, by_child: bool = False) -> CounsellingAppointment:
    """A teacher asks for a talk with the counsellor. Raises ValidationError without a reason or when one waits."""
    if not reason.strip():
        raise ValidationError({"reason": "请写几句为什么，只有心理教师和您自己看得到。"})
    if CounsellingAppointment.objects.filter(child=child, state=State.ASKED).exists():
        raise ValidationError(f"{child}已经有一个等待安排的辅导预约。")
    return CounsellingAppointment.objects.create(
        school_id=child.school_id, child=child, reason=reason.strip(), asked_by=by, by_child=by_child
    )


@transaction.atomic
def give_time(
    *, appointment: CounsellingAppointment, on: date, at: time, minutes: int, place: str, by: Staff, today: date
) -> CounsellingAppointment:
    """
    The counsellor gives an appointment its time, or another one.

    Raises ValidationError for a past day, a time that is taken, and for what is over.
    """
    if Role.COUNSELLOR not in by.roles():
        raise ValidationError("由心理教师安排时间。")
    if on < today:
        raise ValidationError({"on": "不能约在过去的日子。"})
    current = CounsellingAppointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    if current.state not in (State.ASKED, State.BOOKED):
        raise ValidationError("这个预约已经结束。")
    current.on, current.at, current.minutes, current.place = on, at, minutes, place.strip()
    current.state, current.counsellor = State.BOOKED, by
    try:
        with transaction.atomic():
            current.save()
    except IntegrityError as error:
        raise ValidationError({"at": "这个时间已经约了别的学生，请另选。"}) from error
    return current


@transaction.atomic
def end_appointment(*, appointment: CounsellingAppointment, state: str, today: date) -> CounsellingAppointment:
    """Not come, or cancelled. Raises ValidationError for what is over, and for missing a day to come."""
    current = CounsellingAppointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    if current.state not in (State.ASKED, State.BOOKED):
        raise ValidationError("这个预约已经结束。")
    if state not in (State.MISSED, State.CANCELLED):
        raise ValidationError("请选择没有来或取消。")
    if state == State.MISSED and (current.on is None or current.on > today):
        raise ValidationError("还没有到约定的时间。")
    current.state = state
    current.save(update_fields=["state"])
    return current


def settle_appointments(record: CareRecord) -> None:
    """A counselling record keeps the appointment that it belongs to: the first that waits around its day."""
    if record.kind != Kind.COUNSELLING:
        return
    waiting = CounsellingAppointment.objects.waiting().filter(child=record.child_id)
    near = waiting.filter(on__lte=record.on + SOON).order_by("on").first() or waiting.filter(state=State.ASKED).first()
    if near is not None:
        near.state, near.record = State.DONE, record
        near.on, near.at = near.on or record.on, near.at or record.at
        near.counsellor = near.counsellor or record.author
        near.save(update_fields=["state", "record", "on", "at", "counsellor"])


@transaction.atomic
def take_step(
    *,
    note: CounsellingNote,
    step: str,
    next_on: date,
    words: str,
    urgent: bool,
    client_key: UUID,
    by: Staff,
    today: date,
    now: datetime,
) -> Worry | None:
    """
    After a talk that found a high risk: when the next one is, and whether the school's leaders are told.

    What is told are `words` alone; of the talk itself nothing leaves the counsellor's store. One form, known by
    `client_key`, makes one report. Raises ValidationError for a day that has passed or is too far away, or a report
    without words.
    """
    if not today <= next_on <= today + HIGH_RISK_DAYS:
        raise ValidationError({"next_on": f"风险高的，请约在{HIGH_RISK_DAYS.days}天之内。"})
    if step == CounsellingNote.Step.REPORTED and not words.strip():
        raise ValidationError({"words": "请写一句希望学校做什么。"})
    current = (
        CounsellingNote.objects.select_for_update(of=("self",)).select_related("record__child__school").get(pk=note.pk)
    )
    current.step, current.next_on = step, next_on
    current.save(update_fields=["step", "next_on"])
    record = current.record
    promise = record.follow_ups.filter(done_on__isnull=True, owner=by).first()
    promise = promise or FollowUp(child=record.child, record=record, what=COUNSELLING_FOLLOW_UP, owner=by)
    promise.due_on = next_on
    promise.save()
    if step != CounsellingNote.Step.REPORTED:
        return None
    child = record.child
    worry, _ = report_worry(
        school=child.school, by=by, who=child.name, what=words, now=now, urgent=urgent, child=child,
        client_key=client_key,
    )  # fmt: skip
    return worry


def cancel_appointments(*, child: Child, on: date, by: Staff | None) -> None:
    """A child who leaves has no appointments any more."""
    for row in CounsellingAppointment.objects.waiting().filter(child=child):
        row.state = State.CANCELLED
        row.save(update_fields=["state"])

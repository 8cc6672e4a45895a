"""
The family phone: which numbers a child may call, booking a turn, what became of it (domain §7.3; §13 nos. 52, 53).

Parents and whoever cares for the child may be called unless the school decided otherwise; every other number of the
family only after the school allowed it. Nobody is offered who is not called (children.not_called), whatever was allowed.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from activities.follow_ups import settle_retries
from activities.known_facts import Number, called_relation, number_of
from activities.models import CallBooking, CallDuty, CallLine, CallPermit, CareRecord, FollowUp, Kind
from activities.services import Contact, record_contact
from caretrack.access.policy import Act, DataClass, Level
from caretrack.periods import Month
from caretrack.schools.models import School, Staff
from children.contacts import calling_order, carers_of
from children.models import Child, Phone, PhoneState, codes
from children.models.child import ChildQuerySet
from children.not_called import not_called
from children.sight import sight_of

_KEY = uuid.UUID("6d0d3d0e-3a57-4c0f-9a43-9b4a5c1c7e10")
STATES = CallBooking.State
FAMILY = "家人"
BARRED = "事件档案里写明有侵害嫌疑，孩子不能打，也不能改为允许"


@dataclass(frozen=True)
class Callable:
    """One number of the family, whether the child may call it, and the reason. `barred`: not for the school to allow."""

    number: Number
    allowed: bool
    why: str
    barred: bool = False

    def label(self, *, whole: bool) -> str:
        """Whose it is; with `whole` the masked number and the name too, for those who see family data."""
        return self.number.label if whole else (self.number.relation if self.number.member else "登记的号码")


def callables(child: Child, staff: Staff) -> list[Callable]:
    """
    The living numbers of the child's family in calling order, with what is allowed; four statements.

    A number of somebody who is not called stands there as barred for those who may know why, and not at all for others.
    """
    phones = Phone.objects.filter(child=child).exclude(state=PhoneState.DEAD).select_related("member", "call_permit")
    carer = carers_of([child.pk]).get(child.pk)
    barred = not_called([child.pk])
    known = not_called([child.pk], known_to=staff) if barred.members else barred
    found = []
    for phone in calling_order(list(phones), carer):
        if barred.bars(phone):
            found += [Callable(number_of(phone), False, BARRED, barred=True)] if known.bars(phone) else []
            continue
        permit: CallPermit | None = getattr(phone, "call_permit", None)
        near = phone.member is not None and (phone.member.relation in codes.PARENTS or phone.member_id == carer)
        if permit is not None:
            why = permit.reason or str(permit)
            found.append(Callable(number_of(phone), permit.allowed, why))
        else:
            found.append(Callable(number_of(phone), near, "父母和实际监护人" if near else "还没有允许"))
    return found


def on_duty(staff: Staff, school: School | int, on: date) -> bool:
    """Whether this person is on duty at the family phone of a school on the day."""
    return CallDuty.objects.filter(school=school, on=on, staff=staff).exists()


def whom_to_book(staff: Staff, school: School, *, as_duty: bool) -> ChildQuerySet:
    """
    The pupils for whom somebody books a turn: those of whose care they know at least their own part.

    `as_duty`: whoever is on duty enters the call of a pupil who comes along, of any class, by name and class (domain §2).
    """
    if as_duty:
        return Child.objects.names_at(school)
    return Child.objects.visible_to(staff, DataClass.CARE, Level.OWN).filter(school=school)


def sees_numbers(staff: Staff, child: Child) -> bool:
    """Whether the numbers of the family are this person's to see, on duty or not."""
    sight = sight_of(staff, child)
    return sight.contact and sight.may(Act.CHILD_REVEAL)


def must_explain(child: Child, by: Staff, on: date) -> bool:
    """
    Whether a call of the moment needs a reason: whoever enters it sees the family's number for the duty of the day alone.

    The leads and the class teacher read it.
    """
    return on_duty(by, child.school_id, on) and not sees_numbers(by, child)


def note_shown(*, booking: CallBooking, to: Staff, now: datetime) -> None:
    """A number was shown whole for the duty of the day alone; the first time stays, the access log knows each."""
    CallBooking.objects.filter(pk=booking.pk, shown_at__isnull=True).update(shown_at=now, shown_to=to)


@transaction.atomic
def decide_number(*, phone: Phone, allowed: bool, reason: str) -> CallPermit:
    """Whether a child may call a number of its family. Raises ValidationError for a refusal without a reason."""
    if not allowed and not reason.strip():
        raise ValidationError({"reason": "不允许拨打要写明原因，如：法院禁止接触。"})
    permit = CallPermit.objects.filter(phone=phone).first() or CallPermit(phone=phone)
    permit.allowed, permit.reason = allowed, reason.strip()
    permit.save()
    return permit


def free_turns(line: CallLine, on: date, now: datetime) -> list[time]:
    """Turns of the line on the day that nobody has booked and that have not ended."""
    taken = set(CallBooking.objects.standing().filter(line=line, on=on).values_list("at", flat=True))
    return [at for at in line.turns(on) if at not in taken and not line.is_over(on, at, now)]


@transaction.atomic
def book(
    *,
    child: Child,
    line: CallLine,
    on: date,
    at: time,
    phone: Phone | None,
    with_whom: str,
    by: Staff,
    now: datetime,
    walk_in: bool = False,
    reason: str = "",
) -> CallBooking:
    """
    Book a turn for a child; `walk_in` enters a call of today outside the turns.

    Raises ValidationError (by field) for a day that has passed, a turn that is taken, over or not open, a number that the
    child may not call, a child who has a turn that day already, and without the reason where `must_explain` asks for it.
    """
    if walk_in and must_explain(child, by, on) and not reason.strip():
        raise ValidationError({"reason": "请写明为什么现在打。"})
    if on < timezone.localdate(now):
        raise ValidationError({"on": "不能预约已经过去的日子。"})
    if child.school_id != line.school_id or child.school_class_id is None:
        raise ValidationError("只能给本校在班的学生预约。")
    if not walk_in and at not in line.turns(on):
        raise ValidationError({"at": f"{line}这个时间不开放（{line.hours}）。"})
    if not walk_in and line.is_over(on, at, now):
        raise ValidationError(
            {"at": f"{at:%H:%M}的时段已经过去，请另选一个。现在就打的，请在“值班登记”里点“现场登记”。"}
        )
    if phone is not None:
        allowed = {row.number.phone for row in callables(child, by) if row.allowed}
        if phone.pk not in allowed:
            raise ValidationError({"phone": "这个号码没有允许孩子拨打，请换一个，或请班主任先办理许可。"})
        # The plan of a week hangs on the wall: the relation will do.
        with_whom = with_whom.strip() or (phone.member.relation_words if phone.member else FAMILY)
    elif not with_whom.strip():
        raise ValidationError({"with_whom": "请选择号码，或者写明和谁通话。"})
    if CallBooking.objects.filter(child=child, on=on, state__in=(STATES.BOOKED, STATES.DONE)).exists():
        raise ValidationError(f"{child}在{on.month}月{on.day}日已经有预约或者通过话，一天一次。")
    try:
        with transaction.atomic():
            return CallBooking.objects.create(
                school_id=line.school_id,
                child=child,
                line=line,
                on=on,
                at=at,
                minutes=line.minutes,
                phone=phone,
                with_whom=with_whom.strip()[:60],
                reason=reason.strip()[:100],
                walk_in=walk_in,
                booked_by=by,
            )
    except IntegrityError as error:
        raise ValidationError({"at": "这个时段刚刚被别人预约了，请另选一个。"}) from error


@transaction.atomic
def cancel(*, booking: CallBooking, today: date) -> CallBooking:
    """Give a turn back. Raises ValidationError for one that is over or written down already."""
    current = CallBooking.objects.select_for_update(of=("self",)).get(pk=booking.pk)
    if current.state != STATES.BOOKED or current.on < today:
        raise ValidationError("只有还没进行的预约可以取消。")
    current.state = STATES.CANCELLED
    current.save(update_fields=["state"])
    return current


@transaction.atomic
def log_call(*, booking: CallBooking, outcome: str, by: Staff, today: date) -> CallBooking:
    """
    What became of a turn: `done` and `no_answer` become a record, `skipped` only a mark. A wrong press is put right
    by pressing the right one the same day.

    An unanswered call is tried again by whoever booked it. Raises ValidationError before the day, for a cancelled
    turn, and for taking back a call that was written down.
    """
    current = (
        CallBooking.objects.select_for_update(of=("self",))
        .select_related("child__school", "line", "phone__member", "booked_by", "record__school")
        .get(pk=booking.pk)
    )
    if current.on > today:
        raise ValidationError("还没有到预约的日子。")
    if current.state == STATES.CANCELLED:
        raise ValidationError("这个预约已经取消。")
    if outcome == current.state:
        return current
    if outcome not in (STATES.DONE, STATES.NO_ANSWER, STATES.SKIPPED):
        raise ValidationError("请选择已通话、没人接或没有进行。")
    if current.record is not None and (outcome == STATES.SKIPPED or today > current.on):
        raise ValidationError("已经写成记录，不能再改；请在记录里补充说明。")
    if current.record is not None:
        _turn_round(current.record, reached=outcome == STATES.DONE, by=current.booked_by, today=today)
    elif outcome != STATES.SKIPPED:
        current.record = _record_of(current, reached=outcome == STATES.DONE, by=by, today=today)
    current.state, current.logged_by = outcome, by
    current.save(update_fields=["state", "logged_by", "record"])
    return current


def _record_of(booking: CallBooking, *, reached: bool, by: Staff, today: date) -> CareRecord:
    number = number_of(booking.phone) if booking.phone else None
    detail = {"duty": by.name}
    if number is not None:
        detail |= {"number": number.masked, "relation": called_relation(number.code)}
    if reached:
        ended = booking.at.hour * 60 + booking.at.minute + booking.minutes
        detail["until"] = f"{ended // 60 % 24:02}:{ended % 60:02}"
    contact = Contact(
        kind=booking.line.record_kind,
        on=booking.on,
        at=booking.at,
        minutes=booking.minutes if reached else None,
        place="care_home",
        place_note=booking.line.place[:60],
        way="video" if booking.line.kind == CallLine.Kind.VIDEO else "phone",
        with_whom=booking.with_whom,
        reached=reached,
        detail=detail,
    )
    (record,), _ = record_contact(
        children=[booking.child],
        contact=contact,
        by=by,
        today=today,
        client_key=uuid.uuid5(_KEY, str(booking.pk)),
        retry_owner=booking.booked_by,
    )
    return record


def _turn_round(record: CareRecord, *, reached: bool, by: Staff, today: date) -> None:
    record.reached = reached
    record.save(update_fields=["reached"])
    FollowUp.objects.open().filter(record=record).exclude(retry="").delete()
    settle_retries(record, owner=by, today=today)


@transaction.atomic
def set_duty(*, school: School, duties: dict[date, Staff | None]) -> None:
    """Who is on duty on which day; None takes a day's duty away."""
    present = {duty.on: duty for duty in CallDuty.objects.filter(school=school, on__in=duties)}
    for on, staff in duties.items():
        duty = present.get(on)
        if staff is None:
            if duty is not None:
                duty.delete()
        elif duty is None:
            CallDuty.objects.create(school=school, on=on, staff=staff)
        elif duty.staff_id != staff.pk:
            duty.staff = staff
            duty.save(update_fields=["staff"])


def week_of(day: date) -> list[date]:
    """Monday to Sunday of the week of `day`."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def cancel_open_bookings(*, child: Child, on: date, by: Staff | None) -> None:
    """A child who leaves keeps no turn after its last day."""
    for booking in CallBooking.objects.filter(child=child, state=STATES.BOOKED, on__gt=on):
        booking.state = STATES.CANCELLED
        booking.save(update_fields=["state"])


@dataclass(frozen=True)
class ClassCalls:
    """How often the children of a class spoke with their family."""

    class_id: int
    children: int
    called: int
    calls: int
    key: int
    key_silent: int


def calls_by_class(children: "QuerySet[Child]", first: date, last: date, month: Month) -> list[ClassCalls]:
    """
    For `children` (each to be cared for): how many spoke by phone or video in first … last, and which key children
    did not in the month; key children are to phone monthly (domain §8.1). Two statements.
    """
    spoken = CareRecord.objects.reached().filter(kind__in=(Kind.CALL, Kind.VIDEO))
    month_calls = spoken.filter(child=OuterRef("pk"), on__gte=month.first, on__lte=month.last)
    rows = list(children.annotate(this_month=Exists(month_calls)).values_list(
        "pk", "school_class", "support_level", "this_month"
    ))  # fmt: skip
    numbers = dict(
        spoken.between(first, last)
        .filter(child__in=children.order_by().values("pk"))
        .order_by()
        .values_list("child")
        .annotate(number=Count("pk"))
    )
    total, called, calls = Counter[int](), Counter[int](), Counter[int]()
    key, silent = Counter[int](), Counter[int]()
    for pk, school_class, level, this_month in rows:
        total[school_class] += 1
        called[school_class] += pk in numbers
        calls[school_class] += numbers.get(pk, 0)
        if level in codes.KEY_LEVELS:
            key[school_class] += 1
            silent[school_class] += not this_month
    return [ClassCalls(pk, total[pk], called[pk], calls[pk], key[pk], silent[pk]) for pk in total]


def silent_key_children(children: "QuerySet[Child]", month: Month) -> "QuerySet[Child]":
    """Key children of `children` without a call or video in the month."""
    spoken = CareRecord.objects.reached().filter(
        child=OuterRef("pk"), kind__in=(Kind.CALL, Kind.VIDEO), on__gte=month.first, on__lte=month.last
    )
    return children.filter(Q(support_level__in=codes.KEY_LEVELS) & ~Exists(spoken))


def turns_of(lines: Iterable[CallLine], on: date) -> list[tuple[CallLine, time]]:
    """Every turn of the lines on a day, in time order."""
    return sorted(((line, at) for line in lines for at in line.turns(on)), key=lambda turn: (turn[1], turn[0].pk))

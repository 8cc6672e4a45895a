"""
A record written for the wrong child, as the wrong kind or twice is taken back: the row goes, the history keeps it.

Changing it would not do: it stands in the wrong dossier, is read by those who look after the wrong child, and proves
that something was done.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activities.follow_ups import contacts_of, settle_retries
from activities.models import (
    CallBooking,
    CareRecord,
    CounsellingAppointment,
    FamilyFeedback,
    FollowUp,
    Kind,
    RecordPhoto,
    SpecialOpening,
)
from activities.models.record import Visibility
from activities.pictures import take_out
from activities.services import may_edit
from caretrack.access.history import change_by, deleting
from caretrack.access.policy import Role
from caretrack.access.states import earlier_states
from caretrack.schools.models import Staff

REASON_LENGTH = 100


def may_withdraw(record: CareRecord, staff: Staff, *, today: date) -> bool:
    """
    Its author within the school's edit window, the leads at any time; a counselling only its author.

    Needs `school` loaded.
    """
    if may_edit(record, staff, today=today):
        return True
    leads = {school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)}
    return record.kind != Kind.COUNSELLING and record.school_id in leads


def of_same_occasion(record: CareRecord, staff: Staff, *, today: date) -> list[CareRecord]:
    """The other records of its group talk that this person may take back too, by name."""
    others = CareRecord.objects.visible_to(staff).beside(record)
    return [other for other in others if may_withdraw(other, staff, today=today)]


def withdraw_records(*, records: list[CareRecord], reason: str, by: Staff, today: date) -> None:
    """
    Take records back: pictures and open promises go with them, what they had closed waits again.

    A promise that was kept meanwhile stays, unless the record was for few eyes. A booked call or appointment is as it
    was before. `school` must be loaded. Raises ValidationError without a reason, for records that `by` may not take
    back, and for a counselling that somebody was let look into; then nothing is written.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么撤回。"})
    if any(not may_withdraw(record, by, today=today) for record in records):
        raise ValidationError("登记超过修改期限的记录由德育主任或校长撤回。")
    if SpecialOpening.objects.filter(record__in=records).exists():
        raise ValidationError("这条心理辅导记录已有人特批查看，查看登记要保留，不能撤回；更正请用“补充说明”。")
    with change_by(by, f"撤回关爱记录：{reason.strip()}"), transaction.atomic():
        for record in records:
            _withdraw(record, today)


def _withdraw(record: CareRecord, today: date) -> None:
    for photo in RecordPhoto.objects.filter(record=record, removed_on__isnull=True):
        take_out(photo, on=today)
    closed = list(FollowUp.objects.filter(closed_by=record).values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=closed).update(closed_by=None)
    FamilyFeedback.objects.filter(record=record).update(record=None)
    if record.visibility == Visibility.NORMAL and record.kind != Kind.COUNSELLING:
        FollowUp.objects.filter(record=record, done_on__isnull=False).update(record=None)
    for booking in CallBooking.objects.filter(record=record):
        _book_again(booking)
    for appointment in CounsellingAppointment.objects.filter(record=record):
        _appoint_again(appointment)
    # What hangs on the record goes by the store's own hand and is to name who took it back.
    with deleting():
        record.delete()
    _owe_again(record, closed, today)


def _owe_again(gone: CareRecord, closed: list[int], today: date) -> None:
    """What the record had closed is owed again, as far as no other contact made it good; of retries one a kind waits."""
    if gone.child.school_class_id is None:
        return  # nothing is owed to a child that has left
    kinds = contacts_of(gone.kind)
    waiting = FollowUp.objects.open().filter(child=gone.child_id, retry__in=kinds).exists()
    for row in FollowUp.objects.filter(pk__in=closed).order_by("pk"):
        if not row.retry or not waiting:
            row.done_on, row.outcome = None, ""
            row.save(update_fields=["done_on", "outcome"])
            waiting = waiting or bool(row.retry)
    left = CareRecord.objects.filter(child=gone.child_id, kind__in=kinds).select_related("school", "child", "author")
    if (newest := left.newest_first().first()) is not None:
        settle_retries(newest, owner=newest.author, today=today)


def _book_again(booking: CallBooking) -> None:
    """The turn is booked again, unless the child had another on that day: of two only one can be meant."""
    same_day = CallBooking.objects.filter(child=booking.child_id, on=booking.on).exclude(pk=booking.pk)
    taken = same_day.filter(state__in=[CallBooking.State.BOOKED, CallBooking.State.DONE]).exists()
    booking.record, booking.logged_by = None, None
    booking.state = CallBooking.State.SKIPPED if taken else CallBooking.State.BOOKED
    booking.save(update_fields=["record", "logged_by", "state"])


def _appoint_again(appointment: CounsellingAppointment) -> None:
    """As it was before the counselling; where its hour has gone to another child meanwhile, it waits for a new one."""
    done = CounsellingAppointment.State.DONE
    before = next((old for old in earlier_states(appointment) if old["state"] != done), None)
    appointment.record = None
    try:
        with transaction.atomic():
            appointment.state = before["state"] if before else CounsellingAppointment.State.ASKED
            appointment.on, appointment.at = (before["on"], before["at"]) if before else (None, None)
            appointment.counsellor_id = before["counsellor"] if before else None
            appointment.save()
    except IntegrityError:
        appointment.refresh_from_db()
        appointment.record, appointment.on, appointment.at = None, None, None
        appointment.state = CounsellingAppointment.State.ASKED
        appointment.save()

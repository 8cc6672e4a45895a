"""
A record written for the wrong child, as the wrong kind or twice is taken back: the row goes, the history keeps it.

Changing it would not do: it stands in the wrong dossier, is read by those who look after the wrong child, and proves
that something was done.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from activities.models import CallBooking, CareRecord, CounsellingAppointment, FollowUp, Kind, RecordPhoto
from activities.pictures import take_out
from activities.services import may_edit
from caretrack.access.history import change_by, deleting
from caretrack.access.policy import Role
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

    A promise that was kept meanwhile stays. A booked call or appointment is as it was before. `school` must be loaded.
    Raises ValidationError without a reason or for records that `by` may not take back; then nothing is written.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么撤回。"})
    if any(not may_withdraw(record, by, today=today) for record in records):
        raise ValidationError("登记超过修改期限的记录由德育主任或校长撤回。")
    with change_by(by, f"撤回关爱记录：{reason.strip()}"), transaction.atomic():
        for record in records:
            _withdraw(record, today)


def _withdraw(record: CareRecord, today: date) -> None:
    for photo in RecordPhoto.objects.filter(record=record, removed_on__isnull=True):
        take_out(photo, on=today)
    FollowUp.objects.filter(closed_by=record).update(done_on=None, closed_by=None, outcome="")
    FollowUp.objects.filter(record=record, done_on__isnull=False).update(record=None)
    CallBooking.objects.filter(record=record).update(record=None, logged_by=None, state=CallBooking.State.BOOKED)
    waiting = CounsellingAppointment.State.ASKED
    CounsellingAppointment.objects.filter(record=record).update(record=None, state=waiting)
    # What hangs on the record goes by the store's own hand and is to name who took it back.
    with deleting():
        record.delete()

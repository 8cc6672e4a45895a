"""Putting a wrong line of the register right: taken back while it is fresh, later answered by a counter entry."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from caretrack.schools.models import Staff
from children.family_corrections import restore, state_before
from children.leaving import end_what_is_open, reopen_what_had_ended
from children.models import Child, Enrollment, StatusChange, Transfer, codes
from children.models.transfer import STAYED, TransferQuerySet
from children.services import ONE_DAY, set_on_child, write_line

Kind = codes.ChangeKind
LATER_FIRST = "这条登记之后又办过入学、调班或离校，请先更正后面的登记。"


def is_fresh(change: StatusChange, on: date) -> bool:
    """Whether the line is within the days in which its school lets records be changed. Needs `school` loaded."""
    return (on - timezone.localdate(change.entered_at)).days <= change.school.edit_days


def can_be_corrected(change: StatusChange) -> bool:
    """Corrections, and lines that were corrected before, stay as they are."""
    return change.corrects_id is None and not change.corrections.exists()


@transaction.atomic
def correct(
    *, change: StatusChange, reason: str, on: date, by: Staff | None, counted: bool = False
) -> StatusChange | None:
    """
    Undo what a line of the register did to the roll, and the line itself. What a leaving had ended begins again; what
    began with an arrival ends, and a dossier that had been accepted waits for its receiver once more.

    Within the school's days for changes the line is taken away (its history stays); afterwards, or when a report
    handed in has `counted` it or a file stands on it (an incident), a counter entry 误登 with the reason answers it, and that entry is returned. Of lines
    about the family a parent's state is taken back while it is still the present one (`state_before`); all else is
    corrected in the dossier.

    Raises ValidationError without a reason, for a line corrected before, and when the roll has moved on since.
    """
    if not reason.strip():
        raise ValidationError({"reason": "请写明错在哪里。"})
    if not can_be_corrected(change):
        raise ValidationError("这条登记已经更正过了。")
    child = Child.objects.select_for_update(of=("self",)).select_related("school").get(pk=change.child_id)
    if change.kind in codes.LEAVES_SCHOOL:
        _reopen(child, change)
    elif change.kind in codes.ENTERS_SCHOOL:
        _take_off(child, change, by)
    elif change.kind == Kind.CLASS_CHANGE:
        _back_to_the_old_class(child, change)
    elif before := state_before(change):
        restore(before)
    if is_fresh(change, on) and not counted and _taken_away(change):
        return None
    return write_line(
        child,
        Kind.ERROR,
        change.on,
        by,
        school_class=change.school_class,
        before=change.after,
        after=change.before,
        reason=reason,
        evidence=f"更正{timezone.localdate(change.entered_at)}登记的“{change.get_kind_display()}”",
        corrects=change,
    )


def _taken_away(change: StatusChange) -> bool:
    """Whether the line could go. One that a file of another app stands on stays, and with it its hand-over."""
    try:
        with transaction.atomic():
            Transfer.objects.filter(line=change).update(line=None)
            change.delete()
    except ProtectedError:
        return False
    return True


def _last(child: Child) -> Enrollment | None:
    latest = Enrollment.objects.select_for_update(of=("self",)).filter(child=child).order_by("-starts_on", "-pk")
    return latest.select_related("school_class", "school").first()


def _reopen(child: Child, change: StatusChange) -> None:
    last = _last(child)
    if last is None or last.ends_on != change.on or last.school_class_id != change.school_class_id:
        raise ValidationError(LATER_FIRST)
    last.ends_on = None
    last.save(update_fields=["ends_on"])
    set_on_child(child, school=last.school, school_class=last.school_class)
    reopen_what_had_ended(child=child, left_on=change.on)
    # One that counts as received too: the receiving was taken back, or the receipt was about somebody else.
    on_its_way = Transfer.objects.filter(line=change, cancelled_on__isnull=True)
    on_its_way.update(cancelled_on=timezone.localdate(), cancel_reason=STAYED)


def _take_off(child: Child, change: StatusChange, by: Staff | None) -> None:
    last = _last(child)
    if last is None or last.starts_on != change.on or last.ends_on is not None:
        raise ValidationError(LATER_FIRST)
    last.delete()
    before = _last(child)
    school = before.school if before else child.school
    set_on_child(child, school=school, school_class=None, class_seq="", dorm_bed="")
    end_what_is_open(child=child, on=change.on, by=by)
    accepted_with(change).update(received_on=None, received_by="", receipt_note="")
    called_back_with(change).update(cancelled_on=None, cancel_reason="")


def accepted_with(change: StatusChange) -> TransferQuerySet:
    """The hand-over that was received with this arrival; at most one. None for any other line."""
    if change.kind not in codes.ENTERS_SCHOOL:
        return Transfer.objects.none()
    received = Transfer.objects.filter(to_school=change.school_id, received_on__gte=change.on)
    return received.filter(child=change.child_id, cancelled_on__isnull=True)


def called_back_with(change: StatusChange) -> TransferQuerySet:
    """The hand-over that was called back because of this arrival; at most one. None for any other line."""
    if change.kind not in codes.ENTERS_SCHOOL:
        return Transfer.objects.none()
    left = StatusChange.objects.standing().filter(child=change.child_id, kind__in=codes.LEAVES_SCHOOL, pk__lt=change.pk)
    # One that the school called back itself has let go of its leaving.
    return Transfer.objects.filter(line__in=left.order_by("-pk").values("pk")[:1], cancelled_on__isnull=False)


def _back_to_the_old_class(child: Child, change: StatusChange) -> None:
    last = _last(child)
    if last is None or last.starts_on != change.on or last.ends_on is not None:
        raise ValidationError(LATER_FIRST)
    last.delete()
    before = _last(child)
    if before is None or before.ends_on != change.on - ONE_DAY:
        raise ValidationError(LATER_FIRST)
    before.ends_on = None
    before.save(update_fields=["ends_on"])
    set_on_child(child, school_class=before.school_class)

"""A mentor is away for a while: a deputy sees and looks after the children, and it ends by itself."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from mentoring.models import Mentor, MentorAbsence, Pairing
from mentoring.services import demand_fit, families_agree, has_gone

ONE_DAY = timedelta(days=1)


@transaction.atomic
def plan_absence(
    *, mentor: Mentor, deputy: Mentor, starts_on: date, ends_on: date, reason: str, by: Staff
) -> MentorAbsence:
    """
    Enter who looks after the mentor's children from … to …, both days included.

    Raises ValidationError for a deputy who may not be given these children (P-03, P-22) or is away too, and for a
    second absence of the mentor in the same days.
    """
    kept = Pairing.objects.filter(mentor=mentor, starts_on__lte=ends_on).not_over(starts_on)
    agree = families_agree(deputy, list(kept.values_list("child", flat=True)))
    try:
        gone = has_gone(deputy, starts_on)
        demand_fit(mentor=deputy, school_id=mentor.school_id, on=starts_on, agree=agree, gone=gone)
    except ValidationError as refusal:
        raise ValidationError({"deputy": refusal.messages}) from refusal
    absence = MentorAbsence(mentor=mentor, deputy=deputy, starts_on=starts_on, ends_on=ends_on, reason=reason)
    absence.full_clean(exclude=["change"])
    Mentor.objects.select_for_update(of=("self",)).get(pk=mentor.pk)
    overlapping = MentorAbsence.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
    for other in overlapping.filter(Q(mentor=mentor) | Q(mentor=deputy)).select_related("mentor", "deputy"):
        if other.mentor_id == mentor.pk:
            raise ValidationError(
                {
                    "starts_on": f"{mentor}已登记{chinese_date(other.starts_on)}至{chinese_date(other.ends_on)}暂离，由{other.deputy}代管。"
                }
            )
        raise ValidationError(
            {
                "deputy": f"{deputy}自己{chinese_date(other.starts_on)}至{chinese_date(other.ends_on)}也暂离，请另选一位。"
            }
        )
    absence.save()
    return absence


@transaction.atomic
def end_absence(*, absence: MentorAbsence, on: date, by: Staff) -> None:
    """The mentor is back on `on`: the deputy's last day is the day before; one that has not begun is taken back."""
    current = MentorAbsence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if current.ends_on < on:
        raise ValidationError(f"这次代管已于{chinese_date(current.ends_on)}结束。")
    if current.starts_on >= on:
        current.delete()
        return
    current.ends_on = on - ONE_DAY
    current.save(update_fields=["ends_on"])

"""特批查看: the principal opens what is sealed, with a reason, for an hour; told to whom it concerns (security §2.4)."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from activities.models import CareRecord, Kind, SealedNote, SpecialOpening
from activities.models.opening import REASON_AT_LEAST
from caretrack.access.policy import Role
from caretrack.schools.models import Staff

LASTS = timedelta(minutes=60)
SIGN_OFF = timedelta(days=7)


@transaction.atomic
def open_specially(
    *,
    staff: Staff,
    category: str,
    reason: str,
    now: datetime,
    record: CareRecord | None = None,
    note: SealedNote | None = None,
) -> SpecialOpening:
    """
    Grant a look for an hour. The caller has asked for the password again and writes the access log.

    Raises ValidationError (by field) without the post, for a reason that is too short, for what is nobody's secret,
    and for a child's letter outside danger to a child.
    """
    school = record.school_id if record else note.school_id if note else None
    if school not in {s.pk for s in staff.schools_as(Role.PRINCIPAL)}:
        raise ValidationError("特批查看只对本校校长开放。")
    if record is not None and (record.kind != Kind.COUNSELLING or record.author_id == staff.pk):
        raise ValidationError("只有别人的心理辅导记录才需要特批查看。")
    if note is not None and note.addressee_id == staff.pk:
        raise ValidationError("这封信就是写给您的，直接拆看即可。")
    if note is not None and category != SpecialOpening.Category.SAFETY:
        raise ValidationError({"category": "孩子的信只有为了孩子的人身安全才能特批查看（未成年人保护法第六十三条）。"})
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ValidationError({"reason": f"请写清楚理由，至少 {REASON_AT_LEAST} 个字。"})
    return SpecialOpening.objects.create(
        staff=staff, record=record, note=note, category=category, reason=reason.strip(), opened_at=now,
        ends_at=now + LASTS,
    )  # fmt: skip


def concerning(staff: Any) -> "QuerySet[SpecialOpening]":
    """Grants that this person learns of: their own text or letters, and for counsellors those of the school."""
    counselled = Q(record__school__in=staff.schools_as(Role.COUNSELLOR))
    return SpecialOpening.objects.filter(counselled | Q(record__author=staff) | Q(note__addressee=staff))


def listed_for(staff: Any) -> "QuerySet[SpecialOpening]":
    """The list of grants: one's own, those that concern one, all of the school for its principal."""
    schools = staff.schools_as(Role.PRINCIPAL)
    own = Q(staff=staff) | Q(record__school__in=schools) | Q(note__school__in=schools)
    return SpecialOpening.objects.filter(own | Q(pk__in=concerning(staff).values("pk")))


@transaction.atomic
def acknowledge(*, opening: SpecialOpening, by: Staff, now: datetime) -> SpecialOpening:
    """Whom it concerns signs that they know. Raises ValidationError for who looked, and when it is signed already."""
    current = SpecialOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    if current.staff_id == by.pk or not concerning(by).filter(pk=current.pk).exists():
        raise ValidationError("由内容的书写人、收信人或心理教师签知悉。")
    if current.acknowledged_at is not None:
        raise ValidationError("已经签过知悉。")
    current.acknowledged_at, current.acknowledged_by = now, by
    current.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return current

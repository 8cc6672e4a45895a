"""
Pictures with a record: taken in only when the family agreed for every child of the occasion, gone when it takes the
consent back (PIPL art. 15, 31; security requirements §3.7).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from activities.models import CareRecord, Kind, RecordPhoto
from activities.pictures import Shown, keep_picture, on_paper, take_out
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.consents import agreed
from children.models import Child, Consent

MOST = 6


def without_consent(record: CareRecord) -> list[Child]:
    """The children of the occasion whose family did not agree to pictures; two statements."""
    children = [record.child]
    if record.group_id:
        children = list(Child.objects.filter(records__group=record.group_id).by_name().distinct())
    willing = agreed(Consent.Purpose.PHOTO, children)
    return [child for child in children if child.pk not in willing]


@transaction.atomic
def keep_record_photo(*, record: CareRecord, file: Any, words: str, by: Staff) -> RecordPhoto:
    """
    Put a picture to a record of one's own.

    Raises ValidationError without everybody's consent, for a counselling, when there are enough, and as read_photo does.
    """
    if record.author_id != by.pk:
        raise ValidationError("照片由写这条记录的老师添加。")
    if record.kind == Kind.COUNSELLING:
        raise ValidationError("心理辅导不拍照。")
    if lacking := without_consent(record):
        names = "、".join(child.name for child in lacking[:5])
        raise ValidationError(f"{names}的家长没有同意拍照存档，不能添加照片。记录本身不需要照片。")
    if RecordPhoto.objects.filter(record=record, removed_on__isnull=True).count() >= MOST:
        raise ValidationError(f"一条记录最多 {MOST} 张照片。")
    row = RecordPhoto(record=record, words=words.strip(), uploaded_by=by)
    keep_picture(row, file)
    return row


def pictures_on_paper(records: Iterable[int], staff: Staff) -> dict[int, tuple[Shown, ...]]:
    """
    Record id → its pictures for a print, of those of `records` (ids) that `staff` reads; three statements.

    Only while the family of every child of the occasion agrees.
    """
    seen = RecordPhoto.objects.visible_to(staff).filter(record__in=list(records)).select_related("record")
    photos = list(seen.order_by("pk"))
    there = _children_of([photo.record for photo in photos])
    willing = agreed(Consent.Purpose.PHOTO, set().union(*there.values()))
    found: dict[int, tuple[Shown, ...]] = {}
    for photo in photos:
        on = chinese_date(photo.record.on)
        shown = on_paper(photo, f"{photo.words}（{on}）" if photo.words else on)
        if shown and there[photo.record_id] <= willing:
            found[photo.record_id] = (*found.get(photo.record_id, ()), shown)
    return found


def _children_of(records: Iterable[CareRecord]) -> dict[int, set[int]]:
    """Record id → the children of its occasion; one statement."""
    listed = list(records)
    together: dict[int, set[int]] = defaultdict(set)
    members = CareRecord.objects.filter(group__in={record.group_id for record in listed if record.group_id})
    for group, child in members.order_by().values_list("group", "child"):
        together[group].add(child)
    return {record.pk: together[record.group_id] if record.group_id else {record.child_id} for record in listed}


def remove_after_withdrawal(child: Child, on: date) -> None:
    """The family took its consent back: pictures of every occasion with the child go."""
    groups = CareRecord.objects.filter(child=child, group__isnull=False).values("group")
    concerned = Q(record__child=child) | Q(record__group__in=groups)
    for photo in RecordPhoto.objects.filter(concerned, removed_on__isnull=True):
        take_out(photo, on=on)

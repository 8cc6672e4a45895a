"""
Pictures with a record: taken in only when the family agreed for every child of the occasion, gone when it takes the
consent back (PIPL art. 15, 31; security requirements §3.7).
"""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from activities.models import CareRecord, Kind, RecordPhoto
from caretrack.schools.models import Staff
from children.consents import agreed
from children.models import Child, Consent
from children.photos import read_photo

MOST = 6
LONGEST_SIDE = 1600


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
    picture = read_photo(file, size=file.size, longest=LONGEST_SIDE)
    row = RecordPhoto(record=record, words=words.strip(), uploaded_by=by)
    row.file.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture), save=False)
    row.save()
    return row


@transaction.atomic
def remove_record_photo(*, photo: RecordPhoto, on: date) -> None:
    """The file goes after the commit, the line stays."""
    current = RecordPhoto.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    if current.removed_on is not None:
        return
    name, storage = current.file.name, current.file.storage
    current.file, current.removed_on = "", on
    current.save(update_fields=["file", "removed_on"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def remove_after_withdrawal(child: Child, on: date) -> None:
    """The family took its consent back: pictures of every occasion with the child go."""
    groups = CareRecord.objects.filter(child=child, group__isnull=False).values("group")
    concerned = Q(record__child=child) | Q(record__group__in=groups)
    for photo in RecordPhoto.objects.filter(concerned, removed_on__isnull=True):
        remove_record_photo(photo=photo, on=on)

"""
Pictures of activities and meetings (domain §9.1–9.2, P-11): of pupils only when every family of those present agreed,
for 宣传 also to its use. They are never asked for. Gone when a consent is taken back.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from activities.gatherings import Gathering, of_gathering, on_the_list
from activities.models import Activity, ActivityParticipant, GatheringPhoto, Meeting
from activities.models.event import TOLD
from activities.pictures import keep_picture, take_out
from caretrack.schools.models import Staff
from children.consents import agreed
from children.models import Child, Consent

MOST = 12
_THERE = Q(came=True) | ~TOLD


def is_publicity(gathering: Gathering) -> bool:
    """Whether its pictures are made to be shown."""
    return isinstance(gathering, Activity) and gathering.kind == Activity.Kind.PUBLICITY


def pupils_there(gathering: Gathering) -> list[Child]:
    """The pupils who came, or may have come while the roll was not called; at a meeting for carers those who came along."""
    came = Q(came=True) if gathering.for_carers else _THERE
    rows = ActivityParticipant.objects.filter(of_gathering(gathering)).filter(came)
    return list(Child.objects.filter(pk__in=rows.values("child")).by_name())


def without_consent(gathering: Gathering) -> list[Child]:
    """Of the pupils there, those whose family did not agree to what its pictures are for; at most three statements."""
    there = pupils_there(gathering)
    willing = agreed(Consent.Purpose.PHOTO, there)
    if is_publicity(gathering):
        willing &= agreed(Consent.Purpose.PUBLICITY, there)
    return [child for child in there if child.pk not in willing]


def photos_of(gathering: Gathering) -> QuerySet[GatheringPhoto]:
    """Its pictures, oldest first."""
    place = {"meeting": gathering} if isinstance(gathering, Meeting) else {"activity": gathering}
    return GatheringPhoto.objects.kept().filter(**place).order_by("pk")


def photos_for(gathering: Gathering, staff: Staff) -> list[GatheringPhoto]:
    """
    The pictures that `staff`, who sees the gathering, may look at.

    Of a meeting those who read its minutes. Pupils are shown to who leads it or sees each of the pupils on its list,
    and while their families agree.
    """
    photos = list(photos_of(gathering))
    if photos and isinstance(gathering, Meeting) and not Meeting.objects.minutes_open_to(staff).filter(pk=gathering.pk):
        return []
    if any(photo.shows_pupils for photo in photos):
        _rows, hidden = on_the_list(gathering, staff)
        if hidden or without_consent(gathering):
            photos = [photo for photo in photos if not photo.shows_pupils]
    return photos


@transaction.atomic
def keep_gathering_photo(
    *, gathering: Gathering, file: Any, words: str, shows_pupils: bool, by: Staff
) -> GatheringPhoto:
    """
    Put a picture to a gathering that `by` may change.

    Raises ValidationError without everybody's consent for a picture that shows pupils, when there are enough, and as
    read_photo does.
    """
    if shows_pupils:
        if lacking := without_consent(gathering):
            raise ValidationError(
                {"shows_pupils": f"有 {len(lacking)} 名到场学生的家长没有同意，能认出学生的照片不能添加。"}
            )
        if not gathering.for_carers and not pupils_there(gathering):
            raise ValidationError({"shows_pupils": "还没有登记参加的学生。请先列出名单，核对家长是否同意。"})
    if photos_of(gathering).count() >= MOST:
        raise ValidationError(f"一次最多 {MOST} 张照片。")
    place = {"meeting": gathering} if isinstance(gathering, Meeting) else {"activity": gathering}
    row = GatheringPhoto(words=words.strip(), shows_pupils=shows_pupils, uploaded_by=by, **place)
    keep_picture(row, file)
    return row


def _with(child: Child) -> QuerySet[GatheringPhoto]:
    rows = ActivityParticipant.objects.filter(_THERE, child=child)
    there = Q(activity__in=rows.filter(activity__isnull=False).values("activity"))
    there |= Q(meeting__in=rows.filter(meeting__isnull=False).values("meeting"))
    return GatheringPhoto.objects.kept().filter(there, shows_pupils=True)


def remove_after_withdrawal(child: Child, on: date) -> None:
    """The family took back its consent to pictures: those of every gathering at which the child was go."""
    for photo in _with(child):
        take_out(photo, on=on)


def remove_publicity(child: Child, on: date) -> None:
    """The family took back its consent to publicity: the pictures made for it go."""
    for photo in _with(child).filter(activity__kind=Activity.Kind.PUBLICITY):
        take_out(photo, on=on)


@transaction.atomic
def delete_gathering(gathering: Gathering, *, on: date) -> None:
    """Delete an activity or a meeting that was entered by mistake, the files of its pictures too."""
    for photo in photos_of(gathering):
        take_out(photo, on=on)
    gathering.delete()

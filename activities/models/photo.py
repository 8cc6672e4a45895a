"""Pictures with a record or a gathering: only with consent, never asked for (domain §7, §9, P-11; security §3.7)."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from activities.models.event import Activity, Meeting
from activities.models.record import CareRecord, Kind
from caretrack.access.history import Tracked, TrackedQuerySet


class Picture(Tracked):
    """Written anew without the sender's data; taken out, the file goes and the line stays. Each kind has its `file`."""

    file: models.FileField
    words = models.CharField("说明", max_length=60, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    removed_on = models.DateField("移除日期", null=True, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.words or "照片"


class RecordPhotoQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """With the records that one reads; a counselling has no pictures."""
        seen = CareRecord.objects.visible_to(staff).exclude(kind=Kind.COUNSELLING)
        return self.filter(record__in=seen, removed_on__isnull=True)


class RecordPhoto(Picture):
    """A picture with a record of one's own."""

    record = models.ForeignKey(CareRecord, verbose_name="记录", on_delete=models.CASCADE, related_name="photos")
    file = models.FileField("照片", upload_to="records/", max_length=120)

    objects = models.Manager.from_queryset(RecordPhotoQuerySet)()

    class Meta(Picture.Meta):
        verbose_name = verbose_name_plural = "记录照片"


class GatheringPhotoQuerySet(TrackedQuerySet):
    def kept(self) -> Self:
        """Those that were not taken out."""
        return self.filter(removed_on__isnull=True)


class GatheringPhoto(Picture):
    """A picture of an activity or a meeting. `shows_pupils` is what the person who adds it says of it."""

    activity = models.ForeignKey(
        Activity, verbose_name="活动", null=True, blank=True, on_delete=models.CASCADE, related_name="photos"
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name="会议", null=True, blank=True, on_delete=models.CASCADE, related_name="photos"
    )
    file = models.FileField("照片", upload_to="gatherings/", max_length=120)
    shows_pupils = models.BooleanField("能认出学生", default=True)

    objects = models.Manager.from_queryset(GatheringPhotoQuerySet)()

    class Meta(Picture.Meta):
        verbose_name = verbose_name_plural = "活动和会议照片"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="gathering_photo_of_one",
                condition=Q(activity__isnull=False, meeting__isnull=True)
                | Q(activity__isnull=True, meeting__isnull=False),
            )
        ]

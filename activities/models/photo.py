"""A picture with a record: only with the family's consent, never asked for (domain §7, P-11; security §3.7)."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from activities.models.record import CareRecord, Kind
from caretrack.access.history import Tracked, TrackedQuerySet


class RecordPhotoQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """With the records that one reads; a counselling has no pictures."""
        seen = CareRecord.objects.visible_to(staff).exclude(kind=Kind.COUNSELLING)
        return self.filter(record__in=seen, removed_on__isnull=True)


class RecordPhoto(Tracked):
    """Written anew without the sender's data; taken out, the file goes and the line stays."""

    record = models.ForeignKey(CareRecord, verbose_name="记录", on_delete=models.CASCADE, related_name="photos")
    file = models.FileField("照片", upload_to="records/", max_length=120)
    words = models.CharField("说明", max_length=60, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    removed_on = models.DateField("移除日期", null=True, blank=True)

    objects = models.Manager.from_queryset(RecordPhotoQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "记录照片"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.words or "照片"

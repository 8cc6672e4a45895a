"""Text that somebody typed and has not saved yet. Kept on the server, sealed, for its writer alone."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from caretrack.access.crypto import EncryptedTextField

if TYPE_CHECKING:
    from caretrack.schools.models import Staff

KEPT_FOR = timedelta(days=14)


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, staff: "Staff | Any") -> "DraftQuerySet":
        """Drafts are seen by their writer and by nobody else, whatever the role."""
        return self.filter(staff=staff)

    def open(self, now: datetime | None = None) -> "DraftQuerySet":
        """Drafts that wait to be finished: neither saved nor thrown away, and not too old."""
        return self.filter(closed=False, saved_at__gte=(now or timezone.now()) - KEPT_FOR)

    def expired(self, now: datetime | None = None) -> "DraftQuerySet":
        """Rows whose time is over; they are deleted."""
        return self.filter(saved_at__lt=(now or timezone.now()) - KEPT_FOR)


class Draft(models.Model):
    """
    The fields of one form as they were typed.

    ``key`` names the form and what it is about ("record:child:12"). A closed row holds no text: it only remembers the
    sheet that was saved or thrown away, so that an autosave that arrives late does not bring the text back.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="填写人"
    )
    key = models.CharField("表单", max_length=200)
    page = models.CharField("页面", max_length=500)
    sheet = models.CharField("表单编号", max_length=32)
    payload = EncryptedTextField("内容", blank=True)
    closed = models.BooleanField("已结束", default=False)
    saved_at = models.DateTimeField("暂存时间", default=timezone.now, db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = "未提交的内容"
        verbose_name_plural = "未提交的内容"
        constraints = [
            models.UniqueConstraint(fields=["staff", "key"], name="draft_one_per_form"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def fields(self) -> dict[str, list[str]]:
        """What was typed: the values of each field, by its name in the form."""
        return json.loads(self.payload)["fields"] if self.payload else {}

    @property
    def title(self) -> str:
        """What the page called itself, for a list of drafts."""
        return json.loads(self.payload)["title"] if self.payload else ""

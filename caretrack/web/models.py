"""Text that somebody typed and has not saved yet. Kept on the server, sealed, for its writer alone."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from caretrack.access.crypto import EncryptedTextField

if TYPE_CHECKING:
    from caretrack.schools.models import Staff

KEPT_FOR = timedelta(days=14)
REMEMBERED_FOR = timedelta(days=2)
"""How long a closed row turns late autosaves away; a sheet is believed for a day."""


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, staff: "Staff | Any") -> "DraftQuerySet":
        """Drafts are seen by their writer and by nobody else, whatever the role."""
        return self.filter(staff=staff)

    def open(self, now: datetime | None = None) -> "DraftQuerySet":
        """Drafts that wait to be finished: neither saved nor thrown away, and not too old."""
        return self.filter(closed=False, saved_at__gte=(now or timezone.now()) - KEPT_FOR)

    def expired(self, now: datetime | None = None) -> "DraftQuerySet":
        """Rows whose time is over; they are deleted."""
        now = now or timezone.now()
        return self.filter(Q(saved_at__lt=now - KEPT_FOR) | Q(closed=True, saved_at__lt=now - REMEMBERED_FOR))


class Draft(models.Model):
    """
    The fields of one form as they were typed.

    ``key`` names the form and what it is about ("record:child:12"), ``sheet`` the window in which it was typed: of two
    windows with the same form neither overwrites the other. A closed row holds no text: it only remembers the sheet
    that was saved or thrown away, so that an autosave that arrives late does not bring the text back.
    """

    others: int = 0
    """How many more texts of the same form wait to be finished; set where a form is opened."""

    about: str = ""
    """Of whom it is, where the form does not say so by its title; set by drafts.with_names."""

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
            models.UniqueConstraint(fields=["staff", "key", "sheet"], name="draft_one_per_sheet"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def fields(self) -> dict[str, list[str]]:
        """What was typed: the values of each field, by its name in the form."""
        return json.loads(self.payload)["fields"] if self.payload else {}

    @property
    def resume_url(self) -> str:
        """The page on which just this text goes on."""
        page, _, query = self.page.partition("?")
        said = QueryDict(query, mutable=True)
        said["draft"] = self.sheet
        return f"{page}?{said.urlencode()}"

    @property
    def title(self) -> str:
        """What the page called itself, for a list of drafts."""
        return json.loads(self.payload)["title"] if self.payload else ""

    @property
    def named(self) -> str:
        """记谈心：李小兰: what a list of drafts calls it."""
        return (self.title or "没写完的表单") + (f"：{self.about}" if self.about else "")

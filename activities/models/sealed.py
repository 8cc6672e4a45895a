"""
悄悄话: what a child wrote to one teacher, for that teacher's eyes alone (domain §12 P-14; 未成年人保护法 art. 63).

Everybody else, whoever entered it and the principal included, may know that there is one and no more.
"""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models import Child


class SealedNoteQuerySet(TrackedQuerySet):
    def addressed_to(self, staff: Any) -> Self:
        """Those that this person may read: addressed to them while the account is open."""
        return self.filter(addressee=staff) if staff.is_active else self.none()

    def unopened(self) -> Self:
        return self.filter(opened_at__isnull=True)


class SealedNote(Tracked):
    """
    An envelope for one teacher: a paper one that lies in the hand, or words that the child typed itself.

    Opening is an act with its time; the text of a paper envelope is never entered by anybody but the addressee.
    """

    class Via(models.TextChoices):
        BOX = "box", "悄悄话信箱"
        HAND = "hand", "学生交来"
        SCREEN = "screen", "学生自己输入"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(
        Child, verbose_name="学生", null=True, blank=True, on_delete=models.CASCADE, related_name="sealed_notes"
    )
    addressee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="收信教师", on_delete=models.PROTECT, related_name="sealed_notes"
    )
    via = models.CharField("怎样收到", max_length=8, choices=Via)
    received_on = models.DateField("收到日期")
    text = EncryptedTextField("内容", blank=True, default="")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField("拆开时间", null=True, blank=True)
    done_on = models.DateField("回应日期", null=True, blank=True)
    client_key = models.UUIDField("表单编号", unique=True, editable=False)

    objects = models.Manager.from_queryset(SealedNoteQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "悄悄话"
        ordering = ["-received_on", "-pk"]
        indexes = [
            models.Index(fields=["addressee", "opened_at"], name="sealed_addressee"),
            models.Index(fields=["school", "received_on"], name="sealed_school_on"),
        ]
        constraints = [
            models.CheckConstraint(
                name="sealed_words_only_from_the_child",
                condition=Q(via="screen") | Q(opened_at__isnull=False) | Q(text=""),
            )
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.received_on)} 悄悄话"


class BoxOpening(Tracked):
    """That a letter box of the school was emptied: by whom, with whom, how many letters; never what was in them."""

    class Box(models.TextChoices):
        FAMILY = "family", "亲情信箱"
        HEART = "heart", "悄悄话信箱"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    box = models.CharField("信箱", max_length=8, choices=Box)
    on = models.DateField("开箱日期")
    letters = models.PositiveSmallIntegerField("信件数")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="开箱人", on_delete=models.PROTECT, related_name="+"
    )
    witness = models.CharField("在场人", max_length=50, blank=True)
    passed_on = models.CharField("转交情况", max_length=200, blank=True, help_text="转给了谁，不写信的内容。")

    class Meta:
        verbose_name = verbose_name_plural = "开箱登记"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on"], name="box_opening_school_on")]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.get_box_display()}"

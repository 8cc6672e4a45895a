"""特批查看: a leader's reasoned look at what is not theirs to read, for an hour (security requirements §2.4)."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from activities.models.record import CareRecord
from activities.models.sealed import SealedNote
from caretrack.access.history import Tracked, TrackedQuerySet

REASON_AT_LEAST = 10


class SpecialOpeningQuerySet(TrackedQuerySet):
    def in_force(self, staff: Any, now: datetime | None = None) -> Self:
        """Those of this person that have not run out."""
        return self.filter(staff=staff, ends_at__gt=now or timezone.now())

    def concerning(self, staff: Any) -> Self:
        """Those of what this person wrote or was written to."""
        return self.filter(Q(record__author=staff) | Q(note__addressee=staff))


class SpecialOpening(Tracked):
    """One grant: who, what, why, until when; and the sign-off by the person whose content was opened."""

    class Category(models.TextChoices):
        SAFETY = "safety", "人身安全"
        STAND_IN = "stand_in", "代班"
        INSPECTION = "inspection", "上级检查"
        OTHER = "other", "其他"

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="查看人", on_delete=models.PROTECT, related_name="special_openings"
    )
    record = models.ForeignKey(
        CareRecord,
        verbose_name="心理辅导记录",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="openings",
    )
    note = models.ForeignKey(
        SealedNote, verbose_name="悄悄话", null=True, blank=True, on_delete=models.CASCADE, related_name="openings"
    )
    category = models.CharField("情形", max_length=12, choices=Category)
    reason = models.CharField("理由", max_length=200)
    opened_at = models.DateTimeField("开始时间", default=timezone.now)
    ends_at = models.DateTimeField("到期时间")
    acknowledged_at = models.DateTimeField("知悉时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="知悉人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = models.Manager.from_queryset(SpecialOpeningQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "特批查看"
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["staff", "ends_at"], name="opening_staff_ends")]
        constraints = [
            models.CheckConstraint(
                name="opening_of_one",
                condition=Q(record__isnull=False, note__isnull=True) | Q(record__isnull=True, note__isnull=False),
            ),
            # A sealed letter is opened by others only for a child's safety (未成年人保护法 art. 63).
            models.CheckConstraint(
                name="opening_note_for_safety", condition=Q(note__isnull=True) | Q(category="safety")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.opened_at:%Y-%m-%d %H:%M}"

"""A mentor is away for a while, and somebody stands in (features M5, M7)."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from mentoring.models.mentor import Mentor


class MentorAbsenceQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """In force on the day, both days included."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def not_over(self, day: date) -> Self:
        """In force on the day or still to come."""
        return self.filter(ends_on__gte=day)


class MentorAbsence(Tracked):
    """
    From … to … a deputy looks after the mentor's children. It ends by itself; the pairings go on.

    The deputy is a mentor too: the yearly check for offences holds for whoever is alone with children (P-22).
    """

    mentor = models.ForeignKey(Mentor, verbose_name="代理家长", on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(Mentor, verbose_name="代管人", on_delete=models.PROTECT, related_name="deputises")
    starts_on = models.DateField("暂离开始")
    ends_on = models.DateField("暂离结束")
    reason = models.CharField("原因", max_length=100)

    objects = models.Manager.from_queryset(MentorAbsenceQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "代理家长暂离"
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["mentor", "ends_on"], name="mentor_absence_end"),
            models.Index(fields=["deputy", "ends_on"], name="mentor_deputy_end"),
        ]
        constraints = [
            models.CheckConstraint(
                name="mentor_absence_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="暂离结束不能早于暂离开始。",
            ),
            models.CheckConstraint(
                name="mentor_absence_not_oneself",
                condition=~Q(mentor=F("deputy")),
                violation_error_message="不能由本人代管。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor}由{self.deputy}代管"

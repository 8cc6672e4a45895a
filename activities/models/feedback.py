"""What the school tells parents away about their child each month (domain §7.5, §13 no. 59)."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef

from activities.models.record import CareRecord, Kind, Visibility
from caretrack.access.history import Tracked
from caretrack.access.policy import DataClass
from caretrack.periods import Month
from children.models import Child
from children.models.life import OfChildQuerySet


class FamilyFeedbackQuerySet(OfChildQuerySet):
    def of_month(self, month: Month) -> Self:
        return self.filter(month=month.key)

    def sent(self) -> Self:
        """Those that reached somebody."""
        return self.filter(record__reached=True)


class FamilyFeedback(Tracked):
    """
    The teacher's words beside the facts of one month. That it was sent, when, how and to whom is told by `record`.

    The facts are assembled when they are shown (activities.family.month): nothing is stored twice.
    """

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="feedbacks")
    month = models.CharField("月份", max_length=7)
    words = models.CharField("老师的话", max_length=120, blank=True)
    next_step = models.CharField("下一步", max_length=80, blank=True)
    record = models.OneToOneField(
        CareRecord,
        verbose_name="联系记录",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="feedback",
    )

    data: ClassVar = DataClass.CARE
    objects = models.Manager.from_queryset(FamilyFeedbackQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "每月反馈"
        ordering = ["-month", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "month"],
                name="feedback_once_a_month",
                violation_error_message="这个月的反馈已经写过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.month}"


def feedback_sent(month: str) -> Exists:
    """The condition on children that the feedback of a month (its key) reached somebody."""
    return Exists(FamilyFeedback.objects.filter(month=month).sent().filter(child=OuterRef("pk")))


def parents_contacted(first: date, last: date) -> Exists:
    """The condition on children that somebody spoke with a parent in these days; restricted records tell nothing."""
    contacts = CareRecord.objects.reached().with_parents().between(first, last).filter(child=OuterRef("pk"))
    return Exists(contacts.filter(kind=Kind.PARENT_CONTACT, visibility=Visibility.NORMAL))

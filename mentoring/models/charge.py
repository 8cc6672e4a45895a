"""校领导包干: whom a school leader answers for (domain §6.1)."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from children.models import Child


class LeaderChargeQuerySet(TrackedQuerySet):
    def open(self) -> Self:
        return self.filter(ends_on__isnull=True)

    def on(self, day: date) -> Self:
        """In force on the day, both days included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class LeaderCharge(Tracked):
    """校领导包干: each child has exactly one leader in charge."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="leader_charges")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="包干领导", on_delete=models.PROTECT, related_name="charges"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    ended_by_leaving = models.BooleanField("因学生离校结束", default=False)

    objects = models.Manager.from_queryset(LeaderChargeQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "领导包干"
        indexes = [models.Index(fields=["leader", "ends_on"], name="charge_leader_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on__isnull=True),
                name="charge_one_open",
                violation_error_message="这名学生已有包干领导。",
            ),
            models.CheckConstraint(
                name="charge_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader}—{self.child}"

"""校领导包干 (domain §6.1)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked
from children.models import Child


class LeaderCharge(Tracked):
    """校领导包干: each child has exactly one leader in charge."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="leader_charges")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="包干领导", on_delete=models.PROTECT, related_name="charges"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "领导包干"
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

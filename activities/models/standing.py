"""The warnings as they were last worked out, so that the start page need not read the facts of a whole school."""

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from activities.models.alert import AlertAnswer

#: Older outcomes are not shown: nobody keeps them current then.
FRESH_FOR = timedelta(minutes=15)


class StandingAlertQuerySet(models.QuerySet["StandingAlert"]):
    def about(self, children: Any) -> Self:
        """Warnings about the children of a queryset, which has been narrowed by `visible_to`."""
        return self.filter(child_id__in=children.order_by().values("pk"))

    def loud_on(self, day: date) -> Self:
        """Without those that stay quiet on the day: somebody answered, and nothing of the kind has happened since."""
        answered = AlertAnswer.objects.quiet_on(day).filter(child=OuterRef("child_id"), rule=OuterRef("rule"))
        return self.filter(~Exists(answered.filter(at__gte=Coalesce(OuterRef("newest_at"), "at"))))


class StandingAlert(models.Model):
    """
    One warning about one child. Derived from what is tracked, so it has no history of its own.

    No foreign key: it must neither hold a row of the register back nor count as something done for the child.
    """

    child_id = models.BigIntegerField("学生编号")
    rule = models.CharField("预警", max_length=30)
    rank = models.PositiveSmallIntegerField("轻重")
    words = models.CharField("为什么", max_length=300)
    newest_at = models.DateTimeField("最近一次情况", null=True)

    objects = models.Manager.from_queryset(StandingAlertQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "现有预警"
        constraints = [models.UniqueConstraint(fields=["child_id", "rule"], name="one_standing_alert_a_rule")]

    def __str__(self) -> str:
        return f"{self.child_id} {self.rule}"


class AlertCheckQuerySet(models.QuerySet["AlertCheck"]):
    def fresh(self, on: date, now: datetime) -> Self:
        """The last check, if what it found may still be shown."""
        return self.filter(on=on, checked_at__gt=now - FRESH_FOR)


class AlertCheck(models.Model):
    """When all warnings were last brought up to date; one row."""

    on = models.DateField("按哪天计算")
    checked_at = models.DateTimeField("最近核对")
    history = models.BigIntegerField("看到的历史", default=0)

    objects = models.Manager.from_queryset(AlertCheckQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "预警核对"

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}"

    def is_fresh(self, now: datetime) -> bool:
        """As `fresh` asks it, of a check of today."""
        return self.checked_at > now - FRESH_FOR

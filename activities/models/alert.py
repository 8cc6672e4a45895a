"""What a person said to a warning: handled, or not needed and why, and until when it stays quiet."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from caretrack.access.history import Tracked
from caretrack.access.policy import DataClass
from children.models import Child
from children.models.life import OfChildQuerySet


class AlertAnswerQuerySet(OfChildQuerySet):
    def quiet_on(self, day: date) -> Self:
        """Answers that still hold on the day, the last day included."""
        return self.filter(until__gte=day)


class AlertAnswer(Tracked):
    """A warning is a hint to a person, who answers it; the answer stays, with a reason (PIPL art. 24)."""

    class State(models.TextChoices):
        HANDLED = "handled", "已处理"
        DISMISSED = "dismissed", "不需处理"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="alert_answers")
    rule = models.CharField("预警", max_length=30)
    state = models.CharField("答复", max_length=10, choices=State)
    told = models.CharField("当时的提示", max_length=200)
    reason = models.CharField("说明", max_length=300)
    on = models.DateField("日期")
    at = models.DateTimeField("答复时间", default=timezone.now, editable=False)
    until = models.DateField("多久内不再提示")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="答复人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CARE
    objects = models.Manager.from_queryset(AlertAnswerQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "预警答复"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "until"], name="alert_child_until")]

    def __str__(self) -> str:
        return f"{self.child} {self.get_state_display()}"

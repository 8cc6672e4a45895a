"""That a family agreed to the five promises of parents away (domain §8.5)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from caretrack.access.history import Tracked
from caretrack.access.policy import DataClass
from caretrack.periods import chinese_date
from children.models import Child
from children.models.life import OfChildQuerySet


class ParentPromise(Tracked):
    """The day on which a family agreed. What was kept is read from the records (activities.compliance)."""

    child = models.OneToOneField(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="promise")
    agreed_on = models.DateField("约定日期")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CONTACT
    objects = models.Manager.from_queryset(OfChildQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "家长约定"

    def __str__(self) -> str:
        return f"{self.child} {chinese_date(self.agreed_on)}"

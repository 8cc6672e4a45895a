"""督查: a lead asks mentor, child and carer whether the care that is written down took place (domain §6.3, §8.6)."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from activities.models.record import FollowUp
from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models import Child
from mentoring.models import Mentor


class CheckInQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """By the leads of the school alone: a child must be able to speak about its teachers."""
        return self.filter(school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))

    def between(self, first: date, last: date) -> Self:
        return self.filter(on__gte=first, on__lte=last)


class CheckIn(Tracked):
    """One child checked on: who was asked, what they said, what was found and what follows."""

    class Finding(models.TextChoices):
        AS_WRITTEN = "as_written", "与记录相符"
        PARTLY = "partly", "部分相符"
        NOT_SO = "not_so", "与记录不符"
        UNCLEAR = "unclear", "还没核实清楚"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="check_ins")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="check_ins")
    mentor = models.ForeignKey(
        Mentor, verbose_name="当时的代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on = models.DateField("督查日期")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="督查人", on_delete=models.PROTECT, related_name="+"
    )
    asked_mentor = models.BooleanField("问了代理家长", default=False)
    mentor_said = EncryptedTextField("代理家长说", blank=True, default="")
    asked_child = models.BooleanField("问了学生", default=False)
    child_said = EncryptedTextField("学生说", blank=True, default="")
    asked_carer = models.BooleanField("问了监护人", default=False)
    carer_said = EncryptedTextField("监护人说", blank=True, default="")
    finding = models.CharField("核实结果", max_length=12, choices=Finding)
    note = EncryptedTextField("发现的问题和处理", blank=True, default="")
    follow_up = models.OneToOneField(
        FollowUp, verbose_name="跟进", null=True, blank=True, on_delete=models.PROTECT, related_name="check_in"
    )

    objects = models.Manager.from_queryset(CheckInQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "督查记录"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on"], name="check_in_school_on")]
        constraints = [
            models.CheckConstraint(
                name="check_in_somebody_asked",
                condition=Q(asked_mentor=True) | Q(asked_child=True) | Q(asked_carer=True),
                violation_error_message="请至少问一方：代理家长、学生或监护人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.child}"

    @property
    def asked(self) -> str:
        """Who was asked: 代理家长、学生."""
        parts = (("代理家长", self.asked_mentor), ("学生", self.asked_child), ("监护人", self.asked_carer))
        return "、".join(name for name, was in parts if was)

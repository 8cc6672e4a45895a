"""Appointments with the counsellor: asked for by a teacher, or made by the counsellor (domain §13 no. 75)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from activities.models.record import CareRecord
from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import School
from children.models import Child


class CounsellingAppointmentQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """All of a child for its counsellors; to a teacher those that they asked for, while they see the child."""
        counselled = Child.objects.visible_to(staff, DataClass.COUNSELLING, Level.READ)
        cared = Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)
        return self.filter(Q(child__in=counselled) | Q(asked_by=staff, child__in=cared))

    def known_to(self, staff: Any) -> Self:
        """Those of which this person may know when and where, so that the child gets there; never why."""
        seen = Child.objects.visible_to(staff, DataClass.COUNSELLING, Level.EXISTS)
        return self.filter(Q(child__in=seen) | Q(pk__in=CounsellingAppointment.objects.visible_to(staff).values("pk")))

    def waiting(self) -> Self:
        return self.filter(state__in=(CounsellingAppointment.State.ASKED, CounsellingAppointment.State.BOOKED))


class CounsellingAppointment(Tracked):
    class State(models.TextChoices):
        ASKED = "asked", "待安排"
        BOOKED = "booked", "已约定"
        DONE = "done", "已辅导"
        MISSED = "missed", "没有来"
        CANCELLED = "cancelled", "已取消"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="appointments")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    by_child = models.BooleanField("学生自己提出", default=False)
    reason = EncryptedTextField("原因", blank=True, default="")
    counsellor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="心理教师",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    on = models.DateField("日期", null=True, blank=True)
    at = models.TimeField("时间", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("时长（分钟）", default=40)
    place = models.CharField("地点", max_length=40, blank=True, default="心理辅导室")
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    record = models.OneToOneField(
        CareRecord,
        verbose_name="辅导记录",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="appointment",
    )
    created_at = models.DateTimeField("提出时间", auto_now_add=True)

    objects = models.Manager.from_queryset(CounsellingAppointmentQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "心理辅导预约"
        ordering = ["on", "at", "pk"]
        indexes = [models.Index(fields=["school", "state", "on"], name="appointment_school_state")]
        constraints = [
            models.CheckConstraint(
                name="appointment_booked_has_day",
                condition=~Q(state="booked") | Q(on__isnull=False, at__isnull=False, counsellor__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["counsellor", "on", "at"],
                condition=Q(state="booked"),
                name="appointment_counsellor_once",
                violation_error_message="这个时间已经约了别的学生。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} 心理辅导预约"

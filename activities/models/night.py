"""查夜: the evening roll of a dormitory, who was missing, what the call said, what was found next day (domain §11.5)."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from activities.models.incident import Incident
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass
from caretrack.access.scopes import NOON
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models import Child
from children.models.life import OfChildQuerySet


def evening_of(at: datetime) -> date:
    """Whose evening a moment belongs to: until noon to that of the day before. What is entered later is entered late."""
    local = timezone.localtime(at)
    return local.date() if local.hour >= NOON else local.date() - timedelta(days=1)


class NightDutyQuerySet(TrackedQuerySet):
    def held(self, staff: int, on: date) -> Self:
        """The duties of a person (id) on an evening."""
        return self.filter(staff=staff, on=on)


class NightDuty(Tracked):
    """Who goes through the dormitories of a school on an evening. Several may."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.CASCADE, related_name="night_duties")
    on = models.DateField("日期")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="值班人", on_delete=models.CASCADE, related_name="night_duties"
    )

    objects = models.Manager.from_queryset(NightDutyQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "查夜值班"
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "on", "school"], name="night_duty_once",
                violation_error_message="这位老师这一晚已经安排值班。",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.staff}"


class NightRoll(Tracked):
    """One room counted on one evening."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="night_rolls")
    on = models.DateField("日期")
    room = models.CharField("宿舍", max_length=40)
    sex = models.CharField("男女", max_length=1, blank=True)
    expected = models.PositiveSmallIntegerField("应到")
    present = models.PositiveSmallIntegerField("实到")
    # A class teacher counts the own pupils of a room that two classes share: the counts add up.
    counted = models.JSONField("已点学生", default=list)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="查夜人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField("查夜时间")

    class Meta:
        verbose_name = verbose_name_plural = "查夜"
        ordering = ["-on", "sex", "room"]
        constraints = [
            models.UniqueConstraint(fields=["school", "on", "sex", "room"], name="night_once_a_room"),
            models.CheckConstraint(
                name="night_present_within_expected", condition=Q(present__lte=models.F("expected"))
            ),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.room}"

    @property
    def late(self) -> bool:
        """Whether it was noted on paper and entered when the evening was over."""
        return evening_of(self.taken_at) > self.on


class NightAbsenceQuerySet(OfChildQuerySet):
    def unverified(self) -> "NightAbsenceQuerySet":
        """Not looked into the next day yet."""
        return self.filter(verified_on__isnull=True)

    def not_found(self) -> "NightAbsenceQuerySet":
        """Whose whereabouts nobody knows: not looked into, and the family does not have them."""
        missing = self.unverified().filter(reason=NightAbsence.Reason.MISSING)
        return missing.exclude(called=NightAbsence.Called.CONFIRMED)


class NightAbsence(Tracked):
    """A boarder who was not in bed."""

    class Reason(models.TextChoices):
        LEAVE = "leave", "请假回家"
        SICK = "sick", "生病就医"
        FETCHED = "fetched", "家长接走"
        MISSING = "missing", "去向不明"

    class Called(models.TextChoices):
        NOT = "", "没有打电话"
        CONFIRMED = "confirmed", "家人确认在身边"
        UNAWARE = "unaware", "家人不知道"
        NO_ANSWER = "no_answer", "没打通"

    roll = models.ForeignKey(NightRoll, verbose_name="查夜", on_delete=models.CASCADE, related_name="absences")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="night_absences")
    on = models.DateField("日期")
    reason = models.CharField("原因", max_length=10, choices=Reason)
    called = models.CharField("联系结果", max_length=10, choices=Called, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    verified_on = models.DateField("次日核实", null=True, blank=True)
    verified_result = models.CharField("核实结果", max_length=200, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="核实人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    incident = models.ForeignKey(
        Incident, verbose_name="事件", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.IDENTITY
    objects = models.Manager.from_queryset(NightAbsenceQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "查夜缺员"
        ordering = ["-on", "pk"]
        constraints = [models.UniqueConstraint(fields=["roll", "child"], name="night_absence_once")]
        indexes = [models.Index(fields=["child", "on"], name="night_child_on")]

    def __str__(self) -> str:
        return f"{self.child} {chinese_date(self.on)}"

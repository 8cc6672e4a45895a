"""Absence by day, and the case that begins when a pupil stays away (domain §5.3, §11.5; 未保法 art. 28)."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked
from caretrack.access.policy import DataClass, Level, Role
from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass
from children.models import Child, StatusChange
from children.models.life import OfChildQuerySet


class ClassDay(Tracked):
    """点名: somebody looked at a class on a day. Without it an empty day is an unknown one, not a full house."""

    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", on_delete=models.CASCADE, related_name="roll_days"
    )
    on = models.DateField("日期")
    pupils = models.PositiveSmallIntegerField("应到人数")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField("登记时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "点名"
        constraints = [models.UniqueConstraint(fields=["school_class", "on"], name="class_day_once")]

    def __str__(self) -> str:
        return f"{self.school_class} {chinese_date(self.on)}"


class AbsenceQuerySet(OfChildQuerySet):
    def unexcused(self) -> Self:
        return self.filter(reason__in=Absence.UNEXCUSED)


class Absence(Tracked):
    """One pupil away on one day, why, and what came of the call on that day."""

    class Reason(models.TextChoices):
        SICK = "sick", "病假"
        LEAVE = "leave", "事假"
        UNKNOWN = "unknown", "没有请假"
        REFUSES = "refuses", "不愿到校"

    class Called(models.TextChoices):
        NOT = "", "还没联系"
        REACHED = "reached", "已联系上家人"
        NO_ANSWER = "no_answer", "没联系上"

    UNEXCUSED = (Reason.UNKNOWN, Reason.REFUSES)

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="absences")
    school_class = models.ForeignKey(SchoolClass, verbose_name="班级", on_delete=models.PROTECT, related_name="+")
    on = models.DateField("日期")
    reason = models.CharField("原因", max_length=10, choices=Reason)
    called = models.CharField("当天联系", max_length=10, choices=Called, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CARE
    objects = models.Manager.from_queryset(AbsenceQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "缺勤"
        ordering = ["-on", "-pk"]
        indexes = [
            models.Index(fields=["child", "on"], name="absence_child_on"),
            models.Index(fields=["school_class", "on"], name="absence_class_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "on"], name="absence_once_a_day", violation_error_message="这一天已经登记过缺勤。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {chinese_date(self.on)}"


class DropoutCaseQuerySet(OfChildQuerySet):
    def open(self) -> Self:
        return self.filter(state=DropoutCase.State.OPEN)

    def visible_to(self, staff: Any, level: Any = None) -> Self:
        """Cases of children whose care `staff` reads, and those of leavers of one's school (a case outlasts the class)."""
        seen = Child.objects.visible_to(staff, DataClass.CARE, level or Level.READ)
        schools = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        return self.filter(Q(child__in=seen) | Q(school__in=schools))


class DropoutCase(Tracked):
    """控辍个案: from the third day away until the pupil is back or the register says why not."""

    class State(models.TextChoices):
        OPEN = "open", "劝返中"
        BACK = "back", "已返校"
        LEFT = "left", "已办理变动"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="dropout_cases")
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    away_since = models.DateField("缺勤起始日")
    opened_on = models.DateField("立案日期")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="立案人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    cause = models.CharField("辍学原因", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    closed_on = models.DateField("结案日期", null=True, blank=True)
    outcome = models.CharField("结果", max_length=300, blank=True)
    register_line = models.ForeignKey(
        StatusChange, verbose_name="变动登记", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CARE
    objects = models.Manager.from_queryset(DropoutCaseQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "控辍个案"
        ordering = ["-opened_on", "-pk"]
        indexes = [models.Index(fields=["school", "state"], name="dropout_school_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state="open"),
                name="dropout_one_open",
                violation_error_message="这名学生已有正在劝返的个案。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} 控辍个案"


class DropoutStep(Tracked):
    """One step to bring a pupil back: call, visit, letter, report."""

    class Kind(models.TextChoices):
        CALL = "call", "电话联系"
        VISIT = "visit", "家访"
        JOINT = "joint", "与村（社区）联合家访"
        LETTER = "letter", "送达劝返通知书"
        EDUCATION = "education", "书面报告教育部门"
        TOWNSHIP = "township", "书面报告乡镇人民政府"
        OTHER = "other", "其他"

    case = models.ForeignKey(DropoutCase, verbose_name="个案", on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField("步骤", max_length=10, choices=Kind)
    on = models.DateField("日期")
    people = models.CharField("参加人员", max_length=100, blank=True)
    met = models.CharField("见到谁", max_length=60, blank=True)
    result = models.CharField("情况和结果", max_length=500)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "劝返步骤"
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {chinese_date(self.on)}"

"""Care programmes ("N个一") and what they oblige to; shipped as data, edited with effect from a date (domain §8)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import School, SchoolClass
from children.models import Child


class Programme(Tracked):
    """A programme that a school follows from a day on, such as 六个一."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="programmes")
    code = models.CharField("代码", max_length=30)
    name = models.CharField("名称", max_length=40)
    source = models.CharField("依据", max_length=120, blank=True)
    starts_on = models.DateField("启用日期")
    ends_on = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "关爱项目"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "code"],
                condition=Q(ends_on__isnull=True),
                name="programme_once_open",
                violation_error_message="这个项目已经启用。",
            ),
            models.CheckConstraint(
                name="programme_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="停用日期不能早于启用日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProgrammeItem(Tracked):
    """One promise: how often, by whom, for whom, proven by which kinds of record (domain §8.7)."""

    class Subject(models.TextChoices):
        CHILD = "child", "每名儿童"
        CLASS = "class", "每个班"
        SCHOOL = "school", "学校"
        CARER = "carer", "每位监护人"

    class Period(models.TextChoices):
        WEEK = "week", "每周"
        MONTH = "month", "每月"
        TERM = "term", "每学期"
        YEAR = "year", "每年"
        FESTIVAL = "festival", "每逢节日"
        BIRTHDAY = "birthday", "生日"
        STANDING = "standing", "常设"

    programme = models.ForeignKey(Programme, verbose_name="项目", on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("序号")
    name = models.CharField("内容", max_length=60)
    subject = models.CharField("对象", max_length=10, choices=Subject, default=Subject.CHILD)
    period = models.CharField("周期", max_length=10, choices=Period)
    count = models.PositiveSmallIntegerField("次数", default=1)
    role = models.CharField("责任人", max_length=20, blank=True)
    evidence = models.JSONField("凭证", default=list, help_text="算作完成的记录类别")
    applies_to = models.JSONField(
        "适用范围", default=dict, blank=True, help_text="如 {'levels': ['key']}、{'min_grade': 3}"
    )
    starts_on = models.DateField("生效日期", null=True, blank=True)
    ends_on = models.DateField("失效日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "项目内容"
        ordering = ["programme", "order"]
        constraints = [
            # An edit closes a version and opens the next one in the same place.
            models.UniqueConstraint(
                fields=["programme", "order"], condition=Q(ends_on__isnull=True), name="item_order_once"
            ),
            models.CheckConstraint(
                name="item_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="失效日期不能早于生效日期。",
            ),
            models.CheckConstraint(
                name="item_count_positive", condition=Q(count__gte=1), violation_error_message="次数至少是1。"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Waiver(Tracked):
    """
    An obligation excused for a span, with the reason and who decided.

    Of a child, of a class (`school_class`), or of the whole school (neither).
    """

    child = models.ForeignKey(
        Child, verbose_name="学生", null=True, blank=True, on_delete=models.CASCADE, related_name="waivers"
    )
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    item = models.ForeignKey(ProgrammeItem, verbose_name="项目内容", on_delete=models.CASCADE, related_name="waivers")
    first = models.DateField("从")
    last = models.DateField("至")
    reason = models.CharField("免除原因", max_length=200)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="批准人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "免除"
        ordering = ["-first", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="waiver_dates_in_order",
                condition=Q(last__gte=F("first")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="waiver_of_one", condition=Q(child__isnull=True) | Q(school_class__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child or self.school_class or '全校'} {self.item}"


class GoalQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Of the children whose care data `staff` reads, and those one set oneself of children one still sees."""
        read = Child.objects.visible_to(staff, DataClass.CARE, Level.READ)
        own = Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)
        return self.filter(Q(child__in=read) | Q(set_by=staff, child__in=own))


class ChildGoal(Tracked):
    """
    A pupil's own goal under an item such as 改正一个缺点 (domain §8.5, 五个一 for pupils).

    Set, looked at with the pupil (`looked_on`), reached or still being worked on.
    """

    class State(models.TextChoices):
        SET = "set", "已定"
        REACHED = "reached", "达成"
        TRYING = "trying", "还在努力"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="goals")
    item = models.ForeignKey(ProgrammeItem, verbose_name="项目内容", on_delete=models.CASCADE, related_name="goals")
    aim = models.CharField("目标", max_length=120, help_text="由学生自己说，如：上课不做小动作")
    set_on = models.DateField("定目标日期")
    reached_on = models.DateField("达成日期", null=True, blank=True)
    looked_on = models.DateField("回顾日期", null=True, blank=True)
    result = models.CharField("达成情况", max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = models.Manager.from_queryset(GoalQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "成长目标"
        ordering = ["-set_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="goal_dates_in_order",
                condition=Q(reached_on__isnull=True) | Q(reached_on__gte=F("set_on")),
                violation_error_message="达成日期不能早于定目标的日期。",
            ),
            models.CheckConstraint(
                name="goal_looked_at_after_set",
                condition=Q(looked_on__isnull=True) | Q(looked_on__gte=F("set_on")),
                violation_error_message="回顾日期不能早于定目标的日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.aim

    @property
    def state(self) -> "ChildGoal.State":
        """How far the goal is; told by its dates."""
        if self.reached_on:
            return self.State.REACHED
        return self.State.TRYING if self.looked_on else self.State.SET

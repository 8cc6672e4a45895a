"""Care programmes ("N个一") and what they oblige to; shipped as data, edited with effect from a date (domain §8)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from activities.models.record import Kind
from caretrack.access.history import Tracked
from caretrack.schools.models import School
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
        constraints = [models.UniqueConstraint(fields=["programme", "order"], name="item_order_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def evidence_kinds(self) -> list[Kind]:
        return [Kind(k) for k in self.evidence if k in Kind.values]


class Waiver(Tracked):
    """An obligation excused for one child and span, with the reason and who decided."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="waivers")
    item = models.ForeignKey(ProgrammeItem, verbose_name="项目内容", on_delete=models.CASCADE, related_name="waivers")
    first = models.DateField("从")
    last = models.DateField("至")
    reason = models.CharField("免除原因", max_length=200)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="批准人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "免除"
        constraints = [
            models.CheckConstraint(
                name="waiver_dates_in_order",
                condition=Q(last__gte=F("first")),
                violation_error_message="结束日期不能早于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.item}"

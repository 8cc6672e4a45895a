"""Mentors: staff and people from outside (domain §6.1, P-22)."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.readings import ReadingField
from caretrack.schools.models import School

CHECK_VALID = timedelta(days=365)


class MentorQuerySet(TrackedQuerySet):
    def of_school(self, school: School) -> Self:
        return self.filter(school=school)

    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)


class Mentor(Tracked):
    """
    代理家长: a member of staff, or somebody from outside (五老, cadre, volunteer) who has no account.

    None is assigned without a check for offences in the last 12 months (未保法 art. 62; domain P-22).
    """

    class Kind(models.TextChoices):
        STAFF = "staff", "本校教职工"
        FIVE_ELDERS = "five_elders", "五老人员"
        CADRE = "cadre", "村（社区）干部"
        CHILD_DIRECTOR = "child_director", "儿童主任"
        VOLUNTEER = "volunteer", "志愿者"
        OTHER = "other", "其他爱心人士"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="mentors")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="教职工",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mentorships",
    )
    kind = models.CharField("类别", max_length=20, choices=Kind, default=Kind.STAFF)
    name = models.CharField("姓名", max_length=50)
    pinyin = ReadingField("姓名拼音", source="name", part="pinyin")
    title = models.CharField("称呼", max_length=20, default="代理家长", help_text="如：代理家长、爱心妈妈、帮扶教师")
    phone = models.CharField("联系电话", max_length=30, blank=True)
    unit = models.CharField("单位", max_length=80, blank=True)
    background_checked_on = models.DateField("从业查询日期", null=True, blank=True)
    soft_limit = models.PositiveSmallIntegerField("建议人数上限", null=True, blank=True)
    away_from = models.DateField("暂离开始", null=True, blank=True)
    away_until = models.DateField("暂离结束", null=True, blank=True)
    deputy = models.ForeignKey(
        "self", verbose_name="暂离期间代管人", null=True, blank=True, on_delete=models.PROTECT, related_name="deputises"
    )
    ended_on = models.DateField("退出日期", null=True, blank=True)

    objects = models.Manager.from_queryset(MentorQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "代理家长"
        ordering = ["pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "staff"],
                condition=Q(staff__isnull=False, ended_on__isnull=True),
                name="mentor_staff_once",
                violation_error_message="这位教职工已经在代理家长名单里。",
            ),
            models.CheckConstraint(
                name="mentor_staff_kind_agrees",
                condition=(Q(kind="staff") & Q(staff__isnull=False)) | (~Q(kind="staff") & Q(staff__isnull=True)),
                violation_error_message="本校教职工须选择账号；校外人员不选账号。",
            ),
            models.CheckConstraint(
                name="mentor_absence_in_order",
                condition=Q(away_from__isnull=True) | Q(away_until__isnull=True) | Q(away_until__gte=F("away_from")),
                violation_error_message="暂离结束不能早于暂离开始。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def checked_on(self, day: date) -> bool:
        """Whether the yearly check for offences is valid on `day`."""
        return self.background_checked_on is not None and day - self.background_checked_on <= CHECK_VALID

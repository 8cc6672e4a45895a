"""Campaigns with a list of children to reach (暑期大家访, 春节专项), and parents coming home (domain §9.3, §13 no. 38)."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from activities.models.group import LedBySchoolQuerySet
from activities.models.record import Kind
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import School
from children.models import Child


class CampaignQuerySet(LedBySchoolQuerySet):
    def running(self, on: date) -> Self:
        """Campaigns that have begun and are not over on the day."""
        return self.filter(starts_on__lte=on, ends_on__gte=on)


class Campaign(Tracked):
    """A span in which every child of a list is to be reached by certain kinds of records."""

    class Kind(models.TextChoices):
        SUMMER_VISITS = "summer_visits", "暑期大家访"
        SPRING_FESTIVAL = "spring_festival", "春节专项关爱"
        OTHER = "other", "其他专项行动"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="campaigns")
    kind = models.CharField("类别", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=40)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    record_kinds = models.JSONField("算作完成的记录", default=list)
    aim = models.TextField("要求", blank=True)
    summary = models.TextField("总结", blank=True)

    objects = models.Manager.from_queryset(CampaignQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "专项行动"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="campaign_dates_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of records by which a child counts as reached."""
        return [Kind(kind) for kind in self.record_kinds if kind in Kind.values]


class CampaignTarget(Tracked):
    """A child of the list, who goes there, and why not if nobody has to."""

    campaign = models.ForeignKey(Campaign, verbose_name="专项行动", on_delete=models.CASCADE, related_name="targets")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="campaign_targets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="负责教师",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaign_targets",
    )
    excused = models.CharField("不需要的原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "专项行动对象"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "child"],
                name="target_once",
                violation_error_message="这名学生已在名单里。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.child}"


class HomecomingQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Of the children whose family data `staff` gets."""
        return self.filter(child__in=Child.objects.visible_to(staff, DataClass.CONTACT, Level.READ))

    def during(self, first: date, last: date) -> Self:
        """Stays with a day in first … last."""
        return self.filter(came_on__lte=last).filter(Q(left_on__isnull=True) | Q(left_on__gte=first))


class Homecoming(Tracked):
    """
    A parent who works away came home for some days, or the child went there (domain §8.5: at least once a year).

    A visit does not end the absence: the child stays left behind.
    """

    class Who(models.TextChoices):
        BOTH = "both", "父母都回来"
        FATHER = "father", "父亲回来"
        MOTHER = "mother", "母亲回来"
        CHILD_WENT = "child_went", "孩子去父母处"
        NOBODY = "nobody", "父母都不回来"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="homecomings")
    who = models.CharField("团聚情况", max_length=12, choices=Who)
    came_on = models.DateField("开始日期", help_text="父母都不回来时填节日当天。")
    left_on = models.DateField("结束日期", null=True, blank=True)
    note = models.CharField("备注", max_length=100, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = models.Manager.from_queryset(HomecomingQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "返乡团聚"
        ordering = ["-came_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "came_on"],
                name="homecoming_once_a_day",
                violation_error_message="这名学生这一天已经登记过。",
            ),
            models.CheckConstraint(
                name="homecoming_dates_in_order",
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("came_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.get_who_display()}"

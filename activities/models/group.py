"""Interest groups and their members; which rows of a school its staff may know of and change (domain §9.2)."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, Least

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import ACTS, Act, Role
from caretrack.schools.models import School, Term
from children.models import Child
from mentoring.models import Mentor


class OfSchoolQuerySet(TrackedQuerySet):
    """Rows of a school that its staff may know of; the children in them are asked for by `visible_to` of Child."""

    def visible_to(self, staff: Any) -> Self:
        """Of the schools where `staff` holds a post about children, or is a mentor."""
        posts = staff.schools_as(*(ACTS[Act.EVENT_VIEW] - {Role.MENTOR}))
        mentor = Mentor.objects.active().filter(staff=staff).values("school")
        return self.filter(Q(school__in=posts) | Q(school__in=mentor))

    def changeable_by(self, staff: Any) -> Self:
        """Those that `staff` may change: the leads all of their school, others their own class's and their own."""
        leads = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        classes = staff.classes_as(Role.HOMEROOM)
        return self.visible_to(staff).filter(Q(school__in=leads) | Q(school_class__in=classes) | Q(leader=staff))

    def in_term(self, term: Term) -> Self:
        """Those whose day lies in a term of its school."""
        return self.filter(school=term.school_id, on__range=(term.starts_on, term.ends_on))


class LedBySchoolQuerySet(OfSchoolQuerySet):
    """Rows that the leads of the school set up and change."""

    def changeable_by(self, staff: Any) -> Self:
        return self.filter(school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))


class InterestGroupQuerySet(OfSchoolQuerySet):
    def changeable_by(self, staff: Any) -> Self:
        leads = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        return self.visible_to(staff).filter(Q(school__in=leads) | Q(leader=staff))

    def running(self, on: date) -> Self:
        """Groups that have not been closed by the day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))

    def ended(self, on: date) -> Self:
        """Groups that had been closed before the day."""
        return self.filter(ends_on__lt=on)

    def with_members(self, on: date) -> Self:
        """Adds `members_now`: on the day, of a closed group on its last."""
        day = Least(Coalesce(F("ends_on"), Value(on)), Value(on))
        now = Q(members__starts_on__lte=day) & (Q(members__ends_on__isnull=True) | Q(members__ends_on__gte=day))
        return self.annotate(members_now=Count("members", filter=now))


class InterestGroup(Tracked):
    """兴趣小组、社团、包保活动小组 with its members (domain §9.2); its sessions are activities."""

    class Kind(models.TextChoices):
        INTEREST = "interest", "兴趣小组"
        CARE = "care", "包保活动小组"
        STUDY = "study", "学习互助小组"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="interest_groups")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.INTEREST)
    name = models.CharField("小组名称", max_length=40)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="负责教师", on_delete=models.PROTECT, related_name="interest_groups"
    )
    duty = models.TextField(
        "任务和职责", max_length=500, blank=True, help_text="小组做什么，负责教师和成员各负责什么；印在小组名册上。"
    )
    schedule = models.CharField("活动时间", max_length=60, blank=True, help_text="如：周二、周四下午第三节")
    place = models.CharField("地点", max_length=60, blank=True)
    seats = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    objects = models.Manager.from_queryset(InterestGroupQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "兴趣小组"
        ordering = ["school", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"],
                condition=Q(ends_on__isnull=True),
                name="group_name_once_open",
                violation_error_message="已有同名的小组，请换一个名称。",
            ),
            models.CheckConstraint(
                name="group_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def as_of(self, day: date) -> date:
        """The day on which its members are to be looked at: of a closed group its last."""
        return day if self.ends_on is None else min(day, self.ends_on)


class GroupMemberQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """Members on the day, in groups that run."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def during(self, first: date, last: date) -> Self:
        """Members with a day in first … last."""
        return self.filter(starts_on__lte=last).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))

    def open(self) -> Self:
        return self.filter(ends_on__isnull=True)


class GroupMember(Tracked):
    """A pupil in a group, from … to …; `priority` says that the place was given first to this child (三个优先)."""

    group = models.ForeignKey(InterestGroup, verbose_name="小组", on_delete=models.CASCADE, related_name="members")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="group_memberships")
    starts_on = models.DateField("参加日期")
    ends_on = models.DateField("退出日期", null=True, blank=True)
    role = models.CharField("担任", max_length=20, blank=True)
    priority = models.BooleanField("优先安排", default=False)

    objects = models.Manager.from_queryset(GroupMemberQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "小组成员"
        ordering = ["child__pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "child"],
                condition=Q(ends_on__isnull=True),
                name="member_once_open",
                violation_error_message="这名学生已在这个小组里。",
            ),
            models.CheckConstraint(
                name="member_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="退出日期不能早于参加日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}—{self.group}"

"""Mentors: staff and people from outside (domain §6.1, P-22)."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.readings import ReadingField
from caretrack.schools.models import Appointment, School

CHECK_VALID = timedelta(days=365)


def at_work(day: date, mentor: str = "") -> Q:
    """
    The condition that a mentor comes from outside, or has an open account and has not given up the post at the school.

    Who works there without a post in this program (in the dormitory, in the kitchen) may be a mentor as well. `mentor`
    leads to the mentor from rows of another model ("mentor__").
    """
    posts = Appointment.objects.filter(staff=OuterRef(f"{mentor}staff"), school=OuterRef(f"{mentor}school"))
    here = Exists(posts.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))) | ~Exists(posts)
    return Q(**{f"{mentor}staff__isnull": True}) | Q(here, **{f"{mentor}staff__is_active": True})


class MentorQuerySet(TrackedQuerySet):
    def of_school(self, school: School) -> Self:
        return self.filter(school=school)

    def active(self) -> Self:
        return self.filter(ended_on__isnull=True)

    def working(self, day: date) -> Self:
        """In service; of the staff those whose account is open and whose posts at the school have not all ended."""
        return self.active().filter(at_work(day))

    def with_gone(self, day: date) -> Self:
        """Adds `gone`: the account is closed, or holds no post at the school any more."""
        return self.annotate(gone=Case(When(at_work(day), then=False), default=True, output_field=BooleanField()))


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
    sex = models.CharField("性别", max_length=1, blank=True, choices=[("1", "男"), ("2", "女")])
    unit = models.CharField("单位", max_length=80, blank=True)
    village = models.CharField("所在村（社区）", max_length=40, blank=True, help_text="推荐结对时，同村的学生优先。")
    consented_on = models.DateField("本人同意日期", null=True, blank=True, help_text="校外人员同意担任代理家长的日期。")
    background_checked_on = models.DateField("从业查询日期", null=True, blank=True)
    soft_limit = models.PositiveSmallIntegerField("建议人数上限", null=True, blank=True)
    ended_on = models.DateField("退出日期", null=True, blank=True)
    end_note = models.CharField("退出原因", max_length=100, blank=True)

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
        ]

    def __str__(self) -> str:
        return self.name

    def checked_on(self, day: date) -> bool:
        """Whether the yearly check for offences is valid on `day`."""
        return self.background_checked_on is not None and day - self.background_checked_on <= CHECK_VALID

    @property
    def check_ends_on(self) -> date | None:
        """The last day on which the check holds; None without one."""
        return None if self.background_checked_on is None else self.background_checked_on + CHECK_VALID

    @property
    def is_external(self) -> bool:
        return self.kind != Mentor.Kind.STAFF

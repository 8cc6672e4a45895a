"""Letters to families with merge fields and their reply slips; parents' suggestions (domain §13 no. 61, 62)."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import ACTS, Act, DataClass
from caretrack.schools.models import School
from children.models import Child
from children.models.life import OfChildQuerySet


class LetterTextQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Of the schools where `staff` writes to families."""
        return self.filter(school__in=staff.schools_as(*ACTS[Act.FAMILY]))

    def current(self) -> Self:
        """The newest version of each letter that is still in use."""
        return self.filter(followed_by__isnull=True, retired_on__isnull=True)


class LetterText(Tracked):
    """One version of a letter. It is never rewritten: a change is a new row, so that what went out stays readable."""

    class Kind(models.TextChoices):
        BEGIN = "begin", "期初"
        END = "end", "期末"
        SPRING = "spring", "春节"
        OTHER = "other", "自定义"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文", max_length=3000)
    question = models.CharField("回执问题", max_length=100, blank=True)
    options = models.JSONField("回执选项", default=list, blank=True)
    number = models.PositiveSmallIntegerField("版次", default=1)
    replaces = models.OneToOneField(
        "self", verbose_name="上一版", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by"
    )
    retired_on = models.DateField("停用日期", null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="编写人", on_delete=models.PROTECT, related_name="+"
    )
    made_on = models.DateField("编写日期")

    objects = models.Manager.from_queryset(LetterTextQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "致家长的信"
        ordering = ["kind", "title", "-number"]

    def __str__(self) -> str:
        return f"{self.title}（第{self.number}版）"


class HomeLetterQuerySet(OfChildQuerySet):
    def missing(self) -> Self:
        """Letters that asked for an answer which has not come back."""
        return self.filter(returned_on__isnull=True).exclude(text__question="")

    def noted_by(self, staff: Any, day: date) -> Self:
        """Those that this person noted as sent on the day `day` and nobody has touched since: no slip has come back."""
        return self.filter(sent_by=staff, returned_on__isnull=True, version=1, change__made_at__date=day)


class HomeLetter(Tracked):
    """A letter that went to the family of one child, and the slip that came back."""

    text = models.ForeignKey(LetterText, verbose_name="信", on_delete=models.PROTECT, related_name="sent")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="home_letters")
    on = models.DateField("发出日期")
    return_by = models.DateField("回执截止", null=True, blank=True)
    returned_on = models.DateField("收回日期", null=True, blank=True)
    choice = models.CharField("回执选择", max_length=30, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发信人", on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CONTACT
    objects = models.Manager.from_queryset(HomeLetterQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "发出的信"
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["text", "child", "on"],
                name="home_letter_once_a_day",
                violation_error_message="这封信今天已经发给这个家庭。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.text.title}"


class SuggestionQuerySet(OfChildQuerySet):
    def open(self) -> Self:
        """Those of which the family has not been told an answer."""
        return self.filter(told_on__isnull=True)

    def overdue(self, day: date) -> Self:
        return self.filter(answered_on__isnull=True, answer_by__lt=day)


class Suggestion(Tracked):
    """What a family asks of the school or proposes, the answer, and the day it was told."""

    class About(models.TextChoices):
        TEACHING = "teaching", "教学"
        LIFE = "life", "食宿生活"
        SAFETY = "safety", "安全"
        CARE = "care", "关爱帮扶"
        FEES = "fees", "收费资助"
        OTHER = "other", "其他"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="suggestions")
    given_by = models.CharField("建议人", max_length=50, help_text="姓名或称呼，如：父亲李大山")
    on = models.DateField("提出日期")
    about = models.CharField("方面", max_length=10, choices=About)
    text = models.CharField("建议内容", max_length=500)
    answer_by = models.DateField("答复期限")
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    told_on = models.DateField("告知家长日期", null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CONTACT
    objects = models.Manager.from_queryset(SuggestionQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "家长建议"
        ordering = ["answer_by", "pk"]
        constraints = [
            models.CheckConstraint(
                name="suggestion_told_when_answered",
                condition=Q(told_on__isnull=True) | Q(answered_on__isnull=False),
                violation_error_message="填了告知日期，也请填答复和答复日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.get_about_display()}"

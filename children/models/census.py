"""Census rounds: every pupil of every class is looked at, then the snapshot is frozen (domain §5.2)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass, Term
from children.models.child import Child


class CensusQuerySet(TrackedQuerySet):
    def open(self) -> Self:
        """Rounds that are not frozen yet."""
        return self.filter(closed_at__isnull=True)


class Census(Tracked):
    """A round: whole classes are checked as of a day; once closed its rows are frozen by the database."""

    class Kind(models.TextChoices):
        TERM_START = "term_start", "学期初普查"
        HALF_TERM = "half_term", "半学期核查"
        HALF_YEAR = "half_year", "半年全面核查"
        ANNUAL = "annual", "年度摸底"
        POVERTY = "poverty", "贫困摸底"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="censuses")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="censuses")
    kind = models.CharField("类别", max_length=20, choices=Kind)
    cut_off = models.DateField("截止日期")
    due_on = models.DateField("完成期限", null=True, blank=True)
    closed_at = models.DateTimeField("定稿时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="定稿人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    unanswered_reason = models.CharField("未核对原因", max_length=300, blank=True)

    objects = models.Manager.from_queryset(CensusQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "普查"
        ordering = ["-cut_off"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "cut_off"],
                name="census_once",
                violation_error_message="同一截止日期的这类普查已经建立。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（截至{chinese_date(self.cut_off)}）"


class CensusRowQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Rows of the children whom this person reaches through a post that takes part in rounds; a mentor's does not."""
        reached = Child.objects.filter(children_reached_by(staff, ACTS[Act.CENSUS]))
        return self.filter(child__in=reached.order_by().values("pk"))

    def placed(self) -> Self:
        """Adds `place`, the id of the class that is asked (CensusRow.asked_in), to filter by."""
        here = Q(census__closed_at__isnull=True, child__school=F("census__school"), child__school_class__isnull=False)
        return self.annotate(place=Case(When(here, then=F("child__school_class")), default=F("school_class")))

    def to_review(self) -> Self:
        """What class teachers proposed and the registrar has not looked at."""
        return self.filter(review=CensusRow.Review.PROPOSED)


class CensusRow(Tracked):
    """
    One pupil in one round: the answer, the five parts (domain §13, system 21), what was proposed, the frozen facts.

    `proposed` holds facts about parents and carer that become true when the registrar confirms them (domain §5.2.3).
    """

    frozen_by = ("census_id", "children_census", "closed_at")

    class Answer(models.TextChoices):
        OPEN = "open", "未核对"
        UNCHANGED = "unchanged", "无变化"
        CHANGED = "changed", "有变化"
        NEW = "new", "新增留守"
        NO_LONGER = "no_longer", "不再留守"
        UNKNOWN = "unknown", "联系不上"

    class Review(models.TextChoices):
        NONE = "", "不需要确认"
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        RETURNED = "returned", "已退回"

    census = models.ForeignKey(Census, verbose_name="普查", on_delete=models.CASCADE, related_name="rows")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="census_rows")
    school_class = models.ForeignKey(SchoolClass, verbose_name="班级", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("核对结果", max_length=12, choices=Answer, default=Answer.OPEN)
    study = models.CharField("学习", max_length=200, blank=True)
    life = models.CharField("生活", max_length=200, blank=True)
    mind = models.CharField("心理", max_length=200, blank=True)
    safety = models.CharField("安全", max_length=200, blank=True)
    health = models.CharField("健康", max_length=200, blank=True)
    proposed = models.JSONField("提出的变化", default=dict, blank=True)
    review = models.CharField("确认情况", max_length=10, choices=Review, blank=True, default=Review.NONE)
    question = models.CharField("退回说明", max_length=200, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="确认人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField("确认时间", null=True, blank=True)
    facts = models.JSONField("定稿时的情况", default=dict, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核对人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField("核对时间", null=True, blank=True)

    objects = models.Manager.from_queryset(CensusRowQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "普查登记"
        constraints = [
            models.UniqueConstraint(fields=["census", "child"], name="census_child_once"),
            models.CheckConstraint(
                name="census_answer_known",
                condition=Q(answer__in=["open", "unchanged", "changed", "new", "no_longer", "unknown"]),
            ),
        ]
        indexes = [models.Index(fields=["census", "school_class", "answer"], name="census_class_answer")]

    @property
    def asked_in(self) -> int:
        """
        The class that is asked: while the round runs the one that the pupil is in at the school, for its teacher knows;
        else, and once it is closed, the one of the cut-off day. Needs `census` and `child` loaded.
        """
        here = self.census.closed_at is None and self.child.school_id == self.census.school_id
        return (here and self.child.school_class_id) or self.school_class_id

    def __str__(self) -> str:
        return f"{self.child} {self.get_answer_display()}"

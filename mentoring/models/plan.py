"""Plans of support, who may read the individual ones, and their reviews (domain §6.2)."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from children.models import Child

NAMED_ROLES = frozenset({Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL})


class SupportPlanQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """
        Learning plans: by those who read the child's care data, its mentor, and the author while the child is in sight.

        Individual plans (domain §6.2: by name): the counsellor and the leads of the school, the author, and the people
        whom the author named, while they see the child at all.
        """
        seen = Child.objects.visible_to(staff).order_by().values("pk")
        own = Q(made_by=staff, child__in=seen)
        care = Child.objects.visible_to(staff, DataClass.CARE, Level.READ).order_by().values("pk")
        mentees = Child.objects.filter(children_reached_by(staff, frozenset({Role.MENTOR}))).order_by().values("pk")
        learning = Q(kind=SupportPlan.Kind.LEARNING) & (Q(child__in=care) | Q(child__in=mentees))
        leads = Child.objects.filter(children_reached_by(staff, NAMED_ROLES)).order_by().values("pk")
        named = PlanReader.objects.filter(staff=staff).values("plan")
        individual = Q(kind=SupportPlan.Kind.INDIVIDUAL) & (Q(child__in=leads) | Q(pk__in=named, child__in=seen))
        return self.filter(own | learning | individual)

    def open(self) -> Self:
        return self.filter(state=SupportPlan.State.OPEN)

    def for_misconduct(self) -> Self:
        """Open individual plans because of 不良行为 or 严重不良行为."""
        return self.open().filter(kind=SupportPlan.Kind.INDIVIDUAL, criteria__in=SupportPlan.MISCONDUCT)

    def due_by(self, day: date) -> Self:
        """Open plans whose next review has come."""
        return self.open().filter(review_on__lte=day)


class SupportPlan(Tracked):
    """学习帮扶计划 or 个别教育管理方案 with the fields of domain §6.2; the individual plan is for named eyes only."""

    class Kind(models.TextChoices):
        LEARNING = "learning", "学习帮扶计划"
        INDIVIDUAL = "individual", "个别教育管理方案"

    class State(models.TextChoices):
        OPEN = "open", "执行中"
        DONE = "done", "已完成"
        STOPPED = "stopped", "已停止"

    #: When a child gets an individual plan (domain §6.2; the last after 预防未成年人犯罪法 art. 31).
    CRITERIA: ClassVar = ("学习严重滑坡", "人格发展不健全", "道德发展失范", "涉嫌违法", "不良行为矫治")
    #: Of these the ones that are 不良行为 or 严重不良行为 (domain §11.3).
    MISCONDUCT: ClassVar = ("涉嫌违法", "不良行为矫治")

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="plans")
    kind = models.CharField("类别", max_length=12, choices=Kind)
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="责任人", on_delete=models.PROTECT, related_name="plans"
    )
    subject = models.CharField("学科", max_length=20, blank=True)
    criteria = models.CharField("适用情形", max_length=100, blank=True)
    situation = EncryptedTextField("基本情况与主要问题", blank=True, default="")
    causes = EncryptedTextField("原因分析", blank=True, default="")
    goals = models.TextField("目标", blank=True)
    measures = models.TextField("措施和帮扶内容", blank=True)
    helper = models.ForeignKey(
        Child, verbose_name="学习小助手", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    schedule = models.CharField("帮扶时间", max_length=200, blank=True)
    child_view = models.CharField("儿童意见", max_length=200, blank=True)
    guardian_told_on = models.DateField("监护人知情日期", null=True, blank=True)
    guardian_note = models.CharField("暂未告知监护人的原因", max_length=100, blank=True)
    starts_on = models.DateField("开始日期")
    review_on = models.DateField("下次评估日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    ended_on = models.DateField("结束日期", null=True, blank=True)
    effect = models.TextField("效果评价", blank=True)

    objects = models.Manager.from_queryset(SupportPlanQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶计划"
        ordering = ["-starts_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.child} {self.get_kind_display()}"

    @property
    def is_individual(self) -> bool:
        return self.kind == self.Kind.INDIVIDUAL


class PlanReader(Tracked):
    """A colleague whom the author of an individual plan lets read it, and why."""

    plan = models.ForeignKey(SupportPlan, verbose_name="计划", on_delete=models.CASCADE, related_name="readers")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="知情人", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("知情原因", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "计划知情人"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "staff"], name="plan_reader_once", violation_error_message="这位老师已经是知情人。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff}—{self.plan}"


class PlanReview(Tracked):
    plan = models.ForeignKey(SupportPlan, verbose_name="计划", on_delete=models.CASCADE, related_name="reviews")
    on = models.DateField("评估日期")
    effect = models.TextField("阶段效果")
    next_step = models.CharField("下一步", max_length=200, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="评估人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "计划评估"
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.plan} {chinese_date(self.on)}"

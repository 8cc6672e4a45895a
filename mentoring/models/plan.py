"""Plans of support and their reviews (domain §6.2)."""

from django.conf import settings
from django.db import models

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked
from caretrack.schools.models import Term
from children.models import Child


class SupportPlan(Tracked):
    """学习帮扶计划 or 个别教育管理方案 with the fields of domain §6.2; the individual plan is for named eyes only."""

    class Kind(models.TextChoices):
        LEARNING = "learning", "学习帮扶计划"
        INDIVIDUAL = "individual", "个别教育管理方案"

    class State(models.TextChoices):
        OPEN = "open", "执行中"
        DONE = "done", "已完成"
        STOPPED = "stopped", "已停止"

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
    schedule = models.CharField("帮扶时间", max_length=200, blank=True)
    child_view = models.CharField("儿童意见", max_length=200, blank=True)
    guardian_told_on = models.DateField("监护人知情日期", null=True, blank=True)
    starts_on = models.DateField("开始日期")
    review_on = models.DateField("下次评估日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = verbose_name_plural = "帮扶计划"
        ordering = ["-starts_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.child} {self.get_kind_display()}"


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
        return f"{self.plan} {self.on}"

"""结对方案: who shall have whom from a day on, drafted, reviewed, then published as a whole (features M4)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Act, Role
from caretrack.schools.models import School
from children.models import Child
from mentoring.models.mentor import Mentor
from mentoring.models.pairing import Pairing


class PlanState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待校长公布"
    PUBLISHED = "published", "已公布"
    DROPPED = "dropped", "已作废"


OPEN_STATES = (PlanState.DRAFT, PlanState.SUBMITTED)


class PairingPlanQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Plans of the schools that this person leads."""
        return self.filter(school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)


class PairingPlan(Tracked):
    """One round of pairing: the care lead edits, the principal publishes; what was published is not edited."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="pairing_plans")
    title = models.CharField("名称", max_length=60)
    starts_on = models.DateField("结对日期", help_text="公布后，结对从这一天开始。")
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.DRAFT)
    note = models.CharField("说明", max_length=300, blank=True)
    return_note = models.CharField("退回意见", max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="编制人", on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("编制时间", auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="公布人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_on = models.DateField("公布日期", null=True, blank=True)

    objects = models.Manager.from_queryset(PairingPlanQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "结对方案"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="pairing_plan_state_known", condition=Q(state__in=PlanState.values)),
            models.CheckConstraint(
                name="pairing_plan_published_signed",
                condition=~Q(state="published") | Q(published_on__isnull=False, published_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it may still be published or dropped."""
        return self.state in OPEN_STATES

    def open_to(self, staff: Any) -> bool:
        """Whether this person may change its lines: the draft who arranges, what was handed in who publishes."""
        return self.state == PlanState.DRAFT or (self.is_open and staff.may(Act.PAIRING_PUBLISH))


class PlannedPairing(Tracked):
    """
    One line of a plan: this child shall have this mentor, and why.

    `mentor` is empty where nobody was found yet. `suggested` keeps the computer's word beside the person's.
    """

    plan = models.ForeignKey(PairingPlan, verbose_name="结对方案", on_delete=models.CASCADE, related_name="lines")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="planned_pairings")
    mentor = models.ForeignKey(
        Mentor, verbose_name="拟定代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="planned"
    )
    suggested = models.ForeignKey(
        Mentor, verbose_name="推荐代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reasons = models.JSONField("推荐理由", default=list, blank=True)
    cautions = models.JSONField("提醒", default=list, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="调整人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    pairing = models.OneToOneField(
        Pairing,
        verbose_name="公布后的结对",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="planned_as",
    )
    skipped = models.CharField("未公布原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "拟定结对"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "child"], name="planned_once", violation_error_message="这名学生已经在方案里。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}—{self.mentor or '未定'}"

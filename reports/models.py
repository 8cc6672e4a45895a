"""Monthly forms and reports, semester summaries, appraisals: drafts that move, figures that freeze."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.models import Child
from mentoring.models import Mentor


class ReportState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已审定"


class MonthlyForm(Tracked):
    """关爱留守儿童记录表: one a mentor × child × month; the records come from the tables, three texts from a person."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="monthly_forms")
    mentor = models.ForeignKey(
        Mentor, verbose_name="代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="monthly_forms"
    )
    month = models.CharField("月份", max_length=7)
    conduct = models.CharField("本月表现", max_length=500, blank=True)
    problems = models.CharField("存在问题", max_length=500, blank=True)
    next_steps = models.CharField("下月打算", max_length=500, blank=True)
    handed_in_on = models.DateField("上交日期", null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填写人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "月记录表"
        constraints = [models.UniqueConstraint(fields=["child", "month"], name="form_once_a_month")]
        indexes = [models.Index(fields=["mentor", "month"], name="form_mentor_month")]

    def __str__(self) -> str:
        return f"{self.child} {self.month}"


class ReportQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Staff) -> Self:
        """
        Reports that `staff` may open.

        Leads: all of their school; homeroom teachers: those of their class; superiors: submitted school reports
        of the schools below.
        """
        schools = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        classes = staff.classes_as(Role.HOMEROOM)
        seen = Q(school__in=schools)
        if hasattr(self.model, "school_class"):
            seen |= Q(school_class__in=classes)
            handed_up = Q(school_class__isnull=True)
        else:
            handed_up = Q()
        above = staff.schools_as(Role.SUPERIOR)
        handed_up &= Q(state__in=[ReportState.SUBMITTED, ReportState.APPROVED])
        seen |= handed_up & (Q(school__parent__in=above) | Q(school__in=above))
        return self.filter(seen)

    def without_figures(self) -> Self:
        """Their states only: the figures of a school are hundreds of kilobytes, and a list shows none of them."""
        return self.defer("figures")


class MonthlyReport(Tracked):
    """The month of a class (school_class set) or of a school (tables 1–5); figures frozen when submitted."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="monthly_reports")
    school_class = models.ForeignKey(
        SchoolClass,
        verbose_name="班级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="monthly_reports",
    )
    month = models.CharField("月份", max_length=7)
    definition = models.CharField("口径", max_length=10, default="lb_seed")
    state = models.CharField("状态", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    figures = models.JSONField("定稿数字", null=True, blank=True)
    frozen_at = models.DateTimeField("定稿时间", null=True, blank=True)
    work_done = models.TextField("本月工作", blank=True)
    highlights = models.TextField("亮点", blank=True)
    problems = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下月打算", blank=True)

    objects = models.Manager.from_queryset(ReportQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "月报"
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "month"],
                condition=Q(school_class__isnull=True),
                name="month_once_a_school",
                violation_error_message="这个月的学校月报已经建立。",
            ),
            models.UniqueConstraint(
                fields=["school_class", "month"],
                condition=Q(school_class__isnull=False),
                name="month_once_a_class",
                violation_error_message="这个月的班级月报已经建立。",
            ),
            models.CheckConstraint(name="month_state_known", condition=Q(state__in=ReportState.values)),
            models.CheckConstraint(
                name="month_frozen_when_submitted",
                condition=Q(state__in=["draft", "returned"]) | Q(figures__isnull=False),
                violation_error_message="提交的月报须有定稿数字。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_class or self.school} {self.month}"


#: Stands in `MonthTouch.school_id` for all schools.
EVERY_SCHOOL = 0
#: `MonthTouch.tx` of a mark that the worker is at work on.
CLAIMED = -1


class MonthTouch(models.Model):
    """
    A mark that something was saved about a child or a school: written by triggers (`reports.touched`), taken away by
    the worker that has counted anew. `tx`: the transaction on PostgreSQL, 0 on SQLite, CLAIMED.
    """

    child_id = models.BigIntegerField("学生编号", null=True)
    school_id = models.BigIntegerField("学校编号", null=True)
    tx = models.BigIntegerField("事务编号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "月报待更新"
        indexes = [
            models.Index(fields=["child_id", "tx"], name="touch_child"),
            models.Index(fields=["school_id", "tx"], name="touch_school"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id or self.school_id}"


class MonthSums(models.Model):
    """
    The sums of a school's month, worked out ahead by the worker: those of all children, and those of each part.

    Derived from what is tracked, so it has no history of its own; no foreign key, so that it holds nothing back. Holds
    on the day `on` for the code called `edition`, as far as no mark of MonthTouch says otherwise.
    """

    WHOLE = -1

    school_id = models.BigIntegerField("学校编号")
    month = models.CharField("月份", max_length=7)
    definition = models.CharField("口径", max_length=10)
    part = models.BigIntegerField("部分")
    on = models.DateField("按哪天计算")
    edition = models.CharField("程序版本", max_length=40)
    stamp = models.UUIDField("写入编号")
    sums = models.JSONField("数字")

    class Meta:
        verbose_name = verbose_name_plural = "月报预算数"
        constraints = [
            models.UniqueConstraint(fields=["school_id", "month", "definition", "part"], name="month_sums_once")
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.month} {self.part}"


class ReportMove(Tracked):
    """Who moved a report from which state to which, and what they said."""

    report = models.ForeignKey(
        MonthlyReport, verbose_name="月报", null=True, blank=True, on_delete=models.CASCADE, related_name="moves"
    )
    summary = models.ForeignKey(
        "SemesterSummary",
        verbose_name="学期总结",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="moves",
    )
    move = models.CharField("操作", max_length=10)
    to_state = models.CharField("之后状态", max_length=10, choices=ReportState)
    note = models.CharField("意见", max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="操作人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "月报流转"
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.move} {self.made_at:%Y-%m-%d}"


class SemesterSummary(Tracked):
    """学期总结: figures from a frozen snapshot, prose written by people; nothing about achievements is invented."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="summaries")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="summaries")
    definition = models.CharField("口径", max_length=10, default="lb_seed")
    cut_off = models.DateField("截止日期")
    state = models.CharField("状态", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    figures = models.JSONField("定稿数字", null=True, blank=True)
    frozen_at = models.DateTimeField("定稿时间", null=True, blank=True)
    texts = models.JSONField("文字部分", default=dict, blank=True)

    objects = models.Manager.from_queryset(ReportQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "学期总结"
        ordering = ["-cut_off"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term"], name="summary_once", violation_error_message="这个学期的总结已经建立。"
            ),
            models.CheckConstraint(name="summary_state_known", condition=Q(state__in=ReportState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.term}"


class Appraisal(Tracked):
    """代理家长考核 of one mentor and term; every input comes from records, manual points carry a reason (domain §6.3)."""

    mentor = models.ForeignKey(Mentor, verbose_name="代理家长", on_delete=models.PROTECT, related_name="appraisals")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    points = models.JSONField("得分明细", default=dict)
    total = models.DecimalField("总分", max_digits=5, decimal_places=1, null=True, blank=True)
    manual_points = models.DecimalField("加减分", max_digits=4, decimal_places=1, default=0)
    manual_reason = models.CharField("加减分原因", max_length=200, blank=True)
    comment = models.CharField("评语", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=ReportState, default=ReportState.DRAFT)

    class Meta:
        verbose_name = verbose_name_plural = "代理家长考核"
        constraints = [
            models.UniqueConstraint(fields=["mentor", "term"], name="appraisal_once"),
            models.CheckConstraint(
                name="appraisal_manual_has_reason",
                condition=Q(manual_points=0) | ~Q(manual_reason=""),
                violation_error_message="加减分须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} {self.term}"

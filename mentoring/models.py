"""Mentors and their pairings, leader charges, peer pairs, plans and agreements (domain §6)."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.readings import ReadingField
from caretrack.schools.models import School, Term
from children.models import Child

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


class PairingRole(models.TextChoices):
    ACTING_PARENT = "acting_parent", "代理家长"
    SUPPORT_TEACHER = "support_teacher", "帮扶教师"
    HELPER = "helper", "协助人"


class PairingQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """In force on the day, both days included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def open(self) -> Self:
        return self.filter(ends_on__isnull=True)

    def acting_parents(self) -> Self:
        return self.filter(role=PairingRole.ACTING_PARENT)


class Pairing(Tracked):
    """A mentor for a child, from … to …. At most one open 代理家长 a child: the database holds it."""

    class EndReason(models.TextChoices):
        MENTOR_LEFT = "mentor_left", "教师调离"
        CHILD_CHANGED = "child_changed", "学生变动"
        REPLACED = "replaced", "更换"
        EXPIRED = "expired", "期满"
        OTHER = "other", "其他"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="pairings")
    mentor = models.ForeignKey(Mentor, verbose_name="代理家长", on_delete=models.PROTECT, related_name="pairings")
    role = models.CharField("结对身份", max_length=20, choices=PairingRole, default=PairingRole.ACTING_PARENT)
    starts_on = models.DateField("结对日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=20, choices=EndReason, blank=True)
    end_note = models.CharField("结束说明", max_length=200, blank=True)
    child_view = models.CharField("儿童意见", max_length=200, blank=True)
    paired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="安排人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = models.Manager.from_queryset(PairingQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "结对"
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["mentor", "ends_on"], name="pairing_mentor_open"),
            models.Index(fields=["child", "starts_on"], name="pairing_child_start"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on__isnull=True, role="acting_parent"),
                name="pairing_one_acting_parent",
                violation_error_message="这名学生已有代理家长，请先结束原来的结对。",
            ),
            models.UniqueConstraint(
                fields=["child", "mentor"],
                condition=Q(ends_on__isnull=True),
                name="pairing_once_open",
                violation_error_message="这名学生已经和这位老师结对。",
            ),
            models.CheckConstraint(
                name="pairing_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于结对日期。",
            ),
            models.CheckConstraint(
                name="pairing_end_has_reason",
                condition=Q(ends_on__isnull=True) | ~Q(end_reason=""),
                violation_error_message="结束结对须选择原因。",
            ),
            models.CheckConstraint(name="pairing_role_known", condition=Q(role__in=PairingRole.values)),
        ]

    def __str__(self) -> str:
        return f"{self.mentor}—{self.child}"

    def is_acting_parent_on(self, day: date) -> bool:
        """Whether this makes the mentor the child's 代理家长 on `day`, both days included."""
        return (
            self.role == PairingRole.ACTING_PARENT
            and self.starts_on <= day
            and (self.ends_on is None or self.ends_on >= day)
        )


class LeaderCharge(Tracked):
    """校领导包干: each child has exactly one leader in charge."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="leader_charges")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="包干领导", on_delete=models.PROTECT, related_name="charges"
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "领导包干"
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on__isnull=True),
                name="charge_one_open",
                violation_error_message="这名学生已有包干领导。",
            ),
            models.CheckConstraint(
                name="charge_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leader}—{self.child}"


class PeerPairing(Tracked):
    """手拉手、一帮一、小老师: one pupil helps another."""

    class Kind(models.TextChoices):
        HAND_IN_HAND = "hand_in_hand", "手拉手好朋友"
        STUDY_HELPER = "study_helper", "学习小老师"
        ONE_TO_ONE = "one_to_one", "一帮一"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="peer_pairings")
    peer = models.ForeignKey(Child, verbose_name="结对同学", on_delete=models.CASCADE, related_name="helps")
    kind = models.CharField("类别", max_length=20, choices=Kind)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    effect = models.CharField("效果", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "同伴结对"
        constraints = [
            models.CheckConstraint(
                name="peer_not_oneself", condition=~Q(child=F("peer")), violation_error_message="不能和自己结对。"
            ),
            models.CheckConstraint(
                name="peer_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}—{self.peer}"


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


class Agreement(Tracked):
    """A paper to be signed by several parties: entrustment, pairing agreement; template version kept."""

    class Kind(models.TextChoices):
        PAIRING = "pairing", "结对协议"
        ENTRUSTMENT = "entrustment", "委托照护协议"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="agreements")
    pairing = models.ForeignKey(
        Pairing, verbose_name="结对", null=True, blank=True, on_delete=models.CASCADE, related_name="agreements"
    )
    kind = models.CharField("类别", max_length=12, choices=Kind)
    template_version = models.CharField("文本版本", max_length=20, blank=True)
    parent_signed_on = models.DateField("父母签字日期", null=True, blank=True)
    carer_signed_on = models.DateField("被委托人签字日期", null=True, blank=True)
    mentor_signed_on = models.DateField("代理家长签字日期", null=True, blank=True)
    school_signed_on = models.DateField("学校盖章日期", null=True, blank=True)
    expires_on = models.DateField("到期日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "协议"

    def __str__(self) -> str:
        return f"{self.child} {self.get_kind_display()}"

"""评优表彰: a round of a term, its honours, who was nominated for them and what became of it (domain §6.3, §13 no. 92)."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from activities.models.group import LedBySchoolQuerySet
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level, Role
from caretrack.schools.models import School, Term
from children.models import Child
from mentoring.models import Mentor

#: Words for a family's situation. What hangs out in public or is handed to a child never holds one (domain P-15, P-16).
SITUATIONS = ("留守", "贫困", "困难", "特困", "低保", "孤儿", "单亲", "困境", "弃养", "残疾")


def situation_in(text: str) -> str:
    """The first word for a family's situation that `text` holds; empty without one."""
    return next((word for word in SITUATIONS if word in text), "")


class AwardRound(Tracked):
    """One round: nominate until a day, hang out the list, settle objections, honour."""

    class Stage(models.TextChoices):
        NOMINATING = "nominating", "推荐评定"
        PUBLIC = "public", "公示中"
        AWARDED = "awarded", "已表彰"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="award_rounds")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("名称", max_length=60, help_text="印在公示名单上，如：2026—2027学年第一学期评优表彰")
    asks = models.TextField("要求", blank=True, max_length=500)
    nominate_until = models.DateField("推荐截止日期")
    objections_to = models.CharField(
        "异议受理", max_length=80, blank=True, help_text="印在公示名单上，如：德育处，电话13800000000"
    )
    public_from = models.DateField("公示开始日期", null=True, blank=True)
    objections_until = models.DateField("公示结束日期", null=True, blank=True)
    awarded_on = models.DateField("表彰日期", null=True, blank=True)

    objects = models.Manager.from_queryset(LedBySchoolQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "评优表彰"
        ordering = ["-term__starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term", "title"],
                name="award_round_once",
                violation_error_message="这个学期已有同名的评优，请换一个名称。",
            ),
            models.CheckConstraint(
                name="award_round_dates_in_order",
                condition=Q(public_from__isnull=True, objections_until__isnull=True)
                | Q(public_from__isnull=False, objections_until__isnull=False, objections_until__gte=F("public_from")),
                violation_error_message="公示结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="award_round_awarded_after_list",
                condition=Q(awarded_on__isnull=True) | Q(public_from__isnull=False, awarded_on__gte=F("public_from")),
                violation_error_message="表彰日期不能早于公示。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if word := situation_in(self.title):
            raise ValidationError({"title": f"名称会印在公示名单上，不能出现“{word}”。"})

    @property
    def stage(self) -> "AwardRound.Stage":
        """How far the round is; told by its dates."""
        if self.awarded_on:
            return self.Stage.AWARDED
        return self.Stage.PUBLIC if self.public_from else self.Stage.NOMINATING

    def nominates_on(self, day: date) -> bool:
        """Whether nominations are taken on `day`."""
        return self.stage == self.Stage.NOMINATING and day <= self.nominate_until


class AwardKind(Tracked):
    """One honour of a round: for whom, how many, by what, and who may nominate."""

    class Audience(models.TextChoices):
        PUPIL = "pupil", "学生"
        MENTOR = "mentor", "代理家长"

    class Nominators(models.TextChoices):
        HOMEROOM = "homeroom", "班主任和德育处"
        LEADS = "leads", "德育处和校长"
        STAFF = "staff", "全体教师"

    round = models.ForeignKey(AwardRound, verbose_name="评优", on_delete=models.CASCADE, related_name="kinds")
    name = models.CharField("称号", max_length=30)
    shown_name = models.CharField(
        "公示和奖状上的称号", max_length=30, blank=True, help_text="不填就用上面的称号；公开的称号不能带家庭情况。"
    )
    audience = models.CharField("评选对象", max_length=10, choices=Audience, default=Audience.PUPIL)
    nominators = models.CharField("谁可以推荐", max_length=10, choices=Nominators, default=Nominators.HOMEROOM)
    places = models.PositiveSmallIntegerField("名额", null=True, blank=True, help_text="不填表示不限。")
    per_class = models.PositiveSmallIntegerField("每班最多推荐", null=True, blank=True, help_text="不填表示不限。")
    criteria = models.TextField("条件", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "评优称号"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "name"], name="award_kind_once", violation_error_message="这次评优已有这个称号。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if word := situation_in(self.public_name):
            wanted = f"公示和奖状上不能出现“{word}”，请填一个不带家庭情况的称号，如“进步之星”。"
            raise ValidationError({"shown_name": wanted})

    @property
    def public_name(self) -> str:
        """The title that everybody may read."""
        return self.shown_name or self.name

    @property
    def for_mentors(self) -> bool:
        return self.audience == self.Audience.MENTOR


class AwardNominationQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """
        Pupils': by those who read the child's care data, and by the nominator while the child is in sight.

        Mentors': by the leads of the school and the nominator, and by the honoured themselves.
        """
        read = Child.objects.visible_to(staff, DataClass.CARE, Level.READ).order_by().values("pk")
        seen = Child.objects.visible_to(staff).order_by().values("pk")
        own_rounds = AwardRound.objects.visible_to(staff).order_by().values("pk")
        led = [school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)]
        honoured = Q(
            mentor__staff=staff, verdict=AwardNomination.Verdict.GRANTED, kind__round__awarded_on__isnull=False
        )
        own = Q(nominated_by=staff, kind__round__in=own_rounds)
        return self.filter(
            Q(child__in=read)
            | (own & Q(child__in=seen))
            | (own & Q(mentor__isnull=False))
            | Q(mentor__isnull=False, kind__round__school__in=led)
            | honoured
        )

    def granted(self) -> Self:
        return self.filter(verdict=AwardNomination.Verdict.GRANTED)

    def pending(self) -> Self:
        return self.filter(verdict=AwardNomination.Verdict.PENDING)

    def in_order(self) -> Self:
        """By honour, class (lowest grade first) and name, with what a line needs."""
        rows = self.select_related("kind__round", "child__school_class__school", "mentor", "nominated_by", "decided_by")
        return rows.order_by(
            "kind", "-child__school_class__entry_year", "child__school_class__number", "child__pinyin", "mentor__pinyin", "pk"
        )  # fmt: skip


class AwardNomination(Tracked):
    """A pupil or a mentor put forward for an honour, why, and what was decided."""

    class Verdict(models.TextChoices):
        PENDING = "pending", "待评定"
        GRANTED = "granted", "同意表彰"
        REFUSED = "refused", "不予表彰"

    kind = models.ForeignKey(AwardKind, verbose_name="称号", on_delete=models.CASCADE, related_name="nominations")
    child = models.ForeignKey(
        Child, verbose_name="学生", null=True, blank=True, on_delete=models.CASCADE, related_name="nominations"
    )
    mentor = models.ForeignKey(
        Mentor, verbose_name="代理家长", null=True, blank=True, on_delete=models.CASCADE, related_name="nominations"
    )
    reason = models.TextField("推荐理由", max_length=500)
    nominated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="推荐人", on_delete=models.PROTECT, related_name="+"
    )
    nominated_on = models.DateField("推荐日期")
    verdict = models.CharField("评定", max_length=10, choices=Verdict, default=Verdict.PENDING)
    opinion = models.CharField("评定意见", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="评定人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_on = models.DateField("评定日期", null=True, blank=True)
    objection = models.TextField("异议", blank=True, max_length=500)
    objected_on = models.DateField("收到异议日期", null=True, blank=True)
    finding = models.TextField("核实结果", blank=True, max_length=500)

    objects = models.Manager.from_queryset(AwardNominationQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "评优推荐"
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                name="nomination_of_one",
                condition=Q(child__isnull=False, mentor__isnull=True) | Q(child__isnull=True, mentor__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind", "child"],
                name="nomination_once_a_child",
                violation_error_message="这名学生已被推荐这个称号。",
            ),
            models.UniqueConstraint(
                fields=["kind", "mentor"],
                name="nomination_once_a_mentor",
                violation_error_message="这位代理家长已被推荐这个称号。",
            ),
            models.CheckConstraint(
                name="nomination_decided_on_a_day",
                condition=Q(verdict="pending") | Q(decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.kind}"

    @property
    def name(self) -> str:
        """Who was put forward."""
        return str(self.child or self.mentor)

    @property
    def open_objection(self) -> bool:
        """Whether somebody objected and nobody has said what came of it."""
        return bool(self.objection and not self.finding)

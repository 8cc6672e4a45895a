"""Health checks, results, aid, awards, pledges: what happens to a pupil and is counted."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level, Role
from caretrack.access.scopes import children_reached_by
from caretrack.periods import chinese_date
from caretrack.schools.models import Term
from children.models.child import Child


class OfChildQuerySet(TrackedQuerySet):
    """Rows about children. The model says in `data` which class of data they are."""

    def about(self, children: Any) -> Self:
        """The rows about the children of a queryset."""
        return self.filter(child__in=children.order_by().values("pk"))

    def visible_to(self, staff: Any, level: Level = Level.READ) -> Self:
        """The rows about children of whom `staff` gets this class of data."""
        return self.about(Child.objects.visible_to(staff, self.model.data, level))  # type: ignore[attr-defined]

    def in_term(self, term: Term) -> Self:
        """The rows whose day (`on`) lies in a term."""
        return self.filter(on__gte=term.starts_on, on__lte=term.ends_on)


def is_blank(value: Any) -> bool:
    """Whether a value says nothing: a mark or a measure of 0 does say something."""
    return value is None or value is False or value == ""


class HealthCheckQuerySet(OfChildQuerySet):
    def to_follow_up(self) -> Self:
        """Checks that asked for another look, done or not."""
        return self.filter(needs_follow_up=True)

    def open(self) -> Self:
        """Checks whose second look has not been taken yet."""
        return self.filter(needs_follow_up=True, followed_up_on__isnull=True)


class HealthCheck(Tracked):
    """健康检查 (domain §7.9)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="health_checks")
    on = models.DateField("检查日期")
    height_cm = models.DecimalField("身高（厘米）", max_digits=4, decimal_places=1, null=True, blank=True)
    weight_kg = models.DecimalField("体重（千克）", max_digits=4, decimal_places=1, null=True, blank=True)
    sight_left = models.DecimalField("左眼视力", max_digits=2, decimal_places=1, null=True, blank=True)
    sight_right = models.DecimalField("右眼视力", max_digits=2, decimal_places=1, null=True, blank=True)
    blood_pressure = models.CharField("血压", max_length=10, blank=True)
    lung_ml = models.PositiveSmallIntegerField("肺活量（毫升）", null=True, blank=True)
    chest_cm = models.DecimalField("胸围（厘米）", max_digits=4, decimal_places=1, null=True, blank=True)
    face = models.CharField("五官", max_length=60, blank=True)
    finding = models.CharField("结论", max_length=200, blank=True)
    place = models.CharField("检查单位", max_length=80, blank=True)
    needs_follow_up = models.BooleanField("需要复查", default=False)
    followed_up_on = models.DateField("复查日期", null=True, blank=True)
    follow_up_result = models.CharField("复查结果", max_length=200, blank=True)

    data: ClassVar = DataClass.HEALTH
    findings: ClassVar = (
        "height_cm", "weight_kg", "sight_left", "sight_right", "blood_pressure", "lung_ml", "chest_cm", "face",
        "finding", "needs_follow_up",
    )  # fmt: skip
    objects = models.Manager.from_queryset(HealthCheckQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "健康检查"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "on"], name="health_child_on")]
        constraints = [
            models.CheckConstraint(
                name="health_followed_up_when_needed",
                condition=Q(followed_up_on__isnull=True) | Q(needs_follow_up=True),
                violation_error_message="填了复查日期，请同时勾选“需要复查”。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {chinese_date(self.on)}"

    @classmethod
    def tells(cls, facts: Mapping[str, Any]) -> bool:
        """Whether facts of a check hold a finding; without any there was no check."""
        return not all(is_blank(facts.get(name)) for name in cls.findings)


#: 等级 by share of the full mark: the four steps that schools report (优、良、合格、待合格); a step a school states wins.
LEVEL_STEPS = (("优", Decimal("0.85")), ("良", Decimal("0.70")), ("合格", Decimal("0.60")), ("待合格", Decimal(0)))
LEVELS = tuple(name for name, _ in LEVEL_STEPS)


class ResultQuerySet(OfChildQuerySet):
    def visible_to(self, staff: Any, level: Level = Level.READ) -> Self:
        """
        Results of children whose care `staff` gets; a mentor reads those of the own mentees, a subject teacher gets
        what this person entered (policy table: “仅本人相关”).
        """
        reached = Child.objects.visible_to(staff, DataClass.CARE, level).order_by().values("pk")
        taught = Child.objects.filter(children_reached_by(staff, frozenset({Role.TEACHER}))).order_by().values("pk")
        seen = Q(child__in=reached) | Q(child__in=taught, entered_by=staff)
        if level <= Level.READ:
            mentees = Child.objects.filter(children_reached_by(staff, frozenset({Role.MENTOR})))
            seen |= Q(child__in=mentees.order_by().values("pk"))
        return self.filter(seen)

    def with_step(self) -> Self:
        """Adds `step`: the level that was stated, else the one that follows from the mark; empty without both."""
        by_mark = [When(mark__gte=F("full_mark") * share, then=Value(name)) for name, share in LEVEL_STEPS]
        return self.annotate(
            step=Case(
                When(~Q(level=""), then=F("level")),
                When(mark__isnull=True, then=Value("")),
                *by_mark,
                default=Value(""),
                output_field=models.CharField(),
            )
        )


class Result(Tracked):
    """学习成绩: a level or mark of one subject in one term; never ranked in public (教育部令50号 art. 10)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="results")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField("学科", max_length=20)
    occasion = models.CharField("考查", max_length=20, default="期末")
    mark = models.DecimalField("分数", max_digits=5, decimal_places=1, null=True, blank=True)
    full_mark = models.PositiveSmallIntegerField("满分", default=100)
    level = models.CharField("等级", max_length=4, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    data: ClassVar = DataClass.CARE
    objects = models.Manager.from_queryset(ResultQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "学习成绩"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "term", "subject", "occasion"],
                name="result_once",
                violation_error_message="这次考查的成绩已经登记。",
            ),
            models.CheckConstraint(
                name="result_mark_within_full",
                condition=Q(mark__isnull=True) | Q(mark__gte=0, mark__lte=F("full_mark")),
                violation_error_message="分数不能小于0，也不能大于满分。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.subject}"

    @property
    def stated_or_reached(self) -> str:
        """The level that was stated, else the one that follows from the mark; empty without both."""
        if self.level or self.mark is None:
            return self.level
        return next((name for name, share in LEVEL_STEPS if self.mark >= self.full_mark * share), "")


class AidGrant(Tracked):
    """资助: programme, source, amount in yuan or goods (domain §7.10)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="aid_grants")
    term = models.ForeignKey(
        Term, verbose_name="学期", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    programme = models.CharField("资助项目", max_length=40)
    source = models.CharField("资金来源", max_length=60, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=9, decimal_places=2, null=True, blank=True)
    goods = models.CharField("物资", max_length=100, blank=True)
    on = models.DateField("发放日期")
    batch = models.CharField("批次", max_length=30, blank=True)
    received_by = models.CharField("签收人", max_length=50, blank=True)

    data: ClassVar = DataClass.ECONOMY
    objects = models.Manager.from_queryset(OfChildQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "资助"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "on"], name="aid_child_on")]
        constraints = [
            models.CheckConstraint(
                name="aid_has_amount_or_goods",
                # An empty amount compared is neither true nor false, and a check lets that pass.
                condition=Q(amount__isnull=False, amount__gt=0) | ~Q(goods=""),
                violation_error_message="请填写金额或物资。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.programme}"


class Award(Tracked):
    """奖励 (domain §7.11)."""

    class Scope(models.TextChoices):
        CLASS = "class", "班级"
        SCHOOL = "school", "学校"
        TOWN = "town", "乡镇"
        COUNTY = "county", "区县"
        CITY = "city", "市级以上"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="awards")
    title = models.CharField("称号", max_length=60)
    scope = models.CharField("级别", max_length=10, choices=Scope)
    on = models.DateField("日期")
    evidence = models.CharField("依据", max_length=200, blank=True)

    data: ClassVar = DataClass.IDENTITY
    objects = models.Manager.from_queryset(OfChildQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "奖励"
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.child} {self.title}"


class SafetyPledge(Tracked):
    """安全责任书: who signed which version (domain §11.6)."""

    class Party(models.TextChoices):
        CARER = "carer", "监护人"
        HOMEROOM = "homeroom", "班主任"
        MENTOR = "mentor", "帮扶教师"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="pledges")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    party = models.CharField("签订方", max_length=10, choices=Party)
    signed_by = models.CharField("签字人", max_length=50, blank=True)
    signed_on = models.DateField("签订日期", null=True, blank=True)
    template_version = models.CharField("文本版本", max_length=20, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "安全责任书"
        constraints = [models.UniqueConstraint(fields=["child", "term", "party"], name="pledge_once")]

    def __str__(self) -> str:
        return f"{self.child} {self.get_party_display()}"

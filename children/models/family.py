"""Family members with the facts of who is away, their phones, and who really cares for the child."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from caretrack.access.crypto import BlindIndexField, EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.lookups import one_of
from children.models import codes
from children.models.child import Child

_RELATION_WORDS = {str(relation): str(relation.label) for relation in codes.Relation}


def relation_words(relation: str, note: str) -> str:
    """The relation as people say it: 外祖父母 where only the mother's side is known, and no claim where none is stated."""
    if relation == codes.Relation.NOT_KIN and note == codes.RELATION_NOT_STATED:
        return codes.RELATION_NOT_STATED
    if relation == codes.Relation.GRANDPARENT and note == codes.MOTHERS_PARENTS:
        return codes.MOTHERS_PARENTS
    return _RELATION_WORDS.get(relation, relation)


class FamilyMemberQuerySet(TrackedQuerySet):
    def parents(self) -> Self:
        return self.filter(relation__in=codes.PARENTS)


class FamilyMember(Tracked):
    """
    One adult or sibling of the family. A parent's `status` since `status_since` is a fact, not a label.

    Earlier absences are AbsenceSpan rows, so that any past day can be rebuilt.
    """

    child = models.ForeignKey(
        Child, verbose_name="学生", on_delete=models.CASCADE, related_name="family", db_index=False
    )
    name = models.CharField("姓名", max_length=50, blank=True)
    relation = models.CharField("与学生关系", max_length=2, choices=codes.Relation)
    relation_note = models.CharField("关系说明", max_length=30, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    age_stated = models.PositiveSmallIntegerField("年龄", null=True, blank=True)
    id_no = EncryptedTextField("身份证号", blank=True, default="")
    id_no_index = BlindIndexField("身份证号索引", source="id_no")
    status = models.CharField("目前状况", max_length=20, choices=codes.ParentStatus, default=codes.ParentStatus.UNKNOWN)
    away_since = models.DateField("外出时间", null=True, blank=True)
    away_precision = models.CharField("外出时间精度", max_length=5, choices=codes.BirthPrecision, default="day")
    returned_on = models.DateField("返乡日期", null=True, blank=True)
    work_place = models.CharField("务工地点", max_length=120, blank=True)
    work_region = models.CharField("务工地域", max_length=10, choices=codes.Region, blank=True)
    work_unit = models.CharField("工作单位", max_length=120, blank=True)
    job = models.CharField("职业工种", max_length=40, blank=True)
    returns_every = models.CharField("多久回家一次", max_length=20, blank=True)
    contact_every = models.CharField("多久联系一次", max_length=20, blank=True)
    contact_way = models.CharField("怎样联系", max_length=40, blank=True)
    online_contact = models.CharField("微信或QQ", max_length=60, blank=True)
    has_capacity = models.BooleanField("有无监护能力", null=True, blank=True)
    incapacity_reason = models.CharField("无监护能力原因", max_length=100, blank=True)
    education = models.CharField("文化程度", max_length=10, choices=codes.Education, blank=True)
    health = models.CharField("健康状况", max_length=10, choices=codes.AdultHealth, blank=True)
    is_guardian = models.BooleanField("是否法定监护人", null=True, blank=True)
    address = models.CharField("住址", max_length=200, blank=True)

    objects = models.Manager.from_queryset(FamilyMemberQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["relation", "pk"]
        indexes = [
            models.Index(fields=["child", "relation"], name="family_child_relation"),
            models.Index(fields=["status", "relation"], name="family_status_relation"),
            models.Index(fields=["id_no_index"], name="family_id_no", condition=~Q(id_no_index="")),
        ]
        constraints = [
            models.CheckConstraint(name="family_relation_known", condition=one_of("relation", codes.Relation.values)),
            models.CheckConstraint(name="family_status_known", condition=one_of("status", codes.ParentStatus.values)),
            models.CheckConstraint(
                name="family_return_after_leaving",
                condition=Q(returned_on__isnull=True)
                | Q(away_since__isnull=True)
                | Q(returned_on__gte=F("away_since")),
                violation_error_message="返乡日期不能早于外出时间。",
            ),
            models.UniqueConstraint(
                fields=["child", "relation"],
                condition=Q(relation__in=[codes.Relation.FATHER, codes.Relation.MOTHER]),
                name="family_one_father_one_mother",
                violation_error_message="父亲或母亲已经登记过了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relation_words} {self.name}".strip()

    @property
    def relation_words(self) -> str:
        """The relation as people say it, see `relation_words`."""
        return relation_words(self.relation, self.relation_note)


class AbsenceSpan(Tracked):
    """One span in which a parent was away, closed or open. Written by services when a status changes."""

    member = models.ForeignKey(
        FamilyMember, verbose_name="家庭成员", on_delete=models.CASCADE, related_name="absences", db_index=False
    )
    status = models.CharField("状况", max_length=20, choices=codes.ParentStatus, default=codes.ParentStatus.AWAY_WORK)
    starts_on = models.DateField("开始", null=True, blank=True)
    ends_on = models.DateField("结束", null=True, blank=True)
    work_place = models.CharField("务工地点", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "外出经历"
        ordering = ["starts_on", "pk"]
        indexes = [models.Index(fields=["member", "starts_on"], name="absence_member_start")]
        constraints = [
            models.CheckConstraint(
                name="absence_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="返乡日期不能早于外出时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.starts_on or '？'}—{self.ends_on or ''}"


class PhoneState(models.TextChoices):
    OK = "ok", "可用"
    DEAD = "dead", "停机或空号"
    NO_ANSWER = "no_answer", "打不通"
    UNVERIFIED = "unverified", "未核实"


class Phone(Tracked):
    """One number, in calling order, with when somebody last got through."""

    member = models.ForeignKey(
        FamilyMember, verbose_name="家庭成员", null=True, blank=True, on_delete=models.CASCADE, related_name="phones"
    )
    child = models.ForeignKey(
        Child, verbose_name="学生", on_delete=models.CASCADE, related_name="phones", db_index=False
    )
    number = models.CharField("电话", max_length=20)
    order = models.PositiveSmallIntegerField("拨打顺序", default=1)
    answered_by = models.CharField("谁接听", max_length=30, blank=True)
    state = models.CharField("状态", max_length=12, choices=PhoneState, default=PhoneState.UNVERIFIED)
    verified_on = models.DateField("最近核实", null=True, blank=True)
    tried_on = models.DateField("最近拨打", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "电话"
        ordering = ["order", "pk"]
        indexes = [
            models.Index(fields=["child", "order"], name="phone_child_order"),
            models.Index(fields=["number"], name="phone_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "member", "number"],
                name="phone_once_a_member",
                violation_error_message="这个号码已经登记过了。",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CareArrangementQuerySet(TrackedQuerySet):
    def on(self, day: Any) -> Self:
        """In force on the day; an unknown beginning counts as always."""
        return self.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day)).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )

    def open(self) -> Self:
        return self.filter(ends_on__isnull=True)


class CareArrangement(Tracked):
    """Who really cares for the child, from when to when, how well, on what written footing (未保法 art. 22–23)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="care", db_index=False)
    carer = models.ForeignKey(
        FamilyMember, verbose_name="实际监护人", null=True, blank=True, on_delete=models.PROTECT, related_name="cares"
    )
    care_type = models.CharField("监护类型", max_length=12, choices=codes.CareType, blank=True)
    maternal = models.BooleanField("外祖一方", null=True, blank=True)
    rating = models.CharField("监护情况评估", max_length=5, choices=codes.CareRating, blank=True)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    can_tutor = models.BooleanField("能否辅导学习", null=True, blank=True)
    attitude = models.CharField("监护人态度", max_length=40, blank=True)
    bond = models.CharField("与学生融洽程度", max_length=20, blank=True)
    entrusted = models.BooleanField("是否签委托照护协议", null=True, blank=True)
    entrusted_on = models.DateField("协议签订日期", null=True, blank=True)
    entrusted_until = models.DateField("协议到期", null=True, blank=True)
    school_told_on = models.DateField("书面告知学校日期", null=True, blank=True)
    excluded_reason = models.CharField("不宜委托情形", max_length=100, blank=True)
    exclusions = models.JSONField("不得委托的情形", default=list, blank=True)
    excluded_checked_on = models.DateField("不宜委托情形核查日期", null=True, blank=True)

    objects = models.Manager.from_queryset(CareArrangementQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "照护安排"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["child", "ends_on"], name="care_child_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on__isnull=True),
                name="care_one_open",
                violation_error_message="这名学生已有在用的照护安排，请先结束原安排。",
            ),
            models.CheckConstraint(
                name="care_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="care_type_known", condition=Q(care_type="") | one_of("care_type", codes.CareType.values)
            ),
            models.CheckConstraint(
                name="care_rating_known", condition=Q(rating="") | one_of("rating", codes.CareRating.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}：{self.carer or self.get_care_type_display() or '未登记'}"

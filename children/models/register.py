"""The dated register: enrolments, the register of changes, decisions on the support level."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Min, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.lookups import one_of
from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import codes
from children.models.child import Child

ONE_DAY = timedelta(days=1)


class EnrollmentQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """Enrolments in force on the day."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def during(self, first: date, last: date) -> Self:
        """Enrolments with a day in first … last."""
        return self.filter(starts_on__lte=last).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))

    def first_days(self) -> dict[int, date]:
        """Child id → the first day of these enrolments."""
        return dict(self.order_by().values_list("child").annotate(first=Min("starts_on")))


class Enrollment(Tracked):
    """A child in a class from … to …, both days included. The database refuses two that overlap."""

    no_overlap_by = "child_id"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="enrollments")
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", on_delete=models.PROTECT, related_name="enrollments", db_index=False
    )
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField("入班日期")
    ends_on = models.DateField("离班日期", null=True, blank=True)

    objects = models.Manager.from_queryset(EnrollmentQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "在班经历"
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["school_class", "ends_on"], name="enrol_class_open"),
            models.Index(fields=["school", "starts_on", "ends_on"], name="enrol_school_span"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(ends_on__isnull=True),
                name="enrol_one_open",
                violation_error_message="这名学生已经在一个班里，请先办理调班或转出。",
            ),
            models.CheckConstraint(
                name="enrol_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="离班日期不能早于入班日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.school_class}"

    def clean(self) -> None:
        """Raises ValidationError naming the enrolment that overlaps."""
        super().clean()
        if not (self.child_id and self.starts_on):
            return
        last = self.ends_on or date.max
        others = Enrollment.objects.filter(child=self.child_id).exclude(pk=self.pk).during(self.starts_on, last)
        if other := others.first():
            raise ValidationError(
                f"与已有的在班经历（{chinese_date(other.starts_on)}至{chinese_date(other.ends_on) or '今'}）日期重叠。"
            )


class StatusChangeQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Staff) -> Self:
        """
        Lines of the register that `staff` may read: a school keeps its own register, pupils gone since included.

        Registrar and leads: all lines of their school. Homeroom teachers: lines about the children they see now, and
        who came to or left their class; what was said of a leaver's family is theirs no more.
        """
        schools = staff.schools_as(Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)
        own = [c.pk for c in staff.classes_as(Role.HOMEROOM)]
        moves = (*codes.ENTERS_SCHOOL, *codes.LEAVES_SCHOOL, codes.ChangeKind.CLASS_CHANGE)
        return self.filter(
            Q(school__in=schools) | Q(school_class__in=own, kind__in=moves) | Q(child__school_class__in=own)
        )

    def effective_during(self, first: date, last: date, *, left: tuple[date, date] | None = None) -> Self:
        """
        Lines that take effect in first … last; who leaves is counted until the last day in class.

        `left`: the day before `first` and that before `last`, for who needs every value as it is (caretrack.fixed).
        """
        leaving = Q(kind__in=codes.LEAVES_SCHOOL)
        before = left or (first - ONE_DAY, last - ONE_DAY)
        return self.filter((leaving & Q(on__range=before)) | (~leaving & Q(on__range=(first, last))))

    def last_day(self, day: date) -> Self:
        """Of those whose last day at school it is: figures of the day count them still, lists of pupils do not."""
        return self.standing().filter(kind__in=codes.LEAVES_SCHOOL, on=day)

    def standing(self) -> Self:
        """Lines that hold: neither corrected nor corrections."""
        return self.filter(corrects__isnull=True, corrections__isnull=True)


class StatusChange(Tracked):
    """变动登记: the only way a child comes on or leaves the register (columns and codes of domain §5.3)."""

    child = models.ForeignKey(
        Child, verbose_name="学生", on_delete=models.CASCADE, related_name="status_changes", db_index=False
    )
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+", db_index=False)
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("变动类型", max_length=20, choices=codes.ChangeKind)
    on = models.DateField("变动日期")
    before = models.CharField("原情况", max_length=200, blank=True)
    after = models.CharField("现情况", max_length=200, blank=True)
    reason = models.CharField("原因或去向", max_length=200, blank=True)
    evidence = models.CharField("依据", max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entered_at = models.DateTimeField("登记时间", auto_now_add=True)
    watch_until = models.DateField("观察至", null=True, blank=True)
    corrects = models.ForeignKey(
        "self", verbose_name="更正的登记", null=True, blank=True, on_delete=models.CASCADE, related_name="corrections"
    )

    objects = models.Manager.from_queryset(StatusChangeQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "变动登记"
        ordering = ["-on", "-pk"]
        indexes = [
            models.Index(fields=["school", "on"], name="change_school_on"),
            models.Index(fields=["child", "on"], name="change_child_on"),
        ]
        constraints = [
            models.CheckConstraint(name="change_kind_known", condition=one_of("kind", codes.ChangeKind.values)),
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(kind=codes.ChangeKind.AGE_OUT),
                name="change_age_out_once",
                violation_error_message="这名学生已经登记过年满16周岁。",
            ),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.child} {self.get_kind_display()}"

    @property
    def effect(self) -> str:
        """What the line does to the number of pupils: ＋, － or nothing (domain §5.3)."""
        if self.corrects_id is not None:
            return ""
        return "＋" if self.kind in codes.ENTERS_SCHOOL else "－" if self.kind in codes.LEAVES_SCHOOL else ""

    def late_by(self, entered: date) -> int:
        """Days between the event and its entry on `entered`."""
        return max((entered - self.on).days, 0)


class SupportDecision(Tracked):
    """A person's decision on the support level, with the rule that suggested it (PIPL art. 24: no automatic decision)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="support_decisions")
    level = models.CharField("帮扶级别", max_length=10, choices=codes.SupportLevel)
    on = models.DateField("认定日期")
    reason = models.CharField("认定理由", max_length=300)
    suggested_by = models.CharField("规则提示", max_length=200, blank=True)
    review_on = models.DateField("复核日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="认定人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "帮扶级别认定"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "on"], name="decision_child_on")]

    def __str__(self) -> str:
        return f"{self.child} {self.get_level_display()} {chinese_date(self.on)}"


class Consent(Tracked):
    """A guardian's consent for one purpose, refusable and revocable (PIPL art. 15, 29, 31)."""

    class Purpose(models.TextChoices):
        PHOTO = "photo", "拍照存档"
        OUTSIDE_MENTOR = "outside_mentor", "校外人员结对"
        PUBLICITY = "publicity", "宣传使用照片"
        GROUPS = "groups", "加入班级家长联系群"
        EXTRA = "extra", "登记兴趣爱好等选填信息"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField("事项", max_length=20, choices=Purpose)
    given_by = models.CharField("同意人", max_length=50)
    relation = models.CharField("与学生关系", max_length=2, choices=codes.Relation)
    given_on = models.DateField("日期")
    refused = models.BooleanField("不同意", default=False)
    notice_version = models.CharField("告知书版本", max_length=20, blank=True)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "知情同意"
        ordering = ["-given_on"]

    def __str__(self) -> str:
        return f"{self.child} {self.get_purpose_display()}"


def overlap_sentence(error: Exception) -> str | None:
    """The Chinese sentence for a database refusal of overlapping enrolments; None for any other error."""
    return "日期与这名学生已有的在班经历重叠。" if "caretrack: overlap" in str(error) else None


__all__ = ["Consent", "Enrollment", "StatusChange", "SupportDecision", "overlap_sentence"]

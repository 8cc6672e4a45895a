"""The school tree, its terms with reporting months, and classes whose grade follows from the entry year."""

from collections.abc import Iterator
from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.fixed import fixed
from caretrack.periods import CLOSING_DAY, Month, chinese_date, months_between, school_year

NUMERALS = "零一二三四五六七八九十"
KINDERGARTEN_GRADES = ("小", "中", "大")


class Stage(models.TextChoices):
    KINDERGARTEN = "kindergarten", "幼儿园"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    NINE_YEAR = "nine_year", "九年一贯制学校"

    @property
    def grades(self) -> range:
        """Grade numbers taught; kindergarten counts 1 small, 2 middle, 3 large; junior begins at 7."""
        return {"kindergarten": range(1, 4), "primary": range(1, 7), "junior": range(7, 10), "nine_year": range(1, 10)}[
            self.value
        ]

    def grade_name(self, grade: int) -> str:
        """三年级; of a kindergarten 大班."""
        kindergarten = self is Stage.KINDERGARTEN
        return f"{KINDERGARTEN_GRADES[grade - 1]}班" if kindergarten else f"{NUMERALS[grade]}年级"


class SchoolQuerySet(TrackedQuerySet):
    def below(self, school: "School") -> Self:
        """The schools that report to `school`, not itself."""
        return self.filter(parent=school)


class School(Tracked):
    """A school or teaching point; a 中心校 is the parent of the village schools."""

    code = models.CharField("学校标识码", max_length=20, unique=True)
    name = models.CharField("学校名称", max_length=80)
    short_name = models.CharField("简称", max_length=20, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name="上级中心校", null=True, blank=True, on_delete=models.PROTECT, related_name="branches"
    )
    stage = models.CharField("办学类型", max_length=20, choices=Stage, default=Stage.PRIMARY)
    address = models.CharField("地址", max_length=200, blank=True)
    duty_phone = models.CharField("值班电话", max_length=30, blank=True)
    family_phone = models.CharField("亲情电话", max_length=30, blank=True)
    family_phone_hours = models.CharField("亲情电话开放时间", max_length=60, blank=True)
    protection_hotline = models.CharField("当地未成年人保护热线", max_length=30, blank=True, default="12345")
    helper_name = models.CharField("包片干部", max_length=50, blank=True, help_text="印在给家庭的便民服务联系卡上。")
    helper_phone = models.CharField("包片干部电话", max_length=30, blank=True)
    clinic_phone = models.CharField("卫生院电话", max_length=30, blank=True)
    police_phone = models.CharField("派出所电话", max_length=30, blank=True)
    data_officer = models.CharField("儿童个人信息保护负责人", max_length=50, blank=True)
    closing_day = models.PositiveSmallIntegerField(
        "月报截止日",
        default=CLOSING_DAY,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="每月统计到这一天为止，次日起算下个月。",
    )
    edit_days = models.PositiveSmallIntegerField("记录可修改天数", default=7, help_text="超过天数后只能补充说明。")
    mentor_soft_limit = models.PositiveSmallIntegerField("每位代理家长建议人数上限", default=5)
    mentor_key_limit = models.PositiveSmallIntegerField(
        "每位代理家长最多带重点学生", default=2, help_text="推荐结对时不超过这个人数。"
    )
    mentor_not_homeroom = models.BooleanField(
        "班主任不做本班学生的代理家长", default=False, help_text="勾选后，推荐结对时避开本班班主任。"
    )
    visit_tolerance_days = models.PositiveSmallIntegerField(
        "短期返乡容许天数", default=30, help_text="父母返乡不超过这些天，仍算连续外出。"
    )

    objects = models.Manager.from_queryset(SchoolQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "学校"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="school_stage_known", condition=Q(stage__in=Stage.values)),
            models.CheckConstraint(
                name="school_not_own_parent",
                condition=~Q(parent=F("id")),
                violation_error_message="学校不能是自己的上级。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Short name where there is one."""
        return self.short_name or self.name


class Season(models.IntegerChoices):
    AUTUMN = 1, "第一学期"
    SPRING = 2, "第二学期"


class TermQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """The term that `day` falls in, of any school."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def current(self, school: School, day: date) -> "Term | None":
        """The term of `day`, else the last one that began before it, else None."""
        return next(iter(_last_begun(school.pk, day)), None)


@fixed
def _last_begun(school: int, day: date) -> "models.QuerySet[Term]":
    return Term.objects.filter(school=school, starts_on__lte=day).order_by("-starts_on")[:1]


class Term(Tracked):
    """学年学期 of one school, with its reporting months."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="terms")
    year = models.PositiveSmallIntegerField("学年起始年", help_text="2026 即 2026—2027 学年")
    season = models.PositiveSmallIntegerField("学期", choices=Season)
    starts_on = models.DateField("开学日期")
    ends_on = models.DateField("放假日期")

    objects = models.Manager.from_queryset(TermQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "学期"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "season"],
                name="term_once",
                violation_error_message="这个学期已经建立过了。",
            ),
            models.CheckConstraint(
                name="term_dates_in_order",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message="放假日期要晚于开学日期。",
            ),
            models.CheckConstraint(name="term_season_known", condition=Q(season__in=Season.values)),
        ]

    def __str__(self) -> str:
        return f"{self.year}—{self.year + 1}学年{self.get_season_display()}"

    def clean(self) -> None:
        """Raises ValidationError if another term of the school has a day in common."""
        super().clean()
        if self.school_id and self.starts_on and self.ends_on:
            others = Term.objects.filter(school=self.school_id).exclude(pk=self.pk)
            if other := others.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on).first():
                raise ValidationError(
                    f"日期与{other}（{chinese_date(other.starts_on)}至{chinese_date(other.ends_on)}）重叠。"
                )

    def months(self) -> Iterator[Month]:
        """The reporting months that have a day in the term. Needs `school` loaded."""
        return months_between(self.starts_on, self.ends_on, self.school.closing_day)


class SchoolClassQuerySet(TrackedQuerySet):
    def taught_on(self, day: date) -> Self:
        """Classes that have not graduated by `day`, ordered from the lowest grade."""
        return self.filter(entry_year__lte=school_year(day), graduates_year__gt=school_year(day)).order_by(
            "school_id", "-entry_year", "number"
        )

    def of_grade(self, school: School, grade: int, day: date) -> Self:
        """Classes of a grade (1–9) on `day`."""
        return self.taught_on(day).filter(school=school, entry_year=school_year(day) - grade + school_first(school))


def school_first(school: School) -> int:
    """The number of the lowest grade of the school's stage."""
    return Stage(school.stage).grades.start


class SchoolClass(Tracked):
    """
    A class (班级) from entry to graduation. Its grade follows from the entry year, so no yearly job rewrites anything.

    `entry_year` is the year in which it was in the school's lowest grade.
    """

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="classes")
    entry_year = models.PositiveSmallIntegerField(
        "入学年份", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    number = models.PositiveSmallIntegerField("班号", validators=[MinValueValidator(1), MaxValueValidator(50)])
    graduates_year = models.PositiveSmallIntegerField("毕业年份", editable=False)
    nickname = models.CharField("班级别称", max_length=20, blank=True)

    objects = models.Manager.from_queryset(SchoolClassQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "班级"
        ordering = ["school_id", "-entry_year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "entry_year", "number"],
                name="class_once",
                violation_error_message="这个班级已经存在。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_year}级（{self.number}）班"

    def save(self, *args: object, **kwargs: object) -> None:
        self.graduates_year = self.entry_year + len(Stage(self.school.stage).grades)
        super().save(*args, **kwargs)

    def grade_on(self, day: date) -> int:
        """Grade number on `day`; may lie outside the stage before entry and after graduation. Needs `school` loaded."""
        return school_year(day) - self.entry_year + school_first(self.school)

    def name_on(self, day: date) -> str:
        """The name the school says: 四（1）班, 大（2）班, 2020届（1）班 after graduation. Needs `school` loaded."""
        grade, stage = self.grade_on(day), Stage(self.school.stage)
        if grade not in stage.grades:
            return f"{self.graduates_year}届（{self.number}）班"
        if stage == Stage.KINDERGARTEN:
            return f"{KINDERGARTEN_GRADES[grade - 1]}（{self.number}）班"
        return f"{NUMERALS[grade]}（{self.number}）班"

    def name_of_leavers(self, left: date, today: date) -> str:
        """
        The name today with that of the day they left: 2026届（1）班（原六（1）班）, not the 六（1）班 that others are in now.

        One name while the class is still called so. Needs `school` loaded.
        """
        now, then = self.name_on(today), self.name_on(left)
        return now if now == then else f"{now}（原{then}）"


class SchoolDayQuerySet(TrackedQuerySet):
    def between(self, first: date, last: date) -> Self:
        """Exceptions with their day in first … last."""
        return self.filter(on__gte=first, on__lte=last)


class SchoolDay(Tracked):
    """A day on which a school does otherwise than the national calendar says: snow, sports day, a Saturday of lessons."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        LESSONS = "lessons", "上课"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.CASCADE, related_name="special_days")
    on = models.DateField("日期")
    kind = models.CharField("安排", max_length=8, choices=Kind, default=Kind.OFF)
    reason = models.CharField("原因", max_length=60, help_text="如：中考考场放假、运动会、补上周五的课")

    objects = models.Manager.from_queryset(SchoolDayQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "校历调整"
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "on"],
                name="school_day_once",
                violation_error_message="这一天已经登记过了，请先撤销原来的安排。",
            ),
            models.CheckConstraint(name="school_day_kind_known", condition=Q(kind__in=["off", "lessons"])),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.get_kind_display()}"

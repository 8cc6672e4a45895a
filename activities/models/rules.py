"""The school's own numbers: clocks of an incident, thresholds of the warnings, whom to call (domain §11.3, §11.5)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from caretrack.access.history import Tracked
from caretrack.schools.models import School


def _days(label: str, default: int, *, most: int = 400, note: str = "") -> models.PositiveSmallIntegerField:
    limits = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, default=default, validators=limits, help_text=note)


class CareRules(Tracked):
    """Read with `rules_of`: a school that has set nothing goes by the defaults."""

    school = models.OneToOneField(School, verbose_name="学校", on_delete=models.CASCADE, related_name="care_rules")

    minutes_to_head = _days("报告校长时限（分钟）", 5, most=120, note="五分钟报告制：发现后多少分钟内报到校长。")
    minutes_to_education = _days("报告教育部门时限（分钟）", 60, most=1440, note="按当地教育部门的规定。")
    hours_to_written = _days("书面报告时限（小时）", 24, most=240)
    education_phone = models.CharField("教育局值班电话", max_length=30, blank=True)
    civil_phone = models.CharField("民政（儿童督导员）电话", max_length=30, blank=True)
    township_phone = models.CharField("乡镇值班电话", max_length=30, blank=True)

    silence_days = _days("多少天没有谈心", 30)
    contact_gap_days = _days("超过多少天没有亲子通话或书信的记录", 7, note="法律要求父母至少每周和孩子联系一次。")
    phone_days = _days("联系电话多少天没有核实", 180)
    entrust_days = _days("委托照护协议到期前多少天提醒", 30)
    alone_age = _days("不得无人看护的年龄（不满几岁）", 8, most=18)
    living_alone_age = _days("不得独自居住的年龄（不满几岁）", 16, most=18)
    fall_percent = _days("成绩下降多少个百分点", 15, most=100, note="与上一次比，各科平均得分率。")
    absence_days = _days("30天内无故缺勤多少天", 3, most=30)
    carer_age = _days("祖辈照护人多少岁起关注", 70, most=100)
    review_days = _days("帮扶级别多少天后复核", 60)
    off = models.JSONField("停用的预警", default=list, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "预警条件"

    def __str__(self) -> str:
        return f"{self.school} 预警条件"


def rules_of(school: School | None) -> CareRules:
    """The numbers of a school, saved or the defaults."""
    found = CareRules.objects.filter(school=school).first() if school is not None else None
    return found or CareRules(school=school)

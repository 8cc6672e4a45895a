"""Health checks, results, aid, awards, bus rides: what happens to a pupil and is counted."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked
from caretrack.schools.models import School, Term
from children.models.child import Child


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

    class Meta:
        verbose_name = verbose_name_plural = "健康检查"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "on"], name="health_child_on")]

    def __str__(self) -> str:
        return f"{self.child} {self.on}"


class Result(Tracked):
    """学习成绩: a level or mark of one subject in one term; never ranked in public (教育部令50号 art. 10)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="results")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField("学科", max_length=20)
    occasion = models.CharField("考查", max_length=20, default="期末")
    mark = models.DecimalField("分数", max_digits=5, decimal_places=1, null=True, blank=True)
    level = models.CharField("等级", max_length=2, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "学习成绩"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "term", "subject", "occasion"],
                name="result_once",
                violation_error_message="这次考查的成绩已经登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.subject}"


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

    class Meta:
        verbose_name = verbose_name_plural = "奖励"
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.child} {self.title}"


class BusRoute(Tracked):
    """乘车登记 (domain §11.6): licensed or not is a fact that warns."""

    class Vehicle(models.TextChoices):
        LICENSED = "licensed", "持证校车"
        COACH = "coach", "营运客车"
        PRIVATE = "private", "私家车"
        UNLICENSED = "unlicensed", "无证载客车辆"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="bus_routes")
    direction = models.CharField("乘车方向", max_length=60)
    vehicle = models.CharField("车辆类别", max_length=12, choices=Vehicle)
    plate = models.CharField("车牌号码", max_length=12, blank=True)
    capacity = models.PositiveSmallIntegerField("核载人数", null=True, blank=True)
    driver_name = models.CharField("司机姓名", max_length=50, blank=True)
    driver_phone = models.CharField("司机联系方式", max_length=20, blank=True)
    attendant = models.CharField("随车照管员", max_length=50, blank=True)
    ended_on = models.DateField("停运日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "乘车线路"

    def __str__(self) -> str:
        return self.direction


class BusRide(Tracked):
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="bus_rides")
    route = models.ForeignKey(BusRoute, verbose_name="线路", on_delete=models.PROTECT, related_name="rides")
    stop = models.CharField("上下车地点", max_length=60, blank=True)
    met_by = models.CharField("接送人", max_length=50, blank=True)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "乘车学生"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "route"],
                condition=Q(ends_on__isnull=True),
                name="ride_once_open",
                violation_error_message="这名学生已经登记在这条线路上。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.route}"


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

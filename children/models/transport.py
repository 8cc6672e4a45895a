"""School transport and boarding: routes with riders, and what is stated of a boarder in a term."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import ACTS, Act, DataClass
from caretrack.schools.models import School, Term
from children.models.child import Child
from children.models.life import OfChildQuerySet


class BusRouteQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """The routes of the schools at which `staff` holds a post that sees the register of riders."""
        return self.filter(school__in=[school.pk for school in staff.schools_as(*ACTS[Act.BUS_VIEW])])

    def running(self, on: date) -> Self:
        """Routes in service on the day."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))

    def with_riders(self, on: date) -> Self:
        """Adds `riders`: pupils of the roll who ride on the day; a figure of the vehicle, the same for everybody."""
        rides = Q(rides__starts_on__lte=on) & (Q(rides__ends_on__isnull=True) | Q(rides__ends_on__gte=on))
        on_roll = Q(rides__child__school_class__isnull=False)
        return self.annotate(riders=Count("rides__child", filter=rides & on_roll, distinct=True))


class BusRoute(Tracked):
    """乘车登记 (domain §11.6): licensed or not is a fact that warns."""

    UNSTATED = "方向未定"
    """The direction of a vehicle that was entered before anybody said where it goes."""

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

    objects = models.Manager.from_queryset(BusRouteQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "乘车线路"
        constraints = [
            models.UniqueConstraint(
                fields=["school", "direction", "plate"],
                condition=Q(ended_on__isnull=True),
                name="route_once_running",
                violation_error_message="这个方向的这辆车已经登记。",
            )
        ]

    def __str__(self) -> str:
        return self.direction


class BusRideQuerySet(OfChildQuerySet):
    def open(self, on: date) -> Self:
        """Rides of the day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


class BusRide(Tracked):
    """Who rides on which route, from when to when (domain §11.6)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="bus_rides")
    route = models.ForeignKey(BusRoute, verbose_name="线路", on_delete=models.PROTECT, related_name="rides")
    stop = models.CharField("上下车地点", max_length=60, blank=True)
    met_by = models.CharField("接送人", max_length=50, blank=True)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束", null=True, blank=True)

    data: ClassVar = DataClass.CONTACT
    objects = models.Manager.from_queryset(BusRideQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "乘车学生"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "route"],
                condition=Q(ends_on__isnull=True),
                name="ride_once_open",
                violation_error_message="这名学生已经登记在这条线路上。",
            ),
            models.CheckConstraint(
                name="ride_days_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.route}"


class BoardingTerm(Tracked):
    """
    A boarder in one term (domain §13 no. 74): who answers for the pupil, how it went, and the bed of that term.

    `since` is the day of moving in, which may lie before the term. The bed of today is a fact of the child (`Child.dorm_bed`); `bed` keeps what it was when the term was written up.
    """

    class Rating(models.TextChoices):
        GOOD = "good", "好"
        FAIR = "fair", "较好"
        PLAIN = "plain", "一般"
        CARE = "care", "需帮助"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="boarding_terms")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    bed = models.CharField("宿舍床位", max_length=30, blank=True)
    since = models.DateField("入住日期", null=True, blank=True)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="负责教师",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rating = models.CharField("住宿表现", max_length=5, choices=Rating, blank=True)
    comment = models.CharField("学期评语", max_length=200, blank=True)

    data: ClassVar = DataClass.IDENTITY
    objects = models.Manager.from_queryset(OfChildQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "寄宿登记"
        constraints = [
            models.UniqueConstraint(
                fields=["child", "term"],
                name="boarding_once_a_term",
                violation_error_message="这名学生本学期的寄宿登记已经有了。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} {self.term}"

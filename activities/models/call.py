"""The family phone and video room: lines with their hours, who is on duty, what is booked (domain §7.3, §9.5)."""

from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from activities.models.record import CareRecord, Kind
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Term
from children.models import Child, Phone

#: A booking lasts at most so long (domain §7.3, W51).
LONGEST = 30
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


class CallLine(Tracked):
    """One phone or one place at a camera: where, its public number, when it is open, how long a turn lasts."""

    class Kind(models.TextChoices):
        PHONE = "phone", "亲情电话"
        VIDEO = "video", "亲情视频"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="call_lines")
    name = models.CharField("名称", max_length=30)
    kind = models.CharField("类别", max_length=8, choices=Kind, default=Kind.PHONE)
    number = models.CharField("公布的号码", max_length=30, blank=True)
    place = models.CharField("地点", max_length=40, blank=True)
    weekdays = models.JSONField("开放星期", default=list, help_text="1 星期一 … 7 星期日")
    opens = models.TimeField("开放时间")
    closes = models.TimeField("结束时间")
    opens_again = models.TimeField("第二段开放", null=True, blank=True)
    closes_again = models.TimeField("第二段结束", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(
        "每人时长（分钟）", default=15, validators=[MinValueValidator(5), MaxValueValidator(LONGEST)]
    )
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "亲情电话线路"
        ordering = ["school_id", "kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], name="call_line_once", violation_error_message="已经有这个名称的线路。"
            ),
            models.CheckConstraint(
                name="call_line_hours_in_order",
                condition=Q(closes__gt=F("opens")),
                violation_error_message="结束时间要晚于开放时间。",
            ),
            models.CheckConstraint(name="call_line_turn", condition=Q(minutes__gte=5, minutes__lte=LONGEST)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_kind(self) -> str:
        """The kind of record that a call on this line becomes."""
        return Kind.VIDEO if self.kind == self.Kind.VIDEO else Kind.CALL

    @property
    def hours(self) -> str:
        """星期一、三 12:00—13:30，17:00—18:00: as it hangs on the door."""
        return " ".join(filter(None, [self.days_label, "，".join(self.spans)]))

    @property
    def days_label(self) -> str:
        """星期一、三; nothing without days."""
        if len(self.weekdays) == 7:
            return "星期一至日"
        days = "、".join(WEEKDAYS[day - 1] for day in sorted(self.weekdays) if day in range(1, 8))
        return f"星期{days}" if days else ""

    @property
    def spans(self) -> list[str]:
        """The one or two spans of an open day."""
        return [f"{first:%H:%M}—{last:%H:%M}" for first, last in self._spans()]

    def _spans(self) -> list[tuple[time, time]]:
        spans = [(self.opens, self.closes)]
        if self.opens_again and self.closes_again:
            spans.append((self.opens_again, self.closes_again))
        return spans

    def turns(self, on: date) -> list[time]:
        """When a turn begins on the day; none on a day that is not open."""
        if not self.active or on.isoweekday() not in self.weekdays:
            return []
        length, found = timedelta(minutes=self.minutes), []
        for first, last in self._spans():
            at, end = datetime.combine(on, first), datetime.combine(on, last)
            while at + length <= end:
                found.append(at.time())
                at += length
        return found

    def is_over(self, on: date, at: time, now: datetime) -> bool:
        """Whether the turn that begins then has ended: nobody can call in it any more."""
        return timezone.make_aware(datetime.combine(on, at)) + timedelta(minutes=self.minutes) <= now


class CallDuty(Tracked):
    """Who is on duty at the family phone on a day."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    on = models.DateField("日期")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="值班教师", on_delete=models.PROTECT, related_name="call_duties"
    )

    class Meta:
        verbose_name = verbose_name_plural = "亲情电话值班"
        constraints = [models.UniqueConstraint(fields=["school", "on"], name="call_duty_once_a_day")]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.staff}"


class CallPermit(Tracked):
    """What was decided about one number of the family: whether the child may call it, and why."""

    phone = models.OneToOneField(Phone, verbose_name="电话", on_delete=models.CASCADE, related_name="call_permit")
    allowed = models.BooleanField("允许拨打")
    reason = models.CharField("原因", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "亲情电话号码许可"
        constraints = [
            models.CheckConstraint(
                name="call_permit_refusal_has_reason",
                condition=Q(allowed=True) | ~Q(reason=""),
                violation_error_message="不允许拨打要写明原因。",
            )
        ]

    def __str__(self) -> str:
        return "允许拨打" if self.allowed else "不允许拨打"


class CallBookingQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Those of children whose care one knows at least in part, and all of a day on which one is on duty."""
        duty = CallDuty.objects.filter(staff=staff, school=OuterRef("school"), on=OuterRef("on"))
        return self.filter(Q(child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.OWN)) | Exists(duty))

    def standing(self) -> Self:
        """Those that were not cancelled."""
        return self.exclude(state=CallBooking.State.CANCELLED)

    def of_the_moment(self) -> Self:
        """Calls entered as they were made, by whomever, and those for which whoever was on duty saw a number for the duty alone."""
        seen, entered = Q(shown_at__isnull=False), Q(walk_in=True) | ~Q(reason="")
        return self.filter(seen | (entered & ~Q(state=CallBooking.State.CANCELLED)))

    def by_duty(self) -> Self:
        """Those for which whoever was on duty gave a reason, or saw a number that is shown to that person for the duty alone."""
        return self.filter(Q(shown_at__isnull=False) | (~Q(reason="") & ~Q(state=CallBooking.State.CANCELLED)))


class CallBooking(Tracked):
    """One turn of one child at the phone or camera; done or tried, it has become a record."""

    class State(models.TextChoices):
        BOOKED = "booked", "已预约"
        DONE = "done", "已通话"
        NO_ANSWER = "no_answer", "没人接"
        SKIPPED = "skipped", "没有进行"
        CANCELLED = "cancelled", "已取消"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="call_bookings")
    line = models.ForeignKey(CallLine, verbose_name="线路", on_delete=models.PROTECT, related_name="bookings")
    on = models.DateField("日期")
    at = models.TimeField("时间")
    minutes = models.PositiveSmallIntegerField("时长（分钟）")
    phone = models.ForeignKey(
        Phone, verbose_name="拨打号码", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    with_whom = models.CharField("通话对象", max_length=60, blank=True)
    walk_in = models.BooleanField("现场登记", default=False)
    reason = models.CharField("现在打的原因", max_length=100, blank=True)
    shown_at = models.DateTimeField("值班时看完整号码", null=True, blank=True)
    shown_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="看号码的人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.BOOKED)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="预约人", on_delete=models.PROTECT, related_name="+"
    )
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    record = models.OneToOneField(
        CareRecord, verbose_name="记录", null=True, blank=True, on_delete=models.SET_NULL, related_name="booking"
    )

    objects = models.Manager.from_queryset(CallBookingQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "亲情电话预约"
        ordering = ["on", "at", "pk"]
        indexes = [models.Index(fields=["school", "on", "at"], name="call_booking_school_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "on", "at"],
                condition=~Q(state="cancelled"),
                name="call_turn_once",
                violation_error_message="这个时段刚刚被预约了。",
            ),
            models.UniqueConstraint(
                fields=["child", "on"],
                condition=Q(state__in=["booked", "done"]),
                name="call_child_once_a_day",
                violation_error_message="这名学生当天已经有预约。",
            ),
            models.CheckConstraint(name="call_booking_turn", condition=Q(minutes__gte=1, minutes__lte=LONGEST)),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.at:%H:%M} {self.child}"

    @property
    def at_once(self) -> bool:
        """Whether it was entered as it was made, outside the turns; a reason is asked for no other call."""
        return self.walk_in or bool(self.reason)

    @property
    def state_words(self) -> str:
        """How it stands; a call of the moment was never 已预约."""
        waits = self.at_once and self.state == self.State.BOOKED
        return "还没登记结果" if waits else self.get_state_display()


class CallCheck(Tracked):
    """The leaders' look at the family phone once a term: what was found, what is to be done (domain §13 no. 53)."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="+")
    on = models.DateField("检查日期")
    found = models.TextField("检查情况", max_length=500)
    advice = models.TextField("改进意见", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="检查人", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "亲情电话检查"
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.by}"

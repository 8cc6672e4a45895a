"""Who cares for whom, dated (domain §6.1)."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, When

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.schools.models import Appointment
from children.models import Child
from mentoring.models.mentor import Mentor, at_work


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

    def not_over(self, day: date) -> Self:
        """In force on the day or still to come."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def kept(self, day: date) -> Self:
        """Whose mentor still works at the school on the day, or comes from outside."""
        return self.filter(at_work(day, "mentor__"))

    def with_last_day(self) -> Self:
        """Adds `last_day`, the end of the mentor's last post at the school; None for who holds one, or never held one."""
        posts = Appointment.objects.filter(staff=OuterRef("mentor__staff"), school=OuterRef("mentor__school"))
        last = posts.order_by(F("ends_on").desc(nulls_first=True)).values("ends_on")[:1]
        return self.annotate(last_day=Subquery(last))

    def reaching(self, day: date) -> Self:
        """
        As `kept`, for days gone by: whose mentor had not left before the day, though the account may be closed since.

        An account that was closed while its post goes on tells no day: it counts as gone.
        """
        there = Q(mentor__staff__isnull=True) | Q(last_day__gte=day)
        return self.with_last_day().filter(there | Q(last_day__isnull=True, mentor__staff__is_active=True))

    def abandoned(self, day: date) -> Self:
        """Whose mentor has no account or no post at the school any more: nobody cares for the child."""
        return self.filter(~at_work(day, "mentor__"))

    def with_gone(self, day: date) -> Self:
        """Adds `gone`: see `abandoned`."""
        return self.annotate(
            gone=Case(When(at_work(day, "mentor__"), then=False), default=True, output_field=BooleanField())
        )

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

    items_from = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="等待移交跟进事项的原代理家长",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="更换日期到了，没有办结的跟进事项从这位老师转来。",
    )
    replaces = models.OneToOneField(
        "self",
        verbose_name="接替的结对",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="更换代理家长时，原来的那次结对。",
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

"""The hand-over of a dossier to the next school, with its receipt (features E4, Y4; domain §5.3 `out_transfer`)."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Staff
from children.models.child import Child
from children.models.register import StatusChange

RECEIPT_WITHIN = timedelta(days=15)
#: Why a dossier was called back of itself: whoever is in a class has none on its way.
CAME_BACK = "学生已重新入班，档案不再移交"
#: Why, when the leaving itself was entered by mistake.
STAYED = "离校登记有误，学生没有离开原校"
#: How long a school that waited for a dossier is told that it was called back.
TOLD_FOR = timedelta(days=30)
HANDLERS = (Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)


class TransferQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Staff) -> Self:
        """Hand-overs from or to a school at which `staff` keeps the dossiers or leads."""
        schools = staff.schools_as(*HANDLERS)
        return self.filter(Q(from_school__in=schools) | Q(to_school__in=schools))

    def open(self) -> Self:
        """Neither received nor called back."""
        return self.filter(received_on__isnull=True, cancelled_on__isnull=True)

    def called_back(self, schools: Collection[int], since: date) -> Self:
        """Called back on or after `since` while one of these schools was to receive them."""
        return self.filter(to_school__in=schools, cancelled_on__gte=since)

    def call_back(self, on: date, reason: str) -> int:
        """Call back what is open of these, as of `on` and not before it was sent; returns how many."""
        day = Greatest(F("sent_on"), Value(on, output_field=models.DateField()))
        return self.open().update(cancelled_on=day, cancel_reason=reason)

    def overdue(self, on: date) -> Self:
        """Still without a receipt after the day by which it was due."""
        return self.open().filter(due_on__lt=on)


class Transfer(Tracked):
    """
    A child's file on its way to the next school.

    The next school may be one of this installation (`to_school`), whose registrar accepts it and with it the dossier;
    or any other, which gets paper or a sealed file and returns a receipt. The former school keeps its own register
    of changes, this row and what it printed; the dossier goes with the child (least sight, design §1).
    """

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="transfers")
    line = models.OneToOneField(
        StatusChange, verbose_name="转出登记", null=True, blank=True, on_delete=models.SET_NULL, related_name="transfer"
    )
    from_school = models.ForeignKey(School, verbose_name="转出学校", on_delete=models.PROTECT, related_name="+")
    to_school = models.ForeignKey(
        School, verbose_name="转入学校", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_name = models.CharField("转入学校名称", max_length=100)
    letter_no = models.CharField("移交函编号", max_length=40, blank=True)
    items = models.JSONField("移交材料", default=list, blank=True)
    sent_on = models.DateField("移交日期")
    due_on = models.DateField("回执期限")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="移交人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    received_on = models.DateField("接收日期", null=True, blank=True)
    received_by = models.CharField("接收人", max_length=50, blank=True)
    receipt_note = models.CharField("回执说明", max_length=200, blank=True)
    cancelled_on = models.DateField("撤回日期", null=True, blank=True)
    cancel_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = models.Manager.from_queryset(TransferQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "档案移交"
        ordering = ["-sent_on", "-pk"]
        indexes = [
            models.Index(fields=["from_school", "received_on"], name="transfer_from_open"),
            models.Index(fields=["to_school", "received_on"], name="transfer_to_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(received_on__isnull=True, cancelled_on__isnull=True),
                name="transfer_one_open",
                violation_error_message="这名学生的档案正在移交，还没有收到回执。",
            ),
            models.CheckConstraint(
                name="transfer_received_after_sent",
                condition=Q(received_on__isnull=True) | Q(received_on__gte=F("sent_on")),
                violation_error_message="接收日期不能早于移交日期。",
            ),
            models.CheckConstraint(
                name="transfer_to_another_school",
                condition=Q(to_school__isnull=True) | ~Q(to_school=F("from_school")),
                violation_error_message="转入学校不能是本校。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child} → {self.to_name}"

    @property
    def is_open(self) -> bool:
        return self.received_on is None and self.cancelled_on is None

    @property
    def called_back_words(self) -> str:
        """When and why it was called back, as a sentence; empty if it was not."""
        if self.cancelled_on is None:
            return ""
        why = f"：{self.cancel_reason}" if self.cancel_reason else ""
        return f"这份档案的移交已于{chinese_date(self.cancelled_on)}撤回{why}。"

    @property
    def what_calling_back_means(self) -> str:
        """What the receiving school does after its hand-over was called back, as sentences."""
        return (
            f"本校不能再接收这份档案，也不用回执。孩子还来不来本校，请向{self.from_school.name}问清楚；"
            "真来就读的，请对方重新移交。已经收到的纸质材料退回对方。"
        )

    @property
    def left_on(self) -> date:
        """The last day at the former school; the dossier may follow later."""
        return self.line.on if self.line else self.sent_on

    def state_on(self, day: date) -> tuple[str, str]:
        """(tone, words) of the badge on the day."""
        if self.cancelled_on is not None:
            return ("neutral", "已撤回")
        if self.received_on is not None:
            return ("good", "已接收")
        return ("bad", "逾期未回执") if self.due_on < day else ("warn", "等待回执")

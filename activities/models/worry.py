"""A worry that anybody at school may report; few read it (features R3, domain §11.4)."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from activities.models.incident import Incident, IncidentNote, IncidentReport
from activities.models.record import FollowUp
from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.models import Child


class WorryQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Worries that `staff` is to look after: care lead and principal of the school, each as the reporter chose."""
        To = Worry.To
        return self.filter(
            Q(school__in=staff.schools_as(Role.CARE_LEAD), to__in=(To.BOTH, To.LEAD))
            | Q(school__in=staff.schools_as(Role.PRINCIPAL), to__in=(To.BOTH, To.PRINCIPAL))
        )

    def reported_by(self, staff: Any) -> Self:
        """One's own reports: of these one sees what was written and whether it was taken up."""
        return self.filter(reporter=staff)

    def waiting(self) -> Self:
        return self.filter(state__in=Worry.WAITING)

    def with_danger(self) -> Self:
        """Adds `in_danger`: reported as danger of this moment, and nobody but the reporter has done anything yet."""
        others = ~Q(made_by=OuterRef("reporter"))
        acted = [
            Exists(of.objects.filter(others, incident=OuterRef("incident"))) for of in (IncidentReport, IncidentNote)
        ]
        unanswered = Q(urgent=True, taken_at__isnull=True, incident__isnull=False, incident__closed_at__isnull=True)
        left = When(unanswered & ~acted[0] & ~acted[1], then=True)
        return self.annotate(in_danger=Case(left, default=False, output_field=BooleanField()))

    def to_answer(self) -> Self:
        """Those that wait for somebody, danger first: of it there is a file already, but nobody has looked at it."""
        wanted = self.with_danger().filter(Q(state__in=Worry.WAITING) | Q(in_danger=True))
        return wanted.order_by("-in_danger", "-created_at", "-pk")


class Worry(Tracked):
    """Two fields, at once, by anybody. A worry is decided upon, never deleted."""

    class To(models.TextChoices):
        BOTH = "both", "德育主任和校长"
        PRINCIPAL = "principal", "只报校长"
        LEAD = "lead", "只报德育主任"

    class State(models.TextChoices):
        NEW = "new", "待处理"
        TAKEN = "taken", "已受理"
        HANDLED = "handled", "已处理"
        RAISED = "raised", "已转为事件"
        DISMISSED = "dismissed", "不需跟进"

    WAITING = (State.NEW, State.TAKEN)

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="worries")
    child = models.ForeignKey(
        Child, verbose_name="学生", null=True, blank=True, on_delete=models.PROTECT, related_name="worries"
    )
    who = EncryptedTextField("关于谁")
    what = EncryptedTextField("看到、听到了什么")
    to = models.CharField("报给", max_length=10, choices=To, default=To.BOTH)
    urgent = models.BooleanField("现在就有危险", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.NEW)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报告人", on_delete=models.PROTECT, related_name="+"
    )
    client_key = models.UUIDField("表单编号", default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField("报告时间", auto_now_add=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="受理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField("受理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="处理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    outcome = EncryptedTextField("处理情况", blank=True, default="")
    follow_up = models.ForeignKey(
        FollowUp, verbose_name="跟进", null=True, blank=True, on_delete=models.PROTECT, related_name="worries"
    )
    incident = models.ForeignKey(
        Incident, verbose_name="事件", null=True, blank=True, on_delete=models.PROTECT, related_name="worries"
    )

    objects = models.Manager.from_queryset(WorryQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "担心的事"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "state"], name="worry_school_state"),
            models.Index(fields=["reporter", "-created_at"], name="worry_reporter"),
        ]

    def __str__(self) -> str:
        return f"担心的事 {self.pk}"

    @property
    def may_be_taken(self) -> bool:
        """Whether somebody can still say to look after it: what is new, and danger whose file was opened by itself."""
        return self.state == self.State.NEW or (
            self.urgent and self.state == self.State.RAISED and self.taken_at is None
        )

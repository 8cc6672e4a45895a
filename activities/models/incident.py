"""Worries and incidents with their clocks and report chain (domain §11.4–11.5). For named eyes only."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import School
from children.models import Child


class IncidentQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """By those with INCIDENT data of the child, and its reporter (who sees that it was taken up)."""
        return self.filter(
            Q(child__in=Child.objects.visible_to(staff, DataClass.INCIDENT, Level.READ)) | Q(reported_by=staff)
        )


class Incident(Tracked):
    class Kind(models.TextChoices):
        INJURY = "injury", "意外伤害"
        MISSING = "missing", "失踪或夜不归宿"
        VIOLENCE = "violence", "家庭暴力或虐待"
        BULLYING = "bullying", "欺凌"
        SEXUAL = "sexual", "性侵害或性骚扰"
        SELF_HARM = "self_harm", "自伤自杀"
        UNCARED = "uncared", "无人监护"
        DROPOUT = "dropout", "疑似辍学"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        REPORTED = "reported", "已报告"
        HANDLING = "handling", "处理中"
        CLOSED = "closed", "已结案"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="incidents")
    child = models.ForeignKey(
        Child, verbose_name="涉及学生", null=True, blank=True, on_delete=models.PROTECT, related_name="incidents"
    )
    kind = models.CharField("类型", max_length=12, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.REPORTED)
    found_at = models.DateTimeField("发现时间")
    happened_at = models.DateTimeField("发生时间", null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    account = EncryptedTextField("简要经过")
    injury = EncryptedTextField("伤情", blank=True, default="")
    measures = EncryptedTextField("已采取措施", blank=True, default="")
    must_report = models.CharField("强制报告情形", max_length=40, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报告人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    outcome = EncryptedTextField("处置与后续保护", blank=True, default="")

    objects = models.Manager.from_queryset(IncidentQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        ordering = ["-found_at"]
        indexes = [models.Index(fields=["school", "state"], name="incident_school_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.found_at:%Y-%m-%d}"


class IncidentReport(Tracked):
    """Who was told at what minute: police, education, civil affairs, guardian (skippable with a reason)."""

    class To(models.TextChoices):
        HEAD = "head", "校长"
        POLICE = "police", "公安机关"
        EDUCATION = "education", "教育部门"
        CIVIL = "civil", "民政部门"
        GUARDIAN = "guardian", "监护人"

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="reports")
    to = models.CharField("报告对象", max_length=10, choices=To)
    at = models.DateTimeField("时间")
    way = models.CharField("方式", max_length=20, blank=True)
    received_by = models.CharField("接收人", max_length=50, blank=True)
    receipt = models.CharField("回执号", max_length=40, blank=True)
    skipped_reason = models.CharField("未通知原因", max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报告人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "事件报告"
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.get_to_display()} {self.at:%H:%M}"

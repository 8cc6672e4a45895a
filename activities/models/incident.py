"""Incidents with their clocks, report chain and course (domain §11.4–11.5). For named eyes only."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import SCHOOL_ROLES, DataClass, Level, roles_for
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models import Child, StatusChange
from children.models.file import StoredFile

#: How many names stand in a heading before they are counted.
MOST_NAMES = 3


def schools_read(staff: Any) -> list[School]:
    """The schools of which this person reads every file that is not kept to named people; others read where they are named."""
    readers = roles_for(DataClass.INCIDENT, Level.READ) & SCHOOL_ROLES
    return staff.schools_as(*readers) if readers else []


class IncidentQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """
        Files that `staff` may open: those of the school's readers of INCIDENT data, and those one is named in.

        A file kept to named people is open to nobody else, whatever the post. The reporter of a worry is not among the
        readers: it is told that the worry was taken up (features R3).
        """
        named = Exists(IncidentMember.objects.filter(incident=OuterRef("pk"), staff=staff, ended_at__isnull=True))
        return self.filter(named | Q(named_only=False, school__in=schools_read(staff)))

    def open(self) -> Self:
        return self.exclude(state=Incident.State.CLOSED)

    def legal_aid(self) -> tuple[int, int]:
        """How many files got legal aid, and how many need or got it (法律援助 100%, domain §13, row 85)."""
        aid = Incident.LegalAid
        told = self.real().aggregate(
            given=Count("pk", filter=Q(legal_aid=aid.GIVEN)),
            needed=Count("pk", filter=Q(legal_aid__in=(aid.WANTED, aid.GIVEN))),
        )
        return told["given"], told["needed"]

    def with_children(self) -> Self:
        """The files with whom they concern, each child with its class; two statements more."""
        concerned = IncidentChild.objects.select_related("child__school_class__school", "child__school")
        return self.prefetch_related(Prefetch("involved", concerned))

    def real(self) -> Self:
        """Drills are practice: they count nowhere."""
        return self.filter(is_drill=False)


class Incident(Tracked):
    class Kind(models.TextChoices):
        INJURY = "injury", "意外伤害"
        MISSING = "missing", "失踪或夜不归宿"
        VIOLENCE = "violence", "家庭暴力或虐待"
        BULLYING = "bullying", "欺凌"
        SEXUAL = "sexual", "性侵害或性骚扰"
        SELF_HARM = "self_harm", "自伤自杀"
        UNCARED = "uncared", "无人监护"
        CRIME = "crime", "其他不法侵害"
        ILLNESS = "illness", "中毒或急病"
        DEATH = "death", "死亡"
        DROPOUT = "dropout", "疑似辍学"
        RIGHTS = "rights", "其他权益受侵害"
        OTHER = "other", "其他"

    class LegalAid(models.TextChoices):
        NOT_NEEDED = "not_needed", "不需要"
        WANTED = "wanted", "需要，还没有得到"
        GIVEN = "given", "已得到"

    class State(models.TextChoices):
        REPORTED = "reported", "已报告"
        HANDLING = "handling", "处理中"
        CLOSED = "closed", "已结案"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="incidents")
    children = models.ManyToManyField(
        Child, verbose_name="涉及学生", through="IncidentChild", related_name="incidents", blank=True
    )
    others = EncryptedTextField("其他涉及人员", blank=True, default="")
    kind = models.CharField("类型", max_length=12, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.REPORTED)
    found_at = models.DateTimeField("发现时间")
    taken_at = models.DateTimeField("受理时间", null=True, blank=True)
    happened_at = models.DateTimeField("发生时间", null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    found_by = models.CharField("发现人", max_length=50, blank=True)
    account = EncryptedTextField("简要经过")
    injury = EncryptedTextField("伤情", blank=True, default="")
    measures = EncryptedTextField("已采取措施", blank=True, default="")
    situations = models.JSONField("强制报告情形", default=list, blank=True)
    weighed = models.BooleanField("强制报告情形已判断", default=True)
    legal_aid = models.CharField("法律援助", max_length=10, choices=LegalAid, blank=True, default="")
    named_only = models.BooleanField("只限知情人名单", default=False)
    is_drill = models.BooleanField("应急演练", default=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报告人", on_delete=models.PROTECT, related_name="+"
    )
    register_line = models.ForeignKey(
        StatusChange, verbose_name="变动登记", null=True, blank=True, on_delete=models.PROTECT, related_name="incidents"
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    closed_at = models.DateTimeField("结案时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="结案人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = EncryptedTextField("处置结果", blank=True, default="")
    aftercare = EncryptedTextField("后续保护与心理支持", blank=True, default="")

    objects = models.Manager.from_queryset(IncidentQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        ordering = ["-found_at"]
        indexes = [
            models.Index(fields=["school", "state"], name="incident_school_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {chinese_date(timezone.localdate(self.found_at))}"

    @property
    def clock_from(self) -> datetime:
        """
        Since when those who must report know of it: discovery, and of a worry the moment in which it was taken up.

        A worry is a suspicion until somebody who leads weighs it; the finder has told the next in the chain with it
        (domain §11.5).
        """
        return max(self.found_at, self.taken_at or self.found_at)

    @property
    def number(self) -> str:
        """编号 as papers print it: the year of discovery and the running number."""
        return f"{timezone.localtime(self.found_at):%Y}-{self.pk:04}"

    @property
    def what(self) -> str:
        """What happened, as headings and lists say it; of danger that nobody has judged yet just that."""
        if self.kind == self.Kind.OTHER and not self.weighed:
            return "现在就有危险（待判断）"
        return self.get_kind_display()

    @property
    def names(self) -> str:
        """The pupils of the file in one line: 李小兰、王小明, from four on 李小兰等4人. Nothing if nobody is named."""
        found = [one.child.name for one in self.involved.all()]
        return f"{found[0]}等{len(found)}人" if len(found) > MOST_NAMES else "、".join(found)


class IncidentChild(Tracked):
    """A pupil of a file, what part it had in it, and whether its guardian may be told (domain §11.4)."""

    class Part(models.TextChoices):
        CONCERNED = "concerned", "当事学生"
        HARMED = "harmed", "受到伤害"
        ACTED = "acted", "实施伤害"
        WITNESS = "witness", "目击或知情"

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="involved")
    child = models.ForeignKey(Child, verbose_name="涉及学生", on_delete=models.PROTECT, related_name="incident_parts")
    part = models.CharField("涉及情况", max_length=10, choices=Part, default=Part.CONCERNED)
    guardian_suspected = models.BooleanField("监护人有侵害嫌疑", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "事件涉及学生"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "child"],
                name="incident_child_once",
                violation_error_message="这名学生已经在这份档案里。",
            )
        ]

    def __str__(self) -> str:
        return self.child.name

    @property
    def guardian_to_be_told(self) -> bool:
        """Whose guardian is told, or not told for a reason; that of a pupil who only saw it need not be."""
        return self.part != self.Part.WITNESS


class IncidentReport(Tracked):
    """Who was told at what minute; the guardian may be left out with a reason (domain §11.4)."""

    class To(models.TextChoices):
        DUTY = "duty", "值班领导"
        HEAD = "head", "校长"
        POLICE = "police", "公安机关"
        EDUCATION = "education", "教育部门"
        CIVIL = "civil", "民政部门"
        HEALTH = "health", "卫生急救"
        GUARDIAN = "guardian", "监护人"
        TOWNSHIP = "township", "乡镇人民政府"
        OTHER = "other", "其他单位"

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="reports")
    to = models.CharField("报告对象", max_length=10, choices=To)
    about = models.ForeignKey(
        IncidentChild,
        verbose_name="哪名学生的监护人",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="reports",
    )
    at = models.DateTimeField("时间")
    way = models.CharField("方式", max_length=20, blank=True)
    received_by = models.CharField("接收人", max_length=50, blank=True)
    receipt = models.CharField("回执号", max_length=40, blank=True)
    skipped_reason = models.CharField("未通知原因", max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报告人", on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "事件报告"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_to_display()} {timezone.localtime(self.at):%H:%M}"


class IncidentMember(Tracked):
    """知情人: somebody who must know, named for this one file, from when to when."""

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="members")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="知情人", on_delete=models.PROTECT, related_name="+"
    )
    part = models.CharField("承担的工作", max_length=60, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="指定人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField("指定时间", default=timezone.now)
    ended_at = models.DateTimeField("退出时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "知情人"
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "staff"],
                condition=Q(ended_at__isnull=True),
                name="incident_member_once",
                violation_error_message="这位老师已经在知情人名单里。",
            )
        ]

    def __str__(self) -> str:
        return str(self.staff)


class IncidentNote(Tracked):
    """One line of the course of an incident. Nothing is rewritten: a correction is a line of its own."""

    class Kind(models.TextChoices):
        STEP = "step", "处置"
        AMENDMENT = "amendment", "更正"
        REOPENED = "reopened", "重新处理"

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.STEP)
    at = models.DateTimeField("时间")
    text = EncryptedTextField("内容")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    entered_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "处置经过"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.get_kind_display()}"


class IncidentFile(StoredFile):
    """A photo or PDF of a file: opened by those who open the file, every look is logged (domain §11.5, 附件)."""

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="files")

    class Meta:
        verbose_name = verbose_name_plural = "事件附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="incident_file_removed_has_reason",
                condition=Q(removed_on__isnull=True) | ~Q(removed_reason=""),
                violation_error_message="请写明移除原因。",
            )
        ]

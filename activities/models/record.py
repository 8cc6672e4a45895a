"""One table for all contact kept about a child: talk, visit, call, tutoring … (domain §7)."""

import uuid
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level, Role
from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass
from children.models import Child
from mentoring.models import Mentor


class Kind(models.TextChoices):
    """What was done (domain §7.1–7.16)."""

    TALK = "talk", "谈心"
    HOME_VISIT = "home_visit", "家访"
    CALL = "call", "亲情电话"
    VIDEO = "video", "亲情视频"
    LETTER = "letter", "亲情书信"
    PARENT_CONTACT = "parent_contact", "与家长联系"
    HOMEWORK = "homework", "检查作业"
    TUTORING = "tutoring", "学习辅导"
    MEAL = "meal", "共进亲情餐"
    COUNSELLING = "counselling", "心理辅导"
    READING = "reading", "阅读"
    GOOD_DEED = "good_deed", "做有意义的事"
    BIRTHDAY = "birthday", "过生日"
    ILLNESS = "illness", "患病照料"
    OTHER = "other", "其他关爱"


class Topic(models.TextChoices):
    """What was talked about; the five of domain §8.4 first."""

    STUDY = "study", "学习"
    LIFE = "life", "生活"
    MOOD = "mood", "情绪"
    FRIENDS = "friends", "交友"
    BODY = "body", "身体"
    SAFETY = "safety", "安全"
    FAMILY = "family", "家庭"
    CONDUCT = "conduct", "行为习惯"
    PRAISE = "praise", "表扬鼓励"


class Place(models.TextChoices):
    OFFICE = "office", "办公室"
    CLASSROOM = "classroom", "教室"
    CORRIDOR = "corridor", "走廊"
    YARD = "yard", "操场"
    DORM = "dorm", "宿舍"
    CARE_HOME = "care_home", "留守儿童之家"
    COUNSELLING_ROOM = "counselling_room", "心理辅导室"
    HOME = "home", "学生家中"
    ELSEWHERE = "elsewhere", "其他"


class Way(models.TextChoices):
    FACE = "face", "当面"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"
    WRITING = "writing", "书面"


class ChildState(models.TextChoices):
    """How the child was."""

    GOOD = "good", "良好"
    STEADY = "steady", "平稳"
    LOW = "low", "低落"
    WORRYING = "worrying", "需要关注"


class Visibility(models.TextChoices):
    NORMAL = "normal", "一般"
    RESTRICTED = "restricted", "限知情人"


#: With whom one spoke, where it was no parent, and which way a letter went: what `detail` says of a contact.
NOT_PARENTS = ("祖辈", "其他亲属", "其他监护人")
SENT, RECEIVED = "寄出", "收到"


def said(name: str) -> Coalesce:
    """What the details of a record say under a name; empty where they say nothing."""
    return Coalesce(KT(f"detail__{name}"), Value(""), output_field=models.TextField())


class RecordGroup(Tracked):
    """Ties the records of one group talk together: one occasion, n heads."""

    kind = models.CharField("类别", max_length=20, choices=Kind)
    on = models.DateField("日期")
    title = models.CharField("主题", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "集体记录"

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.get_kind_display()}"


class CareRecordQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """
        Records that `staff` may read.

        All of a child for who gets CARE data of it; one's own record while one still sees the child;
        restricted ones only by the author and the leads. Counselling is kept apart: its records are a grey line.
        """
        own = Q(author=staff, child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.OWN))
        open_ones = Q(
            child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.READ), visibility=Visibility.NORMAL
        )
        lead_schools = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        restricted = Q(visibility=Visibility.RESTRICTED, child__school__in=lead_schools)
        return self.filter(own | open_ones | restricted)

    def written_by(self, staff: Any) -> Self:
        """Those of `visible_to` that this person wrote: one's own of the children whom one still sees."""
        return self.filter(author=staff, child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.OWN))

    def between(self, first: date, last: date) -> Self:
        """By the day it happened, both days included."""
        return self.filter(on__gte=first, on__lte=last)

    def reached(self) -> Self:
        return self.filter(reached=True)

    def with_parents(self) -> Self:
        """Leaves out those of which it is told that no parent was spoken with."""
        return self.alias(said_to=said("relation")).exclude(said_to__in=NOT_PARENTS)

    def beside(self, record: "CareRecord") -> Self:
        """The others of its group talk, by name."""
        others = self.filter(group=record.group_id) if record.group_id else self.none()
        return others.exclude(pk=record.pk).select_related("school", "child").order_by("child__pinyin", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-on", "-pk")


class CareRecord(Tracked):
    """
    One contact with or about one child. The entry time stands beside the day it happened.

    `client_key` comes with the form: pressing twice makes one record. `detail` holds the fields of the kind
    (activities.kinds), so that one table answers every timeline, count and programme.
    """

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="records")
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="当时班级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("类别", max_length=20, choices=Kind)
    on = models.DateField("日期")
    at = models.TimeField("时间", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("时长（分钟）", null=True, blank=True)
    place = models.CharField("地点", max_length=20, choices=Place, blank=True)
    place_note = models.CharField("地点说明", max_length=60, blank=True)
    way = models.CharField("方式", max_length=10, choices=Way, default=Way.FACE)
    with_whom = models.CharField("对象", max_length=60, blank=True)
    reached = models.BooleanField("是否完成", default=True)
    topics = models.JSONField("话题", default=list, blank=True)
    content = EncryptedTextField("内容", blank=True, default="")
    state = models.CharField("学生状态", max_length=10, choices=ChildState, blank=True)
    advice = models.CharField("建议和措施", max_length=500, blank=True)
    detail = models.JSONField("专项内容", default=dict, blank=True)
    visibility = models.CharField("知情范围", max_length=12, choices=Visibility, default=Visibility.NORMAL)
    group = models.ForeignKey(
        RecordGroup, verbose_name="集体记录", null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="记录人", on_delete=models.PROTECT, related_name="care_records"
    )
    mentor = models.ForeignKey(
        Mentor, verbose_name="代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    client_key = models.UUIDField("表单编号", default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = models.Manager.from_queryset(CareRecordQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "关爱记录"
        indexes = [
            models.Index(fields=["child", "-on", "-id"], name="record_child_on"),
            models.Index(fields=["child", "kind", "reached", "on"], name="record_child_kind_on"),
            models.Index(fields=["school", "on", "kind"], name="record_school_on_kind"),
            models.Index(fields=["school_class", "on", "kind"], name="record_class_on_kind"),
            models.Index(fields=["school", "created_at"], name="record_school_written"),
            models.Index(fields=["author", "-on"], name="record_author_on"),
            models.Index(fields=["mentor", "on"], name="record_mentor_on"),
        ]
        constraints = [
            models.CheckConstraint(name="record_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="record_visibility_known", condition=Q(visibility__in=Visibility.values)),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.get_kind_display()}"

    @property
    def topic_names(self) -> str:
        """Topics in Chinese, joined."""
        return "、".join(Topic(t).label for t in self.topics if t in Topic.values)

    @property
    def is_late(self) -> bool:
        """Entered more than three days after it happened."""
        return (timezone.localdate(self.created_at) - self.on).days > 3


class RecordAddendum(Tracked):
    """After the school's edit window a record is not rewritten; its author adds to it, with a reason."""

    record = models.ForeignKey(CareRecord, verbose_name="记录", on_delete=models.CASCADE, related_name="addenda")
    text = EncryptedTextField("补充内容")
    reason = models.CharField("补充原因", max_length=100)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="补充人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("补充时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "补充说明"
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.record} 补充"


class CounsellingNoteQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Only by counsellors of the child's school (policy table: COUNSELLING is theirs alone)."""
        return self.filter(record__child__in=Child.objects.visible_to(staff, DataClass.COUNSELLING, Level.READ))

    def waiting_for(self, author: Any, day: date) -> Self:
        """
        Those of `author` that ask for something: a high risk without its next step, a next talk that has passed by.

        A later counselling of the child settles both.
        """
        later = CareRecord.objects.filter(
            child=OuterRef("record__child"), kind=Kind.COUNSELLING, reached=True, on__gt=OuterRef("record__on")
        )
        asking = Q(risk=CounsellingNote.HIGH, step="") | Q(next_on__lt=day)
        return self.visible_to(author).filter(asking, ~Exists(later), record__author=author)


class CounsellingNote(Tracked):
    """The content of a counselling record, in a store of its own; the record itself is a grey line to others."""

    class Step(models.TextChoices):
        REPORTED = "reported", "报告德育主任和校长"
        KNOWN = "known", "学校已知情，按原来的安排"
        AGAIN = "again", "先不报告，近日再辅导"

    HIGH = "high"

    record = models.OneToOneField(CareRecord, verbose_name="记录", on_delete=models.CASCADE, related_name="counselling")
    complaint = EncryptedTextField("主诉", blank=True, default="")
    assessment = EncryptedTextField("评估", blank=True, default="")
    process = EncryptedTextField("过程", blank=True, default="")
    advice = EncryptedTextField("建议", blank=True, default="")
    referral = EncryptedTextField("转介", blank=True, default="")
    risk = models.CharField(
        "风险程度", max_length=10, blank=True, choices=[("low", "低"), ("middle", "中"), ("high", "高")]
    )
    next_on = models.DateField("下次辅导", null=True, blank=True)
    step = models.CharField("高风险的下一步", max_length=10, blank=True, choices=Step)

    objects = models.Manager.from_queryset(CounsellingNoteQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "心理辅导内容"

    def __str__(self) -> str:
        return f"{self.record} 辅导"


class FollowUpQuerySet(TrackedQuerySet):
    def open(self) -> Self:
        return self.filter(done_on__isnull=True)

    def promised_by(self, staff: Any) -> Self:
        """Those of `visible_to` that this person is to do: for the children whom one still sees."""
        return self.filter(owner=staff, child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.OWN))

    def due_by(self, day: date) -> Self:
        return self.open().filter(due_on__lte=day)

    def overdue(self, day: date) -> Self:
        return self.open().filter(due_on__lt=day)

    def visible_to(self, staff: Any) -> Self:
        """
        Own follow-ups and those of children whose care data one reads.

        A promise from a restricted record is as restricted as the record.
        """
        known = Q(record__isnull=True) | ~Q(record__visibility=Visibility.RESTRICTED) | Q(record__author=staff)
        known |= Q(child__school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))
        return self.filter(
            Q(owner=staff, child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.OWN))
            | Q(known, child__in=Child.objects.visible_to(staff, DataClass.CARE, Level.READ))
        )


class FollowUp(Tracked):
    """
    Something promised: by whom, until when; closed by another record or with a word.

    `retry` marks one that a contact which was not reached left behind: the next reached contact of that kind closes it.
    """

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="follow_ups")
    record = models.ForeignKey(
        CareRecord, verbose_name="来自记录", null=True, blank=True, on_delete=models.CASCADE, related_name="follow_ups"
    )
    what = models.CharField("跟进事项", max_length=200)
    due_on = models.DateField("跟进日期")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="负责人", on_delete=models.PROTECT, related_name="follow_ups"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="交办人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    retry = models.CharField(
        "再次联系的类别", max_length=20, choices=Kind, blank=True, help_text="没联系上时自动登记，联系上后自动办结。"
    )
    done_on = models.DateField("完成日期", null=True, blank=True)
    closed_by = models.ForeignKey(
        CareRecord, verbose_name="办结记录", null=True, blank=True, on_delete=models.SET_NULL, related_name="closes"
    )
    outcome = models.CharField("结果", max_length=200, blank=True)

    objects = models.Manager.from_queryset(FollowUpQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "跟进"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["owner", "done_on", "due_on"], name="followup_owner_due"),
            models.Index(fields=["child", "done_on"], name="followup_child_open"),
            models.Index(fields=["due_on"], name="followup_open_due", condition=Q(done_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{chinese_date(self.due_on)} {self.what}"


class Phrase(Tracked):
    """A sentence a teacher uses again."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="所有人", on_delete=models.CASCADE, related_name="phrases"
    )
    text = models.CharField("常用语", max_length=200)
    kind = models.CharField("类别", max_length=20, choices=Kind, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "常用语"

    def __str__(self) -> str:
        return self.text[:20]

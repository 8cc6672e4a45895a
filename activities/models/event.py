"""Activities, meetings and who came to them; the use of the care home (domain §9)."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from activities.models.group import InterestGroup, OfSchoolQuerySet
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from caretrack.schools.models import School, SchoolClass, Term
from children.models import Child
from mentoring.models import Mentor


class ActivityQuerySet(OfSchoolQuerySet):
    def held(self) -> Self:
        """Those that took place as far as is told: how it went, others who came, or a pupil who did."""
        came = ActivityParticipant.objects.present().filter(activity=OuterRef("pk"))
        return self.filter(~Q(process="") | ~Q(effect="") | Q(others_count__gt=0) | Exists(came))


class Activity(Tracked):
    class Kind(models.TextChoices):
        CLASS_MEETING = "class_meeting", "主题班队会"
        LECTURE = "lecture", "讲座"
        GROUP = "group", "兴趣小组"
        SHOW = "show", "文艺演出"
        SPORT = "sport", "体育活动"
        CONTEST = "contest", "演讲征文书画"
        READING = "reading", "读书活动"
        OUTING = "outing", "游览实践"
        VISIT = "visit", "慰问"
        BIRTHDAY = "birthday", "集体生日"
        FILM = "film", "观影"
        OPEN_DAY = "open_day", "家长开放日"
        DRILL = "drill", "应急疏散演练"
        SURROUNDINGS = "surroundings", "校园周边整治"
        PUBLICITY = "publicity", "宣传和广播"
        MIND = "mind", "心理健康课和团辅"
        LABOUR = "labour", "劳动技能"
        HAND_IN_HAND = "hand_in_hand", "手拉手"
        OTHER = "other", "其他"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="activities")
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    kind = models.CharField("类别", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=80)
    on = models.DateField("日期")
    place = models.CharField("地点", max_length=60, blank=True)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="负责人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    process = models.TextField("过程", blank=True)
    effect = models.TextField("效果", blank=True)
    cost = models.DecimalField("经费（元）", max_digits=9, decimal_places=2, null=True, blank=True)
    others_count = models.PositiveSmallIntegerField("其他参加人数", default=0)
    at = models.TimeField("时间", null=True, blank=True)
    audience = models.CharField("参加对象", max_length=60, blank=True, help_text="如：全体留守学生、四年级")
    group = models.ForeignKey(
        InterestGroup, verbose_name="小组", null=True, blank=True, on_delete=models.PROTECT, related_name="sessions"
    )
    client_key = models.UUIDField("表单编号", null=True, blank=True, unique=True, editable=False)

    #: Activities are for the children; their carers may come along.
    for_carers: ClassVar = False

    objects = models.Manager.from_queryset(ActivityQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on", "kind"], name="activity_school_on")]
        constraints = [models.CheckConstraint(name="activity_name_given", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name


class MeetingQuerySet(OfSchoolQuerySet):
    def held(self) -> Self:
        """Those that took place as far as is told: minutes, a number of those who came, or somebody who did."""
        came = ActivityParticipant.objects.present().filter(meeting=OuterRef("pk"))
        grown_ups = MeetingAttendee.objects.filter(meeting=OuterRef("pk"), came=True)
        return self.filter(~Q(minutes="") | Q(present__gt=0) | Exists(came) | Exists(grown_ups))

    def changeable_by(self, staff: Any) -> Self:
        leads = staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)
        classes = staff.classes_as(Role.HOMEROOM)
        return self.visible_to(staff).filter(Q(school__in=leads) | Q(school_class__in=classes) | Q(keeper=staff))

    def minutes_open_to(self, staff: Any) -> Self:
        """Those whose minutes `staff` may read: who may change them, and mentors and staff who are on the list."""
        invited = Q(attendees__staff=staff) | Q(attendees__mentor__staff=staff)
        changes = self.changeable_by(staff).order_by().values("pk")
        invitations = self.visible_to(staff).filter(invited).order_by().values("pk")
        return self.filter(Q(pk__in=changes) | Q(pk__in=invitations))


class Meeting(Tracked):
    class Kind(models.TextChoices):
        ROUNDTABLE = "roundtable", "留守儿童座谈会"
        MENTORS = "mentors", "代理家长座谈会"
        CLASS = "class", "班级留守儿童会"
        CARERS = "carers", "监护人会"
        PARENT_SCHOOL = "parent_school", "家长学校"
        STAFF = "staff", "研讨会"
        SUMMARY = "summary", "总结表彰会"
        BUS = "bus", "司机家长会"
        JOINT = "joint", "联席会议"
        CARE_GROUP = "care_group", "领导小组会"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="meetings")
    school_class = models.ForeignKey(
        SchoolClass, verbose_name="班级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    term = models.ForeignKey(
        Term, verbose_name="学期", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("类别", max_length=20, choices=Kind)
    on = models.DateField("日期")
    place = models.CharField("地点", max_length=60, blank=True)
    chair = models.CharField("主持人", max_length=50, blank=True)
    agenda = models.TextField("议题", blank=True)
    minutes = models.TextField("记录", blank=True)
    opinions = models.TextField("意见和落实", blank=True)
    expected = models.PositiveSmallIntegerField("应到", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到", null=True, blank=True)
    at = models.TimeField("时间", null=True, blank=True)
    title = models.CharField("会议名称", max_length=60, blank=True)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="记录人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    client_key = models.UUIDField("表单编号", null=True, blank=True, unique=True, editable=False)

    #: Meetings to which the carers come, not the children.
    FOR_CARERS: ClassVar = frozenset({"carers", "parent_school", "bus"})

    objects = models.Manager.from_queryset(MeetingQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on", "kind"], name="meeting_school_on")]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.name}"

    @property
    def name(self) -> str:
        """What it is called: its own name, else its kind."""
        return self.title or self.get_kind_display()

    @property
    def for_carers(self) -> bool:
        return self.kind in self.FOR_CARERS


#: What makes it known of a participant whether they came.
TOLD = Q(called=True) | Q(came=True) | Q(carer_came=True) | ~Q(absence="")


class ParticipantQuerySet(TrackedQuerySet):
    def present(self) -> Self:
        """Those who came, the child or its carer; the others were expected."""
        return self.filter(Q(came=True) | Q(carer_came=True))

    def told(self) -> Self:
        """Those of whom it is known whether they came: the roll that they stand on was saved, or their own line says so."""
        return self.filter(TOLD)


class ActivityParticipant(Tracked):
    """A child expected at an activity or a meeting (应到), and whether it or its carer came (实到)."""

    activity = models.ForeignKey(
        Activity, verbose_name="活动", null=True, blank=True, on_delete=models.CASCADE, related_name="participants"
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name="会议", null=True, blank=True, on_delete=models.CASCADE, related_name="participants"
    )
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="participations")
    came = models.BooleanField("学生到场", default=True)
    carer_came = models.BooleanField("监护人参加", default=False)
    carer = models.CharField("到会监护人", max_length=40, blank=True)
    absence = models.CharField("缺席原因", max_length=60, blank=True)
    called = models.BooleanField("已点名", default=False)
    priority = models.BooleanField("优先安排", default=False)
    role = models.CharField("担任", max_length=30, blank=True)
    prize = models.CharField("获奖", max_length=40, blank=True)

    objects = models.Manager.from_queryset(ParticipantQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "参加者"
        constraints = [
            models.CheckConstraint(
                name="participant_of_one",
                condition=Q(activity__isnull=False, meeting__isnull=True)
                | Q(activity__isnull=True, meeting__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["activity", "child"], condition=Q(activity__isnull=False), name="participant_activity_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "child"], condition=Q(meeting__isnull=False), name="participant_meeting_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}"

    @property
    def told(self) -> bool:
        """Whether it is known if they came; else the roll of their class is still to be called."""
        return self.called or self.came or self.carer_came or bool(self.absence)


class MeetingAttendee(Tracked):
    """A grown-up expected at a meeting who is not there for one child: mentor, teacher, guest."""

    meeting = models.ForeignKey(Meeting, verbose_name="会议", on_delete=models.CASCADE, related_name="attendees")
    mentor = models.ForeignKey(
        Mentor, verbose_name="代理家长", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="教职工",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField("姓名", max_length=50)
    capacity = models.CharField("身份", max_length=30, blank=True)
    came = models.BooleanField("到会", default=False)
    absence = models.CharField("缺席原因", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "与会人员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "mentor"], condition=Q(mentor__isnull=False), name="attendee_mentor_once"
            ),
            models.UniqueConstraint(
                fields=["meeting", "staff"], condition=Q(staff__isnull=False), name="attendee_staff_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingTaskQuerySet(TrackedQuerySet):
    def open(self) -> Self:
        return self.filter(done_on__isnull=True)


class MeetingTask(Tracked):
    """What a meeting decided: who does it until when, and what came of it."""

    meeting = models.ForeignKey(Meeting, verbose_name="会议", on_delete=models.CASCADE, related_name="tasks")
    what = models.CharField("落实事项", max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="落实人", on_delete=models.PROTECT, related_name="meeting_tasks"
    )
    due_on = models.DateField("期限")
    done_on = models.DateField("办结日期", null=True, blank=True)
    outcome = models.CharField("落实情况", max_length=200, blank=True)

    objects = models.Manager.from_queryset(MeetingTaskQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "落实事项"
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["owner", "done_on", "due_on"], name="meeting_task_owner")]

    def __str__(self) -> str:
        return self.what


class CareHomeVisit(Tracked):
    """留守儿童之家 use: who came, for what (domain §9.5)."""

    class Use(models.TextChoices):
        READING = "reading", "阅读借书"
        PHONE = "phone", "亲情电话"
        VIDEO = "video", "亲情视频"
        GAMES = "games", "文体活动"
        TUTORING = "tutoring", "作业辅导"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="care_home_visits")
    on = models.DateField("日期")
    use = models.CharField("用途", max_length=12, choices=Use)
    duty = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="值班教师", null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "留守儿童之家使用"
        indexes = [models.Index(fields=["school", "on"], name="care_home_school_on")]

    def __str__(self) -> str:
        return f"{chinese_date(self.on)} {self.child}"

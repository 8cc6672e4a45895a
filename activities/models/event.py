"""Activities, meetings and the use of the care home (domain §9)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked
from caretrack.schools.models import School, SchoolClass, Term
from children.models import Child


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

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on", "kind"], name="activity_school_on")]
        constraints = [models.CheckConstraint(name="activity_name_given", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name


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

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "on", "kind"], name="meeting_school_on")]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()}"


class ActivityParticipant(Tracked):
    """A child (or its carer) at an activity or a meeting."""

    activity = models.ForeignKey(
        Activity, verbose_name="活动", null=True, blank=True, on_delete=models.CASCADE, related_name="participants"
    )
    meeting = models.ForeignKey(
        Meeting, verbose_name="会议", null=True, blank=True, on_delete=models.CASCADE, related_name="participants"
    )
    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="participations")
    carer_came = models.BooleanField("监护人参加", default=False)
    role = models.CharField("担任", max_length=30, blank=True)
    prize = models.CharField("获奖", max_length=40, blank=True)

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
        return f"{self.on} {self.child}"

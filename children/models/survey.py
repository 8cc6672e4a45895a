"""Questionnaires of a term: what is asked, and one sheet for everybody who answered (domain §7.15; systems 18 and 22)."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, When

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass
from caretrack.schools.models import School, SchoolClass, Term
from children.models.child import Child


class SurveyQuerySet(TrackedQuerySet):
    def open(self) -> Self:
        """Handed out, and sheets still come in."""
        return self.filter(opened_on__isnull=False, closed_on__isnull=True)

    def held(self, terms: Iterable[int]) -> Self:
        """The questionnaires of these terms that were handed out: what a plan of the term counts."""
        return self.filter(term__in=list(terms), opened_on__isnull=False)


class Survey(Tracked):
    """
    A questionnaire: drafted, handed out, closed. Once a sheet is in its questions stand still.

    `questions` is a list of {"text", "kind", "options"} as `children.surveys.wording` reads and writes it.
    """

    class Audience(models.TextChoices):
        PUPILS = "pupils", "学生"
        CARERS = "carers", "监护人"
        PARENTS = "parents", "外出父母"

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="surveys")
    term = models.ForeignKey(Term, verbose_name="学期", on_delete=models.PROTECT, related_name="surveys")
    title = models.CharField("名称", max_length=60)
    purpose = models.CharField("卷首语", max_length=300, blank=True)
    audience = models.CharField("谁来填写", max_length=10, choices=Audience, default=Audience.PUPILS)
    anonymous = models.BooleanField("不记名", default=True)
    questions = models.JSONField("题目", default=list)
    due_on = models.DateField("录入期限", null=True, blank=True)
    opened_on = models.DateField("发放日期", null=True, blank=True)
    closed_on = models.DateField("结束日期", null=True, blank=True)

    objects = models.Manager.from_queryset(SurveyQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "问卷"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term", "title"],
                name="survey_title_once",
                violation_error_message="本学期已有同名的问卷，请换一个名称。",
            ),
            models.CheckConstraint(
                name="survey_audience_known", condition=Q(audience__in=["pupils", "carers", "parents"])
            ),
            models.CheckConstraint(
                name="survey_closed_after_opened",
                condition=Q(closed_on__isnull=True) | Q(opened_on__isnull=False, closed_on__gte=F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def running(self) -> bool:
        """Whether sheets may be entered."""
        return self.opened_on is not None and self.closed_on is None


class SurveySheetQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Sheets without a name, and those of children whose care this person may read about."""
        read = Child.objects.visible_to(staff, DataClass.CARE).order_by().values("pk")
        return self.filter(Q(child__isnull=True) | Q(child__in=read))

    def placed(self) -> Self:
        """
        Each with `place`, the class (id) that it counts for and whose teacher keeps it.

        A sheet by name goes with its pupil to another class of the school; one without a name stays with the class for
        which it was entered, as does that of a pupil who has left.
        """
        at_school = Q(child__school_class__school=F("survey__school"))
        return self.annotate(place=Case(When(at_school, then=F("child__school_class")), default=F("school_class")))


class SurveySheet(Tracked):
    """One paper that came back. Without a name it holds nothing that leads to a child but the class."""

    class Group(models.TextChoices):
        LEFT_BEHIND = "left_behind", "留守学生"
        OTHER = "other", "其他学生"
        UNSTATED = "", "没有填写"

    survey = models.ForeignKey(Survey, verbose_name="问卷", on_delete=models.PROTECT, related_name="sheets")
    school_class = models.ForeignKey(SchoolClass, verbose_name="班级", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(
        Child, verbose_name="学生", null=True, blank=True, on_delete=models.CASCADE, related_name="survey_sheets"
    )
    group = models.CharField("类别", max_length=12, choices=Group, blank=True, default=Group.UNSTATED)
    answers = EncryptedTextField("回答")
    entered_on = models.DateField("录入日期", null=True, blank=True)
    client_key = models.UUIDField("表单编号", unique=True)

    objects = models.Manager.from_queryset(SurveySheetQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "问卷答卷"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "child"], condition=Q(child__isnull=False), name="survey_child_once"
            )
        ]
        indexes = [models.Index(fields=["survey", "school_class"], name="survey_sheet_class")]

    def __str__(self) -> str:
        return f"{self.survey}（{self.child or '不记名'}）"

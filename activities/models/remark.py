"""What the leaders say to the author of a record: a question, its answer, 'read, with thanks' (features P3)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from activities.models.record import CareRecord
from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role


class RecordRemarkQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Between the author of the record and the leads of the school, for records that one still reads."""
        leads = Q(record__school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))
        return self.filter(
            Q(record__author=staff) | Q(author=staff) | leads, record__in=CareRecord.objects.visible_to(staff)
        )

    def questions(self) -> Self:
        return self.filter(kind=RecordRemark.Kind.QUESTION)

    def unanswered(self) -> Self:
        """Questions that wait for the author of the record."""
        return self.questions().filter(~Exists(RecordRemark.objects.filter(answers=OuterRef("pk"))))


class RecordRemark(Tracked):
    class Kind(models.TextChoices):
        QUESTION = "question", "提问"
        ANSWER = "answer", "答复"
        THANKS = "thanks", "已阅"

    record = models.ForeignKey(CareRecord, verbose_name="记录", on_delete=models.CASCADE, related_name="remarks")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    text = EncryptedTextField("内容")
    answers = models.OneToOneField(
        "self", verbose_name="答复的提问", null=True, blank=True, on_delete=models.CASCADE, related_name="answer"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="批阅人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("时间", auto_now_add=True)

    objects = models.Manager.from_queryset(RecordRemarkQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "批阅"
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["author", "kind", "created_at"], name="remark_author_kind")]
        constraints = [
            models.CheckConstraint(
                name="remark_answer_has_question",
                condition=Q(kind="answer", answers__isnull=False) | (~Q(kind="answer") & Q(answers__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["record", "author"], condition=Q(kind="thanks"), name="remark_thanks_once_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.get_kind_display()}"

"""The texts of the papers that a school has signed: pledges, agreements; every version stays (domain §11.6, §12 P-31)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import Role
from caretrack.schools.models import School


class PaperKind(models.TextChoices):
    """Who signs what."""

    PLEDGE_CARER = "pledge_carer", "安全责任书（监护人）"
    PLEDGE_HOMEROOM = "pledge_homeroom", "安全责任书（班主任）"
    PLEDGE_MENTOR = "pledge_mentor", "安全责任书（帮扶教师）"
    PAIRING = "pairing", "结对协议"
    ENTRUSTMENT = "entrustment", "委托照护协议"


class PaperTextQuerySet(TrackedQuerySet):
    def visible_to(self, staff: Any) -> Self:
        """Of the schools whose papers `staff` handles."""
        roles = (Role.HOMEROOM, Role.REGISTRAR, Role.CARE_LEAD, Role.PRINCIPAL)
        return self.filter(school__in=staff.schools_as(*roles))


class PaperText(Tracked):
    """One version of a school's own wording; never changed once made, so that what was signed can be printed again."""

    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="paper_texts")
    kind = models.CharField("文书", max_length=20, choices=PaperKind)
    number = models.PositiveSmallIntegerField("版本号")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文", max_length=6000)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", on_delete=models.PROTECT, related_name="+"
    )

    objects = models.Manager.from_queryset(PaperTextQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "文书文本"
        ordering = ["school", "kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "number"],
                name="paper_text_number_once",
                violation_error_message="刚刚有人保存了新的版本，请刷新后再改。",
            ),
            models.CheckConstraint(name="paper_text_kind_known", condition=Q(kind__in=PaperKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.number}版"

"""The papers of the dossier as files: which of the twelve kinds, who may open them, how they go (domain §3.1)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level, Role
from children.models.child import Child
from children.models.family import CareArrangement


class ChildFileQuerySet(TrackedQuerySet):
    def kept(self) -> Self:
        """Those that were not taken out of the dossier."""
        return self.filter(removed_on__isnull=True)

    def visible_to(self, staff: Any) -> Self:
        """
        Files that `staff` may open, by the class of data of their kind.

        A restricted one is for those who must know: who put it there while seeing the child, care lead and principal.
        """
        by_class = Q(pk__in=[])
        for data in {FILE_DATA[kind] for kind in ChildFile.Kind}:
            kinds = [kind for kind in ChildFile.Kind if FILE_DATA[kind] == data]
            by_class |= Q(kind__in=kinds, child__in=Child.objects.visible_to(staff, data, Level.READ))
        leads = Q(child__school__in=staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL))
        return self.filter(by_class & (Q(restricted=False) | Q(uploaded_by=staff) | leads))


class StoredFile(Tracked):
    """
    A paper or picture that is kept. It lies outside the web root and is served after a check of sight.

    Taken out, the bytes go and the line stays with who, when and why.
    """

    title = models.CharField("名称", max_length=100)
    file = models.FileField("文件", upload_to="files/", max_length=120)
    content_type = models.CharField("文件类型", max_length=60, blank=True)
    size = models.PositiveIntegerField("大小（字节）", default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上传人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True, null=True)
    removed_on = models.DateField("移除日期", null=True, blank=True)
    removed_reason = models.CharField("移除原因", max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def is_picture(self) -> bool:
        """Pictures are shown in the page, everything else is downloaded."""
        return self.content_type == "image/jpeg"

    @property
    def size_text(self) -> str:
        """820 KB, 1.4 MB."""
        return f"{self.size / 1_048_576:.1f} MB" if self.size >= 1_048_576 else f"{max(self.size // 1024, 1)} KB"


class ChildFile(StoredFile):
    """A paper or picture kept in the dossier."""

    class Kind(models.TextChoices):
        ENTRUSTMENT = "entrustment", "委托照护协议"
        PAIRING = "pairing", "结对协议"
        PLEDGE_CARER = "pledge_carer", "安全责任书（监护人）"
        PLEDGE_HOMEROOM = "pledge_homeroom", "安全责任书（班主任）"
        PLEDGE_MENTOR = "pledge_mentor", "安全责任书（帮扶教师）"
        NOTICE = "notice", "书面告知"
        CONFIRMATION = "confirmation", "家长确认签字页"
        CERTIFICATE = "certificate", "证明材料"
        INTRODUCTION = "introduction", "自我介绍"
        TALKS = "talks", "谈心记录"
        CONDUCT = "conduct", "思想品德进步材料"
        HEALTH = "health", "健康材料"
        LETTER_COVER = "letter", "书信登记"
        WORK = "work", "作业作品"
        READING = "reading", "阅读书目"
        HONOUR = "honour", "获奖证书"
        PLAN = "plan", "阶段计划"
        SUMMARY = "summary", "阶段小结"
        REPORT = "report", "素质报告单"
        ACTIVITY = "activity", "代理家长活动材料"
        OTHER = "other", "其他"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="files")
    kind = models.CharField("类别", max_length=20, choices=Kind)
    on = models.DateField("日期")
    restricted = models.BooleanField("限知情人", default=False)
    care = models.ForeignKey(
        CareArrangement,
        verbose_name="照护安排",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="files",
    )

    objects = models.Manager.from_queryset(ChildFileQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "档案附件"
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["child", "kind"], name="file_child_kind")]
        constraints = [
            models.CheckConstraint(
                name="file_removed_has_reason",
                condition=Q(removed_on__isnull=True) | ~Q(removed_reason=""),
                violation_error_message="请写明移除原因。",
            )
        ]


#: Whose eyes a kind is for. The papers of growing up are what the mentor and the family look at together.
FILE_DATA: dict[str, DataClass] = {
    **dict.fromkeys(ChildFile.Kind, DataClass.CONTACT),
    ChildFile.Kind.CERTIFICATE: DataClass.ECONOMY,
    ChildFile.Kind.HEALTH: DataClass.HEALTH,
    ChildFile.Kind.CONDUCT: DataClass.HEALTH,
    ChildFile.Kind.TALKS: DataClass.CARE,
}

#: The twelve kinds of paper of a growth file (domain §3.1), in the order of its contents.
GROWTH_KINDS = (
    ChildFile.Kind.INTRODUCTION,
    ChildFile.Kind.TALKS,
    ChildFile.Kind.CONDUCT,
    ChildFile.Kind.HEALTH,
    ChildFile.Kind.LETTER_COVER,
    ChildFile.Kind.WORK,
    ChildFile.Kind.READING,
    ChildFile.Kind.HONOUR,
    ChildFile.Kind.PLAN,
    ChildFile.Kind.SUMMARY,
    ChildFile.Kind.REPORT,
    ChildFile.Kind.ACTIVITY,
)


def entrustment_kinds() -> tuple[str, ...]:
    """The kinds that prove a written entrustment (未保法 art. 23)."""
    return (ChildFile.Kind.ENTRUSTMENT, ChildFile.Kind.NOTICE)


__all__ = ["FILE_DATA", "GROWTH_KINDS", "ChildFile", "StoredFile", "entrustment_kinds"]

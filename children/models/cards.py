"""Contact cards: the versions that were printed, and the copies in people's hands (domain §4)."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from children.models.child import Child


class ContactCard(Tracked):
    """A printed version of the contact card; a newer fact makes it stale, a newer print replaces it (domain §4)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="contact_cards")
    number = models.PositiveSmallIntegerField("版本号")
    fingerprint = models.CharField("内容指纹", max_length=64)
    content = EncryptedTextField("卡上内容", blank=True, default="")
    printed_at = models.DateTimeField("打印时间")
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="打印人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    replaced_on = models.DateField("作废日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "联系卡"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["child", "number"], name="card_number_once")]

    def __str__(self) -> str:
        return f"{self.child} 联系卡第{self.number}版"


class CardCopyQuerySet(TrackedQuerySet):
    def out(self) -> Self:
        """Copies that somebody holds."""
        return self.filter(handed_on__isnull=False, collected_on__isnull=True)

    def void(self) -> Self:
        """Copies of versions that another one has replaced."""
        return self.filter(card__replaced_on__isnull=False)


class CardCopy(Tracked):
    """Who got a copy of a version, and when a void one was taken back or destroyed."""

    class Holder(models.TextChoices):
        """Three copies (domain §4), a fourth for the family where it wants one."""

        SCHOOL = "school", "学校"
        HOMEROOM = "homeroom", "班主任"
        MENTOR = "mentor", "代理家长"
        FAMILY = "family", "家庭"

    card = models.ForeignKey(ContactCard, verbose_name="联系卡", on_delete=models.CASCADE, related_name="copies")
    holder = models.CharField("持有人", max_length=10, choices=Holder)
    handed_on = models.DateField("发放日期", null=True, blank=True)
    collected_on = models.DateField("收回日期", null=True, blank=True)

    objects = models.Manager.from_queryset(CardCopyQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "联系卡份"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["card", "holder"], name="card_copy_once"),
            models.CheckConstraint(
                name="card_copy_collected_after_handed",
                condition=Q(collected_on__isnull=True) | Q(handed_on__isnull=False, collected_on__gte=F("handed_on")),
                violation_error_message="没有发放的卡不能登记收回。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.get_holder_display()}"

"""What a child is known for (三特生), who its siblings are, and notes that only few may read."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.history import Tracked, TrackedQuerySet
from caretrack.access.policy import DataClass, Level
from children.models import codes
from children.models.child import Child

#: Each group is as confidential as the fact behind it.
SPECIAL_DATA: dict[str, DataClass] = {
    codes.SpecialKind.POOR: DataClass.ECONOMY,
    codes.SpecialKind.GIFTED: DataClass.IDENTITY,
    codes.SpecialKind.DISABLED: DataClass.HEALTH,
}


class SpecialStandingQuerySet(TrackedQuerySet):
    def on(self, day: date) -> Self:
        """In force on the day, both days included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def open(self) -> Self:
        return self.filter(ends_on__isnull=True)

    def visible_to(self, staff: Any) -> Self:
        """Each group for those who get the fact behind it: poverty, gifts, disability."""
        seen = Q(pk__in=[])
        for kind, data in SPECIAL_DATA.items():
            seen |= Q(kind=kind, child__in=Child.objects.visible_to(staff, data, Level.READ))
        return self.filter(seen)


class SpecialStanding(Tracked):
    """三特生 (特困生、特长生、残障生): recorded in detail at visits and summed up for the school (system 24)."""

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="special")
    kind = models.CharField("三特类别", max_length=10, choices=codes.SpecialKind)
    note = models.CharField("具体情况", max_length=300)
    starts_on = models.DateField("认定日期")
    ends_on = models.DateField("取消日期", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = models.Manager.from_queryset(SpecialStandingQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "三特生"
        ordering = ["kind", "-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "kind"],
                condition=Q(ends_on__isnull=True),
                name="special_once_open",
                violation_error_message="这名学生已经登记在这一类里，请在原来的那一条上修改。",
            ),
            models.CheckConstraint(name="special_kind_known", condition=Q(kind__in=codes.SpecialKind.values)),
            models.CheckConstraint(
                name="special_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="取消日期不能早于认定日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class SiblingLink(Tracked):
    """Two children of one household, said by a person; `confirmed` false keeps a wrong guess from coming back."""

    first = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="sibling_links")
    second = models.ForeignKey(Child, verbose_name="兄弟姐妹", on_delete=models.CASCADE, related_name="linked_from")
    confirmed = models.BooleanField("是兄弟姐妹", default=True)
    on = models.DateField("登记日期")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "兄弟姐妹"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="sibling_once"),
            # One row a pair, whichever of the two dossiers it was said in.
            models.CheckConstraint(name="sibling_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first}、{self.second}"


class MindNote(Tracked):
    """心理状况 of the dossier, free text for the counsellor's eyes alone (domain §3.3 H, §12 P-34)."""

    child = models.OneToOneField(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="mind_note")
    text = EncryptedTextField("心理状况", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "心理状况"

    def __str__(self) -> str:
        return f"{self.child} 心理状况"


class RestrictedNote(Tracked):
    """
    限知情人备注: what a roster says of violence, abuse or crime around a child; never in a list or an open remark.

    As confidential as the files of incidents (domain §11.4, rosters fault 73).
    """

    child = models.OneToOneField(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="restricted_note")
    text = EncryptedTextField("限知情人备注", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "限知情人备注"

    def __str__(self) -> str:
        return f"{self.child} 限知情人备注"

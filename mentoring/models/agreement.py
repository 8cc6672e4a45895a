"""Papers that several parties sign."""

from django.db import models

from caretrack.access.history import Tracked
from children.models import CareArrangement, Child, FamilyMember
from mentoring.models.pairing import Pairing


class Agreement(Tracked):
    """
    A paper to be signed by several parties: entrustment, pairing agreement; template version kept.

    An entrustment holds for the care it was made for and the carer it names: with another carer it stays on file only.
    """

    class Kind(models.TextChoices):
        PAIRING = "pairing", "结对协议"
        ENTRUSTMENT = "entrustment", "委托照护协议"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="agreements")
    pairing = models.ForeignKey(
        Pairing, verbose_name="结对", null=True, blank=True, on_delete=models.CASCADE, related_name="agreements"
    )
    care = models.ForeignKey(
        CareArrangement, verbose_name="照护安排", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    carer = models.ForeignKey(
        FamilyMember, verbose_name="被委托人", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField("类别", max_length=12, choices=Kind)
    template_version = models.CharField("文本版本", max_length=20, blank=True)
    parent_signed_on = models.DateField("父母签字日期", null=True, blank=True)
    carer_signed_on = models.DateField("被委托人签字日期", null=True, blank=True)
    mentor_signed_on = models.DateField("代理家长签字日期", null=True, blank=True)
    school_signed_on = models.DateField("学校盖章日期", null=True, blank=True)
    expires_on = models.DateField("到期日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "协议"

    def __str__(self) -> str:
        return f"{self.child} {self.get_kind_display()}"

"""Pupils who help each other (domain §6.1)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caretrack.access.history import Tracked
from caretrack.periods import chinese_date
from children.models import Child


class PeerPairing(Tracked):
    """手拉手、一帮一、小老师: one pupil helps another."""

    class Kind(models.TextChoices):
        HAND_IN_HAND = "hand_in_hand", "手拉手好朋友"
        STUDY_HELPER = "study_helper", "学习小老师"
        ONE_TO_ONE = "one_to_one", "一帮一"

    child = models.ForeignKey(Child, verbose_name="学生", on_delete=models.CASCADE, related_name="peer_pairings")
    peer = models.ForeignKey(Child, verbose_name="结对同学", on_delete=models.CASCADE, related_name="helps")
    kind = models.CharField("类别", max_length=20, choices=Kind)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    effect = models.CharField("效果", max_length=200, blank=True)
    ended_by_leaving = models.BooleanField("因学生离校结束", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "同伴结对"
        constraints = [
            models.CheckConstraint(
                name="peer_not_oneself", condition=~Q(child=F("peer")), violation_error_message="不能和自己结对。"
            ),
            models.UniqueConstraint(
                fields=["child", "peer", "kind"],
                condition=Q(ends_on__isnull=True),
                name="peer_once_open",
                violation_error_message="这两名学生已经这样结对。",
            ),
            models.CheckConstraint(
                name="peer_dates_in_order",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child}—{self.peer}"


class PeerCheck(Tracked):
    """How a peer pair does, looked at on a day (system 30: checks of effect)."""

    class Effect(models.TextChoices):
        BETTER = "better", "有进步"
        SAME = "same", "没有变化"
        WORSE = "worse", "需要调整"

    pair = models.ForeignKey(PeerPairing, verbose_name="同伴结对", on_delete=models.CASCADE, related_name="checks")
    on = models.DateField("检查日期")
    effect = models.CharField("效果", max_length=10, choices=Effect)
    note = models.CharField("具体情况", max_length=200, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="检查人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "同伴结对检查"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(name="peer_check_effect_known", condition=Q(effect__in=["better", "same", "worse"])),
        ]

    def __str__(self) -> str:
        return f"{self.pair} {chinese_date(self.on)}"

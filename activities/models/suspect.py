"""Who of a pupil's family is suspected in an incident: not called in an emergency (domain §11.4, guardian step)."""

from typing import Any, Self

from django.db import models

from activities.models.incident import Incident
from caretrack.access.history import Tracked, TrackedQuerySet
from children.models import FamilyMember


class IncidentSuspectQuerySet(TrackedQuerySet):
    def real(self) -> Self:
        """Those of real files, open and closed: a file that is closed clears nobody."""
        return self.filter(incident__is_drill=False)

    def of_child(self, child: Any) -> Self:
        """Those of a pupil's family."""
        return self.real().filter(member__child=child)

    def known_to(self, staff: Any) -> Self:
        """Those whose file `staff` may open. Nobody else is told that there is one."""
        return self.filter(incident__in=Incident.objects.visible_to(staff))


class IncidentSuspect(Tracked):
    """One person of the family, named in a file as suspected until taken back with a reason."""

    incident = models.ForeignKey(Incident, verbose_name="事件", on_delete=models.CASCADE, related_name="suspects")
    member = models.ForeignKey(FamilyMember, verbose_name="有嫌疑的家人", on_delete=models.CASCADE, related_name="+")

    objects = models.Manager.from_queryset(IncidentSuspectQuerySet)()

    class Meta:
        verbose_name = verbose_name_plural = "有嫌疑的家人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "member"],
                name="incident_suspect_once",
                violation_error_message="这位家人已经写明有嫌疑。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member.child.name}的{self.who}"

    @property
    def who(self) -> str:
        """As one says it where it is clear whose family is meant: 祖母 王桂英."""
        return f"{self.member.relation_words} {self.member.name}".strip()

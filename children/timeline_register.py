"""What the register tells of a child: the dossier opened, changes, decisions, cards, consents."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from caretrack.access.policy import DataClass
from caretrack.schools.models import Staff
from children.models import Child, StatusChange
from children.timeline import TimelineItem, register_source


def changes(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """变动登记: each with what was before and after (domain §5.3)."""
    rows = StatusChange.objects.filter(child__in=children, on__gte=first, on__lte=last).select_related("made_by")
    for row in rows:
        told = (("原情况", row.before), ("现情况", row.after), ("原因或去向", row.reason), ("依据", row.evidence))
        yield TimelineItem(
            child_id=row.child_id,
            kind="register",
            on=row.on,
            title=row.get_kind_display(),
            details=tuple((label, value) for label, value in told if value),
            entered=timezone.localdate(row.entered_at),
            by=row.made_by.name if row.made_by else "",
        )


def register() -> None:
    """Called once, when the app is ready."""
    register_source("register", "变动登记", changes, data=DataClass.CONTACT, mark="arrow-left-right")

"""What was done for a child, as lines of the timeline."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from activities.models import CareRecord
from activities.queries import lines
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.models import Child
from children.timeline import TimelineItem, register_source


def records(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Talks, visits, calls …; counselling of others is a grey line, one's own records are told even without the rest."""
    seen = CareRecord.objects.visible_to(staff) if staff is not None else CareRecord.objects.all()
    found = seen.filter(child__in=children).between(first, last).select_related("author", "child").newest_first()
    for line in lines(found.prefetch_related("addenda__author"), staff):
        record = line.record
        more = [*line.details, ("学生状态", line.state), ("建议和措施", line.advice)]
        if not line.grey:
            more.insert(0, ("对象", record.with_whom))
            more += [(f"{note.author.name}补充（{note.reason}）", note.text) for note in record.addenda.all()]
        restricted = record.visibility == "restricted"
        yield TimelineItem(
            child_id=record.child_id,
            kind="record",
            on=record.on,
            title=line.title,
            text=line.text,
            details=tuple((label, value) for label, value in more if value),
            entered=timezone.localdate(record.created_at),
            by=record.author.name,
            tone="private" if line.grey or restricted else "neutral" if record.reached else "warn",
            mark=line.icon,
            private=restricted,
            sealed=line.grey,
            page=None if line.grey else ("activities:record_show", record.pk),
        )


def register() -> None:
    """Called once, when the app is ready."""
    register_source("record", "关爱记录", records, data=DataClass.CARE, level=Level.OWN, mark="heart")

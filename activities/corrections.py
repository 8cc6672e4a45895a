"""How a record read before it was corrected inside the edit window."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from activities.models import CareRecord
from activities.queries import record_as_it_was
from caretrack.access.models import ChangeSet, RowHistory

CORRECTABLE = (
    "on", "at", "minutes", "place", "place_note", "way", "with_whom", "reached", "topics", "content", "state",
    "advice", "detail", "visibility",
)  # fmt: skip


@dataclass(frozen=True)
class Correction:
    """That a record was rewritten inside the edit window: when, and the text that stood there before."""

    at: datetime
    by: str
    text: str
    fields: tuple[str, ...]


def corrections_of(record: CareRecord) -> list[Correction]:
    """
    What a record said before each correction, newest first; writes that changed no word of it are left out.

    Of a letter and a counselling the text is kept nowhere, so only the changed fields are named.
    """
    kept = list(RowHistory.objects.filter(table=CareRecord._meta.db_table, row_id=str(record.pk)).order_by("version"))
    if not kept:
        return []
    made = {change.pk: change for change in ChangeSet.objects.filter(pk__in=[row.new_change for row in kept])}
    states = [record_as_it_was(record.pk, row.version) for row in kept]
    states.append({name: getattr(record, name) for name in CORRECTABLE})
    found = []
    for row, before, after in zip(kept, states, states[1:], strict=False):
        changed = [name for name in CORRECTABLE if _plain(before.get(name)) != _plain(after.get(name))]
        change = made.get(row.new_change) if row.new_change else None
        if changed and change is not None:
            names = tuple(str(getattr(CareRecord._meta.get_field(name), "verbose_name", name)) for name in changed)
            found.append(Correction(change.made_at, change.staff_name, before["content"], names))
    return found[::-1]


def _plain(value: Any) -> str:
    """A value as text, whether it comes from the row or from its history: 1 and True, a day and its text are one."""
    if isinstance(value, bool):
        return str(int(value))
    text = "" if value is None else str(value)
    return text[:5] if isinstance(value, time) or re.fullmatch(r"\d\d:\d\d:\d\d.*", text) else text

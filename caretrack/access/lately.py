"""
What was written lately, read from the change history: forms, imports and commands count alike, and no save waits for it.

For work of every minute that looks only at what may have become different since it last did.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Subquery

from caretrack.access.models import ChangeSet, RowHistory

# A change is dated when it begins and seen when it is committed; a large import takes minutes.
LOOK_BACK = timedelta(minutes=10)
FORM_BACK = timedelta(minutes=1)
HISTORY_BACK = 2_000
PART = 500


@dataclass(frozen=True)
class Looked:
    """How far somebody has looked: at what moment, and the last line of the history then."""

    at: datetime
    history: int

    @classmethod
    def now(cls, at: datetime) -> "Looked":
        """To be asked before looking, so that what is written meanwhile counts the next time."""
        return cls(at, RowHistory.objects.aggregate(last=Max("pk"))["last"] or 0)

    def changes(self) -> Iterator[Q]:
        """Conditions on tracked rows that together find those written or changed since; none if nothing was."""
        return _written_in(self._made())

    def changes_by(self, staff: int) -> Iterator[Q]:
        """As `changes`, of what one person (id) wrote on a form, which takes no minutes to be committed."""
        return _written_in(self._made(FORM_BACK).filter(staff_id=staff))

    def _made(self, back: timedelta = LOOK_BACK) -> QuerySet[ChangeSet]:
        return ChangeSet.objects.filter(made_at__gte=self.at - back).order_by()

    def deleted(self) -> QuerySet[RowHistory]:
        """The rows that were deleted since, as they were."""
        lines = RowHistory.objects.filter(pk__gt=self.history - HISTORY_BACK)
        # A line carries no moment. Before a deletion its change has written another line, or is named by the line itself.
        lately = lines.filter(new_change__in=self._made().values("pk")).order_by("pk").values("pk")
        return lines.filter(Q(pk__gt=self.history) | Q(pk__gte=Subquery(lately[:1])), op="D")

    def touched(self, models: Collection[type[Any]]) -> bool:
        """Whether a row of one of these tables was written, changed or deleted since; a statement for each at most."""
        named = Q(change__in=self._made().values("pk"))
        if any(model.objects.filter(named).exists() for model in models):
            return True
        return self.deleted().filter(table__in=[model._meta.db_table for model in models]).exists()


def _written_in(changes: QuerySet[ChangeSet]) -> Iterator[Q]:
    made: list[UUID] = list(changes.values_list("pk", flat=True))
    return (Q(change__in=made[first : first + PART]) for first in range(0, len(made), PART))

"""Follow-ups move along when a child gets another mentor."""

from datetime import date

from activities.models import CareRecord, FollowUp
from caretrack.schools.models import Staff
from children.models import Child
from mentoring import handover
from mentoring.handover import OpenItem
from mentoring.models import Mentor


def listed(children: list[int], owner: Staff | None) -> list[OpenItem]:
    """Open follow-ups about the children, of one owner or of all."""
    found = FollowUp.objects.open().filter(child__in=children).select_related("owner")
    if owner is not None:
        found = found.filter(owner=owner)
    return [OpenItem(row.child_id, row.what, row.due_on, row.owner.name, row.owner_id) for row in found]


def moved(child: Child, old: Staff, new: Staff, by: Staff | None) -> int:
    """Open follow-ups of `old` about the child become those of `new`; returns how many."""
    mine = FollowUp.objects.open().filter(child=child, owner=old)
    return mine.update(owner=new, given_by=by)


def given_back(child: Child, old: Staff, new: Staff, giver: Staff | None, by: Staff | None) -> int:
    """Open follow-ups of `old` that `giver` had moved go to `new`; what `old` took on alone stays. Returns how many."""
    theirs = FollowUp.objects.open().filter(child=child, owner=old, given_by=giver, given_by__isnull=False)
    return theirs.update(owner=new, given_by=by)


def written(child: Child, mentor: Mentor, since: date) -> bool:
    """Whether the mentor has written a record of the child about a day from `since`."""
    return CareRecord.objects.filter(child=child, mentor=mentor, on__gte=since).exists()


def register() -> None:
    """Called once, when the app is ready."""
    handover.register("follow_up", listed, moved, given_back, written)

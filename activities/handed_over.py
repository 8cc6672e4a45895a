"""Follow-ups move along when a child gets another mentor."""

from activities.models import FollowUp
from caretrack.schools.models import Staff
from children.models import Child
from mentoring import handover
from mentoring.handover import OpenItem


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


def register() -> None:
    """Called once, when the app is ready."""
    handover.register("follow_up", listed, moved)

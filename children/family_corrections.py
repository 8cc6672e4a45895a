"""A wrong line about a parent: what it told is taken back while it is still the parent's present state (domain §5.3)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from caretrack.access.states import earlier_states
from children.models import AbsenceSpan, FamilyMember, StatusChange, codes
from children.services import ONE_DAY

Kind, State = codes.ChangeKind, codes.ParentStatus
OF_PARENTS = (Kind.NEW_AWAY, Kind.PARENT_BACK, Kind.TYPE_CHANGE)
#: Told together; one of them alone could contradict another.
OF_STATUS = ("status", "away_since", "away_precision", "returned_on")


@dataclass(frozen=True)
class Restored:
    """How a parent stood before a line of the day `on`: the span that it began or ended, and the state of the member."""

    on: date
    member: FamilyMember
    span: AbsenceSpan
    before: dict[str, Any]

    @property
    def began(self) -> bool:
        """The line told a leaving; otherwise a return."""
        return self.span.ends_on is None

    def __str__(self) -> str:
        return f"{self.member}恢复为“{State(self.before['status']).label}”"


def state_before(change: StatusChange) -> Restored | None:
    """
    What taking back a line about a parent restores.

    None for other lines, when a parent's state was changed since, or it cannot be told which parent is meant.
    """
    later = StatusChange.objects.standing().filter(child=change.child_id, kind__in=OF_PARENTS, pk__gt=change.pk)
    if change.kind not in OF_PARENTS or later.exists():
        return None
    spans = AbsenceSpan.objects.filter(member__child=change.child_id, status=State.AWAY_WORK)
    spans = spans.filter(member__relation__in=codes.PARENTS).select_related("member__child")
    left = spans.filter(starts_on=change.on, ends_on__isnull=True, member__status=State.AWAY_WORK)
    came = spans.filter(ends_on=change.on - ONE_DAY, member__status=State.AT_HOME, member__returned_on=change.on)
    found = list((left if _told_a_leaving(change) else came)[:2])
    if len(found) != 1:
        return None
    [span] = found
    for state in earlier_states(span.member):
        if state["status"] != span.member.status:
            before = {name: state[name] for name in OF_STATUS}
            fits = span.ends_on is None or before["status"] == span.status
            return Restored(change.on, span.member, span, before) if fits else None
    return None


def _told_a_leaving(change: StatusChange) -> bool:
    return change.kind == Kind.NEW_AWAY or (change.kind == Kind.TYPE_CHANGE and change.after == "双方外出")


def restore(found: Restored) -> None:
    """Put the parent back as it was before the line; the caller holds the child and answers for the line."""
    member, span = found.member, found.span
    if found.began:
        span.delete()
        away = AbsenceSpan.objects.filter(member=member, ends_on=found.on - ONE_DAY, status=found.before["status"])
        away.update(ends_on=None)
    else:
        span.ends_on = None
        span.save(update_fields=["ends_on"])
    for name, value in found.before.items():
        setattr(member, name, value)
    member.save(update_fields=list(found.before))

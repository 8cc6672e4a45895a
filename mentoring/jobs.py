"""Background work about pairing: a planned change of mentor brings the follow-ups along on its day."""

from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.jobs.registry import chore
from mentoring.handover import hand_over_due_items


@chore
def hand_over() -> None:
    """Asked at every sweep; mostly there is nothing to give."""
    with change_by(None, "移交跟进事项"):
        hand_over_due_items(timezone.localdate())

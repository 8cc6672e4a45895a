"""Why a child is in no class: it left, or the entry that had brought it in was taken back (domain §5.3)."""

from dataclasses import dataclass

from django.db.models import Q

from children.models import Child, StatusChange, codes


@dataclass(frozen=True)
class OffRoll:
    """
    `left` is the line of the register by which the child left, `undone` the counter entry to an arrival.

    A leaving that still stands goes first: an arrival entered by mistake after it changes nothing. Both None: an
    arrival that was taken away within the days for changes, and left no line.
    """

    left: StatusChange | None
    undone: StatusChange | None


def off_roll(child: Child) -> OffRoll | None:
    """What the register says of a child in no class; None of a pupil. One statement."""
    if child.school_class_id is not None:
        return None
    leaving = Q(kind__in=codes.LEAVES_SCHOOL, corrects__isnull=True, corrections__isnull=True)
    undoing = Q(corrects__kind__in=codes.ENTERS_SCHOOL)
    lines = StatusChange.objects.filter(leaving | undoing, child=child, school=child.school).select_related("corrects")
    told = list(lines.order_by("-on", "-pk"))
    left = next((line for line in told if line.corrects_id is None), None)
    return OffRoll(left, told[0] if told and left is None else None)

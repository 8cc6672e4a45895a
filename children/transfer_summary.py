"""What is told of a hand-over before its letters are issued: who goes where, what goes along, what the dossiers lack."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from caretrack.schools.models import School
from children.completeness import completeness
from children.models import StatusChange
from children.models.transfer import RECEIPT_WITHIN
from children.queries import term_start
from children.transfers import fit_to_send, where_to


@dataclass(frozen=True)
class Going:
    """One child of the batch: what the dossier lacks, and the school told at the leaving where it is another one."""

    child_id: int
    name: str
    lacks: tuple[str, ...]
    has_address: bool
    told: str
    told_elsewhere: bool


@dataclass(frozen=True)
class Summary:
    """A batch to one school, before anything is written. `staying`: who else of the class has a dossier here."""

    to_name: str
    inside: bool
    on: date
    due_on: date
    items: tuple[str, ...]
    going: tuple[Going, ...]
    staying: tuple[str, ...]

    @property
    def without_address(self) -> int:
        return sum(not one.has_address for one in self.going)

    @property
    def told_elsewhere(self) -> tuple[str, ...]:
        return tuple(f"{one.name}（{one.told}）" for one in self.going if one.told_elsewhere)

    @property
    def untold(self) -> int:
        return sum(not one.told for one in self.going)

    @property
    def incomplete(self) -> int:
        return sum(bool(one.lacks) for one in self.going)


def lacks_of(lines: Sequence[StatusChange]) -> list[tuple[str, ...]]:
    """What each dossier of one school lacks; a contact counts as verified if it was in the term of the leaving."""
    state = completeness([line.child for line in lines], since=term_start(lines[0].school, lines[0].on))
    return [tuple(gap.label for gap in state[line.child_id].gaps) for line in lines]


def summarise(
    *,
    lines: Collection[StatusChange],
    waiting: Collection[StatusChange],
    on: date,
    to_school: School | None,
    to_name: str,
    items: Sequence[str],
) -> Summary:
    """The batch of `lines`, out of those `waiting`. Raises ValidationError as sending would."""
    found = fit_to_send(lines, on)
    names = {to_school.name, to_school.short_name} if to_school else {to_name.strip()}
    chosen, schools = {line.pk for line in found}, list(School.objects.exclude(pk=found[0].school_id))
    going = []
    for line, lacks in zip(found, lacks_of(found), strict=True):
        told = where_to(line.reason, schools)
        elsewhere = bool(told) and told not in names
        going.append(Going(line.child_id, line.child.name, lacks, bool(line.child.address), told, elsewhere))
    return Summary(
        to_name=to_school.name if to_school else to_name.strip(),
        inside=to_school is not None,
        on=on,
        due_on=on + RECEIPT_WITHIN,
        items=tuple(items),
        going=tuple(going),
        staying=tuple(line.child.name for line in waiting if line.pk not in chosen),
    )

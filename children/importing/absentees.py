"""Children of the file's classes who are not in the file, and whether the file means to name them all (fault 76)."""

from dataclasses import dataclass
from typing import Any

from caretrack.access.crypto import blind_index
from caretrack.schools.models import SchoolClass
from children.importing.merge import Terms
from children.importing.normalise.left_behind import NOBODY
from children.importing.outcomes import Outcome, Status
from children.importing.parsed import ParsedRoster
from children.importing.statements import Among
from children.models import Child

ABSENT_SHOWN = 2_000
FEW = 5
"""So many absent children are asked about in any case: a whole list may well have forgotten them."""


@dataclass(frozen=True, slots=True)
class Absentees:
    """Who is not in the file; `classes` it names, out of `taught` of the school; `listed`: how many pupils it names."""

    children: list[dict[str, Any]]
    classes: tuple[str, ...]
    taught: int
    listed: int

    @property
    def partial(self) -> bool:
        """Whether more of its classes' children are missing than the file names: part of a list, not all of it."""
        return len(self.children) > max(FEW, self.listed)

    def as_json(self) -> dict[str, Any]:
        """What the preview tells of it."""
        return {
            "classes": list(self.classes), "taught": self.taught, "listed": self.listed, "partial": self.partial
        }  # fmt: skip


def absent_children(roster: ParsedRoster, outcomes: list[Outcome], terms: Terms) -> Absentees:
    """
    Children in classes that the file names who are not in the file; a person says what became of them (fault 76).

    A list of left-behind children is compared with those who have a parent away; a list that names others as well
    (非留守) with the whole class. Two statements.
    """
    matched = {outcome.child for outcome in outcomes if outcome.child}
    named = dict.fromkeys(outcome.class_name for outcome in outcomes if outcome.class_name)
    known = Child.objects.of_school(terms.school).on_roll().exclude(Among("pk", matched))
    if not any(child.left_behind == NOBODY for child in roster.children):
        known = known.with_a_parent_away()
    missing = [
        child for child in known.select_related("school_class__school").by_name() if child.class_name(terms.on) in named
    ]
    numbers = {blind_index(child.id_no) for child in roster.children if child.id_no} if missing else set()
    absent = [
        {"child": child.pk, "name": child.name, "class": child.class_name(terms.on)}
        for child in missing
        if not child.id_no_index or child.id_no_index not in numbers
    ]
    taught = SchoolClass.objects.taught_on(terms.on).filter(school=terms.school).count()
    listed = sum(bool(outcome.child) or outcome.status is Status.NEW for outcome in outcomes)
    return Absentees(absent[:ABSENT_SHOWN], tuple(named), taught, listed)

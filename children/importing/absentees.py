"""Children of the file's classes who are not in the file, and whether the file means to name them all (fault 76)."""

from dataclasses import dataclass
from typing import Any

from caretrack.access.crypto import blind_index
from caretrack.schools.models import SchoolClass
from children.importing.merge import Terms
from children.importing.normalise.left_behind import NOBODY
from children.importing.outcomes import Outcome
from children.importing.parsed import ParsedRoster
from children.importing.statements import Among
from children.models import Child
from children.models.child import a_parent_away

ABSENT_SHOWN = 2_000
FEW = 5
"""So many absent children are asked about in any case: a whole list may well have forgotten them."""


@dataclass(frozen=True, slots=True)
class Absentees:
    """
    Who is not in the file; `classes` it names, out of `taught` of the school; `listed`: how many pupils it names, read or not;
    `others`: how many more are not in a file of pupils of which only those with a parent away are looked for.
    """

    children: list[dict[str, Any]]
    classes: tuple[str, ...]
    taught: int
    listed: int
    others: int = 0

    @property
    def partial(self) -> bool:
        """Whether more of its classes' children are missing than the file names: part of a list, not all of it."""
        return len(self.children) > max(FEW, self.listed)

    def as_json(self) -> dict[str, Any]:
        """What the preview tells of it."""
        return {
            "classes": list(self.classes), "taught": self.taught, "listed": self.listed, "partial": self.partial,
            "others": self.others,
        }  # fmt: skip


def absent_children(roster: ParsedRoster, outcomes: list[Outcome], terms: Terms) -> Absentees:
    """
    Children in classes that the file names who are not in the file; a person says what became of them (fault 76).

    A list of left-behind children is compared with those who have a parent away; a list that names others as well
    (非留守) with the whole class. A list that may mean all pupils, because nothing in it says 留守, tells how many it
    was not compared with. Three statements.
    """
    matched = {outcome.child for outcome in outcomes if outcome.child}
    named = dict.fromkeys(outcome.class_name for outcome in outcomes if outcome.class_name)
    known = on_roll = Child.objects.of_school(terms.school).on_roll().exclude(Among("pk", matched))
    if only_away := not any(child.left_behind == NOBODY for child in roster.children):
        known = on_roll.with_a_parent_away()
    missing = [
        child for child in known.select_related("school_class__school").by_name() if child.class_name(terms.on) in named
    ]
    taught = SchoolClass.objects.taught_on(terms.on).filter(school=terms.school).select_related("school")
    here = {klass.name_on(terms.on): klass for klass in taught if klass.name_on(terms.on) in named}
    rest: list[str] = []
    if only_away and not _is_of_left_behind(roster):
        rest = list(
            on_roll.exclude(a_parent_away())
            .filter(school_class__in=here.values())
            .values_list("id_no_index", flat=True)
        )
    looked_for = missing or rest
    numbers = {blind_index(child.id_no) for child in roster.children if child.id_no} if looked_for else set()
    absent = [
        {"child": child.pk, "name": child.name, "class": child.class_name(terms.on)}
        for child in missing
        if not child.id_no_index or child.id_no_index not in numbers
    ]
    others = sum(not index or index not in numbers for index in rest)
    return Absentees(
        absent[:ABSENT_SHOWN], tuple(name for name in named if name in here), len(taught), len(outcomes), others
    )


def _is_of_left_behind(roster: ParsedRoster) -> bool:
    """Whether the file says that it names the left-behind children: in a title, a sheet's name or a column."""
    titles = [line for facts in roster.titles.values() for line in facts.lines]
    columns = [column.label for header in roster.headers for column in header.columns]
    return any("留守" in words for words in (*titles, *columns, *(sheet.name or "" for sheet in roster.sheets)))

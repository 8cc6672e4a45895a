"""Children of the file's classes who are not in the file, and whether the file means to name them all (fault 76)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from caretrack.access.crypto import blind_index
from caretrack.schools.models import SchoolClass
from children.importing.merge import Terms
from children.importing.normalise import places
from children.importing.normalise.left_behind import NOBODY
from children.importing.outcomes import Outcome
from children.importing.parsed import ParsedRoster
from children.importing.planner import candidate_of
from children.importing.records import ChildRow
from children.importing.statements import Among
from children.models import Child
from children.models.child import a_parent_away

ABSENT_SHOWN = 2_000
FEW = 5
"""So many absent children are asked about in any case: a whole list may well have forgotten them."""
COVERS = 2
"""
A list that says nothing of parents is a roll if it names so many times more pupils with nobody away than it lacks of them.
"""


@dataclass(frozen=True, slots=True)
class Absentees:
    """
    Who is not in the file; `classes` it names, out of `taught` of the school; `listed`: how many pupils it names, read or not;
    `whole`: it was compared with all pupils of these classes; `others`: else how many more are not in a file of pupils of
    which only those with a parent away are looked for.
    """

    children: list[dict[str, Any]]
    classes: tuple[str, ...]
    taught: int
    listed: int
    others: int = 0
    whole: bool = False

    @property
    def partial(self) -> bool:
        """Whether more of its classes' children are missing than the file names: part of a list, not all of it."""
        return len(self.children) > max(FEW, self.listed)

    def as_json(self) -> dict[str, Any]:
        """What the preview tells of it."""
        return {
            "classes": list(self.classes), "taught": self.taught, "listed": self.listed, "partial": self.partial,
            "others": self.others, "whole": self.whole,
        }  # fmt: skip


def absent_children(roster: ParsedRoster, outcomes: list[Outcome], terms: Terms) -> Absentees:
    """
    Children in classes that the file names who are not in the file; a person says what became of them (fault 76).

    A list of left-behind children is compared with those who have a parent away; a roll of all pupils with the whole
    class. A list that may mean all pupils, because nothing in it says 留守, tells how many it was not compared with.
    Three statements.
    """
    taught = SchoolClass.objects.taught_on(terms.on).filter(school=terms.school).select_related("school")
    named = dict.fromkeys(outcome.class_name for outcome in outcomes if outcome.class_name)
    here = {klass.pk: name for klass in taught if (name := klass.name_on(terms.on)) in named}
    missing = list(_missing(roster, outcomes, terms, here))
    about_left_behind = _titled(roster) or _asks(roster)
    lacking = sum(not found["away"] for found in missing)
    whole = _is_roll(roster) or (
        not about_left_behind and lacking > 0 and _named_at_home(roster, outcomes) >= lacking * COVERS
    )
    absent = [found for found in missing if whole or found["away"]]
    others = 0 if about_left_behind else len(missing) - len(absent)
    classes = tuple(name for name in named if name in here.values())
    return Absentees(absent[:ABSENT_SHOWN], classes, len(taught), len(outcomes), others, whole)


def _missing(
    roster: ParsedRoster, outcomes: list[Outcome], terms: Terms, here: dict[int, str]
) -> Iterator[dict[str, Any]]:
    """The pupils of these classes whom no row can mean, in the order of a roll, and whether a parent of each is away."""
    matched = {outcome.child for outcome in outcomes if outcome.child}
    matched |= {pk for outcome in outcomes for choice in outcome.choices if (pk := candidate_of(choice))}
    known = Child.objects.of_school(terms.school).on_roll().filter(school_class__in=here).exclude(Among("pk", matched))
    columns = ("pk", "name", "school_class", "id_no_index", "away")
    found = list(known.annotate(away=a_parent_away()).by_name().values_list(*columns))
    numbers = {blind_index(child.id_no) for child in roster.children if child.id_no} if found else set()
    for pk, name, klass, index, away in found:
        if not index or index not in numbers:
            yield {"child": pk, "name": name, "class": here[klass], "away": away}


def _is_roll(roster: ParsedRoster) -> bool:
    """
    Whether the file says itself that it names pupils of whom nobody is away: most of its rows, or any in a column 是否留守.

    In a list titled 留守儿童 a few of them are those whose parents came back.
    """
    if not _titled(roster) and any(child.left_behind == NOBODY for child in roster.children):
        return True
    return sum(_nobody_away(child) is True for child in roster.children) * 2 > len(roster.children)


def _named_at_home(roster: ParsedRoster, outcomes: list[Outcome]) -> int:
    """How many pupils the file names of whom the system knows nobody to be away, and the file does not say it. One statement."""
    rows = zip(outcomes, roster.children, strict=True)
    named = {outcome.child for outcome, child in rows if outcome.child and _nobody_away(child) is not False}
    return Child.objects.filter(Among("pk", named)).exclude(a_parent_away()).count() if named else 0


def _nobody_away(child: ChildRow) -> bool | None:
    """What the row says of the parents: nobody away, somebody away, or nothing."""
    if child.left_behind is not None:
        return child.left_behind == NOBODY
    stated = [child.father.status, child.mother.status]
    if places.AWAY_WORK in stated or places.AWAY_OTHER in stated:
        return False
    return True if all(stated) else None


def _titled(roster: ParsedRoster) -> bool:
    """Whether a title or a sheet's name says that the file names the left-behind children."""
    titles = [line for facts in roster.titles.values() for line in facts.lines]
    return any("留守" in words for words in (*titles, *(sheet.name or "" for sheet in roster.sheets)))


def _asks(roster: ParsedRoster) -> bool:
    """Whether a column tells who is left behind."""
    return any("留守" in column.label for header in roster.headers for column in header.columns)

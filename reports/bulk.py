"""
Prints of many children at once: which papers there are, who may print them, and how a run is cut into files.

A handful is printed while the person waits; more become a job whose result is an archive with a file for each class,
or for each child where a paper has many pages, because paper dossiers are kept by class (domain §13, system 8).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from posixpath import splitext

from caretrack.access import log
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.models import Child
from children.queries import roll_order
from reports.access import printable
from reports.builders.paper import Imprint
from reports.papers import Paper

Needs = tuple[tuple[DataClass, Level], ...]
Printer = Callable[[Staff, Sequence[Child], str, date, Imprint], Paper]


@dataclass(frozen=True)
class BulkKind:
    """
    One paper that is printed for many: its code in addresses and jobs, its name, what one must be allowed to see.

    `make` gets the person, the children, what to call them together, the day and the imprint; `at_once` is how many
    are printed while the person waits; `by_child` says that each child gets a file of its own.
    """

    code: str
    title: str
    needs: Needs
    make: Printer
    at_once: int
    by_child: bool = False


_kinds: dict[str, BulkKind] = {}


def register(kind: BulkKind) -> BulkKind:
    """Make a paper known under its code."""
    _kinds[kind.code] = kind
    return kind


def kind_called(code: str) -> BulkKind:
    """The paper with this code; LookupError for an unknown one."""
    try:
        return _kinds[code]
    except KeyError as error:
        raise LookupError(f"No paper is called {code}") from error


def chosen(kind: BulkKind, staff: Staff, ids: Iterable[int]) -> list[Child]:
    """Of these children those of whom `staff` may print this paper, class by class, as a roll is ordered."""
    children = printable(staff, *kind.needs).filter(pk__in=list(ids))
    return list(children.select_related("school", "school_class__school").order_by(*roll_order()))


def parts(kind: BulkKind, children: Sequence[Child], on: date) -> Iterator[tuple[str, list[Child]]]:
    """The files of a run: (name, children) for each class, or for each child."""
    by_class: dict[tuple[str, str], list[Child]] = {}
    for child in children:
        by_class.setdefault((child.school.label, child.class_name(on)), []).append(child)
    several = len({school for school, _name in by_class}) > 1
    for (school, name), members in by_class.items():
        unit = f"{school}{name}" if several else name
        if not kind.by_child:
            yield unit, members
            continue
        for number, child in enumerate(members, start=1):
            yield f"{unit}/{number:02} {child.name}", [child]


def name_of(children: Sequence[Child], on: date) -> str:
    """What a print of these children is called: the child, their class, else their school."""
    first = children[0]
    if len(children) == 1:
        return first.name
    together = {child.school_class_id for child in children}
    return first.class_name(on) if len(together) == 1 else first.school.label


_UNSAFE = re.compile(r'[\\:*?"<>|\x00-\x1f]')


def archive(
    kind: BulkKind,
    staff: Staff,
    children: Sequence[Child],
    *,
    on: date,
    imprint: Imprint,
    progress: Callable[[int, int], None],
) -> bytes:
    """The whole run as a ZIP of PDF files; `progress` is told how many children are done of how many."""

    def printed() -> Iterator[tuple[str, bytes]]:
        done = 0
        for name, members in parts(kind, children, on):
            paper = kind.make(staff, members, members[0].name if kind.by_child else name, on, imprint)
            yield f"{name}{'' if kind.by_child else kind.title}.pdf", paper.pdf
            done += len(members)
            progress(done, len(children))

    return bundle(printed())


def bundle(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP of the files (name, content); a slash in a name makes a folder, equal names are numbered."""
    packed, taken = io.BytesIO(), set[str]()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archived:
        for name, content in files:
            stem, ending = splitext(_UNSAFE.sub("_", name))
            numbered = (f"{stem}（{number}）{ending}" for number in count(2))
            free = next(one for one in chain([stem + ending], numbered) if one not in taken)
            taken.add(free)
            archived.writestr(free, content)
    return packed.getvalue()


def note_prints(staff: Staff, children: Iterable[int], detail: str) -> None:
    """Write the prints of a job into the access log, one line a child (ids); requests note theirs themselves."""
    log.write(
        [
            AccessEntry(
                staff_id=staff.pk,
                staff_name=str(staff),
                roles=staff.role_names(),
                event=Event.PRINT,
                page="job",
                child_id=child,
                detail=detail,
            )
            for child in children
        ]
    )

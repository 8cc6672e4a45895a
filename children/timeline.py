"""
The timeline of a child: everything that happened, by kind, with the day it happened and the day it was entered.

Each app contributes the sources that it knows (`register_source` in AppConfig.ready), so that one list serves the page
and the papers and nobody has to import upwards. A source is asked only for children of whom the reader gets its class
of data: what somebody forgets to register is missing, it is never shown to the wrong eyes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from caretrack.access.history import Tracked
from caretrack.access.models import ChangeSet, RowHistory
from caretrack.access.policy import DataClass, Level, Role
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child
from children.sight import Sight, sights

BEGINNING = date(1900, 1, 1)
# More children are printed, not looked at.
_ASKED_TOGETHER = 64
#: What a paper without a reader is printed for: the school's own file, counselling left out.
SCHOOL = Sight(frozenset({Role.PRINCIPAL}))


@dataclass(frozen=True)
class TimelineItem:
    """
    One line. `title` names no person and may go outside; `text` and `details` are the words of those who wrote it.

    `sealed` is known to exist and no more; `private` is for those who must know and never on a paper for others.
    `page` is the URL name and id where it opens. `row` stands for an entry day that `with_entry_days` still looks up.
    """

    child_id: int
    kind: str
    on: date
    title: str
    text: str = ""
    details: tuple[tuple[str, str], ...] = ()
    entered: date | None = None
    by: str = ""
    tone: str = "neutral"
    mark: str = ""
    private: bool = False
    sealed: bool = False
    page: tuple[str, int] | None = None
    row: tuple[str, str] | None = None


SourceFunction = Callable[[list[Child], date, date, Staff | None], Iterable[TimelineItem]]


#: The tables that lines come from, each with the way from its rows to the child.
Tables = Sequence[tuple[type[Model], str]]


@dataclass(frozen=True)
class Teller:
    """A function that gives lines. Where all of its `tables` are empty it is not asked."""

    tell: SourceFunction
    tables: Tables


@dataclass(frozen=True)
class Source:
    """One kind of lines: its Chinese name, its icon, who may be told, where the lines come from."""

    kind: str
    label: str
    tellers: tuple[Teller, ...]
    data: DataClass
    level: Level
    mark: str


_sources: dict[str, Source] = {}


def register_source(
    kind: str,
    label: str,
    tell: SourceFunction,
    *,
    data: DataClass,
    level: Level = Level.READ,
    mark: str = "circle",
    tables: Tables = (),
) -> None:
    """
    Contribute one kind of lines. `tell(children, first, last, staff)` gives the items of the days first … last.

    `children` are those of whom `staff` gets at least `level` of `data`; `staff` None asks for the school's own paper.
    A source costs a constant number of statements. `tables` names every table that it reads lines from, with the way
    to the child: where all are empty it is not asked. Raises ValueError if another function has the kind already.
    """
    if kind in _sources and _sources[kind].tellers[0].tell is not tell:
        raise ValueError(f"the timeline has a source of kind {kind!r} already")
    _sources[kind] = Source(kind, label, (Teller(tell, tables),), data, level, mark)


def add_lines(kind: str, tell: SourceFunction, *, tables: Tables) -> None:
    """More lines of a registered kind, from other tables: most children have rows in few. Raises KeyError as `source_of`."""
    source = _sources[kind]
    _sources[kind] = replace(source, tellers=(*source.tellers, Teller(tell, tables)))


def sources() -> list[Source]:
    """All kinds in the order of registration: children's own first, then pairing, then what was done."""
    return list(_sources.values())


def source_of(kind: str) -> Source:
    """The source of a kind. Raises KeyError for a kind that nobody registered."""
    return _sources[kind]


def timeline(
    children: Iterable[Child],
    staff: Staff | None,
    *,
    first: date | None = None,
    last: date | None = None,
    kinds: Collection[str] | None = None,
) -> list[TimelineItem]:
    """
    What happened with `children` from `first` to `last` (today), newest first, as far as `staff` may be told.

    `staff` None is the school itself (papers made by a command): all but the content of counselling. `kinds` narrows;
    unknown ones find nothing. The number of statements does not depend on the number of children or rows.
    """
    listed = list(children)
    seen = sights(staff, [c.pk for c in listed]) if staff is not None else {c.pk: SCHOOL for c in listed}
    found: list[TimelineItem] = []
    silent = _with_nothing_to_tell([c.pk for c in listed])
    for source in _sources.values():
        if kinds is not None and source.kind not in kinds:
            continue
        open_to = [child for child in listed if seen[child.pk].level(source.data) >= source.level]
        for teller in source.tellers if open_to else ():
            if teller.tell not in silent:
                found += teller.tell(open_to, first or BEGINNING, last or timezone.localdate(), staff)
    return sorted(found, key=lambda item: (item.on, item.entered or item.on), reverse=True)


def _tellers() -> list[Teller]:
    """Those that name their tables."""
    return [teller for source in _sources.values() for teller in source.tellers if teller.tables]


def _with_nothing_to_tell(children: list[int]) -> set[SourceFunction]:
    """Those of whose tables none has a row about any of `children`, in one statement: most of them, for most children."""
    if not 0 < len(children) <= _ASKED_TOGETHER:
        return set()
    rows = _told_of(tuple(children))
    return {teller.tell for place, teller in enumerate(_tellers()) if not any(row[place] for row in rows)}


@fixed
def _told_of(children: tuple[int, ...]) -> QuerySet[Child, Any]:
    held = {
        f"told_{place}": reduce(
            or_,
            (Exists(model._base_manager.filter(**{path: OuterRef("pk")})) for model, path in teller.tables),
        )
        for place, teller in enumerate(_tellers())
    }
    return Child.objects.filter(pk__in=children).order_by().values("pk").annotate(**held).values_list(*held)


def counts(items: Iterable[TimelineItem]) -> list[tuple[Source, int]]:
    """(source, number of lines) of the kinds that occur, in the order of registration."""
    numbers = Counter(item.kind for item in items)
    return [(source, numbers[source.kind]) for source in _sources.values() if numbers[source.kind]]


def pairs(*told: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    """(label, value) pairs as details of an item, empty ones left out."""
    return tuple((label, str(value)) for label, value in told if value not in ("", None))


def stamp(row: Tracked) -> dict[str, Any]:
    """
    Entry day and author for an item made from a tracked row with `change` loaded.

    The row names its last change. Where it was changed since, `with_entry_days` finds the first one.
    """
    if row.version == 1:
        return {"entered": timezone.localdate(row.change.made_at), "by": row.change.staff_name}
    return {"row": (row._meta.db_table, str(row.pk))}


def with_entry_days(items: Sequence[TimelineItem]) -> list[TimelineItem]:
    """`items` with the entry days that are still open, in two statements: call it for what is shown, not for all."""
    tables: dict[str, list[str]] = {}
    for item in items:
        if item.row is not None:
            tables.setdefault(item.row[0], []).append(item.row[1])
    if not tables:
        return list(items)
    condition = Q(pk__in=[])
    for table, ids in tables.items():
        condition |= Q(table=table, row_id__in=ids)
    begun = {
        (table, row_id): str(old.get("change_id")).replace("-", "")
        for table, row_id, old in RowHistory.objects.filter(condition, version=1).values_list("table", "row_id", "old")
    }
    made = {change.pk.hex: change for change in ChangeSet.objects.filter(pk__in=set(begun.values()))}
    told = []
    for item in items:
        change = made.get(begun.get(item.row, "")) if item.row is not None else None
        if change is not None:
            item = replace(item, entered=timezone.localdate(change.made_at), by=item.by or change.staff_name)  # noqa: PLW2901
        told.append(item)
    return told

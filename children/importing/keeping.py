"""
What the pages of an import show line by line, kept in sealed parts of which a page opens only its own.

The rows of the plan lie in the batch's chunks in the order of the file; what a check has to say about single rows
(faults, questions, lines left out, cells not taken) lies in `ImportRemarks`. The batch's overview holds the index of
all parts: how many lines of each kind a part has, and from where to where in a sheet it reaches.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from children.importing.findings import Level
from children.importing.outcomes import Outcome, Status
from children.importing.overview import is_about_row, left_out_of, mendable_sheets
from children.models import ImportBatch, ImportRemarks

PART = 500
WORST_FIRST = (Level.ERROR, Level.QUESTION, Level.WARNING, Level.FIXED)
Line = dict[str, Any]
PartIndex = dict[str, Any]
About = ImportRemarks.About
_KIND = {"rows": "status", About.FAULTS.value: "level"}


def index_of(lines: Iterable[Mapping[str, Any]], kind: str = "") -> PartIndex:
    """What the overview remembers of one part: its lines by kind, and the first and last row of each sheet in it."""
    counts: Counter[str] = Counter()
    spans: dict[str, list[int]] = {}
    for line in lines:
        counts[str(line[kind]) if kind else ""] += 1
        for row in line.get("rows") or (line["row"],):
            if row is not None:
                span = spans.setdefault(line["sheet"] or "", [row, row])
                span[0], span[1] = min(span[0], row), max(span[1], row)
    return {"counts": dict(counts), "spans": spans}


@dataclass(slots=True)
class Remarks:
    """The lines that a check sets aside for the pages, on their way to the database."""

    lists: dict[str, list[Line]] = field(default_factory=dict)

    @classmethod
    def take_from(cls, overview: dict[str, Any], outcomes: list[Outcome]) -> Self:
        """
        Take what is about single rows out of a fresh overview, and leave the index of it there.

        What is about a column, a sheet or the file stays in the overview too: it is little, and many pages ask for it.
        """
        faults, questions = overview["findings"], overview.get("questions", [])
        places = {(found["sheet"], row) for found in faults for row in found["rows"] or (found["row"],)}
        rows = {(row.sheet, row.row): row for row in outcomes if (row.sheet, row.row) in places or _is_faulty(row)}
        order = {header["sheet"]: place for place, header in enumerate(overview["headers"])}
        lists = {
            About.FAULTS.value: sorted(
                (_named(found, rows) for found in faults), key=lambda found: _order(found, order)
            ),
            About.QUESTIONS.value: [asked for asked in questions if is_about_row(asked) and not asked["answer"]],
            About.SKIPPED.value: overview["skipped"],
            About.INCOMPLETE.value: left_out_of(faults, outcomes),
        }
        overview["faulty"] = _faulty(overview, rows.values())
        overview["classes"] = Counter(row.class_name for row in outcomes if row.status.writes)
        overview["findings"] = [found for found in faults if found["row"] is None]
        overview["questions"] = [asked for asked in questions if not is_about_row(asked)]
        overview["skipped"] = len(lists[About.SKIPPED.value])
        kept = overview.setdefault("kept", {})
        for name, lines in lists.items():
            kept[name] = [index_of(part, _KIND.get(name, "")) for part in _parts(lines)]
        return cls(lists)

    def store(self, batch: ImportBatch) -> None:
        """Keep the lines in place of those of an earlier check, inside the caller's transaction."""
        batch.remarks.all().delete()
        ImportRemarks.objects.bulk_create(
            ImportRemarks(batch=batch, about=name, number=number, lines=json.dumps(part, ensure_ascii=False))
            for name, lines in self.lists.items()
            for number, part in enumerate(_parts(lines))
        )


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    return (lines[start : start + PART] for start in range(0, len(lines), PART))


def _is_faulty(row: Outcome) -> bool:
    return row.status == Status.REJECTED


def _named(found: Line, rows: Mapping[tuple[str | None, int], Outcome]) -> Line:
    """A fault with the pupil's name, and whether the row is taken all the same; None for a line that is no pupil."""
    row = rows.get((found["sheet"], found["row"]))
    return {**found, "name": row.name if row else "", "taken": row.status.is_taken if row else None}


def _order(found: Line, sheets: Mapping[str | None, int]) -> tuple[int, int, int]:
    return WORST_FIRST.index(found["level"]), sheets.get(found["sheet"], -1), found["row"] or 0


def _faulty(overview: Mapping[str, Any], rows: Iterable[Outcome]) -> list[list[Any]]:
    """The rows that cannot be imported as they are or lose a cell: [place of the sheet, its rows in order]."""
    places = mendable_sheets(overview)
    wanted: dict[int, set[int]] = {}
    for found in overview["findings"]:
        if found["level"] == Level.ERROR and found["row"] and found["sheet"] in places:
            wanted.setdefault(places[found["sheet"]], set()).add(found["row"])
    for row in rows:
        if _is_faulty(row) and row.sheet in places:
            wanted.setdefault(places[row.sheet], set()).add(row.row)
    return [[place, sorted(found)] for place, found in sorted(wanted.items())]


class FaultyRows:
    """The rows to be mended, one after the other: each is (place of its sheet, row)."""

    def __init__(self, overview: Mapping[str, Any]) -> None:
        self._sheets: list[tuple[int, list[int]]] = [(place, rows) for place, rows in overview.get("faulty", ())]

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self._sheets)

    def __contains__(self, place: tuple[int, int]) -> bool:
        return any(sheet == place[0] and place[1] in rows for sheet, rows in self._sheets)

    @property
    def first(self) -> tuple[int, int] | None:
        """The first of all; None if there is none."""
        return (self._sheets[0][0], self._sheets[0][1][0]) if self._sheets else None

    def after(self, sheet: int, row: int) -> tuple[int, int] | None:
        """The next one after a row, from the top again after the last; None if there is no other."""
        for place, rows in self._sheets:
            later = 0 if place > sheet else bisect_right(rows, row) if place == sheet else len(rows)
            if later < len(rows):
                return place, rows[later]
        return self.first if self.first != (sheet, row) else None


class Lines:
    """
    Some of the kept lines, in their order: sliced like a list, but only the parts that hold a slice are opened.

    Every slice is one statement; memory holds one part at a time.
    """

    def __init__(
        self,
        index: list[PartIndex],
        read: Callable[[list[int]], Iterator[tuple[int, str]]],
        kind: str = "",
        wanted: Iterable[str] = (),
        hits: Mapping[int, list[int]] | None = None,
    ) -> None:
        self._index, self._read, self._kind, self._hits = index, read, kind, hits
        self._wanted = frozenset(wanted)

    def __len__(self) -> int:
        return sum(self._sizes())

    def __getitem__(self, wanted: slice) -> list[Line]:
        start, stop, _ = wanted.indices(len(self))
        places: dict[int, slice] = {}
        before = 0
        for number, size in enumerate(self._sizes()):
            first, last = max(start - before, 0), min(stop - before, size)
            if first < last:
                places[number] = slice(first, last)
            before += size
        return [line for number, text in self._opened(list(places)) for line in self._of(number, text)[places[number]]]

    def __iter__(self) -> Iterator[Line]:
        filled = [number for number, size in enumerate(self._sizes()) if size]
        return (line for number, text in self._opened(filled) for line in self._of(number, text))

    def of_row(self, sheet: str | None, row: int) -> list[Line]:
        """The lines about one row of a sheet."""
        return [
            line
            for number, text in self._opened(self._reaching(row, sheet or ""))
            for line in self._of(number, text)
            if line["sheet"] == sheet and (line["row"] == row or row in line.get("rows", ()))
        ]

    def search(self, text: str, matches: Callable[[Line], bool], *, plain: bool = True) -> "Lines":
        """
        The lines that match. Unless `plain` is False, `text` must stand in a line for it to match, so that parts
        without it need not be taken apart; a number only looks where its row can be.
        """
        numbers = self._reaching(int(text)) if text.isdigit() else range(len(self._index))
        quoted = json.dumps(text, ensure_ascii=False)[1:-1]
        hits = {}
        for number, content in self._opened(list(numbers)):
            if plain and quoted not in content:
                continue
            found = [place for place, line in enumerate(self._of(number, content)) if matches(line)]
            if found:
                hits[number] = found
        return Lines(self._index, self._read, self._kind, self._wanted, hits)

    def _sizes(self) -> list[int]:
        if self._hits is not None:
            return [len(self._hits.get(number, ())) for number in range(len(self._index))]
        return [
            sum(count for kind, count in part["counts"].items() if not self._wanted or kind in self._wanted)
            for part in self._index
        ]

    def _reaching(self, row: int, sheet: str | None = None) -> list[int]:
        """The parts with a line at or around this row of the sheet, or of any sheet."""
        return [
            number
            for number, part in enumerate(self._index)
            if any(
                first <= row <= last for name, (first, last) in part["spans"].items() if sheet is None or name == sheet
            )
        ]

    def _opened(self, numbers: list[int]) -> Iterator[tuple[int, str]]:
        return self._read(numbers) if numbers else iter(())

    def _of(self, number: int, text: str) -> list[Line]:
        lines: list[Line] = json.loads(text)
        if self._wanted:
            lines = [line for line in lines if line[self._kind] in self._wanted]
        return lines if self._hits is None else [lines[place] for place in self._hits.get(number, ())]


class Kept:
    """The kept lines of a checked batch."""

    def __init__(self, batch: ImportBatch, overview: Mapping[str, Any]) -> None:
        self.batch, self._index = batch, overview.get("kept", {})

    def rows(self, *statuses: Status) -> Lines:
        """The planned rows of these statuses, else all, in the order of the file."""
        return Lines(self._index.get("rows", []), self._chunks, "status", [status.value for status in statuses])

    def row(self, sheet: str | None, row: int) -> Line | None:
        """The planned row at that place, the first of those made from one line; None if the line is no pupil."""
        return next(iter(self.rows().of_row(sheet, row)), None)

    def faults(self, *levels: Level) -> Lines:
        """What was found of these levels, else all, the worst first, with the pupils' names."""
        return self._remarks(About.FAULTS, [level.value for level in levels])

    def questions(self) -> Lines:
        """What the file itself asks about single rows and nobody has answered."""
        return self._remarks(About.QUESTIONS)

    def skipped(self) -> Lines:
        """Lines below the headers that are no pupils."""
        return self._remarks(About.SKIPPED)

    def incomplete(self) -> Lines:
        """Pupils who are taken without some of their cells."""
        return self._remarks(About.INCOMPLETE)

    def _remarks(self, about: About, wanted: Iterable[str] = ()) -> Lines:
        def read(numbers: list[int]) -> Iterator[tuple[int, str]]:
            parts = self.batch.remarks.filter(about=about, number__in=numbers).order_by("number")
            return parts.values_list("number", "lines").iterator(chunk_size=1)

        return Lines(self._index.get(about.value, []), read, _KIND.get(about.value, ""), wanted)

    def _chunks(self, numbers: list[int]) -> Iterator[tuple[int, str]]:
        parts = self.batch.chunks.filter(number__in=numbers).order_by("number")
        return parts.values_list("number", "plan").iterator(chunk_size=1)

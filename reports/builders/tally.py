"""Counting that remembers whom it counted: a figure and the list behind it can never disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

WHOLE = 0
#: How many children, by their ids, make a part of a school's figures (`PartedTally`).
PART = 32


def behind_key(key: str, scope: int) -> str:
    """The key of one cell's list: the question, and whose (0 the whole, else the class or mentor)."""
    return f"{key}@{scope}"


class Counted(Protocol):
    """Whatever tells figures by question and scope."""

    def count(self, key: str, scope: int = WHOLE) -> int: ...

    def row(self, keys: Iterable[str], scope: int) -> list[int]:
        """The figures of several questions of one scope."""


class Tally:
    """Ids gathered by question and scope; the count is their number."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, int], dict[int, None]] = defaultdict(dict)
        self._times: dict[tuple[str, int], int] = defaultdict(int)

    def add(self, key: str, ident: int, *scopes: int, of: int | None = None) -> None:
        """
        Count `ident` under `key` in each scope, once however often it is added.

        `of` is the child whom it concerns where `ident` is the id of something else; here it makes no difference.
        """
        for scope in scopes:
            self._ids[key, scope][ident] = None

    def add_time(self, key: str, ident: int, *scopes: int) -> None:
        """As `add`, and one occurrence (人次) more in each scope."""
        self.add(key, ident, *scopes)
        for scope in scopes:
            self._times[key, scope] += 1

    def times(self, key: str, scope: int = WHOLE) -> int:
        """Occurrences where they were counted, else heads."""
        return self._times.get((key, scope), self.count(key, scope))

    def count(self, key: str, scope: int = WHOLE) -> int:
        return len(self._ids.get((key, scope), ()))

    def row(self, keys: Iterable[str], scope: int) -> list[int]:
        return [len(self._ids.get((key, scope), ())) for key in keys]

    def ids(self, key: str, scope: int = WHOLE) -> tuple[int, ...]:
        return tuple(self._ids.get((key, scope), ()))

    def behind(self) -> dict[str, tuple[int, ...]]:
        """Every list that is not empty, to be kept beside the figures."""
        return {behind_key(*asked): tuple(ids) for asked, ids in self._ids.items()}

    def counts(self) -> Iterator[tuple[str, int, dict[int, None]]]:
        """(question, scope, ids) of every figure that is not nought."""
        return ((key, scope, ids) for (key, scope), ids in self._ids.items())


def part_of(child: int) -> int:
    """The number of the part to which a child belongs, now and ever, whichever class or school it is in."""
    return child // PART


def children_of(parts: Iterable[int]) -> tuple[int, ...]:
    """Every id that belongs to these parts, whether there is such a child or not."""
    return tuple(child for part in parts for child in range(part * PART, (part + 1) * PART))


class PartedTally(Tally):
    """Counts each part of the children apart, so that a part can be taken out of a sum and counted anew."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[int, Tally] = defaultdict(Tally)

    def add(self, key: str, ident: int, *scopes: int, of: int | None = None) -> None:
        self.parts[part_of(ident if of is None else of)].add(key, ident, *scopes)

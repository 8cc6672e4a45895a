"""Counting that remembers whom it counted: a figure and the list behind it can never disagree."""

from __future__ import annotations

from collections import defaultdict

WHOLE = 0


def behind_key(key: str, scope: int) -> str:
    """The key of one cell's list: the question, and whose (0 the whole, else the class or mentor)."""
    return f"{key}@{scope}"


class Tally:
    """Ids gathered by question and scope; the count is their number."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, int], dict[int, None]] = defaultdict(dict)
        self._times: dict[tuple[str, int], int] = defaultdict(int)

    def add(self, key: str, ident: int, *scopes: int) -> None:
        """Count `ident` under `key` in each scope, once however often it is added."""
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

    def ids(self, key: str, scope: int = WHOLE) -> tuple[int, ...]:
        return tuple(self._ids.get((key, scope), ()))

    def behind(self) -> dict[str, tuple[int, ...]]:
        """Every list that is not empty, to be kept beside the figures."""
        return {behind_key(*asked): tuple(ids) for asked, ids in self._ids.items()}

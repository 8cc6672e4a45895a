"""
What else ends when a child leaves school: apps to the right of the register enter what they keep (pairings).

The table is named as well, so that an import which let children leave can be taken back. What can begin again says how
(`reopen`), for a line of the register that was wrong; turns and appointments are made anew.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import Model

from caretrack.schools.models import Staff
from children.models import Child


class End(Protocol):
    """Ends what is open of a child that leaves on `on`, inside the caller's transaction."""

    def __call__(self, *, child: Child, on: date, by: Staff | None) -> Any: ...


class Reopen(Protocol):
    """
    Opens again what the leaving on `left_on` had ended at the school where the child is now, where nothing has taken
    its place since.
    """

    def __call__(self, *, child: Child, left_on: date) -> Any: ...


@dataclass(frozen=True, slots=True)
class Ending:
    """One table whose rows end with the leaving; each of `paths` leads from the table to a child."""

    model: type[Model]
    paths: tuple[str, ...]
    end: End
    reopen: Reopen | None = None


_endings: dict[str, Ending] = {}


def register(model: type[Model], path: str | tuple[str, ...], end: End, reopen: Reopen | None = None) -> None:
    """Enter a table, with several paths where its rows are about several children. Entered again it is replaced."""
    _endings[model._meta.label] = Ending(model, (path,) if isinstance(path, str) else path, end, reopen)


def endings() -> list[Ending]:
    """All tables that were entered."""
    return list(_endings.values())


def end_what_is_open(*, child: Child, on: date, by: Staff | None) -> None:
    """End everything that cannot outlast the child's time at school."""
    for ending in endings():
        ending.end(child=child, on=on, by=by)


def reopen_what_had_ended(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: open again what it had ended and can begin again."""
    for ending in endings():
        if ending.reopen is not None:
            ending.reopen(child=child, left_on=left_on)

"""
Questions that a page asks in the same words every time: their SQL is built once, later only the values change.

A dossier asks some twenty of them. Django builds the SQL of each anew, which costs several times what the database
needs for the answer. Only for questions about rows that hang on a known id: what a person may see is a condition of
its own for each person, and is always built from the policy.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import update_wrapper
from typing import Any

from django.db import connections
from django.db.models import QuerySet

Value = int | date
# Stand for the values while the SQL is built; no row has such an id or day.
_FIRST_ID = -4_210_000_000_000
_FIRST_DAY = date(1, 1, 1).toordinal()


@dataclass(frozen=True)
class _Ready:
    """A question with its SQL. `places` says which value goes to which parameter."""

    queryset: QuerySet[Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]


def _kind(value: Any) -> type:
    if isinstance(value, int) and not isinstance(value, bool):
        return int
    if isinstance(value, date) and not isinstance(value, datetime):
        return date
    raise TypeError(f"a fixed question takes whole numbers and days, not {value!r}")


def _stand_in(number: int, kind: type) -> Value:
    return _FIRST_ID - number if kind is int else date.fromordinal(_FIRST_DAY + number)


def _as_param(connection: Any, value: Value) -> Any:
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


class Fixed:
    """A question made by `@fixed`: called with its values it answers with the list of rows."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build = build
        self._ready: dict[tuple[type, ...], _Ready] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Value) -> list[Any]:
        """
        The rows for `values`, in the order of the function's parameters.

        Raises TypeError for anything but whole numbers and days: None or a list would change the words of the SQL.
        """
        kinds = tuple(_kind(value) for value in values)
        ready = self._ready.get(kinds)
        if ready is None:
            ready = self._ready[kinds] = self._prepare(kinds)
        queryset = ready.queryset.all()
        connection = connections[queryset.db]
        params = list(ready.params)
        for place, number in ready.places:
            params[place] = _as_param(connection, values[number])
        compiler = copy(ready.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (ready.sql, tuple(params))
        queryset.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]
        return list(queryset)

    def _prepare(self, kinds: tuple[type, ...]) -> _Ready:
        marks = [_stand_in(number, kind) for number, kind in enumerate(kinds)]
        queryset = self.build(*marks)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        told = [_as_param(compiler.connection, mark) for mark in marks]
        places = tuple((place, told.index(param)) for place, param in enumerate(params) if param in told)
        if {number for _, number in places} != set(range(len(marks))):
            raise TypeError(f"{self.build.__qualname__}: a value does not reach the SQL unchanged")
        return _Ready(queryset, compiler, sql, tuple(params), places)


def fixed(build: Callable[..., QuerySet[Any]]) -> Fixed:
    """Decorator for a function that makes a queryset from ids and days; it then answers with the list of its rows."""
    return Fixed(build)

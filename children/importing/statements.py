"""
Many rows in few statements, on both databases: SQLite by executemany of a statement for dozens of rows, PostgreSQL by
COPY. Long lists of keys travel as one parameter (import §2).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, repeat
from typing import Any

from django.db import connection, models
from django.db.models import F, Func

from caretrack.access.history import deleting

Column = list[Any] | tuple[Any]
"""The values of a column, or one value for all rows in a tuple."""
MOST_VALUES = 999
"""Parameters of a statement that every build of SQLite takes."""
CACHE_KILOBYTES = 6_000


def take_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Keys for `count` new rows that nobody else will get, inside the caller's transaction; two statements at most."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [key for (key,) in cursor.fetchall()]
        # AUTOINCREMENT goes on after the last number noted here, so what is noted is taken.
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
        last = cursor.fetchone()
        if last is None:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        end = (last[0] if last else count) + 1
        return range(end - count, end)


@contextmanager
def roomy_cache() -> Iterator[None]:
    """Around a transaction that writes much: room in memory for the pages it touches, which shortens SQLite's lock."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")


def look_up_rows_singly() -> None:
    """
    For the rest of the transaction: no bitmaps on PostgreSQL, which asks for each deleted row every table that may refer
    to it. Where it has no statistics it makes a bitmap each time, to find nothing.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_bitmapscan = off")


def insert(table: str, columns: dict[str, Column], count: int) -> None:
    """Write `count` rows; `columns` holds ready database values by the name of the column."""
    if connection.vendor == "postgresql":
        _copy(table, columns, count)
    else:
        _insert_many(table, columns, count)


def _copy(table: str, columns: dict[str, Column], count: int) -> None:
    rows = zip(
        *(repeat(values[0], count) if isinstance(values, tuple) else values for values in columns.values()),
        strict=True,
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quoted(table)} ({listed(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _insert_many(table: str, columns: dict[str, Column], count: int) -> None:
    """
    Rows by the dozen, and what is the same in all of them given once: a third of the price of a statement a row.

    SQLite prepares a table's checks and triggers for each statement, and each value that is handed over costs as much
    as its share of the row.
    """
    same = [values[0] for values in columns.values() if isinstance(values, tuple)]
    names = [name for name, values in columns.items() if isinstance(values, tuple)]
    varying = {name: values for name, values in columns.items() if not isinstance(values, tuple)}
    at_once = max(1, (MOST_VALUES - len(same)) // len(varying))
    selected = ", ".join([*(["%s"] * len(same)), *(f"column{place}" for place in range(1, len(varying) + 1))])
    marks = f"({', '.join(['%s'] * len(varying))})"
    into = f"INSERT INTO {quoted(table)} ({listed([*names, *varying])}) SELECT {selected} FROM (VALUES "  # noqa: S608
    rows = zip(*varying.values(), strict=True)

    times, rest = divmod(count, at_once)
    with connection.cursor() as cursor:
        for size, number in ((at_once, times), (rest, min(rest, 1))):
            if number:
                given = [[*same, *chain.from_iterable(islice(rows, size))] for _ in range(number)]
                cursor.executemany(f"{into}{', '.join([marks] * size)})", given)


def quoted(name: str) -> str:
    """The name of a table or column as a statement writes it."""
    return connection.ops.quote_name(name)


def listed(columns: Iterable[str]) -> str:
    """Columns as a statement lists them."""
    return ", ".join(map(connection.ops.quote_name, columns))


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], change_id: Any) -> int:
    """
    Set `columns` in rows of (values…, key, version); returns how many rows still had that version.

    The version rises by one and the row names its change, as the history asks.
    """
    quote = connection.ops.quote_name
    setting = "".join(f"{quote(name)} = %s, " for name in columns)
    table = quote(model._meta.db_table)
    statement = f"UPDATE {table} SET {setting}version = version + 1, change_id = %s WHERE id = %s AND version = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row[:-2], change_id, *row[-2:]) for row in rows])
        return cursor.rowcount


def delete(model: type[models.Model], keys: Sequence[int]) -> None:
    """Remove rows; the history keeps them under the present change. Nothing may refer to them any more."""
    if not keys:
        return
    quote = connection.ops.quote_name
    among, params = _among(quote("id"), keys)
    with deleting(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {quote(model._meta.db_table)} WHERE {among}", params)  # noqa: S608


class Among(Func):
    """For `filter(Among("field", keys))`: any number of keys or words as one parameter, or two."""

    output_field = models.BooleanField()

    def __init__(self, field: str, keys: Iterable[Any], *, words: bool = False) -> None:
        super().__init__(F(field))
        self.keys, self.words = list(keys), words

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        among, keys = _among(column, self.keys, words=self.words)
        return among, [*params, *keys]


def _among(column: str, keys: Sequence[Any], *, words: bool = False) -> tuple[str, list[Any]]:
    """
    The condition that a column holds one of the keys, and its parameters.

    Keys without a gap, as an import takes them, are two numbers for psycopg and the server to read, not five thousand.
    """
    if keys and not words and max(keys) - min(keys) + 1 == len(set(keys)):
        return f"({column} BETWEEN %s AND %s)", [min(keys), max(keys)]
    # Not a subquery: without statistics on a table that was just filled PostgreSQL compares every row with every key.
    if connection.vendor == "postgresql":
        # psycopg would look at each number by itself.
        return f"{column} = ANY(%s::{'text' if words else 'bigint'}[])", [
            list(keys) if words else f"{{{','.join(map(str, keys))}}}"
        ]
    return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(keys))]  # noqa: S608  a column

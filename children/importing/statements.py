"""
Many rows in few statements, on both databases: SQLite by executemany (a statement of its own takes 999 values at most,
which is eighteen children), PostgreSQL by COPY. Long lists of keys travel as one parameter (import §2).
"""

import json
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from django.db import connection, models
from django.db.models.expressions import Expression

Column = list[Any] | tuple[Any]
"""The values of a column, or one value for all rows in a tuple."""


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
        # The number after the last one ever given, as AUTOINCREMENT counts; the transaction holds the write lock.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        start = last[0] + 1 if last else 1
        return range(start, start + count)


def insert(model: type[models.Model], columns: dict[str, Column], count: int) -> None:
    """Write `count` rows; `columns` holds ready database values by the name of the column."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in columns)
    rows: Any = zip(
        *(repeat(values[0], count) if isinstance(values, tuple) else values for values in columns.values()),
        strict=True,
    )
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


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


def delete(model: type[models.Model], keys: Sequence[int], change_id: Any) -> None:
    """Remove rows; the history keeps them under this change. Nothing may refer to them any more."""
    if not keys:
        return
    table, listed = connection.ops.quote_name(model._meta.db_table), key_list(keys)
    with connection.cursor() as cursor:
        # Names who deletes: the row that the delete trigger keeps carries this change.
        cursor.execute(
            f"UPDATE {table} SET version = version + 1, change_id = %s WHERE id IN ({key_query()})",  # noqa: S608
            [change_id, listed],
        )
        cursor.execute(f"DELETE FROM {table} WHERE id IN ({key_query()})", [listed])  # noqa: S608


def key_query(kind: str = "bigint") -> str:
    """A subquery that lists the keys of one parameter made by `key_list`."""
    if connection.vendor == "postgresql":
        return f"SELECT unnest(%s::{kind}[])"
    return "SELECT value FROM json_each(%s)"


def key_list(keys: Iterable[Any]) -> Any:
    """Keys as one parameter."""
    return list(keys) if connection.vendor == "postgresql" else json.dumps(list(keys))


class Listed(Expression):
    """For `field__in=Listed(keys)`: any number of keys or words as one parameter."""

    def __init__(self, keys: Iterable[Any], *, words: bool = False) -> None:
        super().__init__(output_field=models.TextField())
        self.keys, self.words = list(keys), words

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return f"({key_query('text' if self.words else 'bigint')})", [key_list(self.keys)]

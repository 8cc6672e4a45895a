"""
What a transaction tells the triggers that fire in it: who deletes, or that it has already marked what they would mark.

PostgreSQL has settings of a transaction for that. SQLite has none, but one writer at a time: there a row of `Told`, gone
before the transaction ends, is seen by nobody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from caretrack.access.models import Told

DELETED_BY = "deleted_by"
"""The change under which rows are being deleted that carry another one."""
MARKED = "marked"
"""Who reads marks of writes (`triggers.More`) has been told of all that is written."""


def told(name: str, vendor: str) -> str:
    """SQL of what the present transaction has told the triggers under this name; NULL for nothing."""
    if vendor == "postgresql":
        return f"NULLIF(current_setting('caretrack.{name}', true), '')"
    return f"(SELECT value FROM {Told._meta.db_table} WHERE name = '{name}')"  # noqa: S608  names of this module


@contextmanager
def telling(name: str, value: str) -> Iterator[None]:
    """Tell the triggers something while the block runs. An error in it undoes the whole transaction around it."""
    with transaction.atomic(savepoint=False):
        _tell(name, value)
        yield
        _tell(name, "")


def _tell(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT set_config(%s, %s, true)", [f"caretrack.{name}", value])
        elif value:
            cursor.execute(f"INSERT INTO {Told._meta.db_table} (name, value) VALUES (%s, %s)", [name, value])  # noqa: S608
        else:
            cursor.execute(f"DELETE FROM {Told._meta.db_table} WHERE name = %s", [name])  # noqa: S608

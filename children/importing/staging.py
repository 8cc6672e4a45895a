"""
Rows laid ready for the transaction that writes them.

Those of a large file lie in temporary tables of the connection, which nobody else sees or waits for. What is left to do
under the lock is to move them inside the database: half the time of handing them over there. For a small file that
would be more work altogether and spare the others a few hundredths of a second; its rows wait in memory.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Self

from django.db import connection, models

from children.importing import statements


class Staging:
    """The new rows of one import by model, on their way to their tables; gone at the end of the block."""

    def __init__(self, *, small: bool = False) -> None:
        """With `small` the rows wait in memory."""
        self._small = small
        self._held: dict[type[models.Model], list[tuple[dict[str, statements.Column], int]]] = defaultdict(list)
        self._columns: dict[type[models.Model], list[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with connection.cursor() as cursor:
            for model in self._columns:
                cursor.execute(f"DROP TABLE {_ready(model)}")
            if self._columns and connection.vendor == "sqlite" and not connection.in_atomic_block:
                # The pages of dropped tables stay with a connection until its store for them is laid anew.
                cursor.execute("PRAGMA temp_store = FILE")
                cursor.execute("PRAGMA temp_store = MEMORY")

    def add(self, model: type[models.Model], columns: dict[str, statements.Column], count: int) -> None:
        """Lay `count` rows ready; every call for a model names the same columns, its key among them."""
        if self._small:
            self._held[model].append((columns, count))
            return
        if model not in self._columns:
            self._columns[model] = list(columns)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"CREATE TEMP TABLE {_ready(model)} AS SELECT {statements.listed(columns)}"  # noqa: S608
                    f" FROM {statements.quoted(model._meta.db_table)} WHERE 1 = 0"
                )
        statements.insert(f"ready_{model._meta.db_table}", columns, count)

    def move(self, model: type[models.Model], late: Mapping[str, Any]) -> None:
        """
        Write the rows laid ready for a model, if any, with what is the same in all and only known now.

        Raises IntegrityError if a number is taken by now.
        """
        for held, count in self._held.pop(model, ()):
            statements.insert(model._meta.db_table, held | {name: (value,) for name, value in late.items()}, count)
        if model not in self._columns:
            return
        columns = statements.listed(self._columns[model])
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {statements.quoted(model._meta.db_table)}"  # noqa: S608
                f" ({columns}{''.join(f', {statements.quoted(name)}' for name in late)})"
                f" SELECT {columns}{', %s' * len(late)} FROM {_ready(model)}",
                list(late.values()),
            )


def _ready(model: type[models.Model]) -> str:
    return statements.quoted(f"ready_{model._meta.db_table}")

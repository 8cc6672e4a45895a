"""
Writing packed edits: new rows and changed rows in a handful of statements a thousand rows.

The history triggers see every row, because version and change are raised here as everywhere.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from caretrack.access.history import Stale, current_change_id
from caretrack.schools.models import SchoolClass, Staff
from children.importing import statements
from children.importing.edits import Changed
from children.importing.packing import BY, Packed, changed_rows, late
from children.models import AbsenceSpan, Child


def child_of(instance: Any) -> int | None:
    """The key of the child that a row belongs to; None for a class."""
    if isinstance(instance, Child):
        return instance.pk
    if isinstance(instance, AbsenceSpan):
        return instance.member.child_id
    return getattr(instance, "child_id", None)


def change_key(model: Any) -> Any:
    """The present change as the column of a model takes it."""
    return model._meta.get_field("change").get_db_prep_save(current_change_id(), connection)


def update(model: type[models.Model], changes: list[Changed]) -> None:
    """
    Write changed instances of a model in one statement, over the union of their changed fields.

    Raises Stale if a row was changed by somebody else since it was loaded.
    """
    fields, rows = changed_rows(model, changes)
    if statements.update(model, [found.column for found in fields], rows, change_key(model)) != len(rows):
        raise Stale(changes[0].instance)
    for change in changes:
        change.instance.version += 1


class Writer:
    """Writes the packed chunks of one file in their order, inside the caller's transaction and change."""

    def __init__(self, by: Staff | None) -> None:
        self.keys: dict[str, dict[int, int]] = {}
        self.late_values = {"change": current_change_id(), BY[1]: by.pk if by else None}
        self.now = timezone.now()

    def write(self, packed: Packed) -> dict[str, Any]:
        """
        Write one chunk.

        Returns the record an undo needs: of new rows key and child, of changed rows also version and old values.
        Raises Stale if a row was changed by somebody else since it was loaded.
        """
        record: dict[str, Any] = {"new": {}, "changed": []}
        for table in packed["first"]:
            self._create(table, record)
        for table in packed["changed"]:
            self._change(table, record)
        for table in packed["last"]:
            self._create(table, record)
        return record

    def _create(self, table: list[Any], record: dict[str, Any]) -> None:
        label, start, count, packed, owners = table
        model = apps.get_model(label)
        keys = statements.take_keys(model, count)
        known = {start + place: key for place, key in enumerate(keys)}
        # Classes are pointed to from later chunks as well, children and their family only from their own.
        self.keys[label] = {**self.keys.get(label, {}), **known} if model is SchoolClass else known
        columns: dict[str, statements.Column] = {"id": list(keys)}
        for found in model._meta.concrete_fields:
            if found.primary_key:
                continue
            if late(model, found):
                columns[found.column] = (self._late(found),)
            else:
                columns[found.column] = self._values(found, packed[found.column])
        statements.insert(model, columns, count)
        record["new"][label] = [runs(keys), self._resolved("children.Child", owners)]

    def _late(self, found: Any) -> Any:
        value = self.late_values.get(found.name, self.now)
        return found.get_db_prep_save(value, connection)

    def _values(self, found: Any, packed: Any) -> statements.Column:
        values = (packed["="],) if isinstance(packed, dict) else packed
        if not found.is_relation:
            return values  # type: ignore[no-any-return]
        resolved = self._resolved(found.related_model._meta.label, values)
        return (resolved[0],) if isinstance(values, tuple) else resolved

    def _resolved(self, label: str, keys: Sequence[int | None]) -> list[Any]:
        known = self.keys.get(label, {})
        return [known[-key - 1] if key is not None and key < 0 else key for key in keys]

    def _change(self, table: list[Any], record: dict[str, Any]) -> None:
        label, names, rows, owners, old = table
        model = apps.get_model(label)
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        for place, found in enumerate(fields):
            if found.is_relation:
                for row, key in zip(
                    rows, self._resolved(found.related_model._meta.label, [row[place] for row in rows]), strict=True
                ):
                    row[place] = key
        changed = statements.update(model, [found.column for found in fields], rows, change_key(model))
        if changed != len(rows):
            raise Stale(model(pk=rows[0][-2]))
        record["changed"] += [
            [label, owner, row[-2], row[-1] + 1, before] for row, owner, before in zip(rows, owners, old, strict=True)
        ]


def runs(keys: Sequence[int]) -> list[list[int]]:
    """Keys in a row as [first, how many]; an import's keys nearly always are."""
    found: list[list[int]] = []
    for key in keys:
        if found and key == found[-1][0] + found[-1][1]:
            found[-1][1] += 1
        else:
            found.append([key, 1])
    return found


def unrolled(found: list[list[int]]) -> list[int]:
    """The keys that `runs` was given."""
    return [key for start, count in found for key in range(start, start + count)]

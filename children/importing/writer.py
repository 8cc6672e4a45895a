"""
Writing packed edits: new rows and changed rows in a handful of statements a chunk, under a short lock.

The history triggers see every row, because version and change are raised here as everywhere.
"""

from collections.abc import Sequence
from typing import Any, Self

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from caretrack.access import triggers
from caretrack.access.history import Stale, current_change_id
from caretrack.schools.models import School, SchoolClass, Staff
from children.importing import statements
from children.importing.edits import Changed
from children.importing.packing import BY, FIRST, LAST, Packed, changed_rows, late, own_fields
from children.importing.staging import Staging
from children.models import AbsenceSpan, Child

FEW = 1_000
"""Rows of a file that are handed over within the transaction that writes them."""


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
    """
    Writes the packed chunks of one file: each is prepared while nobody waits, all are written at once.

    To be used as a block, outside the transaction that writes: what was prepared is gone at its end.
    """

    def __init__(self, rows: int) -> None:
        """`rows` is how many the file has."""
        self._keys: dict[str, dict[int, int]] = {}
        self._changes: list[tuple[Any, list[str], list[list[Any]]]] = []
        self._staging = Staging(small=rows <= FEW)
        self._known: set[int] = set()
        """Pupils who were there before the file."""

    def __enter__(self) -> Self:
        self._staging.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._staging.__exit__(*error)

    def prepare(self, packed: Packed) -> dict[str, Any]:
        """
        Lay one chunk ready under keys that nobody else will get; chunks come in their order.

        Returns the record an undo needs: of new rows key and child, of changed rows also version and old values.
        """
        created = [*packed["first"], *packed["last"]]
        with transaction.atomic():
            keys = {label: statements.take_keys(apps.get_model(label), count) for label, _, count, _, _ in created}
        record: dict[str, Any] = {"new": {}, "changed": []}
        for label, start, count, columns, owners in created:
            self._number(label, start, keys[label])
            self._lay_ready(apps.get_model(label), keys[label], columns, count)
            record["new"][label] = [runs(keys[label]), self._resolved(Child._meta.label, owners)]
            self._known.update(owner for owner in owners if owner is not None and owner >= 0)
        for label, names, rows, owners, old in packed["changed"]:
            self._changes.append((*self._named(apps.get_model(label), names, rows), rows))
            self._known.update(owner for owner in owners if owner is not None)
            record["changed"] += [
                [label, owner, row[-2], row[-1] + 1, before]
                for row, owner, before in zip(rows, owners, old, strict=True)
            ]
        return record

    def write(self, school: School, by: Staff | None) -> None:
        """
        Write what was prepared for a school, inside the caller's transaction and change.

        Raises Stale if a row was changed by somebody else since it was loaded, IntegrityError if a number is taken.
        """
        now = timezone.now()
        known = {"change": current_change_id(), BY[1]: by.pk if by else None}

        def move(model: type[models.Model]) -> None:
            found: list[Any] = [field for field in model._meta.concrete_fields if late(model, field)]
            values = {field.column: field.get_db_prep_save(known.get(field.name, now), connection) for field in found}
            self._staging.move(model, values)

        with triggers.marked(school.pk, self._known):
            for model in FIRST:
                move(model)
            for model, columns, rows in self._changes:
                if statements.update(model, columns, rows, change_key(model)) != len(rows):
                    raise Stale(model(pk=rows[0][-2]))
            for model in LAST:
                move(model)

    def _number(self, label: str, start: int, keys: Sequence[int]) -> None:
        known = {start + place: key for place, key in enumerate(keys)}
        # Classes are pointed to from later chunks as well, children and their family only from their own.
        self._keys[label] = self._keys.get(label, {}) | known if label == SchoolClass._meta.label else known

    def _lay_ready(self, model: type[models.Model], keys: Sequence[int], packed: dict[str, Any], count: int) -> None:
        columns: dict[str, statements.Column] = {"id": list(keys)}
        for found in own_fields(model):
            columns[found.column] = self._values(found, packed[found.column])
        self._staging.add(model, columns, count)

    def _values(self, found: Any, packed: Any) -> statements.Column:
        values = (packed["="],) if isinstance(packed, dict) else packed
        if not found.is_relation:
            return values  # type: ignore[no-any-return]
        resolved = self._resolved(found.related_model._meta.label, values)
        return (resolved[0],) if isinstance(values, tuple) else resolved

    def _resolved(self, label: str, keys: Sequence[int | None]) -> list[Any]:
        known = self._keys.get(label, {})
        return [known[-key - 1] if key is not None and key < 0 else key for key in keys]

    def _named(self, model: Any, names: list[str], rows: list[list[Any]]) -> tuple[Any, list[str]]:
        """The columns of changed fields; rows that point to new rows get their keys."""
        fields: list[Any] = [model._meta.get_field(name) for name in names]
        for place, found in enumerate(fields):
            if found.is_relation:
                keys = self._resolved(found.related_model._meta.label, [row[place] for row in rows])
                for row, key in zip(rows, keys, strict=True):
                    row[place] = key
        return model, [found.column for found in fields]


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

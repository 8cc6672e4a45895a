"""
Writing the edits of a chunk: one statement a model for new rows, one for changed rows.

Changed rows go through `executemany` on prepared values: bulk_update is slower than saving one by one (import §2).
The history triggers see every row, because version and change are raised here as everywhere.
"""

from decimal import Decimal
from typing import Any

from django.db import connection, models

from caretrack.access.history import Stale, current_change_id
from caretrack.schools.models import SchoolClass
from children.importing.edits import Changed, Edits
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    Phone,
    StatusChange,
)

FIRST: tuple[type[models.Model], ...] = (SchoolClass, Child, FamilyMember)
"""New rows that others point to; they are written before any change."""
LAST: tuple[type[models.Model], ...] = (
    AbsenceSpan,
    Phone,
    CareArrangement,
    Enrollment,
    StatusChange,
    FormerStudentNumber,
)


def write(edits: Edits) -> dict[str, Any]:
    """
    Write all edits inside the caller's transaction and change.

    Returns the record an undo needs: for every row its child, key and version, and the old values of changed rows.
    Raises Stale if a row was changed by somebody else since it was loaded.
    """
    record: dict[str, Any] = {"created": [], "changed": []}
    for model in FIRST:
        _create(model, edits, record)
    for model in edits.models_changed():
        _change(model, edits.changed_of(model), record)
    for model in LAST:
        _create(model, edits, record)
    return record


def _create(model: type[models.Model], edits: Edits, record: dict[str, Any]) -> None:
    new = edits.created_of(model)
    if not new:
        return
    model._default_manager.bulk_create(new, batch_size=1_000)
    record["created"] += [[model._meta.label, child_of(instance), instance.pk, instance.version] for instance in new]


def child_of(instance: Any) -> int | None:
    """The key of the child that a row belongs to; None for a class."""
    if isinstance(instance, Child):
        return instance.pk
    if isinstance(instance, AbsenceSpan):
        return instance.member.child_id
    return getattr(instance, "child_id", None)


def _change(model: type[models.Model], changes: list[Changed], record: dict[str, Any]) -> None:
    update(model, changes)
    for change in changes:
        instance, old = change.instance, {name: plain(value) for name, value in change.old.items()}
        record["changed"].append([model._meta.label, child_of(instance), instance.pk, instance.version, old])


def update(model: type[models.Model], changes: list[Changed]) -> None:
    """
    One UPDATE for all rows of a model, over the union of their changed fields.

    Raises Stale if a row was changed by somebody else since it was loaded.
    """
    names = list(dict.fromkeys(name for change in changes for name in change.old))
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    fields += [field for field in model._meta.concrete_fields if getattr(field, "source", None) in names]
    columns = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    change_field: Any = model._meta.get_field("change")
    change_id = change_field.get_db_prep_save(current_change_id(), connection)
    statement = f"UPDATE {table} SET {columns}, version = version + 1, change_id = %s WHERE id = %s AND version = %s"  # noqa: S608
    rows = []
    for change in changes:
        instance = change.instance
        values = [field.get_db_prep_save(_value(instance, field), connection) for field in fields]
        rows.append((*values, change_id, instance.pk, instance.version))
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        if cursor.rowcount != len(rows):
            raise Stale(changes[0].instance)
    for change in changes:
        change.instance.version += 1


def _value(instance: Any, field: Any) -> Any:
    if field.is_relation:
        related = instance._state.fields_cache.get(field.name)
        return related.pk if related is not None else getattr(instance, field.attname)
    return field.pre_save(instance, add=False)


def plain(value: Any) -> Any:
    """An old value for the undo record: keys instead of rows, dates as text."""
    if isinstance(value, models.Model):
        return value.pk
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value

"""
Writing the edits of a chunk: one statement a model for new rows, one for changed rows.

Changed rows go through `executemany` on prepared values: bulk_update is slower than saving one by one (import §2).
The history triggers see every row, because version and change are raised here as everywhere.
"""

from typing import Any

from django.db import connection, models

from caretrack.access.crypto import BlindIndexField
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

    Returns the record an undo needs: keys and versions of what was created, old values of what was changed.
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
    record["created"] += [[model._meta.label, instance.pk] for instance in new]


def _change(model: type[models.Model], changes: list[Changed], record: dict[str, Any]) -> None:
    """One UPDATE for all rows of a model, over the union of their changed fields."""
    names = list(dict.fromkeys(name for change in changes for name in change.old))
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    fields += [
        field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField) and field.source in names
    ]
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
        old = {name: _plain(value) for name, value in change.old.items()}
        record["changed"].append([model._meta.label, change.instance.pk, change.instance.version, old])


def _value(instance: Any, field: Any) -> Any:
    if field.is_relation:
        related = getattr(instance, field.name)
        return related.pk if related is not None else None
    return field.pre_save(instance, add=False)


def _plain(value: Any) -> Any:
    """An old value for the undo record: keys instead of rows, dates as text."""
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if hasattr(value, "isoformat") else value

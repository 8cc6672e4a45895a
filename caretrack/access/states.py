"""Earlier states of tracked rows, as the triggers kept them."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db import models

from caretrack.access.crypto import EncryptedTextField
from caretrack.access.models import RowHistory


def decode(field: models.Field, raw: Any) -> Any:
    """A value of the history as the field would give it; a foreign key stays an id."""
    if raw is None:
        return None
    if isinstance(field, EncryptedTextField):
        return field.from_db_value(raw, None, None)
    if isinstance(field, models.JSONField):
        return json.loads(raw) if isinstance(raw, str) else raw
    if isinstance(field, models.BooleanField):
        return bool(raw)
    if field.is_relation:
        return raw
    value = field.to_python(raw)
    if isinstance(field, models.DateTimeField) and value.tzinfo is None:
        # SQLite keeps moments as UTC without saying so.
        return value.replace(tzinfo=UTC)
    return value


def earlier_states(instance: models.Model) -> Iterator[dict[str, Any]]:
    """The fields of a tracked row before each of its changes, the latest change first. One statement."""
    kept = RowHistory.objects.filter(table=instance._meta.db_table, row_id=str(instance.pk), op="U")
    for old in kept.order_by("-version").values_list("old", flat=True):
        yield _fields(instance, old)


def _fields(instance: models.Model, old: dict[str, Any]) -> dict[str, Any]:
    return {f.name: decode(f, old.get(f.column)) for f in instance._meta.concrete_fields if f.column in old}


def row_at(instance: models.Model, version: int) -> dict[str, Any] | None:
    """The fields of a tracked row as they were at an earlier version; None if the history does not hold it."""
    kept = RowHistory.objects.filter(table=instance._meta.db_table, row_id=str(instance.pk), version=version).first()
    if kept is None:
        return None
    return _fields(instance, kept.old)


def instance_at(instance: Any, version: int) -> Any:
    """A tracked row as it was at an earlier version, not to be saved; None if the history does not hold it."""
    fields = row_at(instance, version)
    if fields is None:
        return None
    names = {field.name: field.attname for field in instance._meta.concrete_fields}
    return type(instance)(**{names[name]: value for name, value in fields.items()})

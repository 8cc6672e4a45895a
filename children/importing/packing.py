"""
The edits of a chunk as plain database values, column by column: what a check keeps and a confirm writes.

Values pass through their fields once, here: encryption, indexes and readings are made while nobody waits for a lock.
New rows have no keys yet; they are numbered through the whole file, and number n is written as -n-1 where others
point to it.
"""

import datetime as dt
import json
import zlib
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection, models

from caretrack.access.crypto import EncryptedTextField, decrypt_bytes, encrypt, encrypt_bytes
from caretrack.schools.models import SchoolClass
from children.importing.edits import Changed, Edits
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    OtherSpelling,
    Phone,
    RestrictedNote,
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
    OtherSpelling,
    RestrictedNote,
)
BY = (StatusChange, "made_by")
"""Known only when the plan is confirmed, as are the change and the time."""
_CONTEXT = "children.importchunk.packed"
Packed = dict[str, Any]
Numbers = dict[int, int]
"""What stands for the key of a new row, by the identity of the instance."""
Held = dict[str, list[Any]]
"""Values of new rows by attribute, a single one for what is the same in all."""


def seal(packed: Packed) -> bytes:
    """Packed edits as they are stored."""
    text = json.dumps(packed, ensure_ascii=False, check_circular=False, separators=(",", ":")).encode()
    return encrypt_bytes(zlib.compress(text, 1), context=_CONTEXT)


def unseal(stored: bytes) -> Packed:
    """Packed edits as `seal` was given them. Raises Unreadable with another key."""
    found: Packed = json.loads(zlib.decompress(decrypt_bytes(bytes(stored), context=_CONTEXT)))
    return found


class Packing:
    """Packs the chunks of one file, in their order."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.classes: dict[int, int] = {}

    def pack(self, edits: Edits) -> Packed:
        """
        The edits of one chunk: {"first": […], "changed": […], "last": […]}.

        A table of new rows is [model, first number, how many, {column: values}, owners]; a value in {"=": …} holds for
        all rows. A table of changes is [model, columns, rows of values with key and version, owners, old values].
        """
        created: dict[type, list[Any]] = defaultdict(list)
        for instance in edits.created:
            if id(instance) not in self.classes:
                created[type(instance)].append(instance)
        numbers: Numbers = dict(self.classes)
        for model in FIRST:
            start = self.counts[model._meta.label]
            numbers |= {id(instance): -start - place - 1 for place, instance in enumerate(created[model])}
        self.classes |= {id(instance): numbers[id(instance)] for instance in created[SchoolClass]}
        return {
            "first": [self._table(model, created[model], numbers) for model in FIRST if created[model]],
            "changed": [_changes(model, edits.changed_of(model), numbers) for model in edits.models_changed()],
            "last": [self._table(model, created[model], numbers) for model in LAST if created[model]],
        }

    def _table(self, model: type[models.Model], rows: list[Any], numbers: Numbers) -> list[Any]:
        label, count = model._meta.label, len(rows)
        start = self.counts[label]
        self.counts[label] += count
        held = _held(model, rows)
        related = [row._state.fields_cache for row in rows]
        columns = {found.column: _column(found, held, related, numbers) for found in own_fields(model)}
        owners = columns.get("child_id")
        return [label, start, count, columns, owners if isinstance(owners, list) else _owners(model, rows, numbers)]


@lru_cache(maxsize=32)
def own_fields(model: type[models.Model]) -> tuple[Any, ...]:
    """The fields whose values are known when a plan is made."""
    return tuple(found for found in model._meta.concrete_fields if not found.primary_key and not late(model, found))


def late(model: type[models.Model], found: Any) -> bool:
    """True for what is only known when the rows are written: the change, the person, the time."""
    return (
        found.name == "change"
        or (model, found.name) == BY
        or bool(getattr(found, "auto_now_add", False) or getattr(found, "auto_now", False))
    )


def _column(found: Any, held: Held, related: list[dict[str, Any]], numbers: Numbers) -> Any:
    if found.is_relation:
        keys = _references(found.name, held[found.attname], related, numbers)
        return {"=": keys[0]} if len(set(keys)) == 1 else keys
    source = getattr(found, "source", None)
    values = held[source or found.attname]
    if isinstance(found, EncryptedTextField):
        if not any(values):
            return {"=": values[0]}
        context = found.context
        each = values if len(values) > 1 else values * len(related)
        return [None if value is None else encrypt(str(value), context=context) for value in each]
    try:
        distinct = set(values)
    except TypeError:  # lists of codes
        written = {repr(value): value for value in values}
        values, distinct = [repr(value) for value in values], set(written)
        known = {name: storable(found.get_db_prep_save(value, connection)) for name, value in written.items()}
    else:
        known = {value: found.made_of(value) for value in distinct} if source else _ready(found, distinct)
    if len(distinct) == 1:
        return {"=": known.get(values[0], values[0])}
    return [known.get(value, value) for value in values] if known else values


@lru_cache(maxsize=32)
def _kept(model: type[models.Model]) -> tuple[list[str], list[str]]:
    """The attributes of the fields that are not derived from others, those with lists apart."""
    kept = [found for found in own_fields(model) if not hasattr(found, "source")]
    listed = [found.attname for found in kept if isinstance(found, models.JSONField)]
    return [found.attname for found in kept if found.attname not in listed], listed


def _held(model: type[models.Model], rows: list[Any]) -> Held:
    """What new rows hold. Most fields are the same in all rows: looked at together, they cost less than one by one."""
    contents = [row.__dict__ for row in rows]
    (names, listed), some = _kept(model), contents[:: len(contents) // 16 + 1]
    alike = [name for name in names if len({one[name] for one in some}) == 1]
    seen = zip(*set(map(_taker(alike), contents)), strict=True)
    same = {name: [values[0]] for name, values in zip(alike, seen, strict=True) if len(set(values)) == 1}
    others = [name for name in (*names, *listed) if name not in same]
    columns = zip(*map(_taker(others), contents), strict=True)
    return same | {name: list(values) for name, values in zip(others, columns, strict=True)}


def _taker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Takes values of a row as a tuple, also a single one."""
    return itemgetter(*names) if len(names) > 1 else lambda content: tuple(content[name] for name in names)


def _ready(found: Any, distinct: set[Any]) -> dict[Any, Any]:
    """Database values by value, as the field makes them; those that are their own are left out."""
    if _keeps_text(found.__class__) and all(value is None or isinstance(value, str) for value in distinct):
        return {}
    if found.__class__ is models.DateField:
        return {value: None if value is None else value.isoformat() for value in distinct}
    return {value: storable(found.get_db_prep_save(value, connection)) for value in distinct}


@lru_cache(maxsize=64)
def _keeps_text(kind: type[models.Field]) -> bool:
    """True for a field that stores a text as it is."""
    return (
        issubclass(kind, models.CharField | models.TextField)
        and kind.get_prep_value in (models.CharField.get_prep_value, models.TextField.get_prep_value)
        and kind.to_python in (models.CharField.to_python, models.TextField.to_python)
        and kind.get_db_prep_value is models.Field.get_db_prep_value
        and kind.get_db_prep_save is models.Field.get_db_prep_save
    )


def _references(name: str, keys: list[int | None], related: list[dict[str, Any]], numbers: Numbers) -> list[int | None]:
    """The keys that rows point to, or what stands for those of new rows; a single one if it is the same for all."""
    if None not in keys:
        return keys
    others = [cache.get(name) for cache in related]
    if not any(others):
        return keys
    return [
        key if key is not None or other is None else numbers.get(id(other)) or int(other.pk)
        for key, other in zip(keys * (len(others) // len(keys)), others, strict=True)
    ]


def _keys(rows: list[Any], numbers: Numbers) -> list[int | None]:
    """The keys of stored rows, what stands for those of new ones."""
    return [numbers.get(id(row)) or int(row.pk) for row in rows]


def _owners(model: type[models.Model], rows: list[Any], numbers: Numbers) -> list[int | None]:
    """The children that rows belong to; None for a class."""
    if model is SchoolClass:
        return [None] * len(rows)
    if model is Child:
        return _keys(rows, numbers)
    if model is AbsenceSpan:
        rows = [row.member for row in rows]
    return _references("child", [row.child_id for row in rows], [row._state.fields_cache for row in rows], numbers)


def _changes(model: type[models.Model], changes: list[Changed], numbers: Numbers) -> list[Any]:
    fields, rows = changed_rows(model, changes, numbers)
    owners = _owners(model, [change.instance for change in changes], numbers)
    old = [{name: plain(value) for name, value in change.old.items()} for change in changes]
    return [model._meta.label, [found.name for found in fields], rows, owners, old]


def changed_rows(
    model: type[models.Model], changes: list[Changed], numbers: Numbers | None = None
) -> tuple[list[Any], list[list[Any]]]:
    """The fields that changed in any of the rows, and for each row their present values, its key and its version."""
    names = list(dict.fromkeys(name for change in changes for name in change.old))
    fields = written_fields(model, names)
    rows = [
        [
            *(_value(change.instance, found, numbers or {}) for found in fields),
            change.instance.pk,
            change.instance.version,
        ]
        for change in changes
    ]
    return fields, rows


def _value(instance: Any, found: Any, numbers: Numbers) -> Any:
    if found.is_relation:
        return _references(found.name, [getattr(instance, found.attname)], [instance._state.fields_cache], numbers)[0]
    return storable(found.get_db_prep_save(found.pre_save(instance, False), connection))


def written_fields(model: type[models.Model], names: list[str]) -> list[Any]:
    """The fields of these names and those that are derived from them: indexes, readings."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    derived = [found for found in model._meta.concrete_fields if getattr(found, "source", None) in names]
    return fields + [found for found in derived if found not in fields]


def storable(value: Any) -> Any:
    """A database value as JSON holds it; both databases take the text of a date, a number or a list."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dt.date | dt.time | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return json.dumps(value.obj, ensure_ascii=False)  # psycopg's wrapper of a list


def plain(value: Any) -> Any:
    """An old value for the undo record: keys instead of rows, dates as text."""
    if isinstance(value, models.Model):
        return value.pk
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value

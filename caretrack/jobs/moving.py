"""From SQLite to PostgreSQL, or back: every row of every table, compared afterwards."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.models.query import QuerySet

from caretrack.access import triggers
from caretrack.env import database_from_url
from caretrack.jobs.planner import look_at_tables

BATCH = 1000
TARGET = "moving"


class MoveError(Exception):
    """Nothing was moved; the text is a Chinese sentence."""


def _models() -> list[type[models.Model]]:
    """Every table of ours and of the libraries, with the tables in between of many-to-many fields."""
    return [
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    ]


def _rows(model: type[models.Model], using: str) -> QuerySet[Any]:
    # Django's own queryset: the managers of some models fill or hide things, a move must do neither.
    return QuerySet(model, using=using).order_by(model._meta.pk.attname if model._meta.pk else "pk")


@contextmanager
def _times_as_they_are() -> Iterator[None]:
    """`auto_now` would stamp every moved row with the time of the move."""
    fields = [
        field
        for model in _models()
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    before = [(field, field.auto_now, field.auto_now_add) for field in fields]  # type: ignore[attr-defined]
    for field in fields:
        field.auto_now = field.auto_now_add = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for field, now, add in before:
            field.auto_now, field.auto_now_add = now, add  # type: ignore[attr-defined]


def fingerprint(model: type[models.Model], using: str) -> tuple[int, str]:
    """Number of rows and a hash over all values as Python sees them, the same in both databases when they agree."""
    digest, count = hashlib.sha256(), 0
    for row in _rows(model, using).values_list(*_names(model)).iterator(chunk_size=BATCH):
        digest.update(repr([_comparable(value) for value in row]).encode())
        count += 1
    return count, digest.hexdigest()


def _comparable(value: Any) -> Any:
    """PostgreSQL keeps the keys of a JSON object in an order of its own."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def move(url: str, say: Callable[[str], None]) -> int:
    """
    Copy everything from the present database into the empty one at `url`; the present one stays as it is.

    Tables are made there, filled in one transaction, and compared row by row. Returns the number of rows.
    Raises MoveError when the other database is not empty or does not agree afterwards.
    """
    wanted = connections.configure_settings({TARGET: database_from_url(url)} | connections.settings)
    connections.databases[TARGET] = wanted[TARGET]
    target = connections[TARGET]
    say("正在目标数据库中建立表 …")
    if target.introspection.table_names() and _holds_people():
        raise MoveError("目标数据库里已经有人员账号。请换一个空的数据库，以免覆盖。")
    call_command("migrate", database=TARGET, interactive=False, verbosity=0)
    total = 0
    with _times_as_they_are(), transaction.atomic(using=TARGET):
        triggers.remove(TARGET)
        for model in reversed(_models()):
            _rows(model, TARGET).order_by()._raw_delete(TARGET)  # what migrations put in, such as content types
        for model in _models():
            total += _copy(model)
        reset = target.ops.sequence_reset_sql(no_style(), _models())
        with target.cursor() as cursor:
            for statement in reset:
                cursor.execute(statement)
        triggers.install(TARGET)
        say(f"已复制 {total} 行，正在逐表核对 …")
        for model in _models():
            if fingerprint(model, "default") != fingerprint(model, TARGET):
                raise MoveError(f"表 {model._meta.db_table} 核对不一致，已放弃，目标数据库保持为空。")
    look_at_tables(TARGET)
    return total


def _holds_people() -> bool:
    from caretrack.schools.models import Staff

    return Staff._meta.db_table in connections[TARGET].introspection.table_names() and _rows(Staff, TARGET).exists()


def _copy(model: type[models.Model]) -> int:
    count = 0
    batch: list[Any] = []
    for row in _rows(model, "default").iterator(chunk_size=BATCH):
        batch.append(row)
        if len(batch) == BATCH:
            count += _write(model, batch)
            batch = []
    return count + _write(model, batch)


def _write(model: type[models.Model], batch: list[Any]) -> int:
    if batch:
        plain: QuerySet[Any] = QuerySet(model, using=TARGET)
        plain.bulk_create(batch)
    return len(batch)

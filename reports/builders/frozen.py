"""Frozen dataclasses to plain JSON and back, so that a submitted report can be read as it was, whatever changed since."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, Union

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dicts, lists, strings and numbers only; dates as ISO text, decimals as {"decimal": text}."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value


def from_plain(kind: type[T], data: Mapping[str, Any]) -> T:
    """
    The dataclass `kind` rebuilt from what `to_plain` made of it.

    Fields that the stored form lacks take their defaults, fields that the class no longer has are passed over: an old
    report stays readable. Raises TypeError when a field without default is missing.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _read(hints[name], item) for name, item in data.items() if name in fields})


def _read(hint: Any, value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"decimal"}:
        return Decimal(value["decimal"])
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [option for option in typing.get_args(hint) if option is not type(None)]
        return None if value is None else _read(inner[0], value) if len(inner) == 1 else value
    if origin is tuple:
        return tuple(_read(typing.get_args(hint)[0], item) for item in value)
    if origin is dict:
        return {key: _read(typing.get_args(hint)[1], item) for key, item in value.items()}
    if hint is date:
        return date.fromisoformat(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if dataclasses.is_dataclass(hint):
        return from_plain(typing.cast(type, hint), value)
    return value

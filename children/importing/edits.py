"""Changes made to model instances in memory, remembered so that they can be shown, written in bulk and undone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import models
from django.db.models.base import ModelState

Change = tuple[str, str, str]
"""One changed field as the preview shows it: its label, the old words, the new ones."""


@dataclass(slots=True)
class Changed:
    """An existing row with the old values of the fields that were changed."""

    instance: Any
    old: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Edits:
    """Everything that is to be written for some rows of a roster; ``writes`` grows with each trace a row leaves."""

    created: list[Any] = field(default_factory=list)
    changed: dict[int, Changed] = field(default_factory=dict)
    writes: int = 0

    def add(self, instance: Any) -> Any:
        """Remember a new row; returns it."""
        self.created.append(instance)
        self.writes += 1
        return instance

    def put(self, instance: Any, name: str, value: Any) -> bool:
        """Set a field; tells whether that changes it. New instances need no remembering."""
        old = getattr(instance, name)
        if old == value or (not old and (old is None or old == "") and (value is None or value == "")):
            return False
        setattr(instance, name, value)
        if not instance._state.adding:
            kept = self.changed.setdefault(id(instance), Changed(instance))
            kept.old.setdefault(name, old)
            self.writes += 1
        return True

    def forget(self) -> None:
        """Let go of all rows: a thousand children with their families would take thirty megabytes."""
        self.created.clear()
        self.changed.clear()

    def created_of(self, model: type[models.Model]) -> list[Any]:
        """New rows of one model, in the order in which they were added."""
        return [instance for instance in self.created if type(instance) is model]

    def changed_of(self, model: type[models.Model]) -> list[Changed]:
        """Changed rows of one model."""
        return [change for change in self.changed.values() if type(change.instance) is model]

    def models_changed(self) -> Iterator[type[models.Model]]:
        """The models that have changed rows."""
        yield from dict.fromkeys(type(change.instance) for change in self.changed.values())


@lru_cache(maxsize=64)
def _blank(model: type[models.Model]) -> tuple[dict[str, Any], list[Any], list[tuple[str, str, str]]]:
    """The values of a new row, what makes the default of a field for each row, and name, column and target of relations."""
    values = model().__dict__ | {"_state": None}
    fields: tuple[Any, ...] = model._meta.concrete_fields
    made = [(found.attname, found.default) for found in fields if found.has_default() and callable(found.default)]
    relations = [(found.name, found.attname, found.target_field.attname) for found in fields if found.is_relation]
    return values, made, relations


def fresh(model: type[models.Model], **values: Any) -> Any:
    """
    A new row as `model(**values)` makes it, at a tenth of the price: an import makes a dozen for each child.

    Values are taken as they are; nobody listens to the signals of these models.
    """
    blank, made, relations = _blank(model)
    instance = model.__new__(model)
    instance.__dict__ = content = blank.copy()
    state = content["_state"] = ModelState()
    state.fields_cache = related = {}
    for name, make in made:
        content[name] = make()
    for name, column, target in relations:
        if name in values:
            value = related[name] = values.pop(name)
            content[column] = None if value is None else value.__dict__[target]
    content.update(values)
    return instance


class FieldFacts(NamedTuple):
    """What must be known of a field to set it and to show it, looked up once: an import asks for it at every cell."""

    label: str
    limit: int
    """The longest text, 0 for codes and for what is no text."""
    choices: dict[Any, str]


@lru_cache(maxsize=1024)
def facts_of(model: type[models.Model], name: str) -> FieldFacts:
    """The facts of a model's field."""
    found: Any = model._meta.get_field(name)
    choices = {value: str(label) for value, label in found.flatchoices} if found.choices else {}
    return FieldFacts(str(found.verbose_name), 0 if choices else getattr(found, "max_length", None) or 0, choices)


def label_of(instance: Any, name: str) -> str:
    """The label of a choice, as get_…_display gives it."""
    return _labelled(getattr(instance, name), facts_of(instance.__class__, name).choices)


def _labelled(value: Any, choices: dict[Any, str]) -> str:
    label = choices.get(value)
    return str(value) if label is None else label


def shown(instance: Any, name: str, value: Any) -> str:
    """A field's value in words: choices by label, yes and no, dates, lists."""
    return in_words(value, facts_of(instance.__class__, name).choices)


def in_words(value: Any, choices: dict[Any, str]) -> str:
    """A value in words, as `shown` gives it, by the choices of its field."""
    if not value and (value is None or value in ("", [])):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if choices:
        return _labelled(value, choices)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)

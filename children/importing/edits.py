"""Changes made to model instances in memory, remembered so that they can be shown, written in bulk and undone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field as the preview shows it."""

    label: str
    old: str
    new: str

    def as_json(self) -> list[str]:
        """For the stored plan."""
        return [self.label, self.old, self.new]


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
        if old == value or (old in (None, "") and value in (None, "")):
            return False
        setattr(instance, name, value)
        if not instance._state.adding:
            kept = self.changed.setdefault(id(instance), Changed(instance))
            kept.old.setdefault(name, old)
            self.writes += 1
        return True

    def created_of(self, model: type[models.Model]) -> list[Any]:
        """New rows of one model, in the order in which they were added."""
        return [instance for instance in self.created if type(instance) is model]

    def changed_of(self, model: type[models.Model]) -> list[Changed]:
        """Changed rows of one model."""
        return [change for change in self.changed.values() if type(change.instance) is model]

    def models_changed(self) -> Iterator[type[models.Model]]:
        """The models that have changed rows."""
        yield from dict.fromkeys(type(change.instance) for change in self.changed.values())


def shown(instance: Any, name: str, value: Any) -> str:
    """A field's value in words: choices by label, yes and no, dates, lists."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    found = instance._meta.get_field(name)
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    return str(value)

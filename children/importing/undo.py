"""
Taking an import back: created rows go, changed fields get their old values, child by child.

A child whose rows were edited since, or on whom something hangs that the import did not write (a talk, a pairing),
is spared as a whole and named; half an undo of one child would be worse than none.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from caretrack.schools.models import SchoolClass
from children.importing.edits import Changed
from children.importing.writer import update
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    ImportBatch,
    Phone,
    StatusChange,
)

BEFORE_RESTORING: tuple[type[models.Model], ...] = (
    StatusChange,
    Phone,
    AbsenceSpan,
    CareArrangement,
    Enrollment,
    FormerStudentNumber,
)
AFTER_RESTORING: tuple[type[models.Model], ...] = (FamilyMember, Child)


@dataclass(slots=True)
class Written:
    """What an import wrote, by model: rows created (key: child, version) and changed (key: child, version, old)."""

    created: dict[str, dict[int, tuple[int | None, int]]] = field(default_factory=lambda: defaultdict(dict))
    changed: dict[str, dict[int, tuple[int | None, int, dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @classmethod
    def of(cls, batch: ImportBatch) -> "Written":
        """Read the sealed records of a batch."""
        written = cls()
        for chunk in batch.chunks.order_by("number"):
            record = json.loads(chunk.written or "{}")
            for label, child, pk, version in record.get("created", []):
                written.created[label][pk] = (child, version)
            for label, child, pk, version, old in record.get("changed", []):
                written.changed[label][pk] = (child, version, old)
        return written

    def children(self) -> set[int]:
        """Every child of whom the import wrote anything."""
        rows: Iterable[Any] = (
            entry for tables in (self.created, self.changed) for rows in tables.values() for entry in rows.values()
        )
        return {entry[0] for entry in rows if entry[0] is not None}


def take_back(batch: ImportBatch) -> tuple[int, list[str]]:
    """
    Undo what a batch wrote, inside the caller's transaction and change.

    Returns how many children were taken back, and the names of those that were spared.
    """
    written = Written.of(batch)
    everyone = written.children()
    spared = _edited_since(written) | _with_other_rows(written)
    names = list(Child.objects.filter(pk__in=spared).by_name().values_list("name", flat=True))
    for model in BEFORE_RESTORING:
        _delete(model, written, spared)
    for label, rows in written.changed.items():
        _restore(apps.get_model(label), rows, spared)
    for model in AFTER_RESTORING:
        _delete(model, written, spared)
    _delete_empty_classes(written)
    return len(everyone - spared), names


def _edited_since(written: Written) -> set[int]:
    """Children with a row that has another version by now, or is gone."""
    edited = set()
    for tables in (written.created, written.changed):
        for label, rows in tables.items():
            model = apps.get_model(label)
            found = model._base_manager.filter(pk__in=list(rows)).values_list("pk", "version")
            now: dict[int, int] = dict(found)
            edited |= {entry[0] for pk, entry in rows.items() if entry[0] is not None and now.get(pk) != entry[1]}
    return edited


def _with_other_rows(written: Written) -> set[int]:
    """Created children with rows in any table that the import did not write; one statement a table."""
    own = set(written.created.get(Child._meta.label, {}))
    found: set[int] = set()
    if not own:
        return found
    for relation in Child._meta.related_objects:
        model: Any = relation.related_model
        name = relation.field.attname
        ours = written.created.get(model._meta.label, {})
        rows = model._base_manager.filter(**{f"{name}__in": list(own)}).values_list("pk", name)
        found |= {child for pk, child in rows if pk not in ours}
    return found


def _delete(model: type[models.Model], written: Written, spared: set[int]) -> None:
    pks = [pk for pk, (child, _) in written.created.get(model._meta.label, {}).items() if child not in spared]
    if pks:
        model._default_manager.filter(pk__in=pks).delete()


def _restore(model: Any, rows: dict[int, tuple[int | None, int, dict[str, Any]]], spared: set[int]) -> None:
    """Put the old values back, one UPDATE for the model."""
    wanted = {pk: old for pk, (child, _, old) in rows.items() if child not in spared}
    changes = []
    for instance in model._base_manager.filter(pk__in=list(wanted)):
        change = Changed(instance)
        for name, value in wanted[instance.pk].items():
            found = model._meta.get_field(name)
            change.old[name] = getattr(instance, found.attname)
            setattr(instance, found.attname, value if found.is_relation else found.to_python(value))
        changes.append(change)
    if changes:
        update(model, changes)


def _delete_empty_classes(written: Written) -> None:
    classes = list(written.created.get(SchoolClass._meta.label, {}))
    if classes:
        SchoolClass.objects.filter(pk__in=classes, children__isnull=True, enrollments__isnull=True).delete()

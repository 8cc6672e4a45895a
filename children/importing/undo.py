"""
Taking an import back: created rows go, changed fields get their old values, child by child.

A child whose rows were edited since, or on whom something hangs that the import did not write (a talk, a pairing),
is spared as a whole and named; half an undo of one child would be worse than none.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from caretrack.access import triggers
from caretrack.schools.models import SchoolClass
from children import leaving
from children.importing import leavers, statements
from children.importing.edits import Changed
from children.importing.statements import Among
from children.importing.writer import unrolled, update
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    FormerStudentNumber,
    ImportBatch,
    OtherSpelling,
    Phone,
    RestrictedNote,
    StatusChange,
)

BEFORE_RESTORING: tuple[type[models.Model], ...] = (
    StatusChange,
    Phone,
    AbsenceSpan,
    CareArrangement,
    Enrollment,
    FormerStudentNumber,
    OtherSpelling,
    RestrictedNote,
)
AFTER_RESTORING: tuple[type[models.Model], ...] = (FamilyMember, Child)


Before = tuple[int | None, int, dict[str, Any]]
"""A row as it was: its child, its version, its values."""


@dataclass(slots=True)
class Written:
    """
    What an import wrote, by model: rows created (key: child), changed and deleted (key: child, version, old values).

    A created row has version 1 unless `versions` says otherwise.
    """

    change: Any = None
    created: dict[str, dict[int, int | None]] = field(default_factory=lambda: defaultdict(dict))
    versions: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    changed: dict[str, dict[int, Before]] = field(default_factory=lambda: defaultdict(dict))
    deleted: dict[str, dict[int, Before]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, batch: ImportBatch) -> "Written":
        """Read the sealed records of a batch."""
        written = cls(batch.change_id_written)
        for chunk in batch.chunks.order_by("number").only("written"):
            record = json.loads(chunk.written or "{}")
            for label, (keys, children) in record.get("new", {}).items():
                written.created[label].update(zip(unrolled(keys), children, strict=True))
            for label, child, pk, version in record.get("created", []):
                written.created[label][pk] = child
                written.versions[label][pk] = version
            for label, child, pk, version, old in record.get("changed", []):
                written.changed[label][pk] = (child, version, old)
            for label, child, pk, version, old in record.get("deleted", []):
                written.deleted[label][pk] = (child, version, old)
        return written

    def children(self) -> set[int]:
        """Every child of whom the import wrote anything."""
        owners = {child for rows in self.created.values() for child in rows.values()}
        before = (*self.changed.values(), *self.deleted.values())
        owners |= {child for rows in before for child, _, _ in rows.values()}
        return {child for child in owners if child is not None}


def take_back(batch: ImportBatch) -> tuple[int, list[tuple[int, str]]]:
    """
    Undo what a batch wrote, inside the caller's transaction and change.

    Returns how many children were taken back, and key and name of those that were spared, in the order of a roll.
    """
    written = Written.of(batch)
    everyone = written.children()
    spared = _edited_since(written) | _with_other_rows(written) | _begun_anew(batch, written)
    known = list(Child.objects.filter(Among("pk", spared)).by_name().values_list("pk", "name"))
    known_before = everyone - written.created[Child._meta.label].keys()
    with triggers.marked(batch.school_id, known_before):
        for model in BEFORE_RESTORING:
            _delete(model, written, spared)
        for label, rows in written.changed.items():
            _restore(apps.get_model(label), rows, spared)
        for label, rows in written.deleted.items():
            _put_back(apps.get_model(label), rows, spared)
        for model in AFTER_RESTORING:
            _delete(model, written, spared)
    _delete_empty_classes(written)
    statements.look_up_rows_singly()
    return len(everyone - spared), known


def _edited_since(written: Written) -> set[int]:
    """Children with a row that has another version by now, or is gone; two or three statements a table."""
    edited: set[int | None] = set()
    for label, created in written.created.items():
        edited |= _other_versions(apps.get_model(label), created, written.versions[label])
    for label, changed in written.changed.items():
        owners = {pk: entry[0] for pk, entry in changed.items()}
        edited |= _other_versions(apps.get_model(label), owners, {pk: entry[1] for pk, entry in changed.items()})
    return {child for child in edited if child is not None}


def _other_versions(model: Any, owners: dict[int, int | None], versions: dict[int, int]) -> set[int | None]:
    listed = model._base_manager.filter(Among("pk", owners)).order_by()
    found: dict[int, int] = dict((listed if versions else listed.exclude(version=1)).values_list("pk", "version"))
    edited = {pk for pk, version in found.items() if version != versions.get(pk, 1)}
    if listed.count() < len(owners):
        edited |= owners.keys() - set(listed.values_list("pk", flat=True))
    return {owners[pk] for pk in edited}


def _with_other_rows(written: Written) -> set[int]:
    """Children of created rows to which something refers that the import did not write; one statement a reference."""
    found: set[int | None] = set()
    for label, created in written.created.items():
        if label == SchoolClass._meta.label:
            continue  # a class in use simply stays
        for relation in apps.get_model(label)._meta.related_objects:
            if relation.many_to_many:
                continue
            model: Any = relation.related_model
            ours = written.created.get(model._meta.label, {})
            name = relation.field.attname
            rows = model._base_manager.filter(Among(name, created)).order_by()
            if any(one.name == "change" for one in model._meta.concrete_fields):
                rows = rows.exclude(change=written.change)
            found |= {created[to] for pk, to in rows.values_list("pk", name) if pk not in ours}
    return {child for child in found if child is not None}


def _begun_anew(batch: ImportBatch, written: Written) -> set[int]:
    """
    Leavers of the import for whom something was begun since that had ended with their leaving, such as a pairing.

    Opening the old one again would contradict the new one. One statement a table.
    """
    gone = leavers.gone(batch)
    found: set[int] = set()
    for ending in leaving.endings() if gone else ():
        for path in ending.paths:
            since = ending.model._base_manager.filter(**{f"{path}__in": gone}, change__made_at__gt=batch.done_at)
            found |= set(since.exclude(change=written.change).values_list(path, flat=True))
    return found


def _delete(model: type[models.Model], written: Written, spared: set[int]) -> None:
    keys = [pk for pk, child in written.created.get(model._meta.label, {}).items() if child not in spared]
    statements.delete(model, keys)


def _restore(model: Any, rows: dict[int, Before], spared: set[int]) -> None:
    """Put the old values back, one UPDATE for the model. Raises Stale if a row has moved on."""
    wanted = {pk: old for pk, (child, _, old) in rows.items() if child not in spared}
    changes = []
    for instance in model._base_manager.filter(Among("pk", wanted)).order_by():
        change = Changed(instance)
        for name, value in wanted[instance.pk].items():
            change.old[name] = getattr(instance, model._meta.get_field(name).attname)
            _set(instance, name, value)
        changes.append(change)
    if changes:
        update(model, changes)


def _put_back(model: Any, rows: dict[int, Before], spared: set[int]) -> None:
    """Write deleted rows again, under their old keys. They are few: plans that a leaving made void."""
    for pk, (child, version, values) in rows.items():
        if child in spared:
            continue
        instance = model(pk=pk, version=version + 2)  # the deletion had the next one
        for name, value in values.items():
            _set(instance, name, value)
        instance.save(force_insert=True)


def _set(instance: Any, name: str, value: Any) -> None:
    """Give a row the value of a field as the record keeps it."""
    found = instance._meta.get_field(name)
    setattr(instance, found.attname, value if found.is_relation else found.to_python(value))


def _delete_empty_classes(written: Written) -> None:
    classes = list(written.created.get(SchoolClass._meta.label, {}))
    if classes:
        SchoolClass.objects.filter(pk__in=classes, children__isnull=True, enrollments__isnull=True).delete()

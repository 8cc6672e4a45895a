"""Writing a plan and taking it back, row by row of the file."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models

from children.importing.edits import Changed
from children.importing.writer import update
from children.models import ImportBatch
from children.tables.kinds import Plan

Label = str
Record = dict[str, Any]


AT_ONCE = 1_000
InUse = Callable[[set[int]], set[int]]
_uses: dict[Label, InUse] = {}


def spare_if(model: type[models.Model], in_use: InUse) -> None:
    """Let an undo spare rows of a model: `in_use` tells which of these keys have been lived with since."""
    _uses[model._meta.label] = in_use


def write(plan: Plan, writing: Callable[[int, int], None] | None = None) -> list[Record]:
    """
    Write all edits inside the caller's transaction and change: one statement a model.

    `writing` is told after each thousand new rows how many are done.

    Returns a record for each line of the file and for each shared row behind them, from which they can be undone: key
    and version of every new row, and the old values of every changed one. Raises Stale if somebody else has changed a row since it was loaded.
    """
    for model in plan.edits.models_changed():  # first: what ends makes room for what begins
        update(model, plan.edits.changed_of(model))
    by_model: dict[type[models.Model], list[Any]] = {}
    for instance in plan.edits.created:
        by_model.setdefault(type(instance), []).append(instance)
    done = 0
    for label in reversed(_pointing_first([model._meta.label for model in by_model])):
        model = apps.get_model(label)
        for start in range(0, len(by_model[model]), AT_ONCE):
            done += len(model._default_manager.bulk_create(by_model[model][start : start + AT_ONCE]))
            if writing is not None:
                writing(done, len(plan.edits.created))
    records = [_record(plan, position) for position in range(len(plan.outcomes))]
    shared = [{"created": [_place(plan.edits.created[index])], "changed": []} for index in plan.shared]
    return [*records, *shared]


def _record(plan: Plan, position: int) -> Record:
    new, changed = plan.parts[position]
    outcome = plan.outcomes[position]
    return {
        "name": outcome.name,
        "place": outcome.class_name,
        "created": [_place(plan.edits.created[index]) for index in new],
        "changed": [
            [*_place(change.instance), {name: _plain(value) for name, value in change.old.items()}]
            for change in (plan.edits.changed[key] for key in changed)
        ],
    }


def _place(instance: Any) -> list[Any]:
    return [instance._meta.label, instance.pk, instance.version]


def _plain(value: Any) -> Any:
    """An old value as JSON keeps it."""
    if isinstance(value, models.Model):
        return value.pk
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def take_back(batch: ImportBatch) -> tuple[int, list[str]]:
    """
    Undo what a batch wrote, inside the caller's transaction and change.

    A row of the file whose database rows were edited since, or used by something that the batch did not write, is
    spared as a whole and named. Returns how many rows were taken back, and the names of the spared ones.
    """
    records = [record for record in records_of(batch) if record["created"] or record["changed"]]
    created = {place for record in records for place in _created(record)}
    moved = _moved(records)
    keep: set[tuple[Label, int]] = set()
    while True:  # what a kept row points to is kept as well
        used = _used(records, created - keep) | _lived(records)
        spared = [record for record in records if _places(record) & (moved | used)]
        if keep == (keep := {place for record in spared for place in _places(record)}):
            break
    undone = [record for record in records if not _places(record) & keep]
    _delete(undone)
    _restore(undone)
    names = dict.fromkeys(f"{record['name']} {record['place']}".strip() for record in spared if "name" in record)
    return sum("name" in record for record in undone), list(names)


def records_of(batch: ImportBatch) -> list[Record]:
    """What each row of the file wrote, in file order."""
    return [record for chunk in batch.chunks.order_by("number") for record in json.loads(chunk.written or "[]")]


def _places(record: Record) -> set[tuple[Label, int]]:
    return _created(record) | {(label, pk) for label, pk, _, _ in record["changed"]}


def _created(record: Record) -> set[tuple[Label, int]]:
    return {(label, pk) for label, pk, _ in record["created"]}


def _versions(records: Iterable[Record]) -> dict[Label, dict[int, int]]:
    found: dict[Label, dict[int, int]] = defaultdict(dict)
    for record in records:
        for label, pk, version, *_ in (*record["created"], *record["changed"]):
            found[label][pk] = version
    return found


def _moved(records: list[Record]) -> set[tuple[Label, int]]:
    """Rows that have another version by now, or are gone."""
    moved = set()
    for label, written in _versions(records).items():
        model = apps.get_model(label)
        now: dict[int, int] = dict(model._base_manager.filter(pk__in=list(written)).values_list("pk", "version"))
        moved |= {(label, pk) for pk, version in written.items() if now.get(pk) != version}
    return moved


def _used(records: list[Record], ours: set[tuple[Label, int]]) -> set[tuple[Label, int]]:
    """New rows to which something points that the batch did not write; one statement a relation."""
    used = set()
    by_model: dict[Label, list[int]] = defaultdict(list)
    for record in records:
        for label, pk, _ in record["created"]:
            by_model[label].append(pk)
    for label, pks in by_model.items():
        for relation in _relations_to(apps.get_model(label)):
            model, name = relation.related_model, relation.field.attname
            rows = model._base_manager.filter(**{f"{name}__in": pks}).values_list("pk", name)
            used |= {(label, target) for pk, target in rows if (model._meta.label, pk) not in ours}
    return used


def _lived(records: list[Record]) -> set[tuple[Label, int]]:
    """Rows of the file that are in use by what does not point to them; one question a model."""
    by_model: dict[Label, set[int]] = defaultdict(set)
    for record in records:
        for label, pk in _places(record):
            by_model[label].add(pk)
    return {(label, pk) for label, in_use in _uses.items() if label in by_model for pk in in_use(by_model[label])}


def _relations_to(model: type[models.Model]) -> list[Any]:
    """Every foreign key to the model, those without a name on its side as well."""
    fields: list[Any] = model._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.auto_created and not field.concrete and not field.many_to_many]


def _restore(records: list[Record]) -> None:
    """Put the old values back, one UPDATE a model."""
    wanted: dict[Label, dict[int, dict[str, Any]]] = defaultdict(dict)
    for record in records:
        for label, pk, _, old in record["changed"]:
            wanted[label][pk] = old
    for label, rows in wanted.items():
        model = apps.get_model(label)
        changes = []
        for instance in model._base_manager.filter(pk__in=list(rows)):
            change = Changed(instance)
            for name, value in rows[instance.pk].items():
                found: Any = model._meta.get_field(name)
                change.old[name] = getattr(instance, found.attname)
                setattr(instance, found.attname, value if found.is_relation else found.to_python(value))
            changes.append(change)
        if changes:
            update(model, changes)


def _delete(records: list[Record]) -> None:
    """New rows go, those that point to others first."""
    by_model: dict[Label, list[int]] = {}
    for record in records:
        for label, pk, _ in record["created"]:
            by_model.setdefault(label, []).append(pk)
    for label in _pointing_first(list(by_model)):
        apps.get_model(label)._default_manager.filter(pk__in=by_model[label]).delete()


def _pointing_first(labels: list[Label]) -> list[Label]:
    """Models so ordered that each stands before those it points to."""
    ordered: list[Label] = []
    rest = list(labels)
    while rest:
        pointed = {
            field.related_model._meta.label
            for label in rest
            for field in apps.get_model(label)._meta.fields
            if field.is_relation and field.related_model is not None and field.related_model._meta.label != label
        }
        free = [label for label in rest if label not in pointed] or rest
        ordered += free
        rest = [label for label in rest if label not in free]
    return ordered

"""
What was changed in a dossier, in sentences: rows kept by the database's triggers, told with the names of forms.

Sealed fields are told only as 已修改: their old text is in the history under seal and stays there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q

from caretrack.access.catalogue import HOUSEKEEPING, entries
from caretrack.access.crypto import EncryptedTextField, is_sealed
from caretrack.access.models import ChangeSet, RowHistory
from caretrack.access.states import decode
from caretrack.schools.models import SchoolClass, Staff
from children.history_parts import Part, parts
from children.models import Child, FamilyMember, codes
from children.sight import Sight

_SILENT = HOUSEKEEPING | {"version", "change", "entered_at", "child", "member", "school"}
_LONGEST = 60
#: What tells one row of a table from another, in this order.
_TELLING = ("kind", "party", "purpose", "programme", "title", "subject", "role", "mentor", "on", "given_on")
#: Rows whose names are put together from rows beside them.
_WITH: dict[type[models.Model], tuple[str, ...]] = {SchoolClass: ("school",)}
_LISTS = {"hardship": codes.Hardship.choices, "exclusions": codes.Exclusion.choices}


@dataclass(frozen=True)
class Sentence:
    """One change of one field or row: when, who, what."""

    at: datetime
    who: str
    what: str


def text_of(field: models.Field, value: Any, names: dict[tuple[type, Any], str] | None = None) -> str:
    """A value as a person reads it; empty for nothing. Foreign keys are looked up in `names`."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, models.Model):
        return str(value)
    if field.is_relation:
        return (names or {}).get((field.related_model, value), str(value))  # type: ignore[arg-type]
    if isinstance(field, models.BooleanField):
        return "是" if value else "否"
    if isinstance(value, list):
        labels = dict(_LISTS.get(field.name, []))
        return "、".join(str(labels.get(item, item)) for item in value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日"
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def sentences(child: Child, sight: Sight, staff: Staff | None = None) -> list[Sentence]:
    """
    Everything that was changed in the child's dossier, newest first, as far as `sight` reads the fields.

    `staff` narrows tables with rows for few eyes; without it only those of the whole table are told by `sight`.
    """
    listed = [part for part in parts() if part.told_to(sight)]
    rows: list[Any] = [child]
    for part in listed:
        rows += part.rows(child, sight, staff)
    history: dict[tuple[str, str], list[RowHistory]] = defaultdict(list)
    for kept in _kept(child, rows, [(part, part.gone_for(staff)) for part in listed]):
        history[kept.table, kept.row_id].append(kept)
    changes = _changes(rows, history.values())
    by_key = {(row._meta.db_table, str(row.pk)): row for row in rows}
    told_of: tuple[type[models.Model], ...] = (Child, *(part.model for part in listed))
    models_by_table = {model._meta.db_table: model for model in told_of}
    stories: list[tuple[type[models.Model], list[tuple[int, dict[str, Any]]], Any]] = []
    for key in {*by_key, *history}:
        states = [(kept.version, kept.old) for kept in sorted(history.get(key, []), key=lambda k: k.version)]
        deleted = next(
            (kept.new_change or kept.old["change_id"] for kept in history.get(key, []) if kept.op == "D"), None
        )
        row = by_key.get(key)
        if row is not None:
            states.append((row.version, _columns(row)))
        stories.append((models_by_table[key[0]], states, deleted))
    names = _names(stories, staff)
    told: list[tuple[Any, Sentence]] = []
    for model, states, deleted in stories:
        told += _story(model, states, deleted, changes, names, sight)
    return [sentence for _, sentence in sorted(told, key=lambda item: item[1].at, reverse=True)]


def _kept(child: Child, rows: Iterable[models.Model], gone_parts: Iterable[tuple[Part, Q | None]]) -> list[RowHistory]:
    """Earlier states of `rows`, and of rows that were deleted since, those given with each part, in two statements."""
    ids: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        ids[row._meta.db_table].append(str(row.pk))
    # Rows that were deleted since name their child in the last state kept of them.
    of_child = [(part, which) for part, which in gone_parts if which is not None and _has_child(part.model)]
    told = Q(table__in=[part.model._meta.db_table for part, which in of_child if not which])
    for part, which in of_child:
        if which:
            told |= Q(which, table=part.model._meta.db_table)
    gone = RowHistory.objects.filter(told, op="D", old__child_id=child.pk)
    for table, row_id in gone.values_list("table", "row_id"):
        ids[table].append(row_id)
    wanted = reduce(or_, (Q(table=table, row_id__in=keys) for table, keys in ids.items()))
    return list(RowHistory.objects.filter(wanted))


def _has_child(model: type[models.Model]) -> bool:
    return any(field.name == "child" for field in model._meta.concrete_fields)


def _columns(row: models.Model) -> dict[str, Any]:
    return {f.column: getattr(row, f.attname) for f in row._meta.concrete_fields}


def _changes(rows: Iterable[Any], histories: Iterable[list[RowHistory]]) -> dict[str, ChangeSet]:
    ids = {str(row.change_id) for row in rows}
    for kept_rows in histories:
        ids |= {str(kept.old.get("change_id")) for kept in kept_rows}
        ids |= {str(kept.new_change) for kept in kept_rows if kept.new_change}
    ids.discard("None")
    return {_hex(change.pk): change for change in ChangeSet.objects.filter(pk__in=ids)}


def _hex(key: Any) -> str:
    return str(key).replace("-", "")


def _names(
    stories: Iterable[tuple[type[models.Model], list[tuple[int, dict[str, Any]]], Any]], staff: Staff | None
) -> dict[tuple[type, Any], str]:
    """Names for the foreign keys that occur, one statement a kind; other children only where `staff` sees them."""
    ids: dict[type[models.Model], set[Any]] = defaultdict(set)
    for model, states, _ in stories:
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model not in (None, ChangeSet):
                ids[field.related_model] |= {columns.get(str(field.column)) for _, columns in states}  # type: ignore[index]
    names: dict[tuple[type, Any], str] = {}
    for related, keys in ids.items():
        found = related._base_manager.filter(pk__in=keys - {None})
        if related is Child:
            keys_seen = Child.objects.visible_to(staff).values("pk") if staff is not None else []
            found = found.filter(pk__in=keys_seen)
            names |= {(related, key): "另一名学生" for key in keys}
        elif related in _WITH:
            found = found.select_related(*_WITH[related])
        names |= {(related, row.pk): row.name if isinstance(row, Staff) else str(row) for row in found}
    return names


def _story(
    model: type[models.Model],
    states: list[tuple[int, dict[str, Any]]],
    deleted: Any,
    changes: dict[str, ChangeSet],
    names: dict[tuple[type, Any], str],
    sight: Sight,
) -> list[tuple[Any, Sentence]]:
    """The sentences of one row: how it began, each change, how it ended with the change `deleted`."""
    told: list[tuple[Any, Sentence]] = []
    label, title = model._meta.label, str(model._meta.verbose_name)
    fields = [f for f in model._meta.concrete_fields if f.name not in _SILENT and not hasattr(f, "source")]
    fields = [f for f in fields if _reads(sight, label, f.name)]
    if not fields or not states:
        return []

    def add(key: Any, what: str) -> None:
        change = changes.get(_hex(key))
        if change is not None:
            told.append((change.pk, Sentence(change.made_at, change.staff_name, what)))

    whose = _whose(model, states[-1][1], names)
    version, first = states[0]
    if version == 1:
        add(first.get("change_id"), "建立了档案" if model is Child else f"登记了{title}{whose}")
    for (_, before), (_, after) in zip(states, states[1:], strict=False):
        for f in fields:
            if what := _difference(f, before, after, names):
                add(after.get("change_id"), what if model is Child else f"{title}{whose}：{what}")
    if deleted:
        change = changes.get(_hex(deleted))
        reason = f"（{change.told_reason}）" if change and change.told_reason else ""
        add(deleted, f"删除了{title}{whose}{reason}")
    return told


def _reads(sight: Sight, label: str, name: str) -> bool:
    try:
        return sight.reads_field(label, name)
    except KeyError:
        # No fact about the person, but part of a row of such facts.
        return any(sight.reads(e.data) for e in entries(label))


def _whose(model: type[models.Model], columns: dict[str, Any], names: dict[tuple[type, Any], str]) -> str:
    """Which of several rows of a table is meant: （父亲 李大山）, （委托照护协议，2026年9月1日）."""
    if model is FamilyMember:
        relation = dict(codes.Relation.choices).get(str(columns.get("relation")), "")
        return f"（{relation} {columns.get('name') or ''}）".replace(" ）", "）")
    if member := columns.get("member_id"):
        return f"（{names.get((FamilyMember, member), '原家庭成员')}）"
    fields = {field.name: field for field in model._meta.concrete_fields}
    said = [
        text_of(fields[name], _value(fields[name], columns.get(str(fields[name].column))), names)
        for name in _TELLING
        if name in fields
    ]
    told = "，".join(text for text in said if text)
    return f"（{told}）" if told else ""


def _difference(
    field: models.Field, before: dict[str, Any], after: dict[str, Any], names: dict[tuple[type, Any], str]
) -> str:
    if field.column not in before or field.column not in after:
        return ""
    old, new = _value(field, before[field.column]), _value(field, after[field.column])
    if old == new or (old in (None, "") and new in (None, "")):
        return ""
    label = f"“{field.verbose_name}”"
    if isinstance(field, EncryptedTextField):
        return f"{label}已修改"
    was, now = text_of(field, old, names), text_of(field, new, names)
    if isinstance(field, models.FileField):
        return f"{label}{'已更换' if old and new else '已添加' if new else '已移除'}"
    if not was:
        return f"{label}填为“{now}”"
    return f"{label}由“{was}”改为“{now}”" if now else f"{label}原为“{was}”，已清空"


def _value(field: models.Field, raw: Any) -> Any:
    """Equal values compare equal wherever they come from: a row of the history or the row itself."""
    if isinstance(raw, models.fields.files.FieldFile):
        return raw.name or ""
    if isinstance(field, EncryptedTextField) and isinstance(raw, str) and not is_sealed(raw):
        return raw
    return decode(field, raw)

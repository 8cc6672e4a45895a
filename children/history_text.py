"""
What was changed in a dossier, in sentences: rows kept by the database's triggers, told with the names of forms.

Sealed fields are told only as 已修改: their old text is in the history under seal and stays there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from caretrack.access.catalogue import HOUSEKEEPING, entries
from caretrack.access.crypto import EncryptedTextField
from caretrack.access.models import ChangeSet, RowHistory
from caretrack.schools.models import School, SchoolClass, Staff
from children.models import (
    AbsenceSpan,
    CareArrangement,
    Child,
    Consent,
    Enrollment,
    FamilyMember,
    Phone,
    SupportDecision,
    codes,
)
from children.sight import Sight

_SILENT = HOUSEKEEPING | {"version", "change", "entered_at", "child", "member", "school"}
_LONGEST = 60
_LISTS = {"hardship": codes.Hardship.choices, "exclusions": codes.Exclusion.choices}


@dataclass(frozen=True)
class Sentence:
    """One change of one field or row: when, who, what."""

    at: datetime
    who: str
    what: str


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
    return field.to_python(raw)


def row_at(instance: models.Model, version: int) -> dict[str, Any] | None:
    """The fields of a tracked row as they were at an earlier version; None if the history does not hold it."""
    kept = RowHistory.objects.filter(table=instance._meta.db_table, row_id=str(instance.pk), version=version).first()
    if kept is None:
        return None
    return {f.name: decode(f, kept.old.get(f.column)) for f in instance._meta.concrete_fields if f.column in kept.old}


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


def sentences(child: Child, sight: Sight) -> list[Sentence]:
    """Everything that was changed in the child's dossier, newest first, as far as `sight` reads the fields."""
    told: list[tuple[Any, Sentence]] = []
    rows = _rows(child)
    history: dict[tuple[str, str], list[RowHistory]] = defaultdict(list)
    for kept in _kept(child, rows):
        history[kept.table, kept.row_id].append(kept)
    changes = _changes(rows, history.values())
    names = _names(child)
    by_key = {(row._meta.db_table, str(row.pk)): row for row in rows}
    told_of: tuple[type[models.Model], ...] = (Child, *_PARTS)
    models_by_table = {m._meta.db_table: m for m in told_of}
    for key in {*by_key, *history}:
        model = models_by_table[key[0]]
        states = [(kept.version, kept.old) for kept in sorted(history.get(key, []), key=lambda k: k.version)]
        deleted = [kept for kept in history.get(key, []) if kept.op == "D"]
        row = by_key.get(key)
        if row is not None:
            states.append((row.version, _columns(row)))  # type: ignore[attr-defined]
        told += _story(model, states, bool(deleted), changes, names, sight)
    return [sentence for _, sentence in sorted(told, key=lambda item: item[1].at, reverse=True)]


_PARTS: tuple[type[models.Model], ...] = (
    FamilyMember, Phone, AbsenceSpan, CareArrangement, Enrollment, SupportDecision, Consent,
)  # fmt: skip


def _rows(child: Child) -> list[models.Model]:
    rows: list[models.Model] = [child]
    for model in _PARTS:
        where = {"member__child": child} if model is AbsenceSpan else {"child": child}
        rows += list(model._base_manager.filter(**where))
    return rows


def _kept(child: Child, rows: Iterable[models.Model]) -> list[RowHistory]:
    ids: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        ids[row._meta.db_table].append(str(row.pk))
    found: list[RowHistory] = []
    gone: list[tuple[str, str]] = []
    for table, keys in ids.items():
        found += RowHistory.objects.filter(table=table, row_id__in=keys)
    # Rows that were deleted since name their child in the last state kept of them.
    tables = [model._meta.db_table for model in _PARTS if model is not AbsenceSpan]
    for table, row_id in RowHistory.objects.filter(table__in=tables, op="D", old__child_id=child.pk).values_list(
        "table", "row_id"
    ):
        gone.append((table, row_id))
    for table in {table for table, _ in gone}:
        found += RowHistory.objects.filter(table=table, row_id__in=[row_id for t, row_id in gone if t == table])
    return found


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


def _names(child: Child) -> dict[tuple[type, Any], str]:
    """Names for the foreign keys that occur, one statement a kind."""
    names: dict[tuple[type, Any], str] = {}
    for member in FamilyMember.objects.filter(child=child):
        names[FamilyMember, member.pk] = str(member)
    for school_class in SchoolClass.objects.filter(enrollments__child=child).distinct():
        names[SchoolClass, school_class.pk] = str(school_class)
    for decided in Staff.objects.filter(pk__in=child.support_decisions.values("decided_by")):
        names[Staff, decided.pk] = decided.name
    names[School, child.school_id] = str(child.school)
    return names


def _story(
    model: type[models.Model],
    states: list[tuple[int, dict[str, Any]]],
    deleted: bool,
    changes: dict[str, ChangeSet],
    names: dict[tuple[type, Any], str],
    sight: Sight,
) -> list[tuple[Any, Sentence]]:
    """The sentences of one row: how it began, each change, how it ended."""
    told: list[tuple[Any, Sentence]] = []
    label, title = model._meta.label, str(model._meta.verbose_name)
    fields = [f for f in model._meta.concrete_fields if f.name not in _SILENT and not hasattr(f, "source")]
    fields = [f for f in fields if _reads(sight, label, f.name)]
    if not fields or not states:
        return []

    def add(columns: dict[str, Any], what: str) -> None:
        change = changes.get(_hex(columns.get("change_id")))
        if change is not None:
            told.append((change.pk, Sentence(change.made_at, change.staff_name, what)))

    whose = _whose(model, states[-1][1], names)
    version, first = states[0]
    if version == 1:
        add(first, "建立了档案" if model is Child else f"登记了{title}{whose}")
    for (_, before), (_, after) in zip(states, states[1:], strict=False):
        for f in fields:
            if what := _difference(f, before, after, names):
                add(after, what if model is Child else f"{title}{whose}：{what}")
    if deleted:
        add(states[-1][1], f"删除了{title}{whose}")
    return told


def _reads(sight: Sight, label: str, name: str) -> bool:
    try:
        return sight.reads_field(label, name)
    except KeyError:
        # No fact about the person, but part of a row of such facts.
        return any(sight.reads(e.data) for e in entries(label))


def _whose(model: type[models.Model], columns: dict[str, Any], names: dict[tuple[type, Any], str]) -> str:
    if model is FamilyMember:
        relation = dict(codes.Relation.choices).get(str(columns.get("relation")), "")
        return f"（{relation} {columns.get('name') or ''}）".replace(" ）", "）")
    member = columns.get("member_id")
    return f"（{names.get((FamilyMember, member), '原家庭成员')}）" if member else ""


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
    if isinstance(field, EncryptedTextField) and isinstance(raw, str) and not raw.startswith("v1."):
        return raw
    return decode(field, raw)

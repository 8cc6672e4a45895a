"""
Children who are in the system but not in the file: a person says what became of each, nothing is ever deleted (fault 76).

The decisions are carried out with the import, as dated events of the register, in its transaction; what they wrote
is kept in the import's own records, so that taking the import back takes them back as well.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from caretrack.access.crypto import BlindIndexField
from caretrack.schools.models import Staff
from children import leaving
from children.importing.packing import plain
from children.importing.writer import child_of
from children.models import AbsenceSpan, Child, Enrollment, FamilyMember, ImportBatch, ImportChunk, StatusChange, codes
from children.services import AWAY, leave_school, set_parent_status

REASON = "导入花名册时核对：名册里没有"
_TRACED: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Child, ("pk",)),
    (Enrollment, ("child",)),
    (FamilyMember, ("child",)),
    (AbsenceSpan, ("member__child",)),
    (StatusChange, ("child",)),
)


class Decision(models.TextChoices):
    """What became of a child who is not in the file; the kinds are those of the register (domain §5.3)."""

    KEEP = "keep", "仍在校，名册遗漏（不改动）"
    TRANSFER = codes.ChangeKind.OUT_TRANSFER.value, "已转出"
    BACK = codes.ChangeKind.PARENT_BACK.value, "父母已返乡"
    GRADUATE = codes.ChangeKind.GRADUATE.value, "已毕业"

    @property
    def writes(self) -> bool:
        """True if confirming the import registers a change."""
        return self is not Decision.KEEP


def decisions(batch: ImportBatch) -> dict[int, Decision]:
    """What has been said about absent children so far, by key."""
    return {int(pk): Decision(value) for pk, value in batch.answers.get("leavers", {}).items()}


def gone(batch: ImportBatch) -> list[int]:
    """The children who leave, or have left, with the import."""
    return [pk for pk, said in decisions(batch).items() if said.writes and said is not Decision.BACK]


def choices_for(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What can be decided about a child who is not in the file, by its stored line."""
    return [choice for choice in Decision.choices if row.get("away", True) or choice[0] != Decision.BACK]


@transaction.atomic
def decide(batch: ImportBatch, said: Mapping[int, str]) -> None:
    """
    Remember decisions about children who are not in the file; an empty one takes the decision back. What is said of a
    whole page leaves those alone of whom it cannot be true: no parent comes back who does not work away.

    Raises ValidationError once the import is finished, for a child who is not among the absent, or an unknown decision.
    """
    stored = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if stored.state != ImportBatch.State.PLANNED:
        raise ValidationError("这次导入已经结束，不能再修改。")
    absent = {row["child"]: row for row in json.loads(stored.result)["absent"]}
    if not said.keys() <= absent.keys():
        raise ValidationError("有的学生已不在“名册里没有”的名单里，请刷新后再选。")
    if unknown := {value for value in said.values() if value} - set(Decision.values):
        raise ValidationError(f"没有这种处理方式：{'、'.join(sorted(unknown))}")
    possible = {pk: value for pk, value in said.items() if value in ("", *dict(choices_for(absent[pk])))}
    kept = {**stored.answers.get("leavers", {}), **{str(pk): value for pk, value in possible.items()}}
    stored.answers = {**stored.answers, "leavers": {pk: value for pk, value in kept.items() if value}}
    stored.save(update_fields=["answers"])
    batch.answers, batch.version, batch.change_id = stored.answers, stored.version, stored.change_id


def carry_out(batch: ImportBatch, *, on: dt.date, by: Staff | None) -> int:
    """
    Register what was decided, as of `on`, inside the caller's transaction and change; returns for how many children.

    Raises ValidationError naming the child if the register does not allow it (any more); nothing may then be written.
    """
    absent = {row["child"] for row in json.loads(batch.result)["absent"]}
    wanted = {pk: decision for pk, decision in decisions(batch).items() if decision.writes and pk in absent}
    if not wanted:
        return 0
    children = list(Child.objects.of_school(batch.school).filter(pk__in=wanted).by_name())
    before = _Trace.of(wanted)
    for child in children:
        try:
            _register(child, wanted[child.pk], on, by)
        except ValidationError as refusal:
            raise ValidationError(f"{child.name}：{refusal.messages[0]}请在“名册里没有”里改选后再导入。") from refusal
    record = before.record(_Trace.of(wanted))
    last = ImportChunk.objects.filter(batch=batch).aggregate(last=models.Max("number"))["last"]
    number = 0 if last is None else last + 1
    ImportChunk.objects.create(batch=batch, number=number, plan="[]", written=json.dumps(record, ensure_ascii=False))
    return len(children)


def _register(child: Child, decision: Decision, on: dt.date, by: Staff | None) -> None:
    if decision is not Decision.BACK:
        leave_school(child=child, on=on, kind=decision.value, by=by, reason=REASON)
        return
    away = FamilyMember.objects.filter(child=child, relation__in=codes.PARENTS, status__in=AWAY)
    for member in away.order_by("pk"):
        if AbsenceSpan.objects.filter(member=member, ends_on__isnull=True, starts_on__gte=on).exists():
            raise ValidationError("父母外出是在名册日期当天或以后登记的，请到学生档案里办理。")
        set_parent_status(
            member=member, status=codes.ParentStatus.AT_HOME, since=None, by=by, on=on, reason=REASON
        )  # fmt: skip


@dataclass(slots=True)
class _Trace:
    """The rows that the register's acts may touch, as they stand at one moment, each with the child it counts for."""

    rows: dict[str, dict[int, tuple[int | None, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, children: Iterable[int]) -> "_Trace":
        pks = set(children)
        trace = cls()
        for model, paths in (*_TRACED, *((ending.model, ending.paths) for ending in leaving.endings())):
            found = model._default_manager.filter(reduce(or_, (models.Q(**{f"{path}__in": pks}) for path in paths)))
            if model is AbsenceSpan:
                found = found.select_related("member")
            trace.rows[model._meta.label] = {row.pk: (_leaver_of(row, paths, pks), row) for row in found}
        return trace

    def record(self, after: "_Trace") -> dict[str, Any]:
        """What was written between this moment and `after`, in the form that an undo reads."""
        record: dict[str, Any] = {"created": [], "changed": [], "deleted": []}
        for label, rows in after.rows.items():
            before = self.rows[label]
            for pk, (child, row) in rows.items():
                _, known = before.get(pk, (None, None))
                if known is None:
                    record["created"].append([label, child, pk, row.version])
                elif known.version != row.version:
                    old = _values(known)
                    differing = {name: old[name] for name, value in _values(row).items() if value != old[name]}
                    record["changed"].append([label, child, pk, row.version, differing])
            for pk, (child, row) in before.items():
                if pk not in rows:
                    record["deleted"].append([label, child, pk, row.version, _values(row)])
        return record


def _leaver_of(row: models.Model, paths: tuple[str, ...], leavers: set[int]) -> int | None:
    """Of the children that a row is about the first one who leaves."""
    return next((pk for path in paths if (pk := getattr(row, f"{path}_id", None)) in leavers), child_of(row))


def _values(row: models.Model) -> dict[str, Any]:
    """What a row says, as the undo record keeps it."""
    return {
        found.name: plain(getattr(row, found.attname))
        for found in row._meta.concrete_fields
        if not found.primary_key and found.name not in ("version", "change") and not isinstance(found, BlindIndexField)
    }

"""
The acts of importing a list: take the file, check it, answer, confirm once, undo.

The same promises as for a roster: a check writes nothing about people, a confirm writes all or nothing.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from caretrack.access.history import Stale, change_by
from caretrack.masking import mask_numbers
from caretrack.schools.models import School, Staff
from children.importing import guard, storage
from children.importing.aliases import is_sensitive
from children.importing.batches import GONE, AlreadyDone, may_undo, plan_token, stored_plan
from children.importing.findings import Level
from children.importing.guard import Refused
from children.importing.header import Header
from children.importing.keeping import Remarks, index_of
from children.importing.mends import Mends
from children.importing.overview import told
from children.importing.titles import TitleFacts
from children.importing.uploads import refuse_too_many
from children.models import ColumnMapping, ImportBatch, ImportChunk
from children.models.edition import edition
from children.tables.kinds import Plan, Setting, TableKind, kind_called
from children.tables.sheets import Table, fingerprint, read_table
from children.tables.writing import take_back, write

State = ImportBatch.State
Progress = Callable[[int, int], None]
CHUNK = 1_000
STALE = "预览之后，系统里的信息又有变化（可能有人刚修改过）。这次没有导入任何内容，已重新核对，请再看一遍后确认。"


class PlanMoved(Exception):
    """What would be written is no longer what a person has seen; nothing was written."""


def take_file(
    *, kind: TableKind, school: School, by: Staff, name: str, content: bytes, on: dt.date, options: dict[str, str]
) -> ImportBatch:
    """Keep an uploaded list as a new batch. Raises Refused (nothing is stored) for no table, or for one file too many."""
    guard.inspect(content)
    refuse_too_many(by, kind.slug, len(content))
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            kind=kind.slug,
            school=school,
            uploaded_by=by,
            file_name=name[-200:],
            file_hash=hashlib.sha256(content).hexdigest(),
            file_size=len(content),
            cut_off=on,
            answers={"options": options},
        )
        storage.keep(batch.stored, content)
    return batch


def setting_of(batch: ImportBatch, by: Staff | None) -> Setting:
    """The circumstances of a batch, as they are for the person who looks at it."""
    said = batch.answers
    on = batch.cut_off or timezone.localdate()
    return Setting(batch.school, by, on, said.get("options", {}), said.get("answers", {}))


def _read(batch: ImportBatch, kind: TableKind) -> Table:
    content = storage.load(batch.stored)
    if content is None:
        raise Refused(GONE)
    return read_table(content, kind.titles(), _mapping(batch), Mends.read(batch.mends))


def _mapping(batch: ImportBatch) -> dict[str, dict[int, str]]:
    said: dict[str, dict[str, str]] = batch.answers.get("mapping", {})
    return {sheet: {int(index): name for index, name in columns.items()} for sheet, columns in said.items()}


def check(batch: ImportBatch, by: Staff | None, progress: Progress | None = None) -> None:
    """
    Read and plan the batch's file; the plan is stored sealed, nothing else is written.

    Raises Refused if the file holds no such list; the batch is then marked as failed and its file removed.
    """
    kind = kind_called(batch.kind)
    try:
        table = _read(batch, kind)
        if not table.readable and _remembered(batch, kind, table.headers[0]):
            table = _read(batch, kind)
    except Refused as refused:
        batch.state, batch.message = State.FAILED, str(refused)[:300]
        batch.save(update_fields=["state", "message"])
        transaction.on_commit(lambda: storage.forget(batch.stored))
        raise
    plan = kind.plan(table, setting_of(batch, by)) if table.readable else Plan()
    if progress:
        progress(len(table.rows), len(table.rows))
    overview = _overview(table, plan) | {"mends": len(Mends.read(batch.mends).acts)}
    rows = [outcome.as_json() for outcome in plan.outcomes]
    starts = range(0, len(rows), CHUNK)
    overview["kept"] = {"rows": [index_of(rows[start : start + CHUNK], "status") for start in starts]}
    remarks = Remarks.take_from(overview, plan.outcomes)
    with transaction.atomic():
        batch.chunks.all().delete()
        ImportChunk.objects.bulk_create(
            ImportChunk(batch=batch, number=number, plan=json.dumps(rows[start : start + CHUNK], ensure_ascii=False))
            for number, start in enumerate(starts)
        )
        remarks.store(batch)
        batch.result = json.dumps(overview, ensure_ascii=False)
        batch.counts = plan.counts() | {"rows": len(table.rows), "findings": overview["levels"]}
        batch.state, batch.message, batch.edition = State.PLANNED, "", edition()
        batch.save(update_fields=["result", "counts", "state", "message", "edition", "answers"])


def _remembered(batch: ImportBatch, kind: TableKind, header: Header) -> bool:
    """Take over what was said about the same header before; tells whether anything was."""
    known = ColumnMapping.objects.filter(school=batch.school, header_hash=fingerprint(kind.slug, header)).first()
    if known is None or (header.sheet or "") in batch.answers.get("mapping", {}):
        return False
    batch.answers = {**batch.answers, "mapping": {header.sheet or "": known.mapping}}
    return True


def _overview(table: Table, plan: Plan) -> dict[str, Any]:
    """What the preview shows beside the rows; kept sealed with the batch."""
    found = [*table.findings, *plan.findings, *(finding for row in table.rows for finding in row.findings)]
    return {
        "headers": [
            _header(header, table.titles.get(header.sheet, TitleFacts())) | _form(table, header.sheet)
            for header in table.headers
        ],
        "missing": {sheet: [field.name for field in fields] for sheet, fields in table.missing.items()},
        "findings": [told(finding) for finding in found],
        "levels": {level.value: sum(finding.level == level for finding in found) for level in Level},
        "skipped": [skipped.as_json() for skipped in table.skipped],
    }


def _form(table: Table, sheet: str | None) -> dict[str, Any]:
    """What a sheet of forms has in place of columns: the places of each form's cells."""
    return {"form": True, "cells": table.forms[sheet]} if sheet in table.forms else {}


def _header(header: Header, titles: TitleFacts) -> dict[str, Any]:
    """A header in the shape that the roster's overview has: the workbook of rejected rows reads both."""
    return {
        "sheet": header.sheet,
        "top": header.top + 1,
        "bottom": header.bottom + 1,
        "titles": {
            "school": titles.school,
            "term": titles.term,
            "date": titles.date.isoformat() if titles.date else "",
            "class": str(titles.klass) if titles.klass else "",
        },
        "columns": [
            {
                "index": column.index,
                "letter": column.letter,
                "label": column.label,
                "field": column.field,
                "samples": [] if is_sensitive(column.label) else [mask_numbers(sample) for sample in column.samples],
            }
            for column in header.columns
            if column.label or column.samples
        ],
    }


def answer(batch: ImportBatch, answers: dict[str, str]) -> None:
    """Remember whose row it is; the batch must be checked again. Raises ValidationError for a finished batch."""
    _demand_open(batch)
    batch.answers = {**batch.answers, "answers": {**batch.answers.get("answers", {}), **answers}}
    batch.save(update_fields=["answers"])


def map_columns(batch: ImportBatch, sheet: str, columns: dict[int, str], *, by: Staff) -> None:
    """
    Remember which column is which, for this file and for the next with the same header.

    Raises ValidationError for a finished batch.
    """
    _demand_open(batch)
    said = {str(index): name for index, name in columns.items()}
    batch.answers = {**batch.answers, "mapping": {**batch.answers.get("mapping", {}), sheet: said}}
    batch.save(update_fields=["answers"])
    kind = kind_called(batch.kind)
    header = next((found for found in _read(batch, kind).headers if (found.sheet or "") == sheet), None)
    if header is not None:
        ColumnMapping.objects.update_or_create(
            school=batch.school,
            header_hash=fingerprint(kind.slug, header),
            defaults={"kind": kind.slug, "mapping": said, "file_name": batch.file_name, "said_by": by},
        )


def _demand_open(batch: ImportBatch) -> None:
    if batch.state not in (State.UPLOADED, State.PLANNED):
        raise ValidationError("这次导入已经结束，不能再修改。")


def confirm(batch: ImportBatch, *, by: Staff, token: str, writing: Progress | None = None) -> None:
    """
    Write the plan that a person has seen, in one transaction; `writing` hears from inside it how far it is.

    Raises AlreadyDone if it was confirmed before, PlanMoved if the plan or what is stored has changed since, Refused
    if the file is gone or the person may not import such lists any more. In each case nothing is written.
    """
    kind = kind_called(batch.kind)
    if not kind.may(by):
        raise Refused(kind.refusal())
    try:
        with change_by(by, f"导入{kind.title}（批次{batch.pk}）") as change_id, transaction.atomic():
            School.objects.select_for_update().get(pk=batch.school_id)  # one import of a school at a time
            batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("school").get(pk=batch.pk)
            if batch.state in (State.DONE, State.UNDONE):
                raise AlreadyDone
            if batch.state not in (State.PLANNED, State.WRITING):
                raise Refused("这次导入还没有核对完，或已经放弃，请从头再来。")
            if batch.is_outdated or token != plan_token(batch):
                raise PlanMoved
            plan = kind.plan(_read(batch, kind), setting_of(batch, by))
            seen = stored_plan(batch)
            if len(seen) != len(plan.outcomes) or not all(
                outcome.is_as_stored(row) for outcome, row in zip(plan.outcomes, seen, strict=True)
            ):
                raise PlanMoved
            records = write(plan, writing)
            chunks = list(batch.chunks.order_by("number"))
            for chunk in chunks:
                end = (chunk.number + 1) * CHUNK if chunk is not chunks[-1] else len(records)
                part = records[chunk.number * CHUNK : end]
                chunk.written = json.dumps(part, ensure_ascii=False)
                chunk.save(update_fields=["written"])
            batch.state, batch.counts = State.DONE, batch.counts | plan.counts()
            batch.confirmed_at = batch.done_at = timezone.now()
            batch.change_id_written = change_id
            batch.save(update_fields=["state", "counts", "confirmed_at", "done_at", "change_id_written"])
    except (IntegrityError, Stale) as error:
        raise PlanMoved from error


def undo(batch: ImportBatch, *, by: Staff) -> tuple[int, list[str]]:
    """
    Take an import back, sparing what was edited or used since.

    Returns how many rows of the file were taken back and the names of the spared ones.
    Raises ValidationError if the import is not done, was undone before, or is older than seven days.
    """
    kind = kind_called(batch.kind)
    with change_by(by, f"撤销导入{kind.title}（批次{batch.pk}）"), transaction.atomic():
        School.objects.select_for_update().get(pk=batch.school_id)
        batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if not may_undo(batch):
            raise ValidationError("只能撤销七天以内完成的导入，而且只能撤销一次。")
        number, spared = take_back(batch)
        batch.state = State.UNDONE
        batch.result = json.dumps(json.loads(batch.result or "{}") | {"spared": spared}, ensure_ascii=False)
        batch.message = f"已撤销 {number} 行的导入内容。"
        if spared:
            batch.message += f"{len(spared)} 行在导入后又有修改或使用，保留原样。"
        batch.save(update_fields=["state", "result", "message"])
    return number, spared

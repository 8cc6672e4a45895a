"""
The acts of an import: take a file, check it, answer its questions, confirm once, drop it, undo it.

A check never writes children. A confirm writes them all in one transaction, or nothing.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from caretrack.access.history import Stale, change_by
from caretrack.schools.models import School, Staff
from children.importing import commit, guard, leavers, memory, statements, storage
from children.importing.absentees import absent_children
from children.importing.circumstances import context_of, terms_of
from children.importing.collector import resting_collector
from children.importing.dossiers import Register
from children.importing.guard import Refused
from children.importing.keeping import Remarks
from children.importing.mends import Mends
from children.importing.merge import Terms
from children.importing.old_rosters import ask_if_old
from children.importing.overview import overview_of
from children.importing.parse import ParsedRoster, parse_workbook
from children.importing.resource import PlanStale, RosterDataset, RosterResource, RosterResult, StalePlan
from children.importing.sheets import Workbook
from children.importing.size import row_count
from children.importing.undo import take_back
from children.importing.uploads import refuse_too_many
from children.importing.workroom import read_apart
from children.importing.writer import Writer
from children.models import ImportBatch, ImportChunk, ImportRemarks
from children.models.edition import edition

State = ImportBatch.State
Progress = Callable[[int, int], None]
BACKGROUND_ROWS = 2_000
OPEN = (State.UPLOADED, State.CHECKING, State.PLANNED, State.WRITING)
CLOSED = "这次导入已经结束，不能再修改。"
GONE = "原来的文件已按规定删除（保存三十天），请重新上传。"
STALE = "预览之后，系统里的学生信息又有变化（可能有人刚修改过）。这次没有导入任何内容，已重新核对，请再看一遍后确认。"
LONG_AGO = dt.timedelta(days=150)
UNDO_DAYS = dt.timedelta(days=7)
ATTEMPTS = 3


class AlreadyDone(Exception):
    """The batch was confirmed before; nothing was written again."""


@transaction.atomic
def take_file(*, school: School, by: Staff | None, name: str, content: bytes, on: dt.date) -> ImportBatch:
    """
    Keep an uploaded file as a new batch.

    Raises Refused (nothing is stored) for a file that is no table. The check comes next: see `needs_background`.
    """
    guard.inspect(content)
    refuse_too_many(by, ImportBatch.ROSTER, len(content))
    batch = ImportBatch.objects.create(
        school=school,
        uploaded_by=by,
        file_name=name[-200:],
        file_hash=hashlib.sha256(content).hexdigest(),
        file_size=len(content),
        cut_off=on,
        answers={},
    )
    storage.keep(batch.stored, content)
    return batch


def needs_background(content: bytes) -> bool:
    """True for a file whose check would keep a request waiting too long."""
    return row_count(content) > BACKGROUND_ROWS


def is_large(batch: ImportBatch) -> bool:
    """True for a checked file that is checked again and written in the background."""
    return int(batch.counts.get("rows", 0)) > BACKGROUND_ROWS


def _workbook(batch: ImportBatch) -> Workbook:
    """The file as plain rows. Raises Refused, also when the file is gone."""
    content = storage.load(batch.stored)
    if content is None:
        raise Refused(GONE)
    return read_apart(content)


def _parsed(batch: ImportBatch, workbook: Workbook) -> ParsedRoster:
    context = replace(context_of(batch.school, _on(batch), batch.answers), mends=Mends.read(batch.mends))
    return parse_workbook(workbook, context)


def _on(batch: ImportBatch) -> dt.date:
    return batch.cut_off or timezone.localdate()


@resting_collector()
def check(
    batch: ImportBatch, by: Staff | None, progress: Progress | None = None, *, keep_rows: bool = False
) -> RosterResult:
    """
    Read and plan the batch's file; the plan is stored in sealed chunks, nothing else is written.

    Returns a result whose roster has let go of its rows unless `keep_rows`.
    Raises Refused if the file holds no roster; the batch is then marked as failed and its file removed.
    """
    try:
        workbook = _workbook(batch)
        roster = _parsed(batch, workbook)
        if memory.recall(batch, roster.headers):
            roster = _parsed(batch, workbook)
        del workbook
    except Refused as refused:
        batch.state, batch.message = State.FAILED, str(refused)[:300]
        batch.save(update_fields=["state", "message"])
        transaction.on_commit(lambda: storage.forget(batch.stored))
        raise
    if stated := _stated_day(batch, roster):
        batch.cut_off = stated
        batch.answers = {**batch.answers, "day": stated.isoformat()}
    terms = terms_of(batch.school, by, _on(batch), batch.answers)
    state = state_of(terms)
    resource = RosterResource(terms, answers=batch.answers.get("answers", {}))
    with commit.Spool() as spool:
        result = resource.import_data(RosterDataset(roster), dry_run=True, keep=spool.add, progress=progress)
        if ask_if_old(roster, result, resource.answers):
            spool.clear()
            held = RosterResource(terms, answers=resource.answers, hold=True)
            result = held.import_data(RosterDataset(roster), dry_run=True, keep=spool.add)
        absent = absent_children(roster, result.outcomes, terms)
        overview = overview_of(roster, result, absent) | {"mends": len(Mends.read(batch.mends).acts)}
        overview["kept"] = {"rows": spool.index}
        remarks = Remarks.take_from(overview, result.outcomes)
        batch.result = json.dumps(overview, ensure_ascii=False)
        batch.counts = result.counts | {"rows": result.total_rows, "findings": overview["levels"]}
        batch.register_state = state
        with transaction.atomic():
            spool.store(batch)
            remarks.store(batch)
            batch.state, batch.message, batch.edition = State.PLANNED, "", edition()
            batch.save(
                update_fields=[
                    "result", "counts", "state", "message", "edition", "cut_off", "answers", "register_state"
                ]
            )  # fmt: skip
    if not keep_rows:
        roster.children.clear()
    return result


def state_of(terms: Terms) -> str:
    """Names what a plan was made from: the school's dossiers, and the circumstances that follow from day and term."""
    said = f"{Register(terms.school).state()} {terms.on} {terms.entry_on} {terms.entry_kind}"
    return hashlib.sha256(said.encode()).hexdigest()


def _stated_day(batch: ImportBatch, roster: ParsedRoster) -> dt.date | None:
    """The day in a title line, taken once as the day of the roster unless a person has named one."""
    if "day" in batch.answers:
        return None
    stated = next((titles.date for titles in roster.titles.values() if titles.date), None)
    latest = _on(batch)
    return stated if stated and latest - LONG_AGO <= stated <= latest else None


def stored_plan(batch: ImportBatch) -> list[dict[str, Any]]:
    """The planned outcomes of all rows, in file order; a page reads its own part from `keeping.Kept` instead."""
    return list(commit.stored_rows(batch))


def plan_token(batch: ImportBatch) -> str:
    """Names the plan a person has looked at; a plan made again gets another token."""
    return hashlib.sha256(f"{batch.pk}.{batch.version}".encode()).hexdigest()[:20]


def answer(
    batch: ImportBatch,
    *,
    mapping: dict[str, dict[str, str]] | None = None,
    answers: dict[str, str] | None = None,
    on: dt.date | None = None,
    entry_on: dt.date | None = None,
    entry_kind: str = "",
    reason: str = "",
) -> None:
    """
    Remember what a person has said about the file; the batch must be checked again.

    `reason` says why columns are taken that a school should not collect (rosters fault 74).

    Raises ValidationError once the batch has been confirmed, dropped or refused, or if the entry day lies after `on`.
    """
    if batch.state not in (State.UPLOADED, State.PLANNED):
        raise ValidationError(CLOSED)
    said = dict(batch.answers)
    if mapping:
        known = said.get("mapping", {})
        said["mapping"] = known | {sheet: {**known.get(sheet, {}), **columns} for sheet, columns in mapping.items()}
    if answers:
        said["answers"] = {**said.get("answers", {}), **answers}
    if on is not None:
        batch.cut_off = on
        said["day"] = on.isoformat()
    if entry_on is not None:
        if entry_on > _on(batch):
            raise ValidationError("在班起始日期不能晚于名册日期。")
        said["entry_on"] = entry_on.isoformat()
    said |= {name: value for name, value in (("reason", reason), ("entry_kind", entry_kind)) if value}
    batch.answers = said
    batch.save(update_fields=["answers", "cut_off"])


def confirm(
    batch: ImportBatch,
    *,
    by: Staff | None,
    token: str,
    progress: Progress | None = None,
    writing: Progress | None = None,
) -> None:
    """
    Write the plan a person has seen, in one short transaction; the file is not read again.

    `progress` hears of planning anew, `writing` of the rows laid ready for the transaction.

    Raises AlreadyDone if it was confirmed before (pressing twice makes one import), PlanStale if the register or the
    plan has changed since, Refused if the file is gone, ValidationError (naming the child) if what was decided about an
    absent child cannot be registered. In each case nothing is written.
    """
    with change_by(by, f"导入花名册（批次{batch.pk}）") as change_id:
        for _ in range(ATTEMPTS):
            if _write(batch, token, by, change_id, writing):
                return
            token = _plan_again(batch, token, by, progress)
        raise StalePlan


@resting_collector()
def _write(batch: ImportBatch, token: str, by: Staff | None, change_id: uuid.UUID, writing: Progress | None) -> bool:
    """Write the plan of a batch; False, and nothing is written, if somebody has written to the dossiers meanwhile."""
    with Writer(int(batch.counts.get("rows", 0))) as writer:
        records = commit.lay_ready(batch, writer, writing)
        with statements.roomy_cache(), transaction.atomic():
            held = _held(batch.pk, token)
            if state_of(terms_of(held.school, by, _on(held), held.answers)) != held.register_state:
                return False
            # No savepoint: SQLite would keep the pages changed since then, and walk through all of them for every row.
            try:
                writer.write(held.school, by)
            except (Stale, IntegrityError) as error:
                # A number that another school has taken meanwhile; a new check names the row.
                raise StalePlan from error
            commit.keep_records(records)
            held.counts |= {"leavers": leavers.carry_out(held, on=_on(held), by=by)}
            held.state = State.DONE
            held.confirmed_at = held.done_at = timezone.now()
            held.change_id_written = change_id
            held.save(update_fields=["state", "counts", "confirmed_at", "done_at", "change_id_written"])
    return True


def _held(pk: int, token: str) -> ImportBatch:
    """The batch, locked with its school, if it may be written now. Raises as `confirm` does."""
    batch = ImportBatch.objects.only("school").get(pk=pk)
    # Without the key: whoever adds a record that refers to the school need not wait.
    School.objects.select_for_update(no_key=True).get(pk=batch.school_id)
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("school").get(pk=pk)
    if batch.state in (State.DONE, State.UNDONE):
        raise AlreadyDone
    if batch.state not in (State.PLANNED, State.WRITING):
        raise Refused("这次导入还没有核对完，或已经放弃，请从头再来。")
    if batch.is_outdated or token != plan_token(batch):
        raise StalePlan
    return batch


@resting_collector()
def _plan_again(batch: ImportBatch, token: str, by: Staff | None, progress: Progress | None) -> str:
    """
    Plan the file again, holding nobody up, if somebody has written since the check; returns the token to go on with.

    Raises PlanStale with the first row that would now be treated differently, or if the batch was touched meanwhile.
    """
    with transaction.atomic():
        held = _held(batch.pk, token)
        terms = terms_of(held.school, by, _on(held), held.answers)
        state = state_of(terms)
    resource = RosterResource(terms, answers=held.answers.get("answers", {}))
    with commit.Spool() as spool:
        roster, seen = RosterDataset(_parsed(held, _workbook(held))), commit.stored_rows(held)
        resource.import_data(roster, dry_run=True, keep=spool.add, expected=seen, progress=progress)
        with transaction.atomic():
            held = _held(batch.pk, token)
            spool.store(held)
            held.register_state = state
            held.save(update_fields=["register_state"])
    return plan_token(held)


def stale_sentence(stale: PlanStale) -> str:
    """What to tell whose plan was refused, with the first row that would now be treated differently."""
    if stale.outcome is None:
        return STALE
    return f"{STALE}第一处不同：第{stale.outcome.row}行 {stale.outcome.name}。"


def may_undo(batch: ImportBatch) -> bool:
    """True within seven days after the import (rosters fault 82)."""
    return batch.state == State.DONE and batch.done_at is not None and timezone.now() - batch.done_at <= UNDO_DAYS


@resting_collector()
def undo(batch: ImportBatch, *, by: Staff | None) -> tuple[int, list[str]]:
    """
    Take an import back, sparing the children edited since.

    Returns how many children were taken back and the names of the spared ones.
    Raises ValidationError if the import is not done, was undone before, or is older than seven days.
    """
    with change_by(by, f"撤销导入花名册（批次{batch.pk}）"), transaction.atomic():
        School.objects.select_for_update(no_key=True).get(pk=batch.school_id)
        batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if not may_undo(batch):
            raise ValidationError("只能撤销七天以内完成的导入，而且只能撤销一次。")
        number, spared = take_back(batch)
        batch.state = State.UNDONE
        batch.result = json.dumps(json.loads(batch.result or "{}") | {"spared": spared}, ensure_ascii=False)
        batch.message = f"已撤销 {number} 名学生的导入内容。"
        if spared:
            batch.message += f"{len(spared)} 名学生在导入后又有修改或记录，保留原样。"
        batch.save(update_fields=["state", "result", "message"])
    return number, [name for _, name in spared]


def drop(batch: ImportBatch) -> None:
    """Give an unconfirmed import up; its file and plan are removed. Raises ValidationError for a finished one."""
    if batch.state not in OPEN:
        raise ValidationError("这次导入已经结束，不能放弃。")
    with transaction.atomic():
        batch.chunks.all().delete()
        batch.remarks.all().delete()
        batch.state, batch.message = State.DROPPED, "已放弃，没有导入任何内容。"
        batch.result = batch.mends = ""
        batch.save(update_fields=["state", "result", "mends", "message"])
        transaction.on_commit(lambda: storage.forget(batch.stored))


def forget_old() -> int:
    """
    Remove files and plans that have been kept for thirty days; what was imported, when and by whom stays.

    Returns how many batches were emptied. Called by the worker's sweep (rosters fault 84).
    """
    storage.forget_old()
    old = ImportBatch.objects.filter(uploaded_at__lt=timezone.now() - storage.KEPT).exclude(result="")
    if not old.exists():
        return 0
    with change_by(None, "清理三十天前的导入文件"), transaction.atomic():
        ImportChunk.objects.filter(batch__in=old).delete()
        ImportRemarks.objects.filter(batch__in=old).delete()
        old.filter(state__in=OPEN).update(state=State.DROPPED, message="超过三十天没有确认，已放弃。")
        return old.update(result="", mends="")

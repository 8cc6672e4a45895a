"""Background work about children: checking and writing large rosters."""

import json
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.aside import Aside
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, chore, job
from children.changes import record_age_outs
from children.importing import batches, memory
from children.importing.error_book import error_book_of
from children.importing.guard import Refused
from children.importing.resource import PlanStale
from children.models import ImportBatch
from children.tables import jobs as table_jobs  # noqa: F401  registers its own

CHECK, WRITE, LEFT_OUT = "roster_check", "roster_write", "roster_left_out"
LEFT_OUT_NAME = "未导入的行.xlsx"

chore(batches.forget_old)
_birthdays_done_on: date | None = None


@chore
def record_birthdays() -> None:
    """Once a day: the register's line for pupils who turned 16 (domain §5.3 `age_out`)."""
    global _birthdays_done_on
    today = timezone.localdate()
    if _birthdays_done_on != today:
        record_age_outs(today)
        _birthdays_done_on = today


def live_job(batch: ImportBatch) -> Job | None:
    """The background work that an import is waiting for, None if there is none (any more)."""
    return Job.objects.unfinished().filter(kind__in=(CHECK, WRITE), params__batch=batch.pk).order_by("-pk").first()


@job(CHECK, title="核对花名册", act=Act.ROSTER_IMPORT, repeatable=True, event=Event.IMPORT)
def check_roster(running: Job, /, *, batch: int) -> dict[str, Any]:
    """Read and plan a large file; goes on to the recognised columns, or to the preview of a known header."""
    found = ImportBatch.objects.select_related("school").get(pk=batch)
    try:
        batches.check(found, running.started_by, running.advance)
    except Refused as refused:
        raise JobError(str(refused)) from refused
    page = "import_preview" if memory.is_settled(found, json.loads(found.result)) else "import_columns"
    return {"next": reverse(f"children:{page}", args=[found.pk])}


@job(WRITE, title="导入花名册", act=Act.ROSTER_IMPORT, repeatable=True, event=Event.IMPORT)
def write_roster(running: Job, /, *, batch: int, token: str) -> dict[str, Any]:
    """Write a confirmed plan; running it twice makes one import."""
    found, preview = ImportBatch.objects.get(pk=batch), reverse("children:import_preview", args=[batch])
    try:
        batches.confirm(found, by=running.started_by, token=token, progress=running.advance, writing=Aside(running))
    except batches.AlreadyDone:
        pass
    except PlanStale as stale:
        raise JobError(batches.stale_sentence(stale), preview) from stale
    except Refused as refused:
        raise JobError(str(refused), preview) from refused
    except ValidationError as refusal:
        raise JobError(refusal.messages[0], preview) from refusal
    return {"next": reverse("children:import_done", args=[batch])}


@job(LEFT_OUT, title="整理未导入的行", act=Act.ROSTER_IMPORT, repeatable=True, event=Event.EXPORT)
def collect_left_out(running: Job, /, *, batch: int) -> None:
    """Make the workbook of the rows that a large file could not bring in."""
    try:
        running.keep_file(LEFT_OUT_NAME, error_book_of(ImportBatch.objects.get(pk=batch), running.advance))
    except Refused as refused:
        raise JobError(str(refused)) from refused

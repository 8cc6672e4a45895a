"""Background work: checking and writing long lists."""

from typing import Any

from django.urls import reverse

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.aside import Aside
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, job
from children.importing.batches import AlreadyDone
from children.importing.error_book import error_book_of
from children.importing.guard import Refused
from children.models import ImportBatch
from children.tables import batches
from children.tables.kinds import TableKind, kind_called

CHECK, WRITE, LEFT_OUT = "table_check", "table_write", "table_left_out"


@job(CHECK, title="核对表格", act=Act.TABLE_IMPORT, repeatable=True, event=Event.IMPORT)
def check_table(running: Job, /, *, batch: int) -> dict[str, Any]:
    """Read and plan a long list; goes on to the preview."""
    found = ImportBatch.objects.select_related("school").get(pk=batch)
    try:
        batches.check(found, running.started_by, running.advance)
    except Refused as refused:
        raise JobError(str(refused)) from refused
    return {"next": reverse("children:table_preview", args=[found.pk])}


@job(WRITE, title="导入表格", act=Act.TABLE_IMPORT, repeatable=True, event=Event.IMPORT)
def write_table(running: Job, /, *, batch: int, token: str) -> dict[str, Any]:
    """Write a confirmed list; running it twice makes one import."""
    found = ImportBatch.objects.get(pk=batch)
    try:
        batches.confirm(found, by=running.started_by, token=token, writing=Aside(running))
    except AlreadyDone:
        pass
    except batches.PlanMoved as moved:
        raise JobError(batches.STALE) from moved
    except Refused as refused:
        raise JobError(str(refused)) from refused
    return {"next": reverse("children:table_done", args=[batch])}


def left_out_name(kind: TableKind) -> str:
    """What the workbook of the rejected rows of such a list is called."""
    return f"{kind.title}未导入的行.xlsx"


@job(LEFT_OUT, title="整理未导入的行", act=Act.TABLE_IMPORT, repeatable=True, event=Event.EXPORT)
def collect_left_out(running: Job, /, *, batch: int) -> None:
    """Make the workbook of the rows that a long list could not bring in."""
    found = ImportBatch.objects.get(pk=batch)
    kind = kind_called(found.kind)
    if not kind.may(running.started_by):
        raise JobError(kind.refusal())
    try:
        running.keep_file(left_out_name(kind), error_book_of(found, running.advance))
    except Refused as refused:
        raise JobError(str(refused)) from refused

"""Background work: checking and writing long lists."""

from typing import Any

from django.urls import reverse

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.aside import Aside
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, job
from children.importing.batches import AlreadyDone
from children.importing.guard import Refused
from children.models import ImportBatch
from children.tables import batches

CHECK, WRITE = "table_check", "table_write"


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

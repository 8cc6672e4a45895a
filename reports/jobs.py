"""Background work of the print centre and of the months."""

from django.utils import timezone

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, chore, job
from reports import bulk_papers, keeping  # noqa: F401  bulk_papers registers the papers
from reports.builders.paper import Imprint
from reports.bulk import archive, chosen, kind_called, note_prints

BULK = "bulk_print"


@chore
def keep_month_figures() -> None:
    """Work out ahead what the pages of the months show, where something was saved since."""
    keeping.keep_up(timezone.localdate())


@job(BULK, title="批量打印", act=Act.PRINT, repeatable=True, event=Event.PRINT)
def bulk_print(running: Job, /, *, paper: str, children: list[int]) -> None:
    """Print one paper for many children; whom the person may no longer print is left out."""
    try:
        kind = kind_called(paper)
    except LookupError as error:
        raise JobError("这种打印件已经不再提供。") from error
    staff = running.started_by
    listed = chosen(kind, staff, children)
    if not listed:
        raise JobError("所选学生都不在您现在的打印范围内。")
    now = timezone.localtime()

    def progress(done: int, total: int) -> None:
        running.advance(done, total, f"已打印 {done} 人，共 {total} 人。")

    progress(0, len(listed))
    note_prints(staff, listed, f"{kind.title}（批量）")
    packed = archive(kind, staff, listed, on=timezone.localdate(), imprint=Imprint(str(staff), now), progress=progress)
    running.keep_file(f"{kind.title}{now:%Y%m%d}.zip", packed)

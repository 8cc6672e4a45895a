"""Acts on background work: start it, run it, and put in order what a dead worker left behind."""

import logging
import re
import shutil
import traceback
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from caretrack.access.history import change_by
from caretrack.jobs.locks import job_lock, lock_file
from caretrack.jobs.models import Job, JobStatus
from caretrack.jobs.registry import JobError, chores, kind_called
from caretrack.schools.models import Staff

logger = logging.getLogger(__name__)

KEEP_FILES = timedelta(hours=24)
KEEP_ROWS = timedelta(days=30)
BETWEEN_CLAIM_AND_START = timedelta(minutes=1)
MOST_ATTEMPTS = 3
_CODE = re.compile(r"[\w:.\-]{0,64}", re.ASCII)


@transaction.atomic
def enqueue(kind: str, by: Staff, params: dict[str, Any] | None = None, *, title: str = "") -> Job:
    """
    Start background work of a registered kind for a person, or find the same that the person waits for already.

    `params` may hold ids, numbers, yes/no and short codes (or lists of them): names and texts stay out of the queue.
    Raises LookupError for an unknown kind, ValueError for a parameter that is neither id nor code.
    """
    registered = kind_called(kind)
    params = params or {}
    for name, value in params.items():
        if not _is_plain(value):
            raise ValueError(f"Job parameter {name} must be an id, a number or a short code")
    Staff.objects.select_for_update(no_key=True).get(pk=by.pk)  # of two presses at once the second finds the first's
    if waiting := Job.objects.unfinished().of(by).filter(kind=kind, params=params).first():
        return waiting
    job = Job.objects.create(kind=kind, title=title or registered.title, params=params, started_by=by)
    _put_in_queue(job)
    return job


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, int) or (isinstance(value, str) and bool(_CODE.fullmatch(value)))


def _put_in_queue(job: Job) -> None:
    from caretrack.jobs.tasks import run_job  # the task module imports this one

    run_job.enqueue(job.pk)


def run(job_id: int) -> None:
    """Do the work of a queued job, in the worker. Does nothing when another worker has it or it is over."""
    with job_lock(job_id) as held:
        if not held:
            return
        now = timezone.now()
        claimed = Job.objects.filter(pk=job_id, status=JobStatus.QUEUED).update(
            status=JobStatus.RUNNING, started_at=now, heartbeat_at=now, attempts=F("attempts") + 1
        )
        if claimed:
            _work(Job.objects.select_related("started_by").get(pk=job_id))


def _work(job: Job) -> None:
    try:
        kind = kind_called(job.kind)
        if kind.act and not job.started_by.may(kind.act):
            raise JobError(f"您现在没有“{kind.act}”的权限，任务没有执行。")
        with change_by(job.started_by, job.title):
            result = kind.run(job, **job.params)
    except JobError as error:
        if error.next_url:
            job.result = {"next": error.next_url}
            job.save(update_fields=["result"])
        finish(job, JobStatus.FAILED, str(error))
    except Exception as error:
        # Without the exception's text: a database's message repeats the row it refused.
        logger.error(
            "job %s (%s) failed: %s\n%s",
            job.pk,
            job.kind,
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
        finish(job, JobStatus.FAILED, f"处理时出现意外错误（任务编号 {job.pk}），请重试；仍不行时把编号告诉管理员。")
    else:
        job.result = result
        job.save(update_fields=["result"])
        finish(job, JobStatus.DONE, job.message if job.total and job.done >= job.total else "")


def finish(job: Job, status: JobStatus, message: str) -> None:
    """Close a job with a Chinese sentence for the person who waits."""
    job.status, job.message, job.finished_at = status, message[:200], timezone.now()
    job.heartbeat_at = job.finished_at
    job.save(update_fields=["status", "message", "finished_at", "heartbeat_at"])


def sweep(now: datetime | None = None) -> list[Job]:
    """
    Put in order what a dead worker left: repeatable work is queued again, other work is marked as stopped.

    Also queues jobs whose queue entry was lost, removes result files after a day and rows after a month.
    Returns the jobs that were changed. Harmless at any time and from several workers at once.
    """
    now = now or timezone.now()
    changed = [job for job in Job.objects.filter(status=JobStatus.RUNNING) if _orphaned(job)]
    waiting = _ids_in_queue(now)
    for job in Job.objects.filter(status=JobStatus.QUEUED, created_at__lt=now - BETWEEN_CLAIM_AND_START):
        if job.pk not in waiting:
            _put_in_queue(job)
            changed.append(job)
    _tidy(now)
    return changed


def _orphaned(job: Job) -> bool:
    """Settle a running job if nobody is at work on it any more; tells whether it was changed."""
    with job_lock(job.pk) as free:
        if not free:
            return False
        job.refresh_from_db()
        if job.status != JobStatus.RUNNING:
            return False
        try:
            repeatable = kind_called(job.kind).repeatable
        except LookupError:
            repeatable = False
        if repeatable and job.attempts < MOST_ATTEMPTS:
            with transaction.atomic():
                Job.objects.filter(pk=job.pk).update(
                    status=JobStatus.QUEUED, done=0, message="后台程序曾中断，已重新排队。"
                )
                _put_in_queue(job)
            job.refresh_from_db()
        else:
            reached = f"（停在第 {job.done} 项，共 {job.total} 项）" if job.total else ""
            finish(job, JobStatus.STOPPED, f"后台程序中途停止{reached}。请核对已保存的内容后重新发起。")
        return True


def _ids_in_queue(now: datetime) -> set[int]:
    """Jobs that a live queue entry will still run."""
    from caretrack.jobs.tasks import run_job

    entries = DBTaskResult.objects.filter(task_path=run_job.module_path)
    ready = entries.filter(status=TaskResultStatus.READY)
    claimed = entries.filter(status=TaskResultStatus.RUNNING, started_at__gt=now - BETWEEN_CLAIM_AND_START)
    return {entry["args"][0] for query in (ready, claimed) for entry in query.values_list("args_kwargs", flat=True)}


def _tidy(now: datetime) -> None:
    for job in Job.objects.exclude(file="").filter(finished_at__lt=now - KEEP_FILES):
        shutil.rmtree(Path(settings.MEDIA_ROOT) / "jobs" / str(job.pk), ignore_errors=True)
        Job.objects.filter(pk=job.pk).update(file="")
    unfinished = {lock_file(pk) for pk in Job.objects.unfinished().values_list("pk", flat=True)}
    for path in lock_file(0).parent.glob("job-*"):
        if path not in unfinished and path.stat().st_mtime < (now - KEEP_FILES).timestamp():
            path.unlink(missing_ok=True)
    Job.objects.filter(finished_at__lt=now - KEEP_ROWS).delete()
    DBTaskResult.objects.exclude(status=TaskResultStatus.READY).filter(enqueued_at__lt=now - KEEP_ROWS).delete()
    for chore in chores():
        chore()

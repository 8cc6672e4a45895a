"""
How far a job is while it is inside one long transaction: said beside the database, where others can see it at once.

A row written in the transaction is invisible until the end, and on SQLite a second connection would wait for it. One
small file a job, next to its lock; it holds two numbers and is of no use once the job is over.
"""

from datetime import UTC, datetime
from pathlib import Path

from caretrack.jobs.locks import lock_file
from caretrack.jobs.models import PROGRESS_EVERY, Job


class Aside:
    """Called with done and total as often as wanted; written at most twice a second and at the end."""

    def __init__(self, job: Job) -> None:
        self._path, self._last = _file(job.pk), 0.0

    def __call__(self, done: int, total: int) -> None:
        now = datetime.now(UTC).timestamp()
        if done < total and now - self._last < PROGRESS_EVERY.total_seconds():
            return
        self._last = now
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path.with_suffix(".part")
        part.write_text(f"{done} {total}", encoding="ascii")
        part.rename(self._path)


def take_over(job: Job, message: str = "正在写入，全部写完才生效；可以先去做别的事。") -> None:
    """Let a running job show what was said aside in its present attempt; the stored row stays as it is."""
    if not job.is_open or job.started_at is None:
        return
    path = _file(job.pk)
    try:
        said_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        done, total = map(int, path.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return
    if said_at >= max(job.started_at, job.heartbeat_at or job.started_at):
        job.done, job.total, job.message = done, total, message


def _file(job_id: int) -> Path:
    lock = lock_file(job_id)
    return lock.with_name(f"{lock.name}.aside")

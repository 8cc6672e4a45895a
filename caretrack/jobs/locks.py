"""Who is at work on a job right now: a lock that the system itself frees when the worker dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

_SPACE = 7_203_115  # PostgreSQL's advisory locks share one number space: ours are pairs beginning with this


def lock_file(job_id: int) -> Path:
    """The file whose lock stands for the job, on a single machine with SQLite."""
    return Path(settings.DATA_DIR) / "locks" / f"job-{job_id}"


@contextmanager
def job_lock(job_id: int) -> Iterator[bool]:
    """Yields True while this process holds the job, False when another one is at work on it."""
    if connection.vendor == "postgresql":
        with _advisory_lock(job_id) as held:
            yield held
        return
    path = lock_file(job_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(job_id: int) -> Iterator[bool]:
    key = [_SPACE, job_id % 2_147_483_647]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)

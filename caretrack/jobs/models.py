"""One row for each piece of background work that somebody started: what, by whom, how far, with what result."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

PROGRESS_EVERY = timedelta(milliseconds=500)


class JobStatus(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "没有完成"
    STOPPED = "stopped", "中途停止"


OPEN_STATUSES = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, staff: Any) -> Self:
        """Jobs are seen by the person who started them, by nobody else."""
        return self.filter(started_by=staff)

    def unfinished(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def ahead_of(self, job: "Job") -> Self:
        """Whose work comes before a job that waits, of whomever."""
        return self.unfinished().filter(pk__lt=job.pk)


class Job(models.Model):
    """
    Background work with progress. Holds ids and counts, never names: its parameters are checked by `enqueue`.

    Not tracked by the change history: what a job writes is, under the name of the person who started it.
    """

    kind = models.CharField("种类", max_length=40)
    title = models.CharField("任务", max_length=100)
    params = models.JSONField("参数", default=dict, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="jobs"
    )
    status = models.CharField("状态", max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("进展", max_length=200, blank=True)
    result = models.JSONField("结果", null=True, blank=True, editable=False)
    file = models.CharField("结果文件", max_length=200, blank=True, editable=False)
    file_name = models.CharField("下载文件名", max_length=120, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最近进展", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["started_by", "-id"], name="job_of_staff"),
            models.Index(
                fields=["status"], name="job_unfinished", condition=models.Q(status__in=["queued", "running"])
            ),
        ]
        constraints = [
            models.CheckConstraint(name="job_status_known", condition=models.Q(status__in=JobStatus.values)),
            models.CheckConstraint(
                name="job_end_has_time",
                condition=models.Q(status__in=["queued", "running"], finished_at__isnull=True)
                | models.Q(status__in=["done", "failed", "stopped"], finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_status_display()}）"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to wait for."""
        return self.status in OPEN_STATUSES

    @property
    def percent(self) -> int | None:
        """How far, in whole per cent; None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def file_path(self) -> Path | None:
        """Where the result file lies, None without one."""
        return Path(settings.MEDIA_ROOT) / self.file if self.file else None

    def advance(self, done: int, total: int, message: str = "") -> None:
        """
        Say how far the work is; called as often as wanted, written at most twice a second and at the end.

        `message` is a Chinese sentence without names. The row is written by itself, so other fields stay as they are.
        """
        now = timezone.now()
        recent = self.heartbeat_at is not None and now - self.heartbeat_at < PROGRESS_EVERY
        if recent and done < total and self.total == total and self.done:
            return
        self.done, self.total, self.message, self.heartbeat_at = done, total, message[:200], now
        self.save(update_fields=["done", "total", "message", "heartbeat_at"])

    def keep_file(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """
        Keep a result for download under the name `name`; on disk it gets a name that says nothing.

        Removed a day later (security requirements §5.7).
        """
        folder = Path("jobs") / str(self.pk)
        target = Path(settings.MEDIA_ROOT) / folder / f"result{Path(name).suffix.lower()}"
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            for piece in [content] if isinstance(content, bytes) else content:
                file.write(piece)
        part.chmod(0o600)
        part.rename(target)
        self.file, self.file_name = str(folder / target.name), name[-120:]
        self.save(update_fields=["file", "file_name"])

"""An import kept whole: the file, the plan, what was written, so that it can be shown, confirmed once and undone."""

import uuid

from django.conf import settings
from django.db import models

from caretrack.access.crypto import BlindIndexField, EncryptedTextField
from caretrack.access.history import Tracked
from caretrack.periods import chinese_date
from caretrack.schools.models import School
from children.models.edition import edition


class ImportBatch(Tracked):
    """One uploaded roster, or list of another kind, from upload to undo. The plan holds children's data, hence sealed."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "已上传"
        CHECKING = "checking", "核对中"
        PLANNED = "planned", "待确认"
        WRITING = "writing", "写入中"
        DONE = "done", "已导入"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "未成功"
        DROPPED = "dropped", "已放弃"

    ROSTER = "roster"

    kind = models.CharField("名单种类", max_length=20, default=ROSTER)
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.PROTECT, related_name="imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    file_name = models.CharField("文件名", max_length=200)
    file_hash = models.CharField("文件指纹", max_length=64)
    file_size = models.PositiveIntegerField("文件大小（字节）", default=0)
    stored = models.UUIDField("存放编号", default=uuid.uuid4)
    state = models.CharField("状态", max_length=10, choices=State, default=State.UPLOADED)
    answers = models.JSONField("回答和列对应", default=dict, blank=True)
    mends = EncryptedTextField("表格改动", blank=True, default="")
    cut_off = models.DateField("截止日期", null=True, blank=True)
    counts = models.JSONField("数量", default=dict, blank=True)
    result = EncryptedTextField("核对结果", blank=True, default="")
    message = models.CharField("说明", max_length=300, blank=True)
    edition = models.PositiveSmallIntegerField("核对结果的版本", default=0, editable=False)
    register_state = models.CharField("核对时册子的状态", max_length=64, blank=True, editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    change_id_written = models.UUIDField("写入变更", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["school", "uploaded_at"], name="batch_school_at")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_waiting(self) -> bool:
        """True while background work is, or should be, going on."""
        return self.state in (self.State.CHECKING, self.State.WRITING)

    @property
    def is_ready(self) -> bool:
        """True while a person may look at the checked file, answer, mend and confirm."""
        return self.state == self.State.PLANNED and not self.is_outdated

    @property
    def is_outdated(self) -> bool:
        """True for a file that an earlier edition of the program has checked: it must be checked again to be shown."""
        return self.state == self.State.PLANNED and self.edition != edition()

    @property
    def is_open(self) -> bool:
        """True until the import is confirmed, refused or given up."""
        return self.is_waiting or self.state in (self.State.UPLOADED, self.State.PLANNED)

    @property
    def not_imported(self) -> int:
        """Rows that were or would be left out: with errors, waiting, or to be decided."""
        return sum(int(self.counts.get(status, 0)) for status in ("decide", "waiting", "rejected"))


class ImportChunk(models.Model):
    """Up to five hundred rows of a batch's plan (a thousand of other lists): preview page, unit of commit, audit and undo record in one."""

    batch = models.ForeignKey(ImportBatch, verbose_name="批次", on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveSmallIntegerField("序号")
    plan = EncryptedTextField("计划", blank=True, default="")
    packed = models.BinaryField("待写内容（密封）", blank=True, default=b"")
    written = EncryptedTextField("写入记录", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "导入分块"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="chunk_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"


class ImportRemarks(models.Model):
    """Up to five hundred lines of what a check has to say about single rows, in the order in which pages show them."""

    class About(models.TextChoices):
        FAULTS = "faults", "问题"
        QUESTIONS = "questions", "要回答的"
        SKIPPED = "skipped", "跳过的行"
        INCOMPLETE = "incomplete", "没有采用的格"

    batch = models.ForeignKey(ImportBatch, verbose_name="批次", on_delete=models.CASCADE, related_name="remarks")
    about = models.CharField("内容", max_length=10, choices=About)
    number = models.PositiveSmallIntegerField("序号")
    lines = EncryptedTextField("各行")

    class Meta:
        verbose_name = verbose_name_plural = "导入核对说明"
        ordering = ["about", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "about", "number"], name="remarks_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.about} {self.number}"


class ColumnMapping(Tracked):
    """What a person said about a header once, so that the next file with it needs no questions (rosters §7.5)."""

    kind = models.CharField("名单种类", max_length=20, default=ImportBatch.ROSTER)
    school = models.ForeignKey(School, verbose_name="学校", on_delete=models.CASCADE, related_name="+")
    header_hash = models.CharField("表头指纹", max_length=64)
    title = models.CharField("表头", max_length=200, blank=True, default="")
    mapping = models.JSONField("列对应", default=dict)
    answers = models.JSONField("整列问题的回答", default=dict, blank=True)
    file_name = models.CharField("最近用于", max_length=200, blank=True, default="")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="确认人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    said_at = models.DateTimeField("确认时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "列对应"
        ordering = ["-said_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["school", "header_hash"], name="mapping_once")]

    def __str__(self) -> str:
        return self.title or self.header_hash[:8]


class FormerStudentNumber(Tracked):
    """学籍号 of earlier days: an L number becomes a G number, and the pupil must still be found (domain A.2)."""

    child = models.ForeignKey(
        "children.Child", verbose_name="学生", on_delete=models.CASCADE, related_name="former_numbers"
    )
    student_no = EncryptedTextField("学籍号")
    student_no_index = BlindIndexField("学籍号索引", source="student_no")
    until = models.DateField("使用至")

    class Meta:
        verbose_name = verbose_name_plural = "曾用学籍号"
        indexes = [models.Index(fields=["student_no_index"], name="former_no_index")]

    def __str__(self) -> str:
        return f"{self.child} {chinese_date(self.until)}"


class OtherSpelling(Tracked):
    """A name under which lists write a pupil and which a person said is not to be taken over; not asked about again."""

    child = models.ForeignKey(
        "children.Child", verbose_name="学生", on_delete=models.CASCADE, related_name="other_spellings"
    )
    name = models.CharField("名册里的写法", max_length=50)

    class Meta:
        verbose_name = verbose_name_plural = "姓名的其他写法"
        constraints = [models.UniqueConstraint(fields=["child", "name"], name="spelling_once")]

    def __str__(self) -> str:
        return self.name

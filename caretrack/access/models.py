"""The tables of access: named changes, previous rows, the access log, the seal of the key file."""

import re
import uuid

from django.db import models
from django.utils import timezone


class ChangeSet(models.Model):
    """One act of one person: everything written together names it. No foreign key: an account may go, the trace not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff_id = models.BigIntegerField("操作人编号", null=True, blank=True, db_index=True)
    staff_name = models.CharField("操作人", max_length=50)
    reason = models.CharField("操作", max_length=200)
    made_at = models.DateTimeField("时间", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "变更"

    def __str__(self) -> str:
        return f"{self.staff_name} {self.made_at:%Y-%m-%d %H:%M} {self.reason}"

    @property
    def told_reason(self) -> str:
        """The reason where a person or an act gave one; a request that gave none is named by its address."""
        return "" if re.match("[A-Z]+ /", self.reason) else self.reason


class RowHistory(models.Model):
    """
    A row as it was before an update or a deletion. Written by triggers only; `old` is never in clear for sealed fields.

    Who deletes a row is named by `new_change`, or where that is empty by the change in `old`, which an update has put
    there before.
    """

    table = models.CharField("表", max_length=63)
    row_id = models.CharField("行", max_length=64)
    version = models.PositiveIntegerField("版本")
    op = models.CharField("操作", max_length=1, choices=[("U", "修改"), ("D", "删除")])
    new_change = models.UUIDField("后一变更", null=True)
    old = models.JSONField("原值")

    class Meta:
        verbose_name = verbose_name_plural = "历史"
        indexes = [models.Index(fields=["table", "row_id"], name="rowhistory_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} v{self.version}"


class Told(models.Model):
    """What the present transaction tells the triggers on SQLite (`telling`); empty for everybody else."""

    name = models.CharField("名称", max_length=20, primary_key=True)
    value = models.CharField("内容", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "事务说明"

    def __str__(self) -> str:
        return self.name


class Event(models.TextChoices):
    """What the access log knows."""

    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOGOUT = "logout", "退出"
    PASSWORD = "password", "修改密码"
    REFUSED = "refused", "无权访问"
    VIEW = "view", "查看"
    REVEAL = "reveal", "显示完整信息"
    SEARCH_ID = "search_id", "按证件号查找"
    WRITE = "write", "登记或修改"
    PRINT = "print", "打印"
    EXPORT = "export", "导出"
    IMPORT = "import", "导入"
    BREAK_GLASS = "break_glass", "特批查看"
    ADMIN = "admin", "账号与设置"


class AccessEntry(models.Model):
    """
    One line of the access log: who, when, where, what; never content.

    Source: 未成年人网络保护条例 art. 36. Append-only by trigger; each line carries a keyed hash over the one before.
    """

    at = models.DateTimeField("时间", default=timezone.now, db_index=True)
    staff_id = models.BigIntegerField("人员编号", null=True)
    staff_name = models.CharField("人员", max_length=50)
    roles = models.CharField("当时岗位", max_length=120, blank=True)
    address = models.CharField("来源地址", max_length=45, blank=True)
    event = models.CharField("事件", max_length=20, choices=Event)
    page = models.CharField("页面", max_length=100, blank=True)
    child_id = models.BigIntegerField("学生编号", null=True)
    detail = models.CharField("说明", max_length=200, blank=True)
    chain = models.CharField("校验链", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "访问日志"
        indexes = [
            models.Index(fields=["child_id", "at"], name="access_child_at"),
            models.Index(fields=["staff_id", "at"], name="access_staff_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.staff_name} {self.get_event_display()}"


class KeySeal(models.Model):
    """Fingerprint of the key file that this data was written with; a check refuses to start on another key."""

    fingerprint = models.CharField("指纹", max_length=16)
    made_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "密钥封印"

    def __str__(self) -> str:
        return self.fingerprint

"""How often a person may send a file: reading one is the dearest thing a page can be asked for (import §5)."""

import datetime as dt

from django.utils import timezone

from caretrack.schools.models import Staff
from children.importing.guard import MEGABYTE, Refused
from children.models import ImportBatch

AN_HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR = 30
MOST_BYTES = 120 * MEGABYTE
"""What a clerk sends on the first day is a list a class, some of them twice: far below both bounds."""


def refuse_too_many(by: Staff | None, kind: str, size: int) -> None:
    """
    Raises Refused, with the time to come back, if a file of `size` bytes is one too many within an hour.

    Rosters are counted apart from other lists: whoever has just sent the lists of all classes can still send the roster.
    Commands have no limit.
    """
    if by is None:
        return
    since = timezone.now() - AN_HOUR
    recent = ImportBatch.objects.filter(uploaded_by=by, uploaded_at__gt=since).order_by("uploaded_at", "pk")
    rosters = kind == ImportBatch.ROSTER
    same = recent.filter(kind=ImportBatch.ROSTER) if rosters else recent.exclude(kind=ImportBatch.ROSTER)
    sent: list[tuple[dt.datetime, int]] = list(same.values_list("uploaded_at", "file_size"))
    too_many = len(sent) - MOST_AN_HOUR + 1
    too_large = _to_fall_out([bytes_sent for _, bytes_sent in sent], size)
    if max(too_many, too_large) <= 0:
        return
    again = f"{timezone.localtime(sent[max(too_many, too_large) - 1][0] + AN_HOUR) + dt.timedelta(minutes=1):%H:%M}"
    what = "花名册" if rosters else "其他表格"
    if too_many >= too_large:
        raise Refused(
            f"一小时内最多上传 {MOST_AN_HOUR} 份{what}，请在 {again} 以后再传。改错不用重新上传，可以在预览页里直接改。"
        )
    raise Refused(
        f"一小时内上传的{what}合计不能超过 {MOST_BYTES // MEGABYTE} 兆，请在 {again} 以后再传，"
        "或删去文件里的图片和多余的工作表后再试。"
    )


def _to_fall_out(sizes: list[int], size: int) -> int:
    """How many of the oldest files must be an hour old before another of `size` fits."""
    total, number = sum(sizes) + size, 0
    while total > MOST_BYTES and number < len(sizes):
        total -= sizes[number]
        number += 1
    return number

"""How often a person may send a file: reading one is the dearest thing a page can be asked for (import §5)."""

import datetime as dt

from django.utils import timezone

from caretrack.schools.models import Staff
from children.importing.guard import Refused
from children.models import ImportBatch

AN_HOUR = dt.timedelta(hours=1)
MOST_AN_HOUR = 5


def refuse_too_many(by: Staff | None) -> None:
    """Raises Refused, with the time to come back, for a sixth file within an hour; commands have no limit."""
    if by is None:
        return
    recent = ImportBatch.objects.filter(uploaded_by=by, uploaded_at__gt=timezone.now() - AN_HOUR)
    sent = list(recent.order_by("-uploaded_at").values_list("uploaded_at", flat=True)[:MOST_AN_HOUR])
    if len(sent) == MOST_AN_HOUR:
        again = timezone.localtime(sent[-1] + AN_HOUR)
        raise Refused(
            f"一小时内最多上传 {MOST_AN_HOUR} 个文件，请在 {again:%H:%M} 以后再传。改错可以在预览页里直接改。"
        )

"""Calls back hand-overs of children who are in a class again: nobody could accept, acknowledge or repeat them."""

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery

REASON = "学生已重新入班，档案不再移交"


def call_back(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    sitting = apps.get_model("children", "Enrollment").objects.using(alias)
    sitting = sitting.filter(child=OuterRef("child"), ends_on__isnull=True).order_by("-pk")
    transfers = apps.get_model("children", "Transfer").objects.using(alias)
    under_way = transfers.filter(received_on__isnull=True, cancelled_on__isnull=True)
    for row in under_way.annotate(since=Subquery(sitting.values("starts_on")[:1])).filter(since__isnull=False):
        on = max(row.since, row.sent_on)
        transfers.filter(pk=row.pk).update(cancelled_on=on, cancel_reason=REASON, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("children", "0031_transfer_cancel_reason")]
    operations = [migrations.RunPython(call_back, migrations.RunPython.noop)]

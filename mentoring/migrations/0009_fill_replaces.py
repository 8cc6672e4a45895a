"""Says of pairings made by a change of mentor before the column existed which one they took over."""

from datetime import date, timedelta
from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """
    What began the day after another had ended counted as its successor. Of what is still to come only that counts which
    was written together with the end, for it can be called off.
    """
    rows = apps.get_model("mentoring", "Pairing").objects.using(schema_editor.connection.alias)
    today, last = timezone.localdate(), 0
    ended = rows.filter(ends_on__isnull=False).exclude(end_reason="child_changed").order_by("pk")
    taken: set[int] = set()
    while listed := list(ended.filter(pk__gt=last)[:BATCH]):
        last = listed[-1].pk
        later: dict[tuple[int, str, date], list[Any]] = {}
        for row in rows.filter(child__in={former.child_id for former in listed}).order_by("pk"):
            later.setdefault((row.child_id, row.role, row.starts_on), []).append(row)
        for former in listed:
            for row in later.get((former.child_id, former.role, former.ends_on + timedelta(days=1)), ()):
                if row.pk not in taken and (row.starts_on <= today or row.change_id == former.change_id):
                    taken.add(row.pk)
                    rows.filter(pk=row.pk).update(replaces=former.pk, version=F("version") + 1)
                    break


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0008_pairing_replaces")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""Says of sheets entered so far on which day that was: the day of their first version, not of a later correction."""

import uuid
from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    sheets = apps.get_model("children", "SurveySheet").objects.using(alias).filter(entered_on=None)
    history = apps.get_model("access", "RowHistory").objects.using(alias)
    changes = apps.get_model("access", "ChangeSet").objects.using(alias)
    table, last = apps.get_model("children", "SurveySheet")._meta.db_table, 0
    while listed := list(sheets.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = listed[-1].pk
        corrected = [str(row.pk) for row in listed if row.version > 1]
        kept = history.filter(table=table, row_id__in=corrected, version=1).values_list("row_id", "old")
        first = {int(pk): uuid.UUID(str(old["change_id"])) for pk, old in kept}
        wanted = {*first.values(), *(row.change_id for row in listed)}
        made = dict(changes.filter(pk__in=wanted).values_list("pk", "made_at"))
        for row in listed:
            on = timezone.localdate(made.get(first.get(row.pk)) or made[row.change_id])
            sheets.filter(pk=row.pk).update(entered_on=on, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("children", "0028_sheet_entered_on"), ("access", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

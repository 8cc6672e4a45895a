"""Where somebody of a list came, or an absence has a reason, its roll was called so far: the others stay absent."""

from typing import Any

from django.db import migrations
from django.db.models import F, Q


def mark(apps: Any, schema_editor: Any) -> None:
    """Only those whom nothing else is told of; the version follows, as the history triggers demand."""
    rows = apps.get_model("activities", "ActivityParticipant").objects.using(schema_editor.connection.alias)
    told = Q(came=True) | Q(carer_came=True) | ~Q(absence="")
    for name in ("activity", "meeting"):
        called = rows.filter(told, **{f"{name}__isnull": False}).order_by().values(name)
        rows.filter(~told, called=False, **{f"{name}__in": called}).update(called=True, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("activities", "0037_roll_called")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]

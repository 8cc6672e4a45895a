"""Open files that a finder began because of danger now, of which nobody has said anything since: still to be weighed."""

from typing import Any

from django.db import migrations
from django.db.models import F


def ask(apps: Any, schema_editor: Any) -> None:
    """Nobody chose a kind or a situation for these; the version follows, as the history triggers demand."""
    files = apps.get_model("activities", "Incident").objects.using(schema_editor.connection.alias)
    begun = files.filter(kind="other", worries__urgent=True, is_drill=False).exclude(state="closed")
    unsaid = [pk for pk, situations in begun.values_list("pk", "situations") if not situations]
    files.filter(pk__in=unsaid).update(weighed=False, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("activities", "0029_incident_weighed")]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]

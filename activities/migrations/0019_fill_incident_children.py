"""The one child of every incident file so far becomes the first of its children; told guardians are told about it."""

from typing import Any

from django.db import migrations
from django.db.models import F

UNNAMED = "（登记时注明：监护人有侵害嫌疑，不通知其本人。）"


def fill(apps: Any, schema_editor: Any) -> None:
    """One file at a time, and the version follows, as the history triggers demand."""
    incident, part, report = (
        apps.get_model("activities", name).objects.using(schema_editor.connection.alias)
        for name in ("Incident", "IncidentChild", "IncidentReport")
    )
    for row in incident.exclude(child=None).order_by("pk").iterator(chunk_size=500):
        made = part.create(
            incident_id=row.pk, child_id=row.child_id, guardian_suspected=row.guardian_suspected, change_id=row.change_id
        )
        told = report.filter(incident_id=row.pk, to="guardian")
        told.update(about_id=made.pk, version=F("version") + 1)
    # Where no child is named the suspicion has nobody to stand with: it is kept in words.
    for row in incident.filter(child=None, guardian_suspected=True).iterator(chunk_size=500):
        incident.filter(pk=row.pk).update(account=row.account + UNNAMED, version=F("version") + 1)


def back(apps: Any, schema_editor: Any) -> None:
    """The first child of each file, as before."""
    incident, part = (
        apps.get_model("activities", name).objects.using(schema_editor.connection.alias)
        for name in ("Incident", "IncidentChild")
    )
    done: set[int] = set()
    for row in part.order_by("pk").iterator(chunk_size=500):
        if row.incident_id not in done:
            done.add(row.incident_id)
            incident.filter(pk=row.incident_id).update(
                child_id=row.child_id, guardian_suspected=row.guardian_suspected, version=F("version") + 1
            )


class Migration(migrations.Migration):
    dependencies = [("activities", "0018_incident_children")]
    operations = [migrations.RunPython(fill, back)]

"""Reads the stored names again: 长 in a given name is chang."""

from typing import Any

from django.db import migrations

from caretrack.readings import refill


def fill(apps: Any, schema_editor: Any) -> None:
    refill(apps.get_model("mentoring", "Mentor").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0014_fill_agreement_care")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

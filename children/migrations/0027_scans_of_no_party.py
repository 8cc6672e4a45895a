"""Scans of pledges that do not say which party signed them are filed with the other papers; their titles tell."""

from typing import Any

from django.db import migrations
from django.db.models import F


def file_with_others(apps: Any, schema_editor: Any) -> None:
    files = apps.get_model("children", "ChildFile").objects.using(schema_editor.connection.alias)
    files.filter(kind="pledge").update(kind="other", version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("children", "0026_scans_by_party")]
    operations = [migrations.RunPython(file_with_others, migrations.RunPython.noop)]

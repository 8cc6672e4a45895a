"""Fills the reading of names entered before the column existed."""

from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    """One row at a time, and the version follows, as the history triggers demand."""
    model = apps.get_model("schools", "Staff")
    for row in model.objects.using(schema_editor.connection.alias).only("pk", "name", "pinyin").order_by("pk").iterator(chunk_size=500):
        if row.name and not row.pinyin:
            reading = model._meta.get_field("pinyin").pre_save(row, False)
            model.objects.using(schema_editor.connection.alias).filter(pk=row.pk).update(pinyin=reading, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("schools", "0003_names_in_pinyin_order")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

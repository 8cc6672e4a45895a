"""Reads the names again that can be read in several ways: the columns now list every combination."""

from typing import Any

from django.db import migrations

from caretrack.readings import refill


def fill(apps: Any, schema_editor: Any) -> None:
    several = apps.get_model("children", "Child").objects.using(schema_editor.connection.alias)
    refill(several.exclude(pinyin_other=""))


class Migration(migrations.Migration):
    dependencies = [("children", "0033_known_words_compared")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

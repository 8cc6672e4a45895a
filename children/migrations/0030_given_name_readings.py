"""Reads the stored names again: 长 in a given name is chang. The other reading is no longer that of the surname only."""

from typing import Any

from django.db import migrations

from caretrack.readings import ReadingField, refill


def fill(apps: Any, schema_editor: Any) -> None:
    refill(apps.get_model("children", "Child").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("children", "0029_fill_sheet_entered_on")]
    operations = [
        migrations.AlterField(
            model_name="child",
            name="initials_other",
            field=ReadingField(part="initials_other", source="name", verbose_name="拼音首字母（另一读音）"),
        ),
        migrations.AlterField(
            model_name="child",
            name="pinyin_other",
            field=ReadingField(part="pinyin_other", source="name", verbose_name="姓名拼音（另一读音）"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

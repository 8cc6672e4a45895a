from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef


def keep_the_first(apps: Any, schema_editor: Any) -> None:
    """Of two lines 年满16周岁 about one child the second goes: two workers could write at the same moment."""
    lines = apps.get_model("children", "StatusChange").objects.using(schema_editor.connection.alias).filter(kind="age_out")
    earlier = lines.filter(child=OuterRef("child"), pk__lt=OuterRef("pk"))
    doubles = list(lines.filter(Exists(earlier)).values_list("pk", flat=True))
    lines.filter(pk__in=doubles).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("children", "0016_import_remarks"),
    ]

    operations = [
        migrations.RunPython(keep_the_first, migrations.RunPython.noop),
    ]

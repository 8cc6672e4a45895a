"""Fills the columns that search reads, for children entered before they existed."""

from typing import Any

from django.db import migrations
from django.db.models import F

COLUMNS = ("pinyin", "initials", "pinyin_other", "initials_other", "id_tail_index")


def fill(apps: Any, schema_editor: Any) -> None:
    """One row at a time, and the version follows, as the history triggers demand."""
    child_model = apps.get_model("children", "Child")
    for child in child_model.objects.using(schema_editor.connection.alias).only("pk", "name", "id_no", *COLUMNS).order_by("pk").iterator(chunk_size=500):
        before = {name: getattr(child, name) for name in COLUMNS}
        after = {name: child_model._meta.get_field(name).pre_save(child, False) for name in COLUMNS}
        if before != after:
            child_model.objects.using(schema_editor.connection.alias).filter(pk=child.pk).update(**after, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("children", "0007_search_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

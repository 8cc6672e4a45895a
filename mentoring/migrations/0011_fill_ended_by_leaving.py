"""Marks the peer pairs and charges that a leaving ended before the mark existed: both were written in one change."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, F, OuterRef, Q

#: The kinds of change with which a child leaves school.
LEAVING = ("out_transfer", "graduate", "dropout", "suspended", "death", "missing")


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    lines = apps.get_model("children", "StatusChange").objects.using(alias).filter(
        change=OuterRef("change"), kind__in=LEAVING
    )
    for name, paths in (("LeaderCharge", ("child",)), ("PeerPairing", ("child", "peer"))):
        left = Q()
        for path in paths:
            left |= Exists(lines.filter(child=OuterRef(path)))
        ended = apps.get_model("mentoring", name).objects.using(alias).filter(left, ends_on__isnull=False)
        ended.update(ended_by_leaving=True, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0010_ended_by_leaving")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

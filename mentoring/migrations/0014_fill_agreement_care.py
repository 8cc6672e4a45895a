"""Says of entrustments written down so far for which care they were signed, and with which carer."""

from typing import Any

from django.db import migrations
from django.db.models import F

BATCH = 500
DAYS = ("parent_signed_on", "carer_signed_on", "school_signed_on")


def fill(apps: Any, schema_editor: Any) -> None:
    """The care of the first signature's day; where none is known of that day, the first one after it."""
    alias = schema_editor.connection.alias
    rows = apps.get_model("mentoring", "Agreement").objects.using(alias).filter(kind="entrustment", care=None)
    cares = apps.get_model("children", "CareArrangement").objects.using(alias).filter(carer__isnull=False)
    last = 0
    while listed := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = listed[-1].pk
        known: dict[int, list[Any]] = {}
        for care in cares.filter(child__in={row.child_id for row in listed}).order_by("starts_on", "pk"):
            known.setdefault(care.child_id, []).append(care)
        for row in listed:
            first = min((day for name in DAYS if (day := getattr(row, name))), default=None)
            left = [care for care in known.get(row.child_id, ()) if not (first and care.ends_on and care.ends_on < first)]
            if left:
                changed = {"care_id": left[0].pk, "carer_id": left[0].carer_id, "version": F("version") + 1}
                rows.filter(pk=row.pk).update(**changed)


class Migration(migrations.Migration):
    dependencies = [("mentoring", "0013_agreement_care")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

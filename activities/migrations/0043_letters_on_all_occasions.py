"""Schools that follow 十个一 or 九个一 as they shipped: letters on elders' birthdays and holidays too, from today on."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F
from django.utils import timezone

USUAL = ["spring", "dragon_boat", "mid_autumn", "double_ninth", "elders", "winter"]
OCCASIONS = {"ten_ones": [*USUAL, "summer"], "nine_ones": USUAL}


def amend(apps, schema_editor):
    items = apps.get_model("activities", "ProgrammeItem").objects.using(schema_editor.connection.alias)
    waivers = apps.get_model("activities", "Waiver").objects.using(schema_editor.connection.alias)
    today = timezone.localdate()
    shipped = items.filter(
        programme__code__in=OCCASIONS, name="写一封亲情书信", subject="child", period="festival", role="mentor", count=1,
        applies_to={}, ends_on__isnull=True, programme__ends_on__isnull=True,
    )  # fmt: skip
    for item in shipped.select_related("programme"):
        if item.evidence != ["letter"]:
            continue
        asked = {"occasions": OCCASIONS[item.programme.code]}
        if max(item.starts_on or item.programme.starts_on, item.programme.starts_on) < today:
            items.filter(pk=item.pk).update(ends_on=today - timedelta(days=1), version=F("version") + 1)
            excused = list(waivers.filter(item=item.pk, last__gte=today).order_by("pk"))
            item.pk, item.version, item.starts_on = None, 1, today
            item.applies_to = asked
            item.save(force_insert=True)
            # What is excused from today on stays excused under the new version.
            for waiver in excused:
                waiver.pk, waiver.version, waiver.first = None, 1, max(waiver.first, today)
                waiver.item_id = item.pk
                waiver.save(force_insert=True)
        else:
            items.filter(pk=item.pk).update(applies_to=asked, version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("activities", "0042_calls_of_the_moment")]
    operations = [migrations.RunPython(amend, migrations.RunPython.noop)]

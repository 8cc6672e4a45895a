"""Schools that follow 三个一 or 九个一 as they shipped: nobody is left out, and what was missing is asked, from Monday on."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F
from django.utils import timezone


def amend(apps, schema_editor):
    item_model = apps.get_model("activities", "ProgrammeItem")
    items = item_model.objects.using(schema_editor.connection.alias)
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    shipped = {("每周一谈心", "week", "talk"), ("每月一通信", "month", "letter")}
    open_items = items.filter(programme__ends_on__isnull=True, ends_on__isnull=True).select_related("programme")
    for item in open_items.filter(programme__code="three_ones", role="mentor", count=1, applies_to={}):
        if (item.name, item.period, *item.evidence) not in shipped:
            continue
        if max(item.starts_on or item.programme.starts_on, item.programme.starts_on) < monday:
            items.filter(pk=item.pk).update(ends_on=monday - timedelta(days=1), version=F("version") + 1)
            item.pk, item.version, item.starts_on, item.role = None, 1, monday, "homeroom"
            item.save(force_insert=True)
        else:
            items.filter(pk=item.pk).update(role="homeroom", version=F("version") + 1)
    asked = (("走访一次监护人", "term", "home_visit", "mentor"), ("班主任谈一次心", "month", "talk", "homeroom"))
    programmes = apps.get_model("activities", "Programme").objects.using(schema_editor.connection.alias)
    for programme in programmes.filter(code="nine_ones", ends_on__isnull=True):
        last = max(items.filter(programme=programme).values_list("order", flat=True), default=0)
        for place, (name, period, evidence, role) in enumerate(asked, start=last + 1):
            items.create(
                programme=programme,
                order=place,
                name=name,
                period=period,
                evidence=[evidence],
                role=role,
                starts_on=max(monday, programme.starts_on),
                change=programme.change,
            )


class Migration(migrations.Migration):
    dependencies = [("activities", "0034_night_duty")]
    operations = [migrations.RunPython(amend, migrations.RunPython.noop)]

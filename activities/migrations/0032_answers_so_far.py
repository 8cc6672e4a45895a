"""Answers so far: given by the end of their day; those to what is urgent end the day after. All warnings are weighed anew."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone

URGENT = ("alone_young", "living_alone", "night_missing", "level:emergency")


def date_answers(apps: Any, schema_editor: Any) -> None:
    """A day at a time, and the version follows, as the history triggers demand."""
    answers, checks = (
        apps.get_model("activities", name).objects.using(schema_editor.connection.alias)
        for name in ("AlertAnswer", "AlertCheck")
    )
    for on in sorted(set(answers.values_list("on", flat=True))):
        given, last = answers.filter(on=on), on + timedelta(days=1)
        given.filter(rule__in=URGENT, until__gt=last).update(until=last, version=F("version") + 1)
        given.update(at=timezone.make_aware(datetime.combine(on, time.max)), version=F("version") + 1)
    checks.all().delete()


class Migration(migrations.Migration):
    dependencies = [("activities", "0031_answers_until_it_happens_again")]
    operations = [migrations.RunPython(date_answers, migrations.RunPython.noop)]

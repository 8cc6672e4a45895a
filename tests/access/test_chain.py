"""The chain of the access log: whole as the pages write it, broken by any change behind its back."""

from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from caretrack.access import log, triggers
from caretrack.access.models import AccessEntry, Event

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def written(count: int = 3) -> None:
    for number in range(count):
        at = datetime(2026, 9, 1, 8, number, tzinfo=ZoneInfo("Asia/Shanghai"))
        log.write([AccessEntry(at=at, staff_id=7, staff_name="王明", event=Event.VIEW, child_id=number)])


def test_entries_as_pages_write_them_fit_together() -> None:
    written()
    said = StringIO()
    call_command("check_access_log", stdout=said)
    assert "3 entries, all whole" in said.getvalue()


@pytest.mark.parametrize("change", ["SET staff_id = 8 WHERE child_id = 1", "SET child_id = 9 WHERE child_id = 1"])
def test_a_changed_entry_is_named(change) -> None:
    written()
    second = AccessEntry.objects.order_by("pk")[1].pk
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {AccessEntry._meta.db_table} {change}")
    with pytest.raises(CommandError, match=str(second)):
        call_command("check_access_log")


def test_a_removed_entry_is_noticed() -> None:
    written()
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {AccessEntry._meta.db_table} WHERE child_id = 1")
    with pytest.raises(CommandError):
        call_command("check_access_log")

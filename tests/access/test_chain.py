"""The chain of the access log: whole as the pages write it, broken by any change behind its back."""

from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from caretrack.access import log, triggers
from caretrack.access.log import first_broken
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from tests.support.factories import make_child, make_class, make_school, make_staff

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


def test_failed_and_ended_sessions_and_children_out_of_sight_are_lines_with_a_name(client):
    school = make_school()
    staff = make_staff(Role.HOMEROOM, make_class(school), username="luo", name="罗老师")
    stranger = make_child(at=make_class(make_school("别的学校")))
    client.post(reverse("login"), {"username": "luo", "password": "不对的密码一二三"})
    client.force_login(staff)
    assert client.get(reverse("children:child_show", args=[stranger.pk])).status_code == 404
    client.post(reverse("logout"))
    lines = list(AccessEntry.objects.order_by("pk").values_list("event", "staff_name"))
    assert lines == [("login_failed", "罗老师"), ("refused", "罗老师"), ("logout", "罗老师")]
    assert first_broken() is None

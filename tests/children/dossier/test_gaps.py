"""What dossiers lack, class by class."""

import pytest
from django.test import Client

from caretrack.access.models import AccessEntry, Event
from caretrack.schools.models import Staff
from children.models import (
    Child,
)
from tests.support.factories import (
    make_child,
)

pytestmark = pytest.mark.django_db


def test_the_gap_table_opens_its_numbers(client: Client, child: Child, homeroom: Staff) -> None:
    make_child("安小禾", child.school_class)
    client.force_login(homeroom)
    text = client.get("/students/gaps/").content.decode()
    assert "（0/1）" in text
    assert f"school_class={child.school_class_id}&amp;missing=address" in text
    everybody = client.get("/students/gaps/?whom=all").content.decode()
    assert "（0/2）" in everybody
    listed = client.get("/students/?away=left&missing=address").content.decode()
    assert "李小兰" in listed
    assert "安小禾" not in listed


@pytest.mark.parametrize("what", ["classes", "children"])
def test_gaps_as_a_workbook_are_logged(client: Client, child: Child, homeroom: Staff, what: str) -> None:
    client.force_login(homeroom)
    answer = client.get(f"/students/gaps/export/{what}/")
    assert answer.content[:2] == b"PK"
    assert AccessEntry.objects.filter(event=Event.EXPORT, detail__startswith=f"gaps {what}").exists()

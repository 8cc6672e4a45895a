"""Who opens files only where named sees them all, without a filter made for the files of a school."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.incidents.services import name_member, open_incident
from activities.models import Incident

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LIST = reverse("activities:incident_list")


def opened_file(child, by, account, hours=1):
    found = NOW - timedelta(hours=hours)
    return open_incident(
        school=child.school, by=by, kind="injury", children=[child], found_at=found, now=NOW, account=account
    )


def test_somebody_named_reads_the_closed_ones_too_and_the_open_ones_first(client, child, people) -> None:
    files = [opened_file(child, people.lead, "摔伤"), opened_file(child, people.lead, "烫伤", hours=9)]
    other = opened_file(child, people.lead, "骨折")
    for one in files:
        name_member(incident=one, staff=people.teacher, part="协助", by=people.lead, now=NOW)
    Incident.objects.filter(pk=files[0].pk).update(state="closed")
    client.force_login(people.teacher)
    page = client.get(LIST)
    assert [row.pk for row, _ in page.context["rows"]] == [files[1].pk, files[0].pk]
    assert other.number not in page.content.decode()
    assert page.context["filter_form"] is None


def test_nobody_named_is_told_so_and_leads_keep_their_filter(client, child, people) -> None:
    client.force_login(people.teacher)
    assert "没有要您知道的事件档案" in client.get(LIST).content.decode()
    client.force_login(people.lead)
    page = client.get(LIST)
    assert page.context["filter_form"] is not None
    assert "没有未结案的事件" in page.content.decode()

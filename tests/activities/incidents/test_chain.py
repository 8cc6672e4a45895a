"""Incident files, the chain of reports: which are owed, clocks at their edges, the minute in which somebody was told."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.incidents.chain import Mark, clocks
from activities.incidents.situations import SITUATIONS, must_report
from activities.models import CareRules, Incident
from tests.activities.incidents.steps import FOUND, NOW, clock_of, opened, told

pytestmark = pytest.mark.django_db


def test_thirteen_situations_oblige_and_grave_kinds_too() -> None:
    assert len([s for s in SITUATIONS if "高检发" in s.source]) == 9
    assert len([s for s in SITUATIONS if "国发" in s.source]) == 4
    assert must_report(Incident(kind="other", situations=["begging"]))
    assert must_report(Incident(kind="sexual"))
    assert not must_report(Incident(kind="injury"))


@pytest.mark.parametrize(
    "minutes, mark", [(4, Mark.IN_TIME), (5, Mark.IN_TIME), (6, Mark.LATE)], ids=["before", "on", "after"]
)
def test_the_five_minutes_end_with_the_fifth(child, people, minutes, mark) -> None:
    incident = opened(child, people.lead)
    told(incident, "head", minutes, people.lead)
    assert clock_of(incident, "head").mark == mark


def test_a_clock_runs_until_its_limit_and_is_overdue_a_second_later(child, people) -> None:
    incident = opened(child, people.lead)
    limit = FOUND + timedelta(minutes=5)
    assert clock_of(incident, "head", limit).mark == Mark.RUNNING
    assert clock_of(incident, "head", limit + timedelta(seconds=1)).mark == Mark.OVERDUE
    assert clock_of(incident, "head", limit).seconds_left == 0


def test_a_school_sets_its_own_limits(child, people) -> None:
    rules = CareRules.objects.create(school=child.school, minutes_to_head=10, minutes_to_education=120)
    incident = opened(child, people.lead)
    found = {c.to: c.due_at for c in clocks(incident, [], rules, NOW)}
    assert found["head"] == FOUND + timedelta(minutes=10)
    assert found["education"] == FOUND + timedelta(minutes=120)


def test_police_and_civil_affairs_only_when_the_report_is_mandatory(child, people) -> None:
    grave = opened(child, people.lead)
    slight = opened(child, people.lead, kind="injury")
    assert clock_of(grave, "police").at_once
    assert clock_of(slight, "police") is None
    assert clock_of(slight, "education") is not None


def test_the_guardian_step_is_skipped_with_a_reason_only(child, people) -> None:
    incident = opened(child, people.lead, guardian_suspected=True)
    with pytest.raises(ValidationError, match="嫌疑"):
        told(incident, "guardian", 10, people.lead)
    with pytest.raises(ValidationError, match="只有通知监护人"):
        told(incident, "police", 10, people.lead, skipped_reason="忙")
    told(incident, "guardian", 10, people.lead, skipped_reason="监护人是嫌疑人")
    assert clock_of(incident, "guardian").mark == Mark.SKIPPED


def test_nobody_is_told_before_it_was_found_or_in_the_future(child, people) -> None:
    incident = opened(child, people.lead)
    for minutes in (-2, 21):
        with pytest.raises(ValidationError):
            told(incident, "police", minutes, people.lead)
    with pytest.raises(ValidationError):
        opened(child, people.lead, found_at=NOW + timedelta(minutes=1))


def test_the_page_says_report_at_once_and_one_press_notes_the_minute(client, child, people) -> None:
    incident = opened(child, people.lead, found_at=timezone.now(), now=timezone.now())
    client.force_login(people.counsellor)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "立即报告，不需要审批" in page
    assert 'href="tel:110"' in page
    assert "覃主任" not in page  # the reporter is known to those who lead the file
    client.post(reverse("activities:incident_told", args=[incident.pk, "police"]))
    line = incident.reports.get()
    assert (line.to, line.made_by) == ("police", people.counsellor)
    assert abs((line.at - timezone.now()).total_seconds()) < 30
    client.force_login(people.lead)
    assert "覃主任" in client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()


def test_what_is_due_at_once_shows_the_time_lost(child, people) -> None:
    incident = opened(child, people.lead)
    assert clock_of(incident, "police").seconds_gone == 20 * 60

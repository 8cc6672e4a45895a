"""Incident files, their end: what is asked for before one is closed, and what holds after it is reopened."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from activities.incidents.chain import Mark
from activities.incidents.paper import incident_paper
from activities.incidents.services import add_step, reopen
from activities.models import CareRules, IncidentNote
from tests.activities.incidents.steps import NOW, clock_of, close, opened, tell_everybody, told
from tests.support.factories import TODAY

pytestmark = pytest.mark.django_db


def test_a_file_is_not_closed_while_somebody_who_must_know_was_not_told(child, people) -> None:
    incident = opened(child, people.lead)
    told(incident, "police", 3, people.lead)
    with pytest.raises(ValidationError, match="没有登记报告：校长、民政部门、教育部门、李小兰的监护人。"):
        close(incident, people.lead, unreported="忘了")
    tell_everybody(incident, people.lead)
    with pytest.raises(ValidationError) as refusal:
        close(incident, people.lead, aftercare="")
    assert set(refusal.value.message_dict) == {"aftercare"}
    closed = close(incident, people.lead)
    with pytest.raises(ValidationError):
        add_step(incident=closed, text="又来", at=NOW, by=people.lead, now=NOW)


def test_what_only_the_schools_rule_asks_for_is_left_out_for_a_reason(client, child, people) -> None:
    incident = opened(child, people.lead, kind="injury")
    told(incident, "head", 3, people.lead)
    told(incident, "guardian", 3, people.lead)
    client.force_login(people.lead)
    url = reverse("activities:incident_close", args=[incident.pk])
    assert "为什么没有报告教育部门" in client.get(url).content.decode()
    sent = {"outcome": "涂药后回班", "aftercare": "无需，擦伤"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "涂药后回班" in refused.content.decode()
    assert client.post(url, sent | {"unreported": "轻微擦伤，不属于上报范围"}).status_code == 302
    assert "没有报告：教育部门。原因：轻微擦伤" in incident.notes.get().text


def test_the_page_that_closes_lists_who_is_still_to_be_told(client, child, people) -> None:
    incident = opened(child, people.lead)
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_close", args=[incident.pk])).content.decode()
    assert f"{reverse('activities:incident_tell', args=[incident.pk])}?to=police" in page
    assert ">为什么没有报告教育部门（书面报告）<" in page, "the law asks for the others, no reason does instead"


def test_the_written_report_is_asked_for_before_closing_and_counts_no_longer_after(client, child, people) -> None:
    incident = opened(child, people.lead)
    for to in ("head", "police", "civil", "education", "guardian"):
        told(incident, to, 3, people.lead)
    client.force_login(people.lead)
    show, url = (reverse(f"activities:incident_{page}", args=[incident.pk]) for page in ("show", "close"))
    assert "data-care-seconds-left" in client.get(show).content.decode(), "the written report is still to be sent"
    assert "教育部门（书面报告）" in client.get(url).content.decode()
    with pytest.raises(ValidationError, match="没有登记报告教育部门（书面报告）"):
        close(incident, people.lead)
    tell = f"{reverse('activities:incident_tell', args=[incident.pk])}?to=education&written=1"
    assert client.get(tell).context["form"]["way"].value() == "书面"
    close(incident, people.lead, unreported="教育局来人当面收了材料")
    page = client.get(show).content.decode()
    assert "data-care-seconds" not in page
    assert "小时内送出书面报告" in page
    assert "没有登记" in page


def test_a_written_report_that_was_sent_is_owed_no_more(client, child, people) -> None:
    incident = opened(child, people.lead)
    tell_everybody(incident, people.lead)
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_close", args=[incident.pk])).content.decode()
    assert "书面报告）" not in page
    close(incident, people.lead)


def test_clocks_stop_with_the_file_and_a_late_report_is_still_entered(client, child, people) -> None:
    incident = opened(child, people.lead, is_drill=True)
    close(incident, people.lead)
    incident.refresh_from_db()
    later = NOW + timedelta(days=9)
    assert clock_of(incident, "police", later).seconds_gone == 20 * 60
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "data-care-seconds" not in page
    assert "补登报告" in page
    told(incident, "police", 4, people.lead)
    assert clock_of(incident, "police", later).mark == Mark.IN_TIME


def test_the_outcome_of_a_reopened_file_is_no_longer_its_outcome(client, child, people) -> None:
    incident = opened(child, people.lead)
    tell_everybody(incident, people.lead)
    closed = close(incident, people.lead, outcome="批评教育")
    whole = incident_paper(closed, CareRules(school=child.school), anonymous=False, on=TODAY)
    assert whole.outcome == "批评教育"
    again = reopen(incident=closed, reason="母亲提供新情况", by=people.lead, now=NOW)
    assert "原处置结果：批评教育" in IncidentNote.objects.get(kind="reopened").text
    whole = incident_paper(again, CareRules(school=child.school), anonymous=False, on=TODAY)
    assert (whole.outcome, whole.aftercare) == ("", "")
    client.force_login(people.lead)
    page = client.get(reverse("activities:incident_show", args=[incident.pk])).content.decode()
    assert "<h3>后续保护与心理支持</h3>" not in page

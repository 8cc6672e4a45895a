"""Counselling: asked for, given a time, kept; why is for few, the content for fewer."""

import uuid
from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.counselling import ask_for_counselling, end_appointment, give_time, take_step
from activities.models import CounsellingAppointment, CounsellingNote, Incident, Worry
from activities.openings import open_specially
from activities.services import Contact, record_contact
from activities.views.counselling_steps import unsettled
from caretrack.access.policy import Role
from tests.support.factories import PASSWORD, make_class, make_left_behind, make_staff
from tests.support.windows import opened

pytestmark = pytest.mark.django_db
WHY = "夜里常哭，不肯说"


@pytest.fixture
def mentor_teacher(child):
    return make_staff(Role.TEACHER, child.school_class, "石老师")


@pytest.fixture
def homeroom(child):
    return make_staff(Role.HOMEROOM, child.school_class, "罗老师")


@pytest.fixture
def counsellor(child):
    return make_staff(Role.COUNSELLOR, child.school, "沈老师")


@pytest.fixture
def asked(child, mentor_teacher) -> CounsellingAppointment:
    return ask_for_counselling(child=child, reason=WHY, by=mentor_teacher)


def timed(asked, counsellor, days: int = 1) -> CounsellingAppointment:
    today = timezone.localdate()
    on = today + timedelta(days=days)
    return give_time(appointment=asked, on=on, at=time(15, 30), minutes=40, place="心理室", by=counsellor, today=today)


def test_a_request_reaches_the_counsellor_and_the_time_comes_back_without_the_reason(
    client, child, asked, counsellor, homeroom, mentor_teacher
) -> None:
    client.force_login(counsellor)
    assert WHY in client.get(reverse("activities:appointment_list")).content.decode()
    told = {"on": (timezone.localdate() + timedelta(days=2)).isoformat(), "at": "15:30", "minutes": "40", "place": ""}
    assert client.post(reverse("activities:appointment_time", args=[asked.pk]), told).status_code == 302
    for person in (homeroom, mentor_teacher):
        client.force_login(person)
        shown = client.get("/").content.decode()
        assert "15:30" in shown
        assert WHY not in shown


def test_a_second_request_while_one_waits_is_refused(child, asked, homeroom) -> None:
    with pytest.raises(ValidationError, match="已经有一个"):
        ask_for_counselling(child=child, reason="再来", by=homeroom)


def test_two_children_are_not_given_one_time(asked, counsellor, child, homeroom) -> None:
    timed(asked, counsellor)
    other = make_left_behind("龙小川", child.school_class)
    second = ask_for_counselling(child=other, reason="打架", by=homeroom)
    with pytest.raises(ValidationError, match="已经约了"):
        timed(second, counsellor)


def test_only_a_counsellor_gives_times_and_not_in_the_past(asked, counsellor, homeroom) -> None:
    with pytest.raises(ValidationError):
        timed(asked, homeroom)
    with pytest.raises(ValidationError):
        timed(asked, counsellor, days=-1)


def test_missing_is_said_only_once_the_day_has_come(asked, counsellor) -> None:
    booked = timed(asked, counsellor)
    with pytest.raises(ValidationError):
        end_appointment(appointment=booked, state="missed", today=timezone.localdate())
    end_appointment(appointment=booked, state="cancelled", today=timezone.localdate())
    assert CounsellingAppointment.objects.get().state == "cancelled"


def counselled(child, counsellor):
    today = timezone.localdate()
    (record,), _ = record_contact(
        children=[child], contact=Contact("counselling", today), by=counsellor, today=today,
        counselling={"complaint": "梦见妈妈", "process": "绘画"},
    )  # fmt: skip
    return record


def test_the_record_keeps_the_appointment(asked, counsellor, child) -> None:
    timed(asked, counsellor, days=0)
    record = counselled(child, counsellor)
    kept = CounsellingAppointment.objects.get()
    assert (kept.state, kept.record) == ("done", record)


def test_the_principal_sees_a_grey_line_until_a_reasoned_opening_that_the_counsellor_learns_of(
    client, child, counsellor
) -> None:
    record = counselled(child, counsellor)
    principal = make_staff(Role.PRINCIPAL, child.school, "覃校长")
    client.force_login(principal)
    show = reverse("activities:record_show", args=[record.pk])
    assert "梦见妈妈" not in client.get(show).content.decode()
    told = {"category": "other", "reason": "家长投诉，需要核对辅导经过", "password": PASSWORD}
    opened = client.post(reverse("activities:opening_ask", args=["record", record.pk]), told)
    assert "梦见妈妈" in client.get(opened["Location"]).content.decode()
    assert "梦见妈妈" not in client.get(show).content.decode()
    assert not CounsellingNote.objects.visible_to(principal).exists()
    client.force_login(counsellor)
    assert "覃校长特批查看了心理辅导记录" in client.get("/").content.decode()
    assert "家长投诉" in client.get(reverse("activities:opening_list")).content.decode()


def test_an_ordinary_record_needs_no_opening_and_none_is_given_elsewhere(child, counsellor) -> None:
    record = talked(child, counsellor)
    elsewhere = make_staff(Role.PRINCIPAL, make_class().school)
    with pytest.raises(ValidationError, match="本校校长"):
        open_specially(
            staff=elsewhere, category="safety", reason="孩子可能有危险需要核对", now=timezone.now(), record=record
        )


def talked(child, counsellor, *, days_ago: int = 0, **told):
    today = timezone.localdate()
    (record,), _ = record_contact(
        children=[child], contact=Contact("counselling", today - timedelta(days=days_ago)), by=counsellor, today=today,
        counselling={"process": WHY, "risk": "high"} | told,
    )  # fmt: skip
    return record


def test_a_high_risk_asks_at_once_for_the_next_step_and_reports_without_the_content(client, child, counsellor) -> None:
    today = timezone.localdate()
    client.force_login(counsellor)
    sent = {
        "children": [child.pk], "on": today.isoformat(), "way": "face", "place": "office", "reached": "yes",
        "note_process": WHY, "note_risk": "high",
        "client_key": str(uuid.uuid4()),
    }  # fmt: skip
    answer = client.post(f"{reverse('activities:record_add')}?child={child.pk}&kind=counselling", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    record = child.records.get()
    url = reverse("activities:counselling_step", args=[record.pk])
    assert answer["Location"] == url
    assert "风险高，还没定下一步" in client.get("/").content.decode()

    step = opened(client, url) | {
        "step": "reported", "next_on": str(today + timedelta(days=8)), "words": "请尽快当面商量",
    }  # fmt: skip
    refused = client.post(url, step)
    assert refused.status_code == 422
    assert "7天之内" in refused.content.decode()
    assert client.post(url, step | {"next_on": str(today + timedelta(days=2))}).status_code == 302
    worry = Worry.objects.get()
    assert (worry.child, worry.what, worry.reporter) == (child, "请尽快当面商量", counsellor)
    assert record.follow_ups.get().due_on == today + timedelta(days=2)
    assert "风险高，还没定下一步" not in client.get("/").content.decode()

    lead = make_staff(Role.CARE_LEAD, child.school, "覃主任")
    client.force_login(lead)
    shown = client.get(reverse("activities:worry_show", args=[worry.pk])).content.decode()
    assert "请尽快当面商量" in shown
    assert WHY not in shown
    assert client.get(url).status_code == 403


def test_a_report_needs_words_and_danger_opens_a_file(child, counsellor) -> None:
    note = talked(child, counsellor).counselling
    told = {"note": note, "next_on": timezone.localdate(), "by": counsellor, "today": timezone.localdate()}
    told |= {"now": timezone.now(), "step": "reported", "client_key": uuid.uuid4()}
    with pytest.raises(ValidationError):
        take_step(words=" ", urgent=False, **told)
    worry = take_step(words="请马上来", urgent=True, **told)
    assert worry.incident.account == "请马上来"
    assert take_step(words="x", urgent=True, **told | {"step": "again"}) is None


@pytest.mark.data
def test_pressing_twice_reports_a_high_risk_once(client, child, counsellor) -> None:
    url = reverse("activities:counselling_step", args=[talked(child, counsellor).pk])
    client.force_login(counsellor)
    sent = opened(client, url) | {"step": "reported", "next_on": str(timezone.localdate()), "urgent": "on"}
    first, second = client.post(url, sent), client.post(url, sent)
    assert first["Location"] == second["Location"] == reverse("activities:worry_own", args=[Worry.objects.get().pk])
    assert Incident.objects.count() == 1


def test_a_low_risk_asks_for_nothing(client, child, counsellor) -> None:
    record = talked(child, counsellor, risk="low")
    client.force_login(counsellor)
    assert client.get(reverse("activities:counselling_step", args=[record.pk])).status_code == 404
    assert "辅导后要做的" not in client.get("/").content.decode()


def test_a_day_that_has_passed_is_not_proposed_for_the_next_talk(client, child, counsellor) -> None:
    today = timezone.localdate()
    client.force_login(counsellor)
    for day, proposed in ((today - timedelta(days=2), None), (today, today)):
        record = talked(child, counsellor, days_ago=9, next_on=day)
        page = client.get(reverse("activities:counselling_step", args=[record.pk]))
        assert page.context["form"].initial["next_on"] == proposed


def test_a_high_risk_stands_before_talks_that_have_passed_by(child, counsellor) -> None:
    today = timezone.localdate()
    other = make_left_behind("龙小川", child.school_class)
    talked(other, counsellor, days_ago=9, risk="low", next_on=today - timedelta(days=5))
    talked(child, counsellor, next_on=today + timedelta(days=3))
    assert [line.text for line in unsettled(counsellor, today).data["lines"]] == [child.name, other.name]


def test_a_next_talk_that_has_passed_by_is_told_until_there_is_one(client, child, counsellor) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    talked(child, counsellor, days_ago=9, risk="low", next_on=yesterday)
    client.force_login(counsellor)
    shown = client.get("/").content.decode()
    assert "下次辅导已过" in shown
    assert f"原定{yesterday.month}月{yesterday.day}日" in shown
    talked(child, counsellor, risk="low")
    assert "下次辅导已过" not in client.get("/").content.decode()

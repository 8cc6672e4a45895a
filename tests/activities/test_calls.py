"""The family phone: whom a child may call, turns that are booked once, what becomes of them."""

import re
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.calls import (
    book,
    callables,
    cancel,
    cancel_open_bookings,
    decide_number,
    free_turns,
    log_call,
    set_duty,
    week_of,
)
from activities.models import CallBooking, CallLine, CareRecord, FollowUp
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.models import FamilyMember, Phone
from tests.support.factories import TODAY, make_class, make_left_behind, make_staff, make_term, morning

pytestmark = [pytest.mark.django_db, pytest.mark.data]
NOON = time(12, 0)


@pytest.fixture
def child():
    child = make_left_behind("李小兰", make_class())
    make_term(child.school)
    return child


@pytest.fixture
def teacher(child):
    return make_staff(Role.HOMEROOM, child.school_class, "罗老师")


@pytest.fixture
def duty(child):
    return make_staff(Role.TEACHER, make_class(child.school, 6), "石老师")


@pytest.fixture
def line(child):
    return CallLine.objects.create(
        school=child.school, name="1号机", number="05510000001", weekdays=[1, 2, 3, 4, 5, 6, 7], opens=NOON,
        closes=time(13, 0), minutes=15,
    )  # fmt: skip


@pytest.fixture
def father(child):
    return Phone.objects.get(child=child, number="13800001111")


def booked(child, line, teacher, father, on=TODAY, at=NOON, **kw) -> CallBooking:
    now = kw.pop("now", None) or morning(kw.pop("today", TODAY))
    return book(child=child, line=line, on=on, at=at, phone=father, with_whom="", by=teacher, now=now, **kw)


def test_a_turn_that_has_ended_today_is_not_offered_and_not_booked(child, line, teacher, father) -> None:
    over = morning(TODAY) + timedelta(hours=4, minutes=15)
    assert free_turns(line, TODAY, over - timedelta(seconds=1))[0] == NOON
    assert free_turns(line, TODAY, over)[0] == time(12, 15)
    with pytest.raises(ValidationError, match="已经过去"):
        booked(child, line, teacher, father, now=over)
    assert booked(child, line, teacher, father, at=time(12, 15), now=over).at == time(12, 15)


def test_the_board_offers_no_turn_of_today_that_has_ended(client, monkeypatch, child, line, teacher) -> None:
    today = timezone.localdate()
    client.force_login(teacher)
    monkeypatch.setattr(timezone, "now", lambda: morning(today) + timedelta(hours=4, minutes=20))
    page = client.get(reverse("activities:call_board")).content.decode()
    assert f"on={today}&amp;at=12:00" not in page
    assert f"on={today}&amp;at=12:15" in page
    form = client.get(reverse("activities:call_book", args=[child.pk]), {"line": line.pk, "on": today, "at": "12:00"})
    assert "12:00" not in [value for value, _ in form.context["form"].fields["at"].choices]


def test_the_turns_of_a_line_fill_its_hours(line) -> None:
    assert line.turns(TODAY) == [NOON, time(12, 15), time(12, 30), time(12, 45)]
    line.weekdays = [1]
    assert line.turns(TODAY) == []
    assert line.hours == "星期一 12:00—13:00"


def test_parents_and_carer_may_be_called_others_only_when_allowed(child, teacher, father) -> None:
    uncle = FamilyMember.objects.create(child=child, relation="85", name="罗二")
    other = Phone.objects.create(child=child, member=uncle, number="13600003333", order=3)
    answers = {row.number.phone: row.allowed for row in callables(child, teacher)}
    assert answers == {father.pk: True, other.pk: False}
    decide_number(phone=other, allowed=True, reason="")
    decide_number(phone=father, allowed=False, reason="法院禁止接触")
    answers = {row.number.phone: row.allowed for row in callables(child, teacher)}
    assert answers == {father.pk: False, other.pk: True}
    with pytest.raises(ValidationError, match="原因"):
        decide_number(phone=other, allowed=False, reason=" ")


def test_a_barred_number_cannot_be_booked(child, line, teacher, father) -> None:
    decide_number(phone=father, allowed=False, reason="法院禁止接触")
    with pytest.raises(ValidationError, match="没有允许"):
        booked(child, line, teacher, father)


def test_a_turn_is_booked_once_and_a_child_once_a_day(child, line, teacher, father) -> None:
    booked(child, line, teacher, father)
    with pytest.raises(ValidationError, match="一天一次"):
        booked(child, line, teacher, father, at=time(12, 15))
    other = make_left_behind("龙小川", child.school_class)
    with pytest.raises(ValidationError, match="别人预约"):
        booked(other, line, teacher, Phone.objects.get(child=other))


def test_a_cancelled_turn_is_free_again(child, line, teacher, father) -> None:
    first = booked(child, line, teacher, father)
    cancel(booking=first, today=TODAY)
    again = booked(child, line, teacher, father)
    assert again.pk != first.pk


@pytest.mark.parametrize("on,at", [(TODAY - timedelta(days=1), NOON), (TODAY, time(18, 0))])
def test_neither_a_past_day_nor_a_closed_hour(child, line, teacher, father, on, at) -> None:
    with pytest.raises(ValidationError):
        booked(child, line, teacher, father, on=on, at=at)


def test_done_becomes_a_record_with_masked_number_and_duty_teacher(child, line, teacher, father, duty) -> None:
    booking = booked(child, line, teacher, father)
    log_call(booking=booking, outcome="done", by=duty, today=TODAY)
    record = CareRecord.objects.get()
    assert (record.kind, record.reached, record.author, record.minutes) == ("call", True, duty, 15)
    assert (record.with_whom, record.content) == ("父亲", "")
    assert record.detail == {"duty": "石老师", "number": "138****1111", "relation": "父亲", "until": "12:15"}


def test_nobody_answered_is_tried_again_by_whoever_booked(child, line, teacher, father, duty) -> None:
    booking = booked(child, line, teacher, father)
    log_call(booking=booking, outcome="no_answer", by=duty, today=TODAY)
    assert FollowUp.objects.get().owner == teacher
    assert CareRecord.objects.get().reached is False


def test_a_wrong_press_is_put_right_the_same_day(child, line, teacher, father, duty) -> None:
    booking = booked(child, line, teacher, father)
    log_call(booking=booking, outcome="no_answer", by=duty, today=TODAY)
    log_call(booking=booking, outcome="done", by=duty, today=TODAY)
    assert CareRecord.objects.get().reached is True
    assert not FollowUp.objects.open().exists()
    log_call(booking=booking, outcome="no_answer", by=duty, today=TODAY)
    assert FollowUp.objects.open().count() == 1
    with pytest.raises(ValidationError, match="不能再改"):
        log_call(booking=booking, outcome="done", by=duty, today=TODAY + timedelta(days=1))


def test_a_turn_is_not_logged_before_its_day(child, line, teacher, father, duty) -> None:
    booking = booked(child, line, teacher, father, on=TODAY + timedelta(days=1))
    with pytest.raises(ValidationError, match="还没有到"):
        log_call(booking=booking, outcome="done", by=duty, today=TODAY)


def test_the_teacher_on_duty_sees_the_day_and_nobody_else_of_another_class(
    client, child, line, teacher, father, duty
) -> None:
    today = timezone.localdate()
    booking = booked(child, line, teacher, father, on=today, today=today)
    client.force_login(duty)
    page = reverse("activities:call_day")
    assert "李小兰" not in client.get(page).content.decode()
    reveal = reverse("activities:call_number", args=[booking.pk])
    assert client.post(reveal).status_code == 404
    set_duty(school=child.school, duties={today: duty})
    shown = client.get(page).content.decode()
    assert "李小兰" in shown
    assert "13800001111" not in shown
    assert "还有 1 个没登记" in client.get("/").content.decode()
    assert "13800001111" in client.post(reveal).content.decode()
    assert AccessEntry.objects.filter(event=Event.REVEAL, staff_id=duty.pk, child_id=child.pk).exists()


def test_the_number_stays_masked_for_the_duty_of_another_day(client, child, line, teacher, father, duty) -> None:
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    booking = booked(child, line, teacher, father, on=tomorrow, today=today)
    set_duty(school=child.school, duties={tomorrow: duty})
    client.force_login(duty)
    assert client.post(reverse("activities:call_number", args=[booking.pk])).status_code == 403


def test_a_free_turn_leads_to_a_booking_in_three_presses(client, child, line, teacher) -> None:
    client.force_login(teacher)
    week = week_of(timezone.localdate() + timedelta(days=7))
    board = client.get(reverse("activities:call_board"), {"on": week[0].isoformat()})
    url = board.context["days"][0]["turns"][0]["url"]
    assert "李小兰" in client.get(url).content.decode()
    form = reverse("activities:call_book", args=[child.pk]) + "?" + url.split("?")[1]
    assert "父亲 李大山 138****1111" in client.get(form).content.decode()
    phone = Phone.objects.get(child=child)
    assert client.post(form, {"phone": phone.pk, "at": "12:00"}).status_code == 302
    shown = client.get(reverse("activities:call_board"), {"on": week[0].isoformat()}).content.decode()
    assert "李小兰" in shown


def test_others_see_that_a_turn_is_taken_and_not_by_whom(client, child, line, teacher, father) -> None:
    today = timezone.localdate()
    booked(child, line, teacher, father, on=today, today=today)
    client.force_login(make_staff(Role.HOMEROOM, make_class(child.school, 5)))
    shown = client.get(reverse("activities:call_board")).content.decode()
    assert "李小兰" not in shown
    assert "已约" in shown


@pytest.mark.parametrize("paper", ["schedule", "log"])
def test_the_week_prints(client, child, line, teacher, father, paper) -> None:
    today = timezone.localdate()
    booked(child, line, teacher, father, on=today, today=today)
    client.force_login(teacher)
    answer = client.get(reverse("activities:call_print", args=[paper]))
    assert answer.content.startswith(b"%PDF")
    assert AccessEntry.objects.filter(event=Event.PRINT, child_id=child.pk).exists()


def test_leaving_school_gives_later_turns_back(child, line, teacher, father) -> None:
    later = booked(child, line, teacher, father, on=TODAY + timedelta(days=3))
    cancel_open_bookings(child=child, on=TODAY, by=None)
    later.refresh_from_db()
    assert later.state == "cancelled"


def test_the_check_tells_who_spoke_and_which_key_child_did_not(client, child, line, teacher, father) -> None:
    lead = make_staff(Role.CARE_LEAD, child.school)
    today = timezone.localdate()
    silent = make_left_behind("龙小川", child.school_class, support_level="key")
    log_call(
        booking=booked(child, line, teacher, father, on=today, today=today), outcome="done", by=teacher, today=today
    )
    client.force_login(lead)
    page = reverse("activities:call_check")
    context = client.get(page).context
    assert (context["called"], context["children"], context["calls"]) == (1, 2, 1)
    assert [row[0] for row in context["silent"]] == [silent]
    assert client.post(page, {"on": today.isoformat(), "found": "登记完整", "advice": ""}).status_code == 302
    assert "登记完整" in client.get(page).content.decode()


def test_hours_that_do_not_fit_are_refused(client, child) -> None:
    client.force_login(make_staff(Role.CARE_LEAD, child.school))
    told = {
        "name": "视频室", "kind": "video", "weekdays": ["3"], "opens": "12:00", "closes": "13:00", "minutes": "20",
        "active": "on",
    }  # fmt: skip
    url = reverse("activities:call_line_add")
    assert client.post(url, told | {"closes": "11:00"}).status_code == 422
    assert client.post(url, told | {"opens_again": "12:30", "closes_again": "14:00"}).status_code == 422
    assert client.post(url, told | {"minutes": "45"}).status_code == 422
    assert client.post(url, told).status_code == 302
    assert CallLine.objects.get().hours == "星期三 12:00—13:00"


@pytest.mark.parametrize("rows", [1, 12])
def test_the_board_costs_the_same_for_one_and_twelve(client, child, line, teacher, rows, django_assert_max_num_queries):
    CallLine.objects.filter(pk=line.pk).update(closes=time(18, 0))
    line.refresh_from_db()
    today = timezone.localdate()
    for number in range(rows):
        other = make_left_behind(f"学生{number}", child.school_class)
        booked(
            other, line, teacher, Phone.objects.get(child=other), on=today, at=line.turns(today)[number], today=today
        )
    client.force_login(teacher)
    with django_assert_max_num_queries(24):
        client.get(reverse("activities:call_board"))
    with django_assert_max_num_queries(20):
        client.get(reverse("activities:call_day"))


def test_a_week_begins_on_monday() -> None:
    assert week_of(date(2026, 11, 22))[0] == date(2026, 11, 16)


def walk_in(line, day=None) -> str:
    return f"?line={line.pk}&on={day or timezone.localdate()}&now=1"


def test_on_the_day_of_duty_a_pupil_of_any_class_is_entered_by_name_and_class(client, child, duty, line) -> None:
    today = timezone.localdate()
    set_duty(school=child.school, duties={today: duty})
    client.force_login(duty)
    page = client.get(reverse("activities:call_pick") + walk_in(line) + "&q=lxl").content.decode()
    assert "李小兰" in page
    assert "父母外出" not in page
    url = reverse("activities:call_book", args=[child.pk]) + walk_in(line)
    form = client.get(url)
    assert "父亲" in form.content.decode()
    assert [told for told in ("李大山", "1111", "王桂英") if told in form.content.decode()] == []
    phone = Phone.objects.get(child=child, number="13800001111")
    answer = client.post(url, {"phone": phone.pk, "with_whom": "", "at": "12:10", "reason": "想妈妈，主动来的"})
    assert answer.status_code == 302
    booking = CallBooking.objects.get()
    assert "13800001111" in client.post(reverse("activities:call_number", args=[booking.pk])).content.decode()
    client.post(reverse("activities:call_log", args=[booking.pk, "done"]))
    assert CareRecord.objects.get().child == child
    # Nothing else of that pupil is opened by it.
    assert client.get(reverse("children:child_show", args=[child.pk])).status_code == 404


@pytest.mark.parametrize("case", ["not on duty", "another day", "not a call of the moment"])
def test_without_duty_today_nobody_of_another_class_is_offered(client, child, duty, line, case) -> None:
    today = timezone.localdate()
    on = today + timedelta(days=1) if case == "another day" else today
    set_duty(school=child.school, duties={on: None if case == "not on duty" else duty})
    query = walk_in(line, on).replace("&now=1", "") if case.startswith("not a call") else walk_in(line, on)
    client.force_login(duty)
    assert "李小兰" not in client.get(reverse("activities:call_pick") + query + "&q=lxl").content.decode()
    assert client.get(reverse("activities:call_book", args=[child.pk]) + query).status_code == 404


def test_without_a_line_a_call_that_was_made_can_be_logged(client, child, teacher) -> None:
    client.force_login(teacher)
    page = client.get(reverse("activities:call_board")).content.decode()
    found = re.search(r'href="([^"]+)">记一次亲情电话<', page)
    assert found is not None
    form = client.get(found[1].replace("&amp;", "&"))
    assert "记亲情电话" in form.content.decode()

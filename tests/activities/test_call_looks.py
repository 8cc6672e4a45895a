"""A number seen for the duty of the day alone is seen by somebody: a reason, a list for the leads, the class teacher's desk."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.calls import book, note_shown, set_duty
from activities.models import CallBooking, CallLine
from activities.views.calls.panels import called_on_duty
from caretrack.access.policy import Role
from children.models import Phone
from tests.support.factories import make_class, make_left_behind, make_staff, morning

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
WHY = "想妈妈，主动来的"
LOOKS = "activities:call_looks"


@pytest.fixture
def duty(child):
    made = make_staff(Role.TEACHER, make_class(child.school, 6), "石老师")
    set_duty(school=child.school, duties={TODAY: made})
    return made


@pytest.fixture
def line(child):
    return CallLine.objects.create(
        school=child.school, name="1号机", number="05510000001", weekdays=[1, 2, 3, 4, 5, 6, 7], opens=time(12),
        closes=time(13), minutes=15,
    )  # fmt: skip


def enter(client, child, line, **sent):
    url = reverse("activities:call_book", args=[child.pk]) + f"?line={line.pk}&on={TODAY}&now=1"
    phone = Phone.objects.get(child=child, number="13800001111")
    return client.post(url, {"phone": phone.pk, "with_whom": "", "at": "12:10"} | sent)


def show(client, booking):
    return client.post(reverse("activities:call_number", args=[booking.pk])).content.decode()


def lines(staff, today=TODAY):
    panel = called_on_duty(staff, today)
    return panel.data["lines"] if panel else []


def test_without_a_reason_no_call_of_the_moment_and_nothing_typed_is_lost(client, child, line, duty):
    client.force_login(duty)
    refused = enter(client, child, line, with_whom="妈妈", reason=" ")
    assert refused.status_code == 422
    assert 'value="妈妈"' in refused.content.decode()
    assert not CallBooking.objects.exists()


def test_the_leads_read_reason_and_look_and_the_class_teacher_is_told(client, child, line, duty, lead, homeroom):
    client.force_login(duty)
    enter(client, child, line, reason=WHY)
    booking = CallBooking.objects.get()
    assert "看了完整号码" not in lines(homeroom)[0].text
    assert "13800001111" in show(client, booking)
    booking.refresh_from_db()
    first = booking.shown_at
    assert booking.shown_to == duty
    show(client, booking)
    booking.refresh_from_db()
    assert booking.shown_at == first
    assert client.get(reverse(LOOKS)).status_code == 403
    client.force_login(lead)
    listed = client.get(reverse(LOOKS)).content.decode()
    for word in (WHY, "石老师", "李小兰", "看过"):
        assert word in listed, word
    assert reverse(LOOKS) in client.get(reverse("activities:call_board")).content.decode()
    (told,) = lines(homeroom)
    assert told.text == "李小兰：石老师值班时当场登记，看了完整号码"
    assert WHY in told.note
    client.force_login(homeroom)
    assert WHY in client.get("/").content.decode()
    assert lines(homeroom, TODAY + timedelta(days=7)) == []
    assert lines(make_staff(Role.HOMEROOM, make_class(child.school, 2))) == []


def test_a_turn_booked_by_the_class_teacher_is_listed_when_the_duty_saw_the_number(
    client, child, line, duty, lead, homeroom
):
    phone = Phone.objects.get(child=child, number="13800001111")
    made = book(
        child=child, line=line, on=TODAY, at=time(12), phone=phone, with_whom="", by=homeroom, now=morning(TODAY)
    )
    client.force_login(lead)
    assert "李小兰" not in client.get(reverse(LOOKS)).content.decode()
    client.force_login(duty)
    show(client, made)
    client.force_login(lead)
    assert "预约的通话" in client.get(reverse(LOOKS)).content.decode()
    (told,) = lines(homeroom)
    assert told.text == "李小兰：石老师值班时看了完整号码"
    assert "预约的通话" in told.note


def test_two_presses_at_once_leave_the_first_look(child, line, duty, lead, homeroom):
    made = book(
        child=child, line=line, on=TODAY, at=time(12), phone=None, with_whom="妈妈", by=homeroom, now=morning(TODAY)
    )
    pressed = [CallBooking.objects.get(pk=made.pk) for _ in range(2)]
    for booking, staff in zip(pressed, (duty, lead), strict=True):
        note_shown(booking=booking, to=staff, now=timezone.now())
    made.refresh_from_db()
    assert made.shown_to == duty


def test_who_sees_the_numbers_anyway_gives_no_reason_and_leaves_no_look(client, child, line, homeroom):
    set_duty(school=child.school, duties={TODAY: homeroom})
    client.force_login(homeroom)
    assert enter(client, child, line).status_code == 302
    booking = CallBooking.objects.get()
    assert "13800001111" in show(client, booking)
    booking.refresh_from_db()
    assert booking.shown_at is None


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_costs_the_same_for_one_and_twelve(
    client, child, line, duty, lead, many, django_assert_max_num_queries
):
    for number in range(many):
        pupil = make_left_behind(f"李小{number}", child.school_class)
        book(
            child=pupil, line=line, on=TODAY, at=time(8, number), phone=None, with_whom="妈妈", by=duty, now=morning(TODAY),
            walk_in=True, reason=WHY,
        )  # fmt: skip
    client.force_login(lead)
    client.get(reverse(LOOKS))
    with django_assert_max_num_queries(10):
        assert len(client.get(reverse(LOOKS)).context["rows"]) == many


def test_nothing_to_read_says_so(client, lead):
    client.force_login(lead)
    assert "还没有当场登记的通话" in client.get(reverse(LOOKS)).content.decode()


@pytest.fixture
def three_calls(child, line, duty, lead):
    """李小兰 of the fourth class today and a week ago, 龙小川 of the sixth today."""
    other = make_left_behind("龙小川", make_class(child.school, 6))
    for who, on, at in ((child, TODAY, 8), (child, TODAY - timedelta(days=7), 9), (other, TODAY, 10)):
        CallBooking.objects.create(
            school=child.school, child=who, line=line, on=on, at=time(at), minutes=15, with_whom="妈妈", reason=WHY,
            booked_by=duty,
        )  # fmt: skip
    return other


@pytest.mark.parametrize(
    "asked, listed",
    [
        ("", [10, 8, 9]),
        ("q=xiaolan", [8, 9]),
        ("q=龙小", [10]),
        ("school_class={sixth}", [10]),
        ("first={today}", [10, 8]),
        ("last={before}", [9]),
        ("first={before}&last={today}&q=小兰", [8]),
        ("first={today}&last={before}", []),
    ],
)
def test_the_list_is_narrowed_by_name_class_and_days(client, child, lead, three_calls, asked, listed):
    client.force_login(lead)
    before = TODAY - timedelta(days=1)
    query = asked.format(sixth=three_calls.school_class_id, today=TODAY, before=before)
    page = client.get(f"{reverse(LOOKS)}?{query}")
    assert [row.at.hour for row, _ in page.context["rows"]] == listed
    if not listed:
        assert "结束日期不能早于开始日期" in page.content.decode()


def test_a_call_of_the_moment_is_entered_and_not_booked(client, child, line, duty):
    client.force_login(duty)
    query = f"?line={line.pk}&on={TODAY}&now=1"
    assert "给哪名学生登记" in client.get(reverse("activities:call_pick") + query).content.decode()
    form = client.get(reverse("activities:call_book", args=[child.pk]) + query)
    assert form.context["form"].button == "登记"
    enter(client, child, line, reason=WHY)
    day = client.get(reverse("activities:call_day")).content.decode()
    assert "已登记李小兰现在的通话" in day
    assert "石老师当场登记" in day
    assert "石老师预约" not in day


def test_a_turn_of_the_plan_is_booked_as_before(client, child, line, homeroom):
    client.force_login(homeroom)
    form = client.get(reverse("activities:call_book", args=[child.pk]) + f"?line={line.pk}&on={TODAY}&at=12:15")
    assert form.context["form"].button == "预约"


def test_what_a_lead_enters_is_listed_too_without_a_reason(client, child, line, lead, homeroom):
    client.force_login(lead)
    assert enter(client, child, line).status_code == 302
    listed = client.get(reverse(LOOKS)).content.decode()
    for word in ("李小兰", str(lead), "本来能看号码，不用写", "还没登记结果"):
        assert word in listed, word
    assert "已预约" not in listed
    assert lines(homeroom) == [], "nobody's number was opened for a duty"

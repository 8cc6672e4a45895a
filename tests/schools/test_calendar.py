"""School days: terms, holidays, make-up days, the school's own days, years that are not announced."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.calendar import announced, calendars_of, is_school_day, school_day_after, school_days
from caretrack.schools.models import SchoolDay
from caretrack.schools.services import set_school_days
from tests.support.factories import make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def school():
    made = make_school()
    make_term(made)  # 1 September 2026 to 20 January 2027
    return made


def test_weekends_and_holidays_are_free_and_make_up_days_are_not(school):
    assert is_school_day(school, date(2026, 9, 18))  # Friday
    assert not is_school_day(school, date(2026, 9, 19))  # Saturday
    assert is_school_day(school, date(2026, 9, 20))  # Sunday, made up for 国庆
    assert not is_school_day(school, date(2026, 10, 5))  # Monday within 国庆
    assert is_school_day(school, date(2026, 10, 10))  # Saturday, made up
    assert not is_school_day(school, date(2026, 8, 31)), "before the term"


def test_the_week_of_the_national_day_has_two_school_days(school):
    week = school_days(school, date(2026, 9, 28), date(2026, 10, 4))
    assert week == [date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30)]


def test_a_year_without_a_notice_has_weekends_and_fixed_days(school):
    assert announced(2026)
    assert not announced(2027)
    assert not is_school_day(school, date(2027, 1, 1)), "元旦 is free by regulation, a Friday"
    assert is_school_day(school, date(2027, 1, 4))
    assert not is_school_day(school, date(2027, 1, 3)), "no Sunday is made up"


def test_the_schools_own_days_come_first(school):
    set_school_days(school=school, kind="off", first=date(2026, 11, 19), last=date(2026, 11, 20), reason="运动会")
    set_school_days(school=school, kind="lessons", first=date(2026, 11, 21), last=date(2026, 11, 21), reason="补课")
    set_school_days(school=school, kind="lessons", first=date(2026, 8, 28), last=date(2026, 8, 28), reason="提前返校")
    assert school_days(school, date(2026, 11, 18), date(2026, 11, 22)) == [date(2026, 11, 18), date(2026, 11, 21)]
    assert is_school_day(school, date(2026, 8, 28)), "lessons outside the term are lessons"
    assert school_day_after(school, date(2026, 11, 18), 2) == date(2026, 11, 23)


def test_three_school_days_later_skips_the_holiday(school):
    assert school_day_after(school, date(2026, 9, 29), 3) == date(2026, 10, 9)
    assert school_day_after(school, date(2027, 1, 20), 1) == date(2027, 1, 21), "no term is entered: a working day"
    with pytest.raises(ValueError, match="from 1"):
        school_day_after(school, date(2026, 9, 29), 0)


def test_calendars_cost_two_statements_for_any_number_of_schools(school, django_assert_num_queries):
    others = [make_school() for _ in range(12)]
    with django_assert_num_queries(2):
        found = calendars_of([school, *others])
    assert found[school.pk].count(date(2026, 9, 1), date(2026, 9, 7)) == 5
    assert found[others[0].pk].count(date(2026, 9, 1), date(2026, 9, 7)) == 0, "without a term no day is a school day"


@pytest.fixture
def admin(client, school):
    staff = make_staff(Role.SYSADMIN, school, name="管理员")
    client.force_login(staff)
    return staff


def test_the_page_says_which_year_is_not_announced_and_takes_days(client, admin, school):
    url = reverse("schools:school_calendar", args=[school.pk])
    page = client.get(url).content.decode()
    assert "2027" in page
    assert "国务院还没有公布" in page
    assert "10月10日" in page, "the make-up day of the national calendar is listed"
    sent = {"kind": "off", "first": "2026-12-03", "last": "2026-12-04", "reason": "大雪停课"}
    assert client.post(url, sent).status_code == 302
    assert "大雪停课" in client.get(url).content.decode()
    again = client.post(url, sent | {"first": "2026-12-04", "last": ""})
    assert again.status_code == 422
    assert "12月4日已经登记过了" in again.content.decode()


def test_an_end_before_the_beginning_and_a_whole_holiday_are_refused(client, admin, school):
    url = reverse("schools:school_calendar", args=[school.pk])
    sent = {"kind": "off", "first": "2026-12-03", "last": "2026-12-01", "reason": "大雪停课"}
    assert "不能早于" in client.post(url, sent).content.decode()
    sent["last"] = str(date(2026, 12, 3) + timedelta(days=40))
    assert "一次最多登记31天" in client.post(url, sent).content.decode()
    assert not SchoolDay.objects.exists()


def test_a_day_can_be_taken_back(client, admin, school):
    [day] = set_school_days(school=school, kind="off", first=date(2026, 12, 3), last=date(2026, 12, 3), reason="大雪")
    assert client.get(reverse("schools:school_day_drop", args=[day.pk])).status_code == 405
    client.post(reverse("schools:school_day_drop", args=[day.pk]))
    assert is_school_day(school, date(2026, 12, 3))

"""The way in: set-up, log-in, first password, throttle."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.middleware import SetUpFirst
from caretrack.schools.models import School, SchoolClass, Staff
from caretrack.schools.services import issue_slip
from tests.support.factories import PASSWORD, make_school, make_staff

pytestmark = pytest.mark.django_db

SETUP = {
    "school_name": "云禾县青榕镇中心小学",
    "school_code": "99000001",
    "stage": "primary",
    "classes_per_grade": "2",
    "term_year": "2026",
    "season": "1",
    "starts_on": "2026-09-01",
    "ends_on": "2027-01-20",
    "name": "韦主任",
    "username": "weizhuren",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture(autouse=True)
def _not_yet_asked():
    SetUpFirst.done = False


def test_first_visit_leads_to_the_set_up_page(client):
    assert client.get("/").headers["Location"] == reverse("setup")
    assert client.get(reverse("login")).headers["Location"] == reverse("setup")


def test_set_up_makes_school_term_classes_and_an_administrator_who_is_signed_in(client):
    response = client.post(reverse("setup"), SETUP)
    assert response.status_code == 302
    admin = Staff.objects.get()
    assert admin.roles() == {Role.SYSADMIN, Role.REGISTRAR}
    assert School.objects.get().name == "云禾县青榕镇中心小学"
    assert SchoolClass.objects.count() == 12
    assert client.get(reverse("schools:staff_list")).status_code == 200


def test_set_up_is_gone_once_an_account_exists(client):
    make_staff(Role.SYSADMIN, make_school())
    assert client.get(reverse("setup")).headers["Location"] == reverse("login")
    assert client.post(reverse("setup"), SETUP).headers["Location"] == reverse("login")
    assert Staff.objects.count() == 1


@pytest.mark.parametrize(
    "field,value,sentence",
    [
        ("password2", "另一句话不一样2026", "两次输入的密码不一样"),
        ("password1", "12345678", "密码"),
        ("ends_on", "2026-08-01", "放假日期要晚于开学日期"),
    ],
)
def test_a_wrong_set_up_keeps_what_was_typed(client, field, value, sentence):
    data = SETUP | {field: value} | ({"password2": value} if field == "password1" else {})
    response = client.post(reverse("setup"), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert "云禾县青榕镇中心小学" in page
    assert not Staff.objects.exists()


def test_login_is_logged_and_leads_to_the_workbench(client):
    make_staff(Role.SYSADMIN, make_school(), username="luolaoshi")
    response = client.post(reverse("login"), {"username": "luolaoshi", "password": PASSWORD})
    assert response.headers["Location"] == reverse("workbench")
    assert list(AccessEntry.objects.values_list("event", flat=True)) == [Event.LOGIN]


def test_wrong_name_wrong_password_and_closed_account_look_alike(client):
    make_staff(Role.SYSADMIN, make_school(), username="luolaoshi")
    make_staff(Role.SYSADMIN, make_school(), username="closed", is_active=False)
    sentences = set()
    for username, password in (("luolaoshi", "不对的密码一二三"), ("nobody", PASSWORD), ("closed", PASSWORD)):
        response = client.post(reverse("login"), {"username": username, "password": password})
        sentences.add(tuple(response.context["form"].non_field_errors()))
    assert len(sentences) == 1


def test_five_failures_make_wait_but_not_a_colleague(client):
    school = make_school()
    make_staff(Role.SYSADMIN, school, username="luolaoshi")
    make_staff(Role.SYSADMIN, school, username="weilaoshi")
    for _ in range(5):
        client.post(reverse("login"), {"username": "luolaoshi", "password": "不对的密码一二三"})
    refused = client.post(reverse("login"), {"username": "luolaoshi", "password": PASSWORD})
    assert "请等待" in refused.content.decode()
    colleague = client.post(reverse("login"), {"username": "weilaoshi", "password": PASSWORD})
    assert colleague.status_code == 302


def test_a_slip_opens_nothing_but_the_page_to_choose_a_password(client):
    staff = make_staff(Role.SYSADMIN, make_school(), username="xinlaoshi")
    slip = issue_slip(staff)
    client.post(reverse("login"), {"username": "xinlaoshi", "password": slip.code})
    assert client.get(reverse("schools:staff_list")).headers["Location"] == reverse("password_change")
    same = client.post(reverse("password_change"), {"new_password1": slip.code, "new_password2": slip.code})
    assert same.status_code == 422
    done = client.post(
        reverse("password_change"),
        {"new_password1": "山上的映山红全都开了2026", "new_password2": "山上的映山红全都开了2026"},
    )
    assert done.status_code == 302
    assert client.get(reverse("schools:staff_list")).status_code == 200


def test_a_slip_older_than_fourteen_days_is_dead(client):
    staff = make_staff(Role.SYSADMIN, make_school(), username="xinlaoshi")
    slip = issue_slip(staff)
    staff.password_set_at = timezone.now() - timedelta(days=15)
    staff.save()
    response = client.post(reverse("login"), {"username": "xinlaoshi", "password": slip.code})
    assert "超过14天" in response.content.decode()


def test_next_never_leads_away(client):
    make_staff(Role.SYSADMIN, make_school(), username="luolaoshi")
    data = {"username": "luolaoshi", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(reverse("login"), data).headers["Location"] == reverse("workbench")


def test_an_account_without_a_post_yet_chooses_its_password_and_nothing_more(client):
    slip = issue_slip(make_staff(username="xinlaoshi"))
    client.post(reverse("login"), {"username": "xinlaoshi", "password": slip.code})
    chosen = {"new_password1": "山上的映山红全都开了2026", "new_password2": "山上的映山红全都开了2026"}
    assert client.post(reverse("password_change"), chosen).status_code == 302
    assert client.get(reverse("schools:policy")).status_code == 200
    assert client.get(reverse("workbench")).status_code == 403


def test_without_a_post_one_is_told_to_wait_and_whom_to_ask(client):
    school = make_school()
    make_staff(Role.SYSADMIN, school, name="机房刘老师")
    newcomer = make_staff(name="新来的龙老师")
    client.force_login(newcomer)
    page = client.get("/")
    assert page.status_code == 403
    text = page.content.decode()
    assert text.count("请等学校任命") == 2, "in the tab and as heading, once each"
    assert "机房刘老师" in text
    assert "不在您的职责范围内" not in text


def test_with_a_post_a_refusal_gives_its_reason(client):
    client.force_login(make_staff(Role.SUPERIOR, make_school()))
    text = client.get("/students/").content.decode()
    assert "不在您的职责范围内" in text
    assert "请等学校任命" not in text

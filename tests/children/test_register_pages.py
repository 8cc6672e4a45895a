"""A new dossier, another class, leaving, coming back, the support level."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.periods import chinese_date
from children.models import Child, Enrollment, StatusChange, SupportDecision
from children.services import leave_school
from mentoring.handover import change_mentor
from mentoring.models import Pairing
from tests.support.factories import (
    TERM_START,
    TODAY,
    id_number,
    make_child,
    make_class,
    make_mentor,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db


def new(school_class: Any, **given: Any) -> dict[str, Any]:
    base = {"name": "石小禾", "sex": "1", "birth_date": "2016-07-01", "kind": "in_transfer", "on": "2026-11-16"}
    return base | {"school_class": school_class.pk, "reason": "从青榕村小转来"} | given


def test_homeroom_teacher_opens_a_dossier(client: Client) -> None:
    school_class = make_class()
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    response = client.post("/students/new/", new(school_class))
    child = Child.objects.get()
    assert response.headers["Location"] == f"/students/{child.pk}/"
    assert (child.school_class, child.school) == (school_class, school_class.school)
    assert StatusChange.objects.get().kind == "in_transfer"


def test_a_new_child_is_in_its_class_from_the_first_day_of_the_term(client: Client) -> None:
    school_class = make_class()
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    assert client.get("/students/new/").context["form"]["on"].value() == TODAY
    make_term(school_class.school)
    assert client.get("/students/new/").context["form"]["on"].value() == TERM_START


def test_only_own_classes_are_offered(client: Client) -> None:
    school_class = make_class()
    other = make_class(school_class.school, number=2)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    assert client.post("/students/new/", new(other)).status_code == 422
    client.force_login(make_staff(Role.REGISTRAR, make_school("别的学校")))
    assert client.post("/students/new/", new(other)).status_code == 422
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert client.post("/students/new/", new(other)).status_code == 302


@pytest.mark.parametrize("role", [Role.TEACHER, Role.COUNSELLOR])
def test_others_get_403(client: Client, role: Role) -> None:
    client.force_login(make_staff(role, make_class()))
    assert client.get("/students/new/").status_code == 403


def test_the_same_name_and_birthday_is_asked_about(client: Client) -> None:
    school_class = make_class()
    there = make_child("石小禾", school_class, birth_date=date(2016, 7, 1))
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    response = client.post("/students/new/", new(school_class))
    assert response.status_code == 422
    text = response.content.decode()
    assert f"/students/{there.pk}/" in text
    assert "从青榕村小转来" in text
    assert client.post("/students/new/", new(school_class, not_the_same="on")).status_code == 302


def test_a_namesake_out_of_sight_is_told_without_saying_who(client: Client) -> None:
    """Only that there is one and that a transfer is the way; neither school, class nor a link."""
    elsewhere = make_class(make_school("红枫镇中心小学"))
    there = make_child("石小禾", elsewhere, birth_date=date(2016, 7, 1))
    school_class = make_class()
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    response = client.post("/students/new/", new(school_class))
    text = response.content.decode()
    assert response.status_code == 422
    assert "移交给本校" in text
    assert f"/students/{there.pk}/" not in text
    assert "红枫镇" not in text
    assert client.post("/students/new/", new(school_class, not_the_same="on")).status_code == 302


def test_the_same_name_with_another_birthday_elsewhere_is_no_matter(client: Client) -> None:
    make_child("石小禾", make_class(), birth_date=date(2015, 1, 1))
    school_class = make_class()
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert client.post("/students/new/", new(school_class)).status_code == 302


@pytest.mark.parametrize(
    "name,birth,reason",
    [
        ("石小禾", date(2016, 7, 1), "姓名和出生日期都相同"),
        ("石小禾", None, "同名"),
        ("石晓荷", date(2016, 7, 11), "姓名同音，出生日期相近"),
    ],
)
def test_each_suspect_says_why(client: Client, name: str, birth: date | None, reason: str) -> None:
    school_class = make_class()
    make_child(name, school_class, birth_date=birth)
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert reason in client.post("/students/new/", new(school_class)).content.decode()


def test_a_homophone_born_another_year_is_no_suspect(client: Client) -> None:
    school_class = make_class()
    make_child("石晓荷", school_class, birth_date=date(2015, 7, 11))
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert client.post("/students/new/", new(school_class)).status_code == 302


def test_a_taken_number_shows_whose_it_is_where_one_may_see(client: Client) -> None:
    number = id_number(date(2016, 7, 1))
    school_class = make_class()
    there = make_child("安小禾", school_class, id_no=number)
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    text = client.post("/students/new/", new(school_class, id_no=number)).content.decode()
    assert "身份证号相同" in text
    assert f"/students/{there.pk}/" in text


def test_an_id_number_of_a_child_out_of_sight_is_not_told(client: Client) -> None:
    number = id_number(date(2016, 7, 1))
    make_child("安小禾", make_class(), id_no=number)
    school_class = make_class()
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    text = client.post("/students/new/", new(school_class, id_no=number)).content.decode()
    assert "安小禾" not in text
    assert "这个号码没有采用" in text
    assert Child.objects.count() == 1


def test_a_future_day_is_refused(client: Client) -> None:
    school_class = make_class()
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert "不能在今天以后" in client.post("/students/new/", new(school_class, on="2026-12-01")).content.decode()


def test_changes_class_after_confirmation(client: Client) -> None:
    child = make_child()
    to = make_class(child.school, number=2)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/{child.pk}/changes/new/class_change/"
    assert "四（1）班" in client.get(url).content.decode()
    assert client.post(url, {"to": to.pk, "on": "2026-11-16"}).status_code == 302
    child.refresh_from_db()
    assert child.school_class == to
    assert Enrollment.objects.get(ends_on__isnull=False).ends_on == date(2026, 11, 15)


def test_a_homeroom_teacher_who_gave_a_child_away_lands_on_the_list(client: Client) -> None:
    child = make_child()
    to = make_class(child.school, number=2)
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    response = client.post(f"/students/{child.pk}/changes/new/class_change/", {"to": to.pk, "on": "2026-11-16"})
    assert response.headers["Location"] == "/students/"


def test_classes_of_other_schools_are_refused(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"to": make_class().pk, "on": "2026-11-16"}
    assert client.post(f"/students/{child.pk}/changes/new/class_change/", data).status_code == 422


def test_leaving_ends_the_pairing_and_keeps_the_dossier(client: Client) -> None:
    child = make_child()
    make_pairing(child)
    staff = make_staff(Role.CARE_LEAD, child.school)
    client.force_login(staff)
    url = f"/students/{child.pk}/changes/new/graduate/"
    assert "结对同时结束" in client.get(url).content.decode()
    data = {"on": "2026-11-18", "reason": "升入青榕镇初级中学"}
    assert client.post(url, data).headers["Location"] == f"/students/{child.pk}/"
    child.refresh_from_db()
    assert child.school_class is None
    assert Pairing.objects.get().ends_on == date(2026, 11, 18)
    assert client.get(f"/students/{child.pk}/").status_code == 200


def test_leaving_before_coming_is_refused_and_keeps_the_text(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"to_name": "东莞市某小学", "on": "2026-08-01", "reason": "随父母到东莞就读"}
    response = client.post(f"/students/{child.pk}/changes/new/out_transfer/", data)
    assert response.status_code == 422
    text = response.content.decode()
    assert f"不能早于入班日期{chinese_date(TERM_START)}" in text
    assert "随父母到东莞就读" in text


def test_comes_back(client: Client) -> None:
    child = make_child()
    school_class = child.school_class
    leave_school(child=child, on=date(2026, 10, 1), kind="suspended", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"to": school_class.pk, "on": "2026-11-02"}
    assert client.post(f"/students/{child.pk}/changes/new/resume/", data).status_code == 302
    child.refresh_from_db()
    assert child.school_class == school_class


def test_support_level_needs_a_reason(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.HOMEROOM, child.school_class))
    url = f"/students/{child.pk}/support/"
    assert client.post(url, {"level": "key", "on": "2026-11-16", "reason": ""}).status_code == 422
    assert client.post(url, {"level": "key", "on": "2026-11-16", "reason": "情绪低落"}).status_code == 302
    child.refresh_from_db()
    assert child.support_level == "key"
    assert SupportDecision.objects.get().reason == "情绪低落"


def test_registrar_decides_on_no_level(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert client.get(f"/students/{child.pk}/support/").status_code == 403


@pytest.mark.parametrize("page", ["changes/new", "changes/new/dropout", "support"])
def test_stranger_404_teacher_403(client: Client, page: str) -> None:
    child = make_child()
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(f"/students/{child.pk}/{page}/").status_code == 404
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.get(f"/students/{child.pk}/{page}/").status_code == 403


def test_before_a_leaving_the_mentor_of_today_and_the_coming_one_are_named(client: Client) -> None:
    child = make_child()
    make_term(child.school)
    now, later = (make_mentor(make_staff(Role.TEACHER, child.school_class, name)) for name in ("石老师", "韦老师"))
    lead = make_staff(Role.CARE_LEAD, child.school)
    change_mentor(pairing=make_pairing(child, now), mentor=later, on=TODAY + timedelta(days=3), today=TODAY, by=lead)
    client.force_login(lead)
    assert (
        "与石老师、韦老师的结对同时结束" in client.get(f"/students/{child.pk}/changes/new/graduate/").content.decode()
    )

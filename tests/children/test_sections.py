"""Editing section by section, and two people at the same section."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.support.factories import id_number, make_child, make_class, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db
NUMBER = id_number(date(2016, 5, 4), male=False)


@pytest.fixture
def child() -> Child:
    return make_child(address="青榕村一组", village_group="一组")


@pytest.fixture
def homeroom(child: Child) -> Staff:
    return make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")


def url(child: Child, section: str) -> str:
    return f"/students/{child.pk}/edit/{section}/"


def identity(child: Child, **given: Any) -> dict[str, Any]:
    base = {"name": child.name, "sex": "2", "birth_date": "2016-05-04", "birth_precision": "day", "id_type": "1"}
    return base | {"opened_version": child.version} | given


def home(child: Child, **given: Any) -> dict[str, Any]:
    return {"address": "青榕村一组", "village_group": "一组", "opened_version": child.version} | given


def test_saves_and_leads_back_to_the_section(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    response = client.post(url(child, "home"), home(child, address="青榕村三组"))
    assert response.headers["Location"] == f"/students/{child.pk}/#home"
    child.refresh_from_db()
    assert child.address == "青榕村三组"
    assert AccessEntry.objects.filter(event=Event.WRITE, child_id=child.pk, detail="home").exists()


@pytest.mark.parametrize("section", ["identity", "home", "school", "health", "economy", "character", "safety", "admin"])
def test_every_section_opens_for_the_homeroom_teacher(
    client: Client, child: Child, homeroom: Staff, section: str
) -> None:
    client.force_login(homeroom)
    assert client.get(url(child, section)).status_code == 200


def test_an_unknown_section_is_not_found(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    assert client.get(url(child, "counselling")).status_code == 404


def test_stranger_gets_404(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(url(child, "home")).status_code == 404
    assert client.post(url(child, "home"), home(child, address="别处")).status_code == 404


def test_teacher_gets_403(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    assert client.post(url(child, "home"), home(child, address="别处")).status_code == 403


def test_homeroom_teacher_of_another_class_who_is_mentor_here_gets_403(client: Client, child: Child) -> None:
    staff = make_staff(Role.HOMEROOM, make_class(child.school, number=2))
    make_pairing(child, make_mentor(staff, child.school))
    client.force_login(staff)
    assert client.post(url(child, "home"), home(child, address="别处")).status_code == 403
    child.refresh_from_db()
    assert child.address == "青榕村一组"


def test_registrar_does_not_get_the_note(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    text = client.get(url(child, "admin")).content.decode()
    assert "保存期限" in text
    assert "备注" not in text


def test_a_wrong_check_digit_is_told_and_nothing_typed_is_lost(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    response = client.post(url(child, "identity"), identity(child, id_no=wrong, former_name="小兰子"))
    assert response.status_code == 422
    text = response.content.decode()
    assert "校验不通过" in text
    assert wrong in text
    assert "小兰子" in text


@pytest.mark.parametrize(
    "given,words",
    [
        ({"id_no": NUMBER, "birth_date": "2016-05-05"}, "出生日期是2016年5月4日"),
        ({"id_no": NUMBER, "sex": "1"}, "性别是女"),
        ({"id_no": "12345"}, "应为 18 位"),
        ({"id_no": NUMBER, "student_no": f"G{id_number(date(2016, 5, 4), 9)}"}, "应与身份证号相同"),
        ({"student_no": "X123"}, "G、J 或 L"),
        ({"birth_date": "2030-01-01"}, "不能在今天以后"),
    ],
)
def test_disagreeing_facts_are_refused(
    client: Client, child: Child, homeroom: Staff, given: dict[str, str], words: str
) -> None:
    client.force_login(homeroom)
    response = client.post(url(child, "identity"), identity(child, **given))
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_disagreeing_number_may_be_saved_as_unchecked(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = identity(child, id_no=NUMBER, birth_date="2016-05-05", unchecked="on", id_verified="on")
    assert client.post(url(child, "identity"), data).status_code == 302
    child.refresh_from_db()
    assert (child.id_no, child.id_verified) == (NUMBER, False)


def test_a_number_of_a_child_in_sight_names_it(client: Client, child: Child, homeroom: Staff) -> None:
    make_child("安小禾", child.school_class, id_no=NUMBER)
    client.force_login(homeroom)
    assert (
        "安小禾的档案里已经登记" in client.post(url(child, "identity"), identity(child, id_no=NUMBER)).content.decode()
    )


def test_a_number_of_a_child_out_of_sight_tells_nothing_of_it(client: Client, child: Child, homeroom: Staff) -> None:
    make_child("安小禾", make_class(), id_no=NUMBER)
    client.force_login(homeroom)
    text = client.post(url(child, "identity"), identity(child, id_no=NUMBER)).content.decode()
    assert "安小禾" not in text
    assert "这个号码没有采用" in text


def by_another(child: Child, **values: Any) -> None:
    with change_by(make_staff(name="韦正国"), "test"):
        fresh = Child.objects.get(pk=child.pk)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save()


def test_both_changed_the_same_field(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    by_another(child, address="青榕村五组")
    response = client.post(url(child, "home"), home(child, address="青榕村三组"))
    assert response.status_code == 409
    text = response.content.decode()
    for word in ("韦正国", "青榕村三组", "青榕村五组", "青榕村一组", "两人都改了"):
        assert word in text
    child.refresh_from_db()
    assert child.address == "青榕村五组"


def answer(child: Child, address: str, choice: str | None) -> dict[str, Any]:
    data = home(Child.objects.get(pk=child.pk), address=address, asked="address")
    return data | ({"choice-address": choice} if choice else {})


@pytest.mark.parametrize("choice,kept", [("mine", "青榕村三组"), ("theirs", "青榕村五组")])
def test_the_choice_is_saved(client: Client, child: Child, homeroom: Staff, choice: str, kept: str) -> None:
    client.force_login(homeroom)
    by_another(child, address="青榕村五组")
    assert client.post(url(child, "home"), answer(child, "青榕村三组", choice)).status_code == 302
    child.refresh_from_db()
    assert child.address == kept


def test_without_a_choice_it_is_asked_again(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    by_another(child, address="青榕村五组")
    response = client.post(url(child, "home"), answer(child, "青榕村三组", None))
    assert response.status_code == 409
    assert "还有没选择的项目" in response.content.decode()


def test_what_only_the_other_changed_is_not_overwritten_silently(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    by_another(child, village_group="五组")
    response = client.post(url(child, "home"), home(child, address="青榕村三组"))
    assert response.status_code == 409
    assert 'name="choice-village_group" value="theirs" required checked' in response.content.decode()


def test_a_change_of_another_section_is_no_conflict(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    by_another(child, illness="哮喘")
    assert client.post(url(child, "home"), home(child, address="青榕村三组")).status_code == 302
    child.refresh_from_db()
    assert (child.address, child.illness) == ("青榕村三组", "哮喘")


def test_the_same_change_twice_is_no_conflict(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    by_another(child, address="青榕村三组")
    assert client.post(url(child, "home"), home(child, address="青榕村三组")).status_code == 302


def test_numbers_stay_masked_in_a_conflict(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    other = id_number(date(2016, 5, 4), 7, male=False)
    by_another(child, id_no=other)
    text = client.post(url(child, "identity"), identity(child, id_no=NUMBER)).content.decode()
    assert other not in text
    assert "身份证号" in text


def test_economy_keeps_several_kinds_of_hardship(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = {"hardship": ["minimum", "illness"], "opened_version": child.version}
    assert client.post(url(child, "economy"), data).status_code == 302
    child.refresh_from_db()
    assert child.hardship == ["minimum", "illness"]

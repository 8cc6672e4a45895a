"""Phones of a dossier: who got through, in which order they are called, which are to be verified."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from caretrack.schools.models import Staff
from children.contacts import calling_order, check_phone, move_phone
from children.models import (
    Child,
    Phone,
)
from tests.children.dossier.conftest import dossier
from tests.support.factories import (
    TODAY,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
)

pytestmark = pytest.mark.django_db


def test_one_press_says_that_somebody_got_through(client: Client, child: Child, homeroom: Staff) -> None:
    phone = Phone.objects.get(child=child)
    client.force_login(homeroom)
    answer = client.post(f"/students/{child.pk}/phones/{phone.pk}/check/ok/", follow=True)
    phone.refresh_from_db()
    assert (phone.state, phone.verified_on, phone.tried_on) == ("ok", TODAY, TODAY)
    text = answer.content.decode()
    assert text.count("已打通，记为今天核实") == 1
    assert "已打通，记为今天核实" in text.split('id="calling"')[1].split("</section>")[0], "said where it was pressed"


def test_from_the_list_of_contacts_it_is_said_on_that_page(client: Client, child: Child, homeroom: Staff) -> None:
    phone = Phone.objects.get(child=child)
    client.force_login(homeroom)
    page = reverse("children:contact_list")
    check = f"/students/{child.pk}/phones/{phone.pk}/check/no_answer/"
    answer = client.post(check, follow=True, headers={"referer": f"http://testserver{page}"})
    assert answer.redirect_chain[-1][0] == page
    assert "没有打通，已记下今天打过" in answer.content.decode()


def test_a_call_in_vain_keeps_the_earlier_proof(child: Child) -> None:
    phone = Phone.objects.get(child=child)
    check_phone(phone=phone, outcome="ok", on=date(2026, 9, 5))
    phone = check_phone(phone=phone, outcome="no_answer", on=TODAY)
    assert (phone.state, phone.verified_on, phone.tried_on) == ("no_answer", date(2026, 9, 5), TODAY)
    with pytest.raises(ValidationError):
        check_phone(phone=phone, outcome="unverified", on=TODAY)


def test_phones_move_over_all_members(client: Client, child: Child, homeroom: Staff) -> None:
    mother = child.family.get(relation="52")
    second = Phone.objects.create(child=child, member=mother, number="13900001111")
    third = Phone.objects.create(child=child, member=mother, number="13900002222")
    client.force_login(homeroom)
    client.post(f"/students/{child.pk}/phones/{third.pk}/move/up/")
    client.post(f"/students/{child.pk}/phones/{third.pk}/move/up/")
    order = [phone.number for phone in calling_order(list(Phone.objects.filter(child=child)))]
    assert order == ["13900002222", "13800001111", "13900001111"]
    move_phone(phone=third, up=True)
    assert calling_order(list(Phone.objects.filter(child=child)))[0] == third
    second.refresh_from_db()
    assert second.order == 3


def test_a_mentor_sees_phones_and_presses_nothing(client: Client, child: Child) -> None:
    staff = make_staff()
    make_pairing(child, make_mentor(staff, child.school))
    text = dossier(client, staff, child)
    assert "138****1111" in text
    assert "已打通" not in text
    phone = Phone.objects.get(child=child)
    assert client.post(f"/students/{child.pk}/phones/{phone.pk}/check/ok/").status_code == 403


def test_contacts_to_verify_vanish_from_the_list_when_reached(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    assert child.name in client.get("/students/contacts/").content.decode()
    phone = Phone.objects.get(child=child)
    page = client.post(
        f"/students/{child.pk}/phones/{phone.pk}/check/ok/",
        headers={"referer": "http://testserver/students/contacts/?whom=all"},
    )
    assert page.url == "/students/contacts/?whom=all"
    assert "都核实过了" in client.get(page.url).content.decode()


@pytest.mark.parametrize("rows", [1, 10])
def test_the_contact_list_stays_flat(client: Client, homeroom: Staff, rows: int, django_assert_max_num_queries) -> None:
    at = homeroom.posts()[0].school_class
    for number in range(rows):
        make_left_behind(f"学生{number}", at)
    client.force_login(homeroom)
    with django_assert_max_num_queries(22):
        assert client.get("/students/contacts/").status_code == 200

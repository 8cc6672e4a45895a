"""Searching the list of children: words, numbers, and the box at the top of every page."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from children.services import leave_school
from tests.children.listing.pages import names
from tests.support.factories import (
    TODAY,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text,found",
    [
        ("小兰", True),
        ("lixiaolan", True),
        ("li xiao", True),
        ("LXL", True),
        ("小川", False),
        ("1111", True),
        ("王桂英", True),
        ("青榕村", True),
        ("%", False),
        ("", True),
    ],
)
def test_search(client: Client, text: str, found: bool) -> None:
    school_class = make_class()
    make_left_behind(at=school_class, address="青榕村三组")
    assert bool(names(client, make_staff(Role.HOMEROOM, school_class), f"q={text}")) is found


@pytest.mark.parametrize("text", ["1111", "王桂英", "青榕村"])
def test_a_teacher_finds_nobody_by_family_data(client: Client, text: str) -> None:
    school_class = make_class()
    make_left_behind(at=school_class, address="青榕村三组")
    assert names(client, make_staff(Role.TEACHER, school_class), f"q={text}") == []


def test_an_exact_id_number_finds_the_child_and_is_logged_without_the_number(client: Client) -> None:
    school_class = make_class()
    number = id_number(date(2016, 5, 4), male=False)
    make_child(at=school_class, id_no=number, student_no=f"G{number}")
    make_child("安小禾", school_class)
    staff = make_staff(Role.REGISTRAR, school_class.school)
    client.force_login(staff)
    dossier = reverse("children:child_show", args=[Child.objects.get(name="李小兰").pk])
    for text in (number, f"G{number}"):
        assert client.post(reverse("children:child_find"), {"q": text}).headers["Location"] == dossier
    entries = AccessEntry.objects.filter(event=Event.SEARCH_ID)
    assert entries.count() == 2
    assert not any(number in entry.detail for entry in entries)


def test_a_mentor_does_not_find_by_id_number(client: Client) -> None:
    number = id_number(date(2016, 5, 4), male=False)
    child = make_child(id_no=number)
    staff = make_staff()
    make_pairing(child, make_mentor(staff, child.school))
    assert names(client, staff) == ["李小兰"]
    found = client.post(reverse("children:child_find"), {"q": number})
    assert found.headers["Location"] == reverse("children:child_list")


def test_words_in_the_search_box_lead_to_the_list_and_numbers_never_to_an_address(client: Client) -> None:
    school_class = make_class()
    number = id_number(date(2016, 5, 4), male=False)
    make_child(at=school_class, id_no=number)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    words = client.post(reverse("children:child_find"), {"q": "李 小"})
    assert words.headers["Location"] == f"{reverse('children:child_list')}?q=%E6%9D%8E+%E5%B0%8F"
    for text in (number, "999999201605040999"):
        assert "9999" not in client.post(reverse("children:child_find"), {"q": text}).headers["Location"]
    page = client.get(reverse("children:child_list"), {"q": number}).content.decode()
    assert "请在页面顶部的搜索框里查找（手机上先点底部的“更多”）" in page


@pytest.mark.parametrize("text", ["13900001234", "139 0000 1234", "0851-23456789"])
def test_a_phone_number_without_a_hit_is_told_as_one(client: Client, text: str) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_child().school_class))
    page = client.get(reverse("children:child_list"), {"q": text}).content.decode()
    assert "没有登记这个电话" in page
    assert "身份证号和学籍号请" not in page


def test_a_number_typed_into_the_list_does_not_stay_in_the_address(client: Client) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_child().school_class))
    address, htmx = reverse("children:child_list"), {"HX-Request": "true"}
    assert (
        client.get(address, {"q": "13900001234", "away": "left"}, headers=htmx)["HX-Push-Url"] == f"{address}?away=left"
    )
    assert client.get(address, {"q": "1234"}, headers=htmx)["HX-Push-Url"] == address
    assert "HX-Push-Url" not in client.get(address, {"q": "李"}, headers=htmx)


def search_box(client: Client, staff: Staff, typed: str) -> str:
    client.force_login(staff)
    return client.post("/students/find/", {"q": typed}, headers={"HX-Request": "true"}).content.decode()


def test_the_box_finds_at_most_ten_of_those_one_sees(client: Client) -> None:
    school_class = make_class()
    for number in range(12):
        make_child(f"李小{number}", school_class)
    make_child("李别处", make_class())
    text = search_box(client, make_staff(Role.HOMEROOM, school_class), "李")
    assert text.count("<li>") == 10
    assert "还有更多" in text
    assert "李别处" not in text


def test_nothing_typed_finds_nobody(client: Client) -> None:
    child = make_child()
    assert "李小兰" not in search_box(client, make_staff(Role.HOMEROOM, child.school_class), "")


def test_nobody_on_the_roll_but_somebody_who_left(client: Client) -> None:
    school_class = make_class()
    left = make_child("走了的", school_class)
    make_child("还在的", school_class)
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    text = client.get("/students/?q=走了的").content.decode()
    assert "已离校 1 人符合条件" in text
    link = re.search(r'href="([^"]*roll=left[^"]*)"', text)
    assert link is not None
    assert "走了的" in client.get(link[1].replace("&amp;", "&")).content.decode().split('id="rows"')[1]
    assert "已离校" not in client.get("/students/?q=没有这人").content.decode().split('id="rows"')[1]


def test_the_box_says_who_left(client: Client) -> None:
    left = make_child("走了的")
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    text = search_box(client, make_staff(Role.CARE_LEAD, left.school), "走了")
    assert "走了的" in text
    assert "已离校" in text

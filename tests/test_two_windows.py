"""Every page that changes a row knows the version that it was opened at; the second of two people is asked."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff, Term
from caretrack.web.lists import FormPage
from caretrack.web.versions import KeepsVersion
from children.models import BusRoute, HealthCheck, MindNote
from children.views.guarded import GuardedPage
from mentoring.models import Mentor
from tests.support.factories import make_child, make_class, make_left_behind, make_mentor, make_staff, make_term
from tests.support.routes import pages
from tests.support.windows import opened

pytestmark = pytest.mark.django_db


def test_every_page_that_edits_a_row_compares_versions() -> None:
    editing = {page for page in pages() if issubclass(page, FormPage)}
    editing = {page for page in editing if page.get_instance is not FormPage.get_instance}
    without = {page.__name__ for page in editing if not issubclass(page, KeepsVersion | GuardedPage)}
    # A changed letter is a version of its own; nothing is overwritten.
    changing = {name for name in without if not name.endswith("Add")} - {"LetterTextChange"}
    assert not changing, "an edit page without a version overwrites unseen"


@pytest.fixture
def four() -> SchoolClass:
    found = make_class()
    make_term(found.school)
    return found


def the_school(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    address = reverse("schools:school_edit", args=[four.school_id])
    return four.school, address, Role.SYSADMIN, {"address": "青榕镇东街1号"}, {"address": "青榕镇西街2号"}


def the_term(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    term = Term.objects.get(school=four.school)
    address = reverse("schools:term_edit", args=[term.pk])
    return term, address, Role.SYSADMIN, {"ends_on": date(2027, 1, 15)}, {"ends_on": date(2027, 1, 25)}


def the_account(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    staff: Staff = make_staff(Role.TEACHER, four, "韦老师")
    address = reverse("schools:staff_edit", args=[staff.pk])
    return staff, address, Role.SYSADMIN, {"title": "一级教师"}, {"title": "高级教师"}


def the_mentor(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    made = make_mentor(school=four.school)
    mentor = Mentor.objects.get(pk=made.pk)
    return mentor, reverse("mentoring:mentor_edit", args=[mentor.pk]), Role.CARE_LEAD, {"title": "甲"}, {"title": "乙"}


def the_route(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    route = BusRoute.objects.create(school=four.school, direction="栗坪村方向", vehicle="licensed", capacity=19)
    return (
        route,
        reverse("children:bus_route_edit", args=[route.pk]),
        Role.REGISTRAR,
        {"capacity": 20},
        {"capacity": 25},
    )


def the_second_look(four: SchoolClass) -> tuple[Any, str, Role, dict[str, Any], dict[str, Any]]:
    check = HealthCheck.objects.create(child=make_child("李小兰", four), on=date(2026, 9, 3), needs_follow_up=True)
    address = reverse("children:health_follow_up", args=[check.child_id, check.pk])
    return check, address, Role.HOMEROOM, {"follow_up_result": "已配镜"}, {"follow_up_result": "视力正常"}


@pytest.mark.parametrize("case", [the_school, the_term, the_account, the_mentor, the_route, the_second_look])
def test_the_second_of_two_people_is_shown_both(client: Client, four: SchoolClass, case: Any) -> None:
    row, address, role, theirs, mine = case(four)
    client.force_login(make_staff(role, four, "田老师"))
    sent = opened(client, address) | mine
    assert client.post(address, opened(client, address) | theirs).status_code == 302
    answer = client.post(address, sent)
    assert answer.status_code == 409
    (name, value), (_, stored) = next(iter(mine.items())), next(iter(theirs.items()))
    row.refresh_from_db()
    assert getattr(row, name) == stored
    assert str(answer.context["form"].data[name]) == str(value)
    shown = [(item.mine, item.theirs) for item in answer.context["clash"]["differences"]]
    assert shown == [(str(value), str(stored))]
    assert client.post(address, answer.context["form"].data).status_code == 302
    row.refresh_from_db()
    assert getattr(row, name) == value


def test_fields_that_the_other_left_alone_are_saved_without_a_word(client: Client, four: SchoolClass) -> None:
    client.force_login(make_staff(Role.SYSADMIN, four.school))
    address = reverse("schools:school_edit", args=[four.school_id])
    sent = opened(client, address) | {"address": "青榕镇东街1号"}
    school = four.school
    school.save()
    assert client.post(address, sent).status_code == 302
    school.refresh_from_db()
    assert school.address == "青榕镇东街1号"


def test_a_field_left_alone_takes_what_the_other_wrote(client: Client, four: SchoolClass) -> None:
    client.force_login(make_staff(Role.SYSADMIN, four.school))
    address = reverse("schools:school_edit", args=[four.school_id])
    sent = opened(client, address) | {"address": "青榕镇东街1号"}
    school = four.school
    school.duty_phone = "0859-0000005"
    school.save()
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert client.post(address, answer.context["form"].data).status_code == 302
    school.refresh_from_db()
    assert (school.address, school.duty_phone) == ("青榕镇东街1号", "0859-0000005")


def test_two_people_begin_the_same_note(client: Client, four: SchoolClass) -> None:
    child = make_left_behind(at=four)
    client.force_login(make_staff(Role.COUNSELLOR, four.school))
    address = reverse("children:mind_edit", args=[child.pk])
    sent = opened(client, address) | {"text": "后写的话"}
    MindNote.objects.create(child=child, text="先写的话")
    answer = client.post(address, sent)
    assert answer.status_code == 409
    assert "先写的话" in answer.content.decode()
    assert MindNote.objects.get().text == "先写的话"

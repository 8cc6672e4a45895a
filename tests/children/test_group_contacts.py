"""The contact list for a class's group of parents: only families who agreed, nobody else, nothing of the suspected."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.incidents.services import open_incident
from activities.models import IncidentSuspect
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.group_contacts import group_contacts
from children.models import Child, Consent, FamilyMember, Phone, PhoneState, codes
from tests.support.factories import TODAY, make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
LIST, PRINT, EXPORT = (reverse(f"children:group_contact_{what}") for what in ("list", "print", "export"))


@pytest.fixture
def place() -> SchoolClass:
    return make_class()


@pytest.fixture
def teacher(place: SchoolClass, client: Client) -> Staff:
    staff = make_staff(Role.HOMEROOM, place)
    client.force_login(staff)
    return staff


def says(child: Child, *, refused: bool = False, on: date = TODAY, withdrawn: date | None = None) -> Consent:
    return Consent.objects.create(
        child=child, purpose="groups", given_by="王桂英", relation="62", given_on=on, refused=refused,
        withdrawn_on=withdrawn,
    )  # fmt: skip


def mother_of(child: Child, number: str = "13000009191", online: str = "wx_mama") -> FamilyMember:
    mother = child.family.get(relation=codes.Relation.MOTHER)
    mother.online_contact = online
    mother.save()
    Phone.objects.filter(member=mother).delete()
    Phone.objects.create(child=child, member=mother, number=number)
    return mother


def suspected(member: FamilyMember, by: Staff) -> None:
    now, child = timezone.now(), member.child
    incident = open_incident(
        school=child.school, children=[child], by=by, kind="violence", found_at=now, now=now, account="测试"
    )
    IncidentSuspect.objects.create(incident=incident, member=member)


def listed(*children: Child) -> list[tuple[str, str, str]]:
    found = group_contacts(children)
    return [(line.child.name, line.phone, line.online) for line in found.lines]


def test_only_families_whose_last_word_is_yes_are_listed(place: SchoolClass) -> None:
    asked, never, refused, back = (make_left_behind(name, place) for name in ("甲", "乙", "丙", "丁"))
    for child in (asked, never, refused, back):
        mother_of(child)
    says(asked)
    says(refused, on=date(2026, 9, 1))
    says(refused, refused=True)
    says(back, withdrawn=TODAY)
    found = group_contacts([asked, never, refused, back])
    assert {line.child for line in found.lines} == {asked}
    assert ("甲", "13000009191", "wx_mama") in listed(asked)
    assert (found.agreed, found.missing) == (1, (never, refused, back))


def test_dead_numbers_and_parents_who_are_gone_are_left_out(place: SchoolClass) -> None:
    child = make_left_behind("甲", place)
    mother = mother_of(child, online="")
    says(child)
    Phone.objects.filter(member=mother).update(state=PhoneState.DEAD)
    assert "13000009191" not in str(listed(child))
    mother_of(child)
    FamilyMember.objects.filter(pk=mother.pk).update(status=codes.ParentStatus.DECEASED)
    assert "wx_mama" not in str(listed(child))


def test_who_is_suspected_is_not_reached_by_the_number_of_another_either(place: SchoolClass, teacher: Staff) -> None:
    child = make_left_behind("甲", place)
    mother = mother_of(child)
    father = child.family.get(relation=codes.Relation.FATHER)
    Phone.objects.filter(member=father).delete()
    Phone.objects.create(child=child, member=father, number="+86 130 0000 9191")
    says(child)
    assert "0000 9191" in str(listed(child))
    suspected(mother, teacher)
    assert "9191" not in str(listed(child))


def test_the_page_is_masked_and_the_papers_are_whole(place: SchoolClass, teacher: Staff, client: Client) -> None:
    child, other = make_left_behind("甲小雨", place), make_left_behind("乙小山", place)
    mother_of(child)
    mother_of(other, "13800002222", "wx_other")
    says(child)
    shown = client.get(LIST).content.decode()
    assert "wx_mama" in shown
    assert "13000009191" not in shown
    assert reverse("children:consent_add", args=[other.pk]) + "?purpose=groups" in shown
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(EXPORT)))).active
    cells = " ".join(str(cell) for row in book.values for cell in row)
    paper = text_of(client.get(PRINT).content)
    for words in (cells, paper):
        assert "13000009191" in words
        assert "wx_mama" in words
        assert "13800002222" not in words
        assert "乙小山" not in words
    assert AccessEntry.objects.filter(event__in=[Event.PRINT, Event.EXPORT], detail__contains="group").count() == 2


def test_nothing_is_handed_out_where_nobody_agreed(place: SchoolClass, teacher: Staff, client: Client) -> None:
    mother_of(make_left_behind("甲小雨", place))
    for page in (PRINT, EXPORT):
        answer = client.get(page, follow=True)
        assert answer.redirect_chain == [(LIST, 302)]
        assert "还没有家长同意" in answer.content.decode()


def test_a_class_of_another_teacher_is_not_found(place: SchoolClass, teacher: Staff, client: Client) -> None:
    elsewhere = make_left_behind("甲小雨", make_class(place.school, number=2))
    says(elsewhere)
    for page in (LIST, PRINT, EXPORT):
        assert client.get(page, {"school_class": elsewhere.school_class_id}).status_code == 404


def test_the_suspected_are_on_no_list(place: SchoolClass, teacher: Staff, client: Client) -> None:
    child = make_left_behind("甲小雨", place)
    mother = mother_of(child)
    says(child)
    assert "wx_mama" in client.get(LIST).content.decode()
    suspected(mother, teacher)
    assert "wx_mama" not in client.get(LIST).content.decode()


def test_without_consent_the_online_contact_is_neither_asked_nor_shown_and_not_lost(
    place: SchoolClass, teacher: Staff, client: Client
) -> None:
    child = make_left_behind("甲小雨", place)
    mother = mother_of(child)
    dossier, form = (
        reverse("children:child_show", args=[child.pk]), reverse("children:member_edit", args=[child.pk, mother.pk])
    )  # fmt: skip
    assert "wx_mama" not in client.get(dossier).content.decode()
    assert "online_contact" not in client.get(form).context["form"].fields
    says(child)
    assert "wx_mama" in client.get(dossier).content.decode()
    assert "online_contact" in client.get(form).context["form"].fields


def test_a_large_class_costs_the_same_as_a_small_one(place: SchoolClass) -> None:
    children = [make_left_behind(f"学生{number}", place) for number in range(12)]
    for child in children:
        mother_of(child)
        says(child)

    def cost(some: list[Child]) -> int:
        with CaptureQueriesContext(connection) as asked:
            group_contacts(some)
        return len(asked)

    assert cost(children) == cost(children[:1])

"""A pupil who has become poor is added to the round: from a class without any, by the present teacher, of one's school."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.census.poverty import ask_too
from children.census.rounds import open_round, open_tasks, progress
from children.models import Census, Child
from children.services import change_class
from children.transfers import accept, send
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def two(school_class: SchoolClass) -> SchoolClass:
    """A class of the same school in which everybody is known not to be poor."""
    found = make_class(school_class.school, number=2)
    make_child("杨小海", found, income_per_head=20000)
    return found


@pytest.fixture
def census(school_class: SchoolClass, two: SchoolClass) -> Census:
    make_child("田小雨", school_class, hardship=["minimum"])
    cut_off = TODAY - timedelta(days=5)
    return open_round(school=school_class.school, kind="poverty", cut_off=cut_off, due_on=TODAY, by=None, today=TODAY)


def choices(client: Client, census: Census, place: SchoolClass) -> list[str]:
    page: Any = client.get(f"/students/census/{census.pk}/classes/{place.pk}/add/")
    return [child.name for child in page.context["form"].fields["child"].queryset]


def test_a_class_without_anybody_on_the_list_has_its_page(client: Client, census: Census, two: SchoolClass) -> None:
    teacher = make_staff(Role.HOMEROOM, two)
    client.force_login(teacher)
    page = f"/students/census/{census.pk}/classes/{two.pk}/"
    for url in ("/students/census/", f"/students/census/{census.pk}/"):
        text = client.get(url).content.decode()
        assert page in text
        assert "没有要核对的" in text
    text = client.get(page).content.decode()
    assert "这个班没有要核对的学生" in text
    assert f"{page}add/" in text
    assert not open_tasks(teacher, TODAY), "nothing is owed"
    added = client.post(f"{page}add/", {"child": Child.objects.get(name="杨小海").pk})
    assert added.status_code == 302
    assert "杨小海" in client.get(page).content.decode()


def test_another_round_or_anothers_class_has_no_empty_page(client: Client, census: Census, two: SchoolClass) -> None:
    client.force_login(make_staff(Role.HOMEROOM, census.rows.get().school_class))
    assert client.get(f"/students/census/{census.pk}/classes/{two.pk}/").status_code == 404
    everybody = open_round(school=two.school, kind="annual", cut_off=TODAY, due_on=None, by=None, today=TODAY)
    everybody.rows.filter(school_class=two).delete()
    client.force_login(make_staff(Role.HOMEROOM, two))
    assert client.get(f"/students/census/{everybody.pk}/classes/{two.pk}/").status_code == 404
    Census.objects.filter(pk=census.pk).update(closed_at="2026-11-20T08:00:00+08:00")
    assert client.get(f"/students/census/{census.pk}/classes/{two.pk}/").status_code == 404
    assert [found.school_class for found in progress(Census.objects.get(pk=census.pk), TODAY, classes={two.pk})] == []


def test_who_changed_class_is_added_by_the_present_teacher(
    client: Client, census: Census, school_class: SchoolClass, two: SchoolClass
) -> None:
    moved = Child.objects.get(name="杨小海")
    change_class(child=moved, to=school_class, on=TODAY, by=None)
    client.force_login(make_staff(Role.REGISTRAR, two.school))
    assert choices(client, census, two) == []
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    assert choices(client, census, school_class) == ["杨小海"]
    assert ask_too(census=census, child=moved).school_class == two, "the table is the roll of the cut-off day"


def test_a_class_of_another_school_is_not_asked(client: Client, census: Census, school_class: SchoolClass) -> None:
    far = make_class(make_school("枫香坳小学"))
    child = make_child("石小禾", far, income_per_head=9000)
    sent = send(child=child, on=TODAY - timedelta(days=3), by=None, to_school=school_class.school)
    accept(transfer=sent, school_class=school_class, on=TODAY, by=make_staff())
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    assert client.get(f"/students/census/{census.pk}/classes/{far.pk}/add/").status_code == 404
    assert choices(client, census, school_class) == [], "on the cut-off day the child was at the other school"
    with pytest.raises(ValidationError, match="石小禾在截止日期不是本校学生"):
        ask_too(census=census, child=Child.objects.get(pk=child.pk))
    assert not census.rows.filter(child=child).exists()

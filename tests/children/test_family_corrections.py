"""A wrong line about a parent takes its facts back while they are the present ones; else the page leads to them."""

from datetime import date

import pytest
from django.test import Client

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.corrections import correct
from children.left_behind import status_of
from children.models import AbsenceSpan, Child, FamilyMember, StatusChange, codes
from children.services import set_parent_status
from tests.support.factories import TODAY, make_child, make_parent, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LEFT, BACK = date(2026, 3, 1), date(2026, 11, 10)
HOME, AWAY = codes.ParentStatus.AT_HOME, codes.ParentStatus.AWAY_WORK


@pytest.fixture
def child() -> Child:
    return make_child()


@pytest.fixture
def father(child: Child) -> FamilyMember:
    return make_parent(child, "51", HOME, None)


def stated(member: FamilyMember, status: str, since: date) -> StatusChange:
    with change_by(None, "登记变动"):
        set_parent_status(member=member, status=status, since=since, by=None, on=TODAY, work_place="广东东莞")
    return StatusChange.objects.filter(child=member.child).latest("pk")


def corrected(line: StatusChange) -> None:
    with change_by(None, "更正"):
        correct(change=line, reason="点错了人", on=TODAY, by=None)


def facts(member: FamilyMember) -> tuple[str, date | None, date | None]:
    member.refresh_from_db()
    return member.status, member.away_since, member.returned_on


def test_a_leaving_that_never_was_is_taken_back(child: Child, father: FamilyMember) -> None:
    line = stated(father, AWAY, LEFT)
    assert status_of(child, TODAY).father_away
    corrected(line)
    assert facts(father) == (HOME, None, None)
    assert not AbsenceSpan.objects.exists()
    assert not status_of(child, TODAY).father_away
    assert not StatusChange.objects.standing().filter(kind="new_away").exists()


def test_before_the_leaving_nothing_was_known(child: Child) -> None:
    father = make_parent(child, "51", codes.ParentStatus.UNKNOWN, None)
    corrected(stated(father, AWAY, LEFT))
    assert facts(father)[0] == codes.ParentStatus.UNKNOWN, "nobody said that he is at home"


def test_a_return_that_never_was_is_taken_back(child: Child, father: FamilyMember) -> None:
    stated(father, AWAY, LEFT)
    corrected(stated(father, HOME, BACK))
    assert facts(father) == (AWAY, LEFT, None)
    assert AbsenceSpan.objects.get().ends_on is None
    assert status_of(child, TODAY).father_away


def test_of_two_parents_the_one_of_the_line_comes_back(child: Child, father: FamilyMember) -> None:
    mother = make_parent(child, "52", HOME, None)
    stated(father, AWAY, LEFT)
    corrected(stated(mother, AWAY, date(2026, 10, 2)))
    assert facts(mother)[0] == HOME
    assert facts(father)[0] == AWAY


def test_what_was_changed_since_stays_and_the_page_leads_there(
    client: Client, child: Child, father: FamilyMember
) -> None:
    line = stated(father, AWAY, LEFT)
    stated(father, HOME, BACK)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/changes/{line.pk}/correct/"
    assert "家庭情况不会自动改回" in client.get(url).content.decode()
    answer = client.post(url, {"reason": "登记重复"})
    assert answer.headers["Location"] == f"/students/{child.pk}/family/{father.pk}/"
    assert "家庭情况没有跟着改" in client.get(answer.headers["Location"]).content.decode()
    assert facts(father) == (HOME, LEFT, BACK)


def test_the_page_says_what_comes_back(client: Client, child: Child, father: FamilyMember) -> None:
    line = stated(father, AWAY, LEFT)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/changes/{line.pk}/correct/"
    assert "恢复为“在家”" in client.get(url).content.decode()
    assert client.post(url, {"reason": "点错了人"}).headers["Location"].endswith(f"/students/{child.pk}/#register")
    assert facts(father)[0] == HOME


def test_who_left_on_one_day_is_not_guessed(child: Child, father: FamilyMember) -> None:
    mother = make_parent(child, "52", HOME, None)
    stated(father, AWAY, LEFT)
    line = stated(mother, AWAY, LEFT)
    corrected(line)
    assert (facts(father)[0], facts(mother)[0]) == (AWAY, AWAY)


def test_another_carer_leads_to_the_care(client: Client, child: Child, father: FamilyMember) -> None:
    line = StatusChange.objects.create(child=child, school=child.school, kind="care_change", on=TODAY)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    answer = client.post(f"/students/changes/{line.pk}/correct/", {"reason": "没有换"})
    assert answer.headers["Location"] == f"/students/{child.pk}/care/"

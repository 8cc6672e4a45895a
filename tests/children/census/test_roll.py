"""Who is in a round follows the register: late entries, changes of class entered late, and later ones."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.census.answers import answer, answer_rest
from children.census.figures import census_figures
from children.census.roll import latecomers
from children.census.rounds import close_round, open_round, open_tasks, progress
from children.corrections import correct
from children.models import Census, Child, StatusChange, codes
from children.services import change_class
from tests.support.factories import TODAY, make_child, make_class, make_parent, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
CUT_OFF = date(2026, 11, 2)
BEFORE, AFTER = CUT_OFF - timedelta(days=1), CUT_OFF + timedelta(days=3)


@pytest.fixture
def two(school_class: SchoolClass) -> SchoolClass:
    return make_class(school_class.school, number=2)


def at_home(at: SchoolClass, name: str = "田小雨", **more: object) -> Child:
    child = make_child(name, at, **more)
    for relation in ("51", "52"):
        make_parent(child, relation, codes.ParentStatus.AT_HOME, None)
    return child


def opened(at: SchoolClass) -> Census:
    return open_round(school=at.school, kind="term_start", cut_off=CUT_OFF, due_on=TODAY, by=None, today=TODAY)


def totals(census: Census) -> dict[str, int]:
    figures = census_figures(Census.objects.get(pk=census.pk), make_staff(Role.PRINCIPAL, census.school))
    return {row[0]: row[1] for row in figures.rows}


def test_who_was_entered_late_is_told_and_taken_in(client: Client, school_class: SchoolClass, two: SchoolClass) -> None:
    at_home(school_class)
    census = opened(school_class)
    late = at_home(school_class, "龙小山")
    at_home(two, "韦小山", came=AFTER)  # came after the day: no business of this round
    teacher = make_staff(Role.HOMEROOM, school_class)
    client.force_login(teacher)
    page = f"/students/census/{census.pk}/classes/{school_class.pk}/"
    assert "1名截止日在校的学生" in client.get(page).content.decode()
    assert "1名截止日在校的学生" in client.get(f"/students/census/{census.pk}/").content.decode()
    assert census.rows.count() == 1, "a look writes nothing"
    client.force_login(make_staff(Role.HOMEROOM, two))
    client.post(f"/students/census/{census.pk}/take-in/")
    assert census.rows.count() == 1, "another class is not this teacher's"
    client.force_login(teacher)
    assert client.post(f"/students/census/{census.pk}/take-in/").status_code == 302
    assert census.rows.get(child=late).answer == "open"
    text = client.get(page).content.decode()
    assert "龙小山" in text
    assert "还不在名单里" not in text


def test_the_frozen_table_is_the_roll_of_the_day(school_class: SchoolClass, two: SchoolClass) -> None:
    stays, moves, wrong = at_home(school_class), at_home(school_class, "龙小山"), at_home(school_class, "杨小海")
    census, principal = opened(school_class), make_staff(Role.PRINCIPAL, school_class.school)
    change_class(child=moves, to=two, on=BEFORE, by=None)
    correct(change=StatusChange.objects.get(child=wrong), reason="重复建档", on=TODAY, by=None)
    at_home(two, "韦小山")
    close_round(census=census, by=principal, reason="家长外出")
    assert totals(census) == {school_class.name_on(CUT_OFF): 1, two.name_on(CUT_OFF): 2}
    assert census.rows.filter(child=stays).exists()
    assert not latecomers(Census.objects.get()).exists()


def test_who_changed_class_is_asked_by_the_present_teacher(
    client: Client, school_class: SchoolClass, two: SchoolClass
) -> None:
    stays, moves = at_home(school_class), at_home(school_class, "龙小山")
    census = opened(school_class)
    change_class(child=moves, to=two, on=AFTER, by=None)
    found = {c.school_class: (c.total, c.open, c.left) for c in progress(census, TODAY)}
    assert found == {school_class: (1, 1, 0), two: (1, 1, 0)}
    teacher = make_staff(Role.HOMEROOM, two)
    assert [task.total for _census, task in open_tasks(teacher, TODAY)] == [1]
    client.force_login(teacher)
    page = f"/students/census/{census.pk}/classes/{two.pk}/"
    assert "龙小山" in client.get(page).content.decode()
    row = census.rows.get(child=moves)
    pressed = client.post(f"/students/census/rows/{row.pk}/mark/", {"answer": "unchanged", "version": row.version})
    assert pressed.headers["Location"] == f"{page}#row-{row.pk}"
    assert answer_rest(census=census, school_class=school_class.pk, by=teacher) == (1, 0)
    close_round(census=census, by=make_staff(Role.PRINCIPAL, school_class.school))
    assert totals(census) == {school_class.name_on(CUT_OFF): 2}, "on the day both were in the first class"
    assert census.rows.get(child=stays).answer == "unchanged"


def test_who_changed_class_holds_up_the_closing(school_class: SchoolClass, two: SchoolClass) -> None:
    moves = at_home(school_class)
    census, principal = opened(school_class), make_staff(Role.PRINCIPAL, school_class.school)
    change_class(child=moves, to=two, on=AFTER, by=None)
    with pytest.raises(ValidationError, match="还有 1 名学生没有核对"):
        close_round(census=census, by=principal)
    row = census.rows.select_related("census").get()
    answer(row=row, answer="unchanged", by=principal, version=row.version)
    close_round(census=census, by=principal)


def test_before_the_closing_latecomers_are_named(client: Client, school_class: SchoolClass) -> None:
    at_home(school_class)
    census = opened(school_class)
    at_home(school_class, "龙小山")
    client.force_login(make_staff(Role.PRINCIPAL, school_class.school))
    text = client.get(f"/students/census/{census.pk}/close/").content.decode()
    assert "开始以后才登记的 1 名学生会一起列入" in text
    assert "还有 2 名学生没有核对" in text

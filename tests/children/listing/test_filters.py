"""The filters of the list of children: absence, mentor, school and class, gaps, hardship; each by who may ask."""

from datetime import date

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, Phone, codes
from children.services import leave_school, set_care, set_parent_status
from tests.children.listing.pages import LIST, names, page
from tests.support.factories import (
    TODAY,
    appoint,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_parent,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db


def test_registrar_sees_no_level_and_cannot_ask_for_it(client: Client) -> None:
    school_class = make_class()
    make_child(at=school_class, support_level=codes.SupportLevel.KEY)
    make_child("安小禾", school_class)
    staff = make_staff(Role.REGISTRAR, school_class.school)
    assert "重点" not in page(client, staff)
    assert len(names(client, staff, "level=key")) == 2


def test_conditions_over_data_of_another_post_do_not_count(client: Client) -> None:
    """The class teacher of one class who is mentor elsewhere asks for levels: the mentee is not told apart."""
    mine = make_class()
    other = make_class(mine.school, number=2)
    make_child("安小禾", mine, support_level=codes.SupportLevel.KEY)
    mentee = make_child("龙小山", other, support_level=codes.SupportLevel.KEY)
    staff = make_staff(Role.HOMEROOM, mine)
    make_pairing(mentee, make_mentor(staff, mine.school))
    assert names(client, staff) == ["安小禾", "龙小山"]
    assert names(client, staff, "level=key") == ["安小禾"]


def test_filters_by_absence_under_each_definition(client: Client) -> None:
    school_class = make_class()
    make_left_behind("双方久", school_class)
    make_left_behind("一方久", school_class, both=False)
    fresh = make_child("刚外出", school_class)
    make_parent(fresh, since=date(2026, 10, 20))
    make_parent(fresh, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME, since=None)
    make_child("都在家", school_class)
    staff = make_staff(Role.HOMEROOM, school_class)

    def found(query: str) -> set[str]:
        return set(names(client, staff, query))

    assert found("away=left") == {"双方久", "一方久", "刚外出"}
    assert found("away=left&definition=lb_edu") == {"双方久", "一方久"}
    assert found("away=left&definition=lb_mca") == {"双方久"}
    assert found("away=both") == {"双方久"}
    assert found("away=one") == {"一方久", "刚外出"}
    assert found("away=not") == {"都在家"}


def test_filters_by_mentor_boarding_grade_and_roll(client: Client) -> None:
    school_class = make_class()
    paired = make_child("有结对", school_class, boarding=codes.Boarding.BOARDER)
    make_pairing(paired)
    make_child("没结对", school_class)
    make_child("五年级", make_class(school_class.school, grade=5))
    left = make_child("走了的", school_class)
    leave_school(child=left, on=TODAY, kind="out_transfer", by=None)
    staff = make_staff(Role.CARE_LEAD, school_class.school)
    assert set(names(client, staff, "unpaired=on")) == {"没结对", "五年级"}
    assert names(client, staff, "boarding=2") == ["有结对"]
    assert names(client, staff, "grade=5") == ["五年级"]
    assert names(client, staff, "roll=left") == ["走了的"]
    assert len(names(client, staff, "roll=all")) == 4
    assert names(client, staff, f"school_class={school_class.pk}&order=class") == ["没结对", "有结对"]


def test_a_wrong_filter_shows_nobody(client: Client) -> None:
    school_class = make_class()
    make_child(at=school_class)
    assert names(client, make_staff(Role.HOMEROOM, school_class), "school_class=999999") == []


def test_finds_incomplete_dossiers(client: Client) -> None:
    school_class = make_class()
    make_term(school_class.school)
    make_child("不完整", school_class)
    complete_child("完整的", school_class)
    staff = make_staff(Role.HOMEROOM, school_class)
    assert names(client, staff, "incomplete=on") == ["不完整"]


def complete_child(name: str, at) -> Child:
    number = id_number(date(2016, 5, 4), male=False)
    child = make_child(
        name, at, ethnic="01", id_no=number, student_no=f"G{number}", address="青榕村三组", boarding="1", commute="walk",
        body_state="healthy", family_confirmed_on=TODAY,
    )  # fmt: skip
    father = make_parent(child)
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME, since=None)
    set_care(child=child, carer=father, care_type="one_parent", rating="good", on=TODAY, by=None)
    Phone.objects.create(child=child, member=father, number="13800001111", verified_on=TODAY)
    return child


def test_a_returned_father_is_no_longer_away(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class, both=False)
    father = FamilyMember.objects.get(child=child, relation=codes.Relation.FATHER)
    set_parent_status(member=father, status="at_home", since=date(2026, 11, 1), by=None, on=TODAY)
    assert names(client, make_staff(Role.HOMEROOM, school_class), "away=left") == []


@pytest.fixture
def county() -> tuple[Staff, list[Child]]:
    """Somebody who leads more schools than fit into one list of classes, with a child in each."""
    children = [make_child(f"学生{number}", make_class(make_school(f"第{number}小学"))) for number in range(5)]
    staff = make_staff(Role.PRINCIPAL, children[0].school)
    for child in children[1:]:
        appoint(staff, Role.PRINCIPAL, child.school)
    return staff, children


def test_who_sees_many_schools_chooses_the_school_before_the_class(client: Client, county) -> None:
    staff, children = county
    there = children[3]
    other = make_child("同校", make_class(there.school, grade=5))
    whole = page(client, staff)
    assert "请先选学校" in whole
    assert f'value="{there.school_class_id}"' not in whole
    assert set(names(client, staff, f"school={there.school_id}")) == {there.name, other.name}
    assert f'<option value="{there.school_class_id}"' in page(client, staff, f"school={there.school_id}")
    assert names(client, staff, f"school={there.school_id}&school_class={there.school_class_id}") == [there.name]
    assert names(client, staff, "grade=5") == ["同校"]


def test_a_link_to_a_class_finds_its_school(client: Client, county) -> None:
    staff, children = county
    answer = page(client, staff, f"school_class={children[2].school_class_id}")
    assert f'<option value="{children[2].school_class_id}" selected' in answer
    assert names(client, staff, f"school_class={children[2].school_class_id}") == [children[2].name]
    stranger = make_child("外校", make_class(make_school("外校")))
    assert names(client, staff, f"school_class={stranger.school_class_id}") == []


def test_another_school_forgets_the_class_of_the_one_before(client: Client, county) -> None:
    staff, children = county
    here, there = children[0], children[1]
    assert names(client, staff, f"school={there.school_id}&school_class={here.school_class_id}") == [there.name]


@pytest.mark.data
def test_the_list_costs_the_same_for_few_and_many_schools(
    client: Client, county, django_assert_max_num_queries
) -> None:
    staff, children = county
    for _ in range(2):
        client.force_login(staff)
        with django_assert_max_num_queries(16):
            client.get(LIST)
        for number in range(6, 12):
            appoint(staff, Role.PRINCIPAL, make_child("又一", make_class(make_school(f"第{number}小学"))).school)


@pytest.mark.data
def test_families_in_hardship_are_found_by_kind_and_by_those_who_read_of_it(client: Client) -> None:
    place = make_class()
    make_child("龙小山", place, hardship=["minimum", "disabled"])
    make_child("杨小海", place, hardship=["lifted"])
    make_child("田小雨", place)
    teacher = make_staff(Role.HOMEROOM, place)
    assert names(client, teacher, "hardship=minimum") == ["龙小山"]
    assert names(client, teacher, "hardship=disabled") == ["龙小山"]
    assert sorted(names(client, teacher, "hardship=any")) == ["杨小海", "龙小山"]
    assert names(client, teacher, "hardship=none") == ["田小雨"]
    subject = make_staff(Role.TEACHER, place)
    assert "困难类别" not in page(client, subject)
    assert len(names(client, subject, "hardship=minimum")) == 3

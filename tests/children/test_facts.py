"""What the database holds by itself, completeness, and sight of one child."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from caretrack.access.policy import Act, DataClass, Level, Role
from children.completeness import completeness, incomplete
from children.models import (
    AbsenceSpan,
    AidGrant,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    Phone,
    SafetyPledge,
    StatusChange,
    codes,
)
from children.models.register import overlap_sentence
from children.sections import PARTS
from children.services import set_care
from children.sight import sight_of, sights
from tests.support.factories import (
    TERM_START,
    TODAY,
    appoint,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_parent,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
data = pytest.mark.data
NUMBER = id_number(date(2016, 5, 4), male=False)


def refuses(model: Any, **values: Any) -> None:
    """The database itself refuses the row."""
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


@data
def test_one_id_number_belongs_to_one_child() -> None:
    child = make_child(id_no=NUMBER)
    refuses(Child, name="安小禾", school=child.school, id_no=NUMBER)
    refuses(Child, name="安小禾", school=child.school, id_no=f" {NUMBER.lower()} ")
    Child.objects.create(name="安小禾", school=child.school)
    Child.objects.create(name="石小禾", school=child.school)


@data
def test_one_student_number_belongs_to_one_child() -> None:
    child = make_child(student_no=f"G{NUMBER}")
    refuses(Child, name="安小禾", school=child.school, student_no=f"G{NUMBER}")


@data
@pytest.mark.parametrize("values", [{"name": ""}, {"sex": "7"}, {"support_level": "urgent"}])
def test_a_child_has_a_name_a_known_sex_and_a_known_level(values: dict[str, str]) -> None:
    refuses(Child, **({"name": "安小禾", "school": make_class().school} | values))


@data
def test_one_open_enrolment_and_dates_in_order() -> None:
    child = make_child()
    at = {"child": child, "school": child.school, "school_class": child.school_class}
    refuses(Enrollment, **at, starts_on=date(2027, 9, 1))
    refuses(Enrollment, **at, starts_on=date(2020, 9, 1), ends_on=date(2020, 8, 1))


@data
def test_enrolments_do_not_overlap_whatever_writes_them() -> None:
    child = make_child()
    at = {"child": child, "school": child.school, "school_class": child.school_class}
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Enrollment.objects.create(**at, starts_on=date(2026, 8, 1), ends_on=TERM_START)
    assert overlap_sentence(caught.value)
    Enrollment.objects.create(**at, starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.filter(ends_on__isnull=False).update(ends_on=TERM_START)


@data
def test_one_father_and_one_mother_but_two_grandmothers() -> None:
    child = make_child()
    make_parent(child)
    refuses(FamilyMember, child=child, relation=codes.Relation.FATHER)
    for _ in range(2):
        FamilyMember.objects.create(child=child, relation=codes.Relation.GRANDMOTHER)


@data
def test_a_parent_does_not_return_before_leaving() -> None:
    values = {"relation": "51", "away_since": date(2026, 3, 1), "returned_on": date(2026, 2, 1)}
    refuses(FamilyMember, child=make_child(), **values)
    refuses(
        AbsenceSpan,
        member=make_parent(make_child("安小禾")),
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 2, 1),
    )


@data
@pytest.mark.parametrize("values", [{"relation": "00"}, {"relation": "51", "status": "holiday"}])
def test_relation_and_status_are_known(values: dict[str, str]) -> None:
    refuses(FamilyMember, child=make_child(), **values)


@data
def test_one_open_care_arrangement_with_known_codes() -> None:
    child = make_left_behind()
    refuses(CareArrangement, child=child, care_type="grandparent")
    refuses(CareArrangement, child=child, care_type="neighbour", ends_on=TODAY)
    refuses(CareArrangement, child=child, rating="bad", ends_on=TODAY)
    refuses(CareArrangement, child=child, starts_on=TODAY, ends_on=TERM_START)


@data
def test_a_number_once_a_member_a_known_change_a_grant_of_something_a_pledge_once() -> None:
    child = make_left_behind()
    father = FamilyMember.objects.get(child=child, relation="51")
    term = make_term(child.school)
    refuses(Phone, child=child, member=father, number="13800001111")
    refuses(StatusChange, child=child, school=child.school, kind="moved", on=TODAY)
    refuses(AidGrant, child=child, programme="助学金", on=TODAY)
    SafetyPledge.objects.create(child=child, term=term, party="carer")
    refuses(SafetyPledge, child=child, term=term, party="carer")


@data
@pytest.mark.parametrize(
    "make,words",
    [
        (
            lambda c: Enrollment(child=c, school=c.school, school_class=c.school_class, starts_on=TODAY),
            "已有的在班经历",
        ),
        (lambda c: FamilyMember(child=c, relation="51"), "已经登记过了"),
        (lambda c: CareArrangement(child=c, care_type="grandparent"), "已有在用的照护安排"),
    ],
)
def test_constraints_speak_chinese(make: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        make(make_left_behind()).full_clean(exclude=["change"])


# completeness


def complete_child(name: str = "李小兰") -> Child:
    number = id_number(date(2016, 5, 4), male=False)
    child = make_child(
        name, None, ethnic="01", id_no=number, student_no=f"G{number}", address="青榕村三组", boarding="1", commute="walk",
        body_state="healthy", family_confirmed_on=TODAY,
    )  # fmt: skip
    father = make_parent(child)
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME, since=None)
    set_care(child=child, carer=father, care_type="one_parent", rating="good", on=TODAY, by=None)
    Phone.objects.create(child=child, member=father, number="13800001111", verified_on=TODAY, state="ok")
    return child


def gaps(child: Child) -> list[str]:
    return [gap.field for gap in completeness([Child.objects.get(pk=child.pk)], since=TERM_START)[child.pk].gaps]


def test_a_complete_dossier() -> None:
    child = complete_child()
    state = completeness([child], since=TERM_START)[child.pk]
    assert (state.done, state.percent) == (True, 100)


@pytest.mark.parametrize(
    "spoil,gap",
    [
        (lambda c: Child.objects.update(address=""), "address"),
        (lambda c: Child.objects.update(student_no=""), "student_no"),
        (lambda c: Child.objects.update(birth_date=None), "birth_date"),
        (lambda c: Child.objects.update(sex="0"), "sex"),
        (lambda c: Child.objects.update(family_confirmed_on=None), "family_confirmed_on"),
        (lambda c: FamilyMember.objects.filter(relation="52").update(status="unknown"), "mother"),
        (lambda c: FamilyMember.objects.filter(relation="52").delete(), "mother"),
        (lambda c: CareArrangement.objects.update(rating=""), "rating"),
        (lambda c: CareArrangement.objects.update(carer=None), "carer"),
        (lambda c: Phone.objects.update(verified_on=date(2026, 8, 31)), "verified"),
        (lambda c: Phone.objects.update(state="dead"), "verified"),
    ],
)
def test_each_gap_is_found_by_both_ways_of_asking(spoil: Any, gap: str) -> None:
    child = complete_child()
    assert not incomplete(Child.objects.all(), since=TERM_START).exists()
    spoil(child)
    assert gaps(child) == [gap]
    assert incomplete(Child.objects.all(), since=TERM_START).get() == child


def test_a_child_alone_has_no_carer_and_is_complete() -> None:
    child = complete_child()
    CareArrangement.objects.update(carer=None, care_type=codes.CareType.SELF)
    assert gaps(child) == []
    assert not incomplete(Child.objects.all(), since=TERM_START).exists()


def test_many_dossiers_in_a_fixed_number_of_statements(django_assert_num_queries) -> None:
    children = [make_left_behind(f"李小{n}") for n in range(3)]
    with django_assert_num_queries(3):
        assert len(completeness(children, since=TERM_START)) == 3


def test_every_gap_leads_to_a_section_that_exists() -> None:
    child = make_child()
    for gap in completeness([child], since=TERM_START)[child.pk].gaps:
        assert gap.section in {*PARTS, "family", "care"}


# sight


def test_each_post_counts_only_where_it_reaches() -> None:
    mine = make_child()
    taught = make_child("安小禾", make_class(mine.school, number=2))
    mentee = make_child("石小禾", make_class(mine.school, number=3))
    stranger = make_child("龙小山", make_class())
    staff = make_staff(Role.HOMEROOM, mine.school_class)
    appoint(staff, Role.TEACHER, taught.school_class)
    make_pairing(mentee, make_mentor(staff, mine.school))
    found = sights(staff, [mine.pk, taught.pk, mentee.pk, stranger.pk])
    assert [sorted(found[c.pk].roles) for c in (mine, taught, mentee, stranger)] == [
        ["homeroom"], ["teacher"], ["mentor"], [],
    ]  # fmt: skip
    assert found[mine.pk].writes(DataClass.ECONOMY)
    assert not found[taught.pk].reads(DataClass.CONTACT)
    assert found[mentee.pk].reads(DataClass.CONTACT)
    assert not found[mentee.pk].reads(DataClass.ECONOMY)
    assert not found[mentee.pk].may(Act.CHILD_EDIT)
    assert found[stranger.pk].level(DataClass.IDENTITY) == Level.NONE


def test_posts_add_up_on_one_child() -> None:
    child = make_child()
    staff = make_staff(Role.TEACHER, child.school_class)
    appoint(staff, Role.COUNSELLOR, child.school)
    sight = sight_of(staff, child)
    assert sight.reads(DataClass.COUNSELLING)
    assert sight.numbers


def test_sight_of_many_takes_one_statement(django_assert_num_queries) -> None:
    children = [make_child(f"李小{n}") for n in range(3)]
    staff = make_staff(Role.PRINCIPAL, children[0].school)
    staff.roles()
    with django_assert_num_queries(1):
        sights(staff, [c.pk for c in children])


def test_numbers_are_for_those_who_keep_the_dossier() -> None:
    child = make_child()
    mentor = make_staff()
    make_pairing(child, make_mentor(mentor, child.school))
    assert not sight_of(mentor, child).numbers
    assert not sight_of(make_staff(Role.TEACHER, child.school_class), child).numbers
    assert sight_of(make_staff(Role.HOMEROOM, child.school_class), child).numbers

"""Questions whose SQL is built once answer as if it were built each time."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Count, QuerySet

from caretrack.access.history import change_by
from caretrack.access.models import ChangeSet
from caretrack.access.policy import Role
from caretrack.fixed import fixed, hang, tally
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from children.models import Child
from mentoring.models import Pairing
from tests.support.factories import make_child, make_class, make_mentor, make_pairing, make_school, make_staff

pytestmark = pytest.mark.django_db


@fixed
def terms_of(school: int, day: date) -> QuerySet[Term]:
    return Term.objects.filter(school=school, starts_on__lte=day).select_related("school").order_by("-starts_on")


@fixed
def schools_with_children(school: int) -> QuerySet[School]:
    return School.objects.filter(pk=school).prefetch_related("children")


def make_term(school: School, starts_on: date) -> Term:
    season = 1 if starts_on.month > 6 else 2
    year = starts_on.year if season == 1 else starts_on.year - 1
    return Term.objects.create(
        school=school, year=year, season=season, starts_on=starts_on, ends_on=starts_on + timedelta(days=100)
    )


@pytest.mark.data
def test_each_call_answers_for_its_own_values() -> None:
    here, there = make_school(), make_school()
    autumn, spring = make_term(here, date(2025, 9, 1)), make_term(here, date(2026, 3, 1))
    other = make_term(there, date(2025, 9, 1))
    assert terms_of(here.pk, date(2026, 6, 1)) == [spring, autumn]
    assert terms_of(here.pk, date(2025, 12, 1)) == [autumn]
    assert terms_of(there.pk, date(2026, 6, 1)) == [other]
    assert terms_of(there.pk, date(2024, 1, 1)) == []


@pytest.mark.data
def test_rows_come_with_what_was_selected_and_prefetched(django_assert_num_queries) -> None:
    child = make_child()
    term = make_term(child.school, date(2020, 9, 1))
    for _ in range(2):
        with django_assert_num_queries(1):
            assert terms_of(child.school_id, date(2021, 1, 1))[0].school.name == child.school.name
        with django_assert_num_queries(2):
            (school,) = schools_with_children(child.school_id)
            assert list(school.children.all()) == [child]
    term.delete()
    assert term not in terms_of(child.school_id, date(2021, 1, 1))


@pytest.mark.parametrize("value", [None, True, [1], 1.5, (1, "1"), (True,)])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        schools_with_children(value)  # type: ignore[arg-type]


def test_a_value_that_does_not_reach_the_sql_is_refused() -> None:
    @fixed
    def forgetful(school: int) -> QuerySet[School]:
        return School.objects.all()

    with pytest.raises(TypeError, match="forgetful"):
        forgetful(1)


@fixed
def seen_by(staff: Staff, ids: tuple[int, ...]) -> QuerySet[Child]:
    return Child.objects.visible_to(staff).filter(pk__in=ids)


@fixed
def all_seen_by(staff: Staff) -> QuerySet[Child]:
    return Child.objects.visible_to(staff)


@pytest.mark.data
def test_what_one_person_may_see_is_not_shown_to_another_of_the_same_post() -> None:
    here, there = make_child(), make_child()
    ids = (here.pk, there.pk)
    for child in (here, there, here):
        reader = make_staff(Role.HOMEROOM, child.school_class)
        assert seen_by(reader, ids) == [child]
        assert all_seen_by(reader) == [child]
        assert seen_by(make_staff(Role.REGISTRAR, child.school), ids) == [child]
    assert seen_by(make_staff(Role.SYSADMIN, here.school), ids) == []


@pytest.mark.data
def test_posts_and_pairings_that_are_added_or_end_count_at_once() -> None:
    child, other = make_child(), make_child()
    staff = make_staff(Role.HOMEROOM, child.school_class)
    assert all_seen_by(staff) == [child]
    with change_by(None, "test"):
        Appointment.objects.create(
            staff=staff, role=Role.HOMEROOM, school=other.school, school_class=other.school_class, starts_on=date(2020, 9, 1)
        )  # fmt: skip
    assert {c.pk for c in all_seen_by(staff)} == {child.pk, other.pk}
    staff = Staff.objects.get(pk=staff.pk)
    mentee = make_child("邻班", make_class(child.school, grade=5))
    pairing = make_pairing(mentee, make_mentor(staff))
    assert mentee in all_seen_by(Staff.objects.get(pk=staff.pk))
    with change_by(None, "test"):
        Pairing.objects.filter(pk=pairing.pk).delete()
    assert mentee not in all_seen_by(Staff.objects.get(pk=staff.pk))


@pytest.mark.data
def test_tuples_of_any_length_find_their_own() -> None:
    children = [make_child() for _ in range(5)]
    for number in range(6):
        ids = tuple(child.pk for child in children[:number])
        assert {s.pk for s in schools_of(ids)} == {child.school_id for child in children[:number]}


@fixed
def schools_of(ids: tuple[int, ...]) -> QuerySet[School]:
    return School.objects.filter(children__in=ids).distinct()


@fixed
def named(names: tuple[str, ...]) -> QuerySet[Child]:
    return Child.objects.filter(name__in=names).order_by("pk")


@fixed
def change(key: UUID) -> QuerySet[ChangeSet]:
    return ChangeSet.objects.filter(pk=key)


@fixed
def changes(keys: tuple[UUID, ...]) -> QuerySet[ChangeSet]:
    return ChangeSet.objects.filter(pk__in=keys)


@pytest.mark.data
def test_texts_and_uuids_find_their_own_alone_and_in_tuples() -> None:
    here, there, last = make_child("李小兰"), make_child("罗小山"), make_child("王小花")
    for asked in ((here,), (here, there, last), (there, last)):
        assert named(tuple(child.name for child in asked)) == list(asked)
        assert {row.pk for row in changes(tuple(child.change_id for child in asked))} == {c.change_id for c in asked}
    for child in (here, there):
        assert [row.pk for row in change(child.change_id)] == [child.change_id]
    assert named(()) == []


@pytest.mark.data
def test_a_tally_is_one_row_of_figures() -> None:
    child = make_child()
    assert pupils(child.school_id) == [(1, 1)]
    assert pupils(make_school().pk) == [(0, 0)]


@fixed
def pupils(school: int) -> QuerySet[Child]:
    return tally(Child.objects.filter(school=school), all=Count("pk"), roll=Count("school_class"))


@pytest.mark.data
def test_rows_that_are_hung_on_their_owners_ask_nothing_more(django_assert_num_queries) -> None:
    child = make_child()
    term = make_term(child.school, date(2020, 9, 1))
    empty = make_school()
    with django_assert_num_queries(1):
        hang([child.school, empty], "terms", terms_of(child.school_id, date(2021, 1, 1)))
    with django_assert_num_queries(0):
        assert list(child.school.terms.all()) == [term]
        assert child.school.terms.all()[0].school is child.school
        assert list(empty.terms.all()) == []


def test_of_a_likeness_nothing_is_known_but_its_posts() -> None:
    staff = make_staff(Role.HOMEROOM, make_child().school_class)
    like = staff.likeness(tuple(-n for n in range(1, 1 + len(staff.numbers()))))
    assert (like.roles(), like.pk) == (staff.roles(), -1)
    with pytest.raises(Staff.DoesNotExist):
        like.name  # noqa: B018
    with pytest.raises(School.DoesNotExist):
        like.home_school().closing_day  # noqa: B018


@fixed
def classmates(school: int) -> QuerySet[Child]:
    found = Child.objects.filter(school=school).select_related("school_class")
    return found.annotate(terms=Count("school__terms")).only("name", "school_class__number").order_by("pk")


@fixed
def names(school: int) -> QuerySet[Child, str]:
    return Child.objects.filter(school=school).order_by("pinyin").values_list("name", flat=True).distinct()


@fixed
def named_rows(school: int) -> QuerySet[Child, Any]:
    return Child.objects.filter(school=school).order_by("pk").values("name", "birth_date")


@pytest.mark.data
def test_rows_are_what_the_queryset_itself_makes(django_assert_num_queries) -> None:
    child = make_child("李小兰")
    make_term(child.school, date(2020, 9, 1))
    leaver = make_child("罗小山", child.school_class)
    Child.objects.filter(pk=leaver.pk).update(school_class=None)
    for asked in (classmates, names, named_rows):
        assert asked(child.school_id) == list(asked.build(child.school_id))
    with django_assert_num_queries(1):
        first, second = classmates(child.school_id)
        assert (first.school_class, first.terms) == (child.school_class, 1)
        assert second.school_class is None
    with django_assert_num_queries(1):
        assert first.birth_date == child.birth_date  # was not read


def test_a_question_that_begins_at_an_object_is_refused() -> None:
    school = make_school()

    @fixed
    def of_the_school(day: date) -> QuerySet[Term]:
        return school.terms.filter(starts_on__lte=day)

    with pytest.raises(TypeError, match="of_the_school"):
        of_the_school(date(2025, 9, 1))


@fixed
def numbered(number: int) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.filter(number=number)


def test_a_small_column_is_refused_and_answers_not_with_nothing():
    make_class(number=2)
    with pytest.raises(TypeError, match="numbered"):
        numbered(2)

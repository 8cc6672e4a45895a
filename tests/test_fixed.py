"""Questions whose SQL is built once answer as if it were built each time."""

from datetime import date, timedelta

import pytest
from django.db.models import QuerySet

from caretrack.fixed import fixed
from caretrack.schools.models import School, Term
from tests.support.factories import make_child, make_school

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


@pytest.mark.parametrize("value", [None, "1", True, [1], 1.5])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        schools_with_children(value)  # type: ignore[arg-type]


def test_a_value_that_does_not_reach_the_sql_is_refused() -> None:
    @fixed
    def forgetful(school: int) -> QuerySet[School]:
        return School.objects.all()

    with pytest.raises(TypeError, match="forgetful"):
        forgetful(1)

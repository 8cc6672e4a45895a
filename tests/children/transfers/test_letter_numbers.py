"""Letters of a school are numbered through the year, and no number is given twice."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caretrack.schools.models import School
from children.models import Transfer
from children.transfers import send
from tests.support.factories import make_child, make_class, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def school() -> School:
    return make_class().school


def sent(name: str, school: School, on: date = date(2026, 11, 10)) -> Transfer:
    return send(child=make_child(name, school.classes.get()), on=on, by=None, to_name="东莞市第三小学")


def test_a_number_is_not_given_again_when_an_earlier_one_is_gone(school: School) -> None:
    first, second = sent("石小禾", school), sent("田小雨", school)
    first.child.delete()
    assert (second.letter_no, sent("龙小山", school).letter_no) == ("〔2026〕2号", "〔2026〕3号")


def test_each_school_and_year_counts_for_itself(school: School) -> None:
    for name in ("石小禾", "田小雨"):
        sent(name, school)
    assert sent("龙小山", make_class(make_school("枫香坳小学")).school).letter_no == "〔2026〕1号"
    assert sent("韦小山", school, date(2027, 1, 8)).letter_no == "〔2027〕1号"


def test_numbers_of_another_kind_are_no_hindrance(school: School) -> None:
    sent("石小禾", school)
    Transfer.objects.update(letter_no="〔2026〕补3号")
    assert sent("田小雨", school).letter_no == "〔2026〕1号"


def test_who_numbers_at_once_waits_for_the_other(school: School) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("on SQLite a transaction begins with the only write lock: no second one reads before it ends")
    with CaptureQueriesContext(connection) as queries:
        sent("石小禾", school)
    asked = [query["sql"] for query in queries]
    held = next(at for at, sql in enumerate(asked) if "schools_school" in sql and "FOR NO KEY UPDATE" in sql)
    read = next(at for at, sql in enumerate(asked) if "letter_no" in sql and "SELECT" in sql and "LIKE" in sql)
    assert held < read

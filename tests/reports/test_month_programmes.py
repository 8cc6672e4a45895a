"""Several programmes at once: the month and the term tell what each of them asks, whichever was adopted last."""

from datetime import date

import pytest

from activities.programmes import adopt
from caretrack.access.policy import Role
from caretrack.periods import Month
from reports.builders.month import MonthFigures, build_month
from reports.builders.term import build_semester
from reports.builders.unit import Unit
from tests.support.factories import (
    make_class,
    make_left_behind,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
END = date(2026, 11, 25)


@pytest.fixture
def school():
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def paired(school):
    """A child with a mentor and a talk in November, under 六个一 since the first of September."""
    four = make_class(school)
    adopt("six_ones", school, date(2026, 9, 1), None)
    child = make_left_behind("甲", four)
    make_pairing(child)
    make_record(child, make_staff(Role.HOMEROOM, four), date(2026, 11, 3))
    return child


def november(school) -> MonthFigures:
    return build_month(Unit(school), Month(2026, 11), definition="lb_seed", on=END)


def heads(figures: MonthFigures) -> list[str]:
    return [head.label for head in figures.tables[3].upper_heads]


def talks(figures: MonthFigures, programme) -> tuple[object, object]:
    talk = programme.items.get(name="谈一次心")
    table = figures.tables[3]
    return table.cell(0, f"t4.{talk.pk}.due").value, table.cell(0, f"t4.{talk.pk}.done").value


class TestMonth:
    def test_a_programme_adopted_in_its_last_days_takes_the_place_of_none(self, school, paired):
        before = november(school)
        adopt("ten_ones", school, date(2026, 11, 23), None)
        after = november(school)
        assert after.tables[3].title == "“六个一”完成情况表"
        assert after.tables[3].rows == before.tables[3].rows
        assert talks(after, school.programmes.get(code="six_ones")) == (1, 1)
        assert "本期没有应完成数、不列入本表的：“十个一”谈一次心、写一封亲情书信" in after.tables[3].notes

    def test_two_that_ask_stand_beside_each_other_by_name(self, school, paired):
        ten = adopt("ten_ones", school, date(2026, 11, 2), None)
        after = november(school)
        assert after.tables[3].title == "“十个一”“六个一”完成情况表"
        assert {"十个一：谈一次心", "六个一：谈一次心"} <= set(heads(after))
        assert talks(after, school.programmes.get(code="six_ones")) == (1, 1)
        assert talks(after, ten) == (3, 1)

    def test_one_that_ended_within_the_month_tells_what_it_asked(self, school, paired):
        six = school.programmes.get(code="six_ones")
        adopt("ten_ones", school, date(2026, 11, 23), None)
        six.ends_on = date(2026, 11, 22)
        six.save()
        assert talks(november(school), six) == (1, 1)

    def test_alone_a_programme_needs_no_name_in_its_heads(self, school, paired):
        assert "谈一次心" in heads(november(school))


def test_the_term_counts_every_programme_of_its_months(school, paired):
    term = school.terms.get()

    def rate() -> tuple[int, int]:
        figures = build_semester(school, term, definition="lb_seed", cut_off=END, taken_on=END)
        return next((line.numerator, line.denominator) for line in figures.rates if line.label == "项目完成率")

    before = rate()
    assert before[0] == 1
    assert before[1] > 1
    ten = adopt("ten_ones", school, date(2026, 11, 23), None)
    assert rate() == before
    ten.ends_on = date(2026, 11, 23)
    ten.save()
    assert rate() == before

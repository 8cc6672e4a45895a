"""Festivals fall on the right day of every year."""

from datetime import date

import pytest

from activities.festivals import festivals_between


@pytest.mark.parametrize(
    "name, day",
    [
        ("春节", date(2026, 2, 17)),
        ("春节", date(2027, 2, 6)),
        ("中秋节", date(2025, 10, 6)),
        ("中秋节", date(2026, 9, 25)),
        ("端午节", date(2026, 6, 19)),
        ("重阳节", date(2026, 10, 18)),
        ("六一儿童节", date(2026, 6, 1)),
    ],
)
def test_a_festival_falls_on_its_day(name, day):
    assert [one.festival.name for one in festivals_between(day, day)] == [name]


def test_a_spring_term_has_its_festivals_in_order():
    names = [one.festival.name for one in festivals_between(date(2027, 2, 1), date(2027, 7, 10))]
    assert names == ["春节", "元宵节", "三八妇女节", "六一儿童节", "端午节"]


def test_the_family_phone_is_free_the_day_before():
    (day,) = festivals_between(date(2026, 10, 1), date(2026, 10, 1))
    assert day.hotline_on == date(2026, 9, 30)

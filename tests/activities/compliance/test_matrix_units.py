"""The duties of classes and of the school beneath the matrix: a school of many classes is not listed without end."""

from datetime import date

import pytest
from django.urls import reverse

from activities.programmes import adopt
from caretrack.access.policy import Role
from tests.support.factories import TERM_START, make_class, make_left_behind, make_school, make_staff, make_term

pytestmark = pytest.mark.django_db


def _units(client, **asked):
    return client.get(reverse("activities:duty_matrix"), {"span": "term", **asked})


def test_many_classes_are_folded_and_one_class_shows_all_of_its_own(client):
    school = make_school()
    make_term(school)
    adopt("ten_ones", school, TERM_START, None)
    classes = [make_class(school, grade, number) for grade in range(1, 7) for number in range(1, 8)]
    for one in classes:
        make_left_behind(f"学生{one.pk}", one)
    client.force_login(make_staff(Role.CARE_LEAD, school))
    whole = _units(client)
    units, left = whole.context["units"], whole.context["units_left"]
    assert len(units) == 30
    assert left > 0
    assert f"另有 {left} 条没有列出" in whole.content.decode()
    one = _units(client, **{"class": classes[-1].pk})
    assert one.context["units_left"] == 0
    assert {unit["label"] for unit in one.context["units"]} == {classes[-1].name_on(date(2026, 11, 28))}

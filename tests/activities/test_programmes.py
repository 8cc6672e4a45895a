"""The shipped programmes and their adoption by a school (domain §8)."""

from datetime import date, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.state import ProjectState

from activities.models import Activity, Kind, Meeting, Programme, ProgrammeItem
from activities.programmes import SHIPPED, adopt, shipped
from tests.support.factories import TERM_START, make_school

pytestmark = pytest.mark.django_db


def test_the_names_are_those_of_the_schools_papers():
    assert [p.name for p in SHIPPED] == [
        "六个一", "十个一", "九个一", "三个一", "五个一（家长）", "五个一（学生）", "四包", "三个优先",
    ]  # fmt: skip


def test_a_programme_has_as_many_items_as_its_name_says():
    sizes = {p.code: len(p.items) for p in SHIPPED}
    assert sizes == {
        "six_ones": 6,
        "ten_ones": 10,
        "nine_ones": 11,  # the two that are named beside the nine
        "three_ones": 3,
        "five_ones_parents": 5,
        "five_ones_pupils": 5,
        "four_packs": 4,
        "three_priorities": 3,
    }


def test_five_of_the_six_are_owed_to_each_child_and_the_sixth_by_the_school():
    items = shipped("six_ones").items
    assert [i.subject for i in items] == [ProgrammeItem.Subject.CHILD] * 5 + [ProgrammeItem.Subject.SCHOOL]
    assert {i.period for i in items} == {ProgrammeItem.Period.MONTH}


def test_the_same_words_oblige_differently_in_two_programmes():
    lecture_of_ten, lecture_of_nine = shipped("ten_ones").items[3], shipped("nine_ones").items[4]
    assert (lecture_of_ten.subject, lecture_of_ten.period) == ("class", "month")
    assert (lecture_of_nine.subject, lecture_of_nine.period) == ("school", "term")


def test_every_evidence_names_something_that_can_be_recorded():
    known = set(Kind.values) | {"pairing", "peer", "care_home", "award", "goal", "home_return"}
    known |= {f"meeting:{kind}" for kind in Meeting.Kind.values}
    known |= {f"activity:{kind}" for kind in Activity.Kind.values}
    assert {e for p in SHIPPED for i in p.items for e in i.evidence} <= known


def test_adopting_gives_the_school_its_own_items_in_order():
    school = make_school()
    programme = adopt("six_ones", school, TERM_START, None)
    assert list(programme.items.values_list("order", "name"))[:2] == [(1, "谈一次心"), (2, "检查一次家庭作业")]
    assert programme.items.get(order=1).evidence == [Kind.TALK]


@pytest.mark.parametrize("code", [p.code for p in SHIPPED])
def test_every_programme_is_valid_data(code):
    programme = adopt(code, make_school(), TERM_START, None)
    for item in programme.items.all():
        item.full_clean()


def test_the_same_programme_is_adopted_once():
    school = make_school()
    adopt("six_ones", school, TERM_START, None)
    with pytest.raises(ValidationError, match="已经启用"):
        adopt("six_ones", school, TERM_START + timedelta(days=30), None)


def test_a_school_may_come_back_to_a_programme_after_it_ended():
    school = make_school()
    first = adopt("three_ones", school, date(2025, 9, 1), None)
    first.ends_on = date(2026, 1, 20)
    first.save()
    with pytest.raises(ValidationError, match="晚于"):
        adopt("three_ones", school, date(2026, 1, 20), None)
    adopt("three_ones", school, date(2026, 3, 1), None)
    assert Programme.objects.filter(school=school, code="three_ones").count() == 2


def test_an_unknown_code_is_refused():
    with pytest.raises(ValidationError, match="没有这个"):
        adopt("seven_ones", make_school(), TERM_START, None)


@pytest.mark.data
def test_a_running_three_ones_is_amended_by_the_upgrade_with_triggers_in_place():
    programme = adopt("three_ones", make_school(), TERM_START, None)
    programme.items.filter(order__lt=3).update(role="mentor")
    amend = import_module("activities.migrations.0035_programmes_as_described").amend
    amend(ProjectState.from_apps(apps).apps, SimpleNamespace(connection=connection))
    ended = programme.items.filter(role="mentor")
    assert [(item.order, item.ends_on is not None) for item in ended] == [(1, True), (2, True)]
    assert sorted(programme.items.filter(ends_on=None).values_list("order", "role")) == [
        (1, "homeroom"),
        (2, "homeroom"),
        (3, "homeroom"),
    ]

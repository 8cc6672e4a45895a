"""A school in November with two classes, a principal, a care lead and a homeroom teacher."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_school, make_staff, make_term

TODAY = date(2026, 11, 28)


@dataclass(frozen=True)
class World:
    school: School
    term: Term
    four: SchoolClass
    five: SchoolClass
    principal: Staff
    care_lead: Staff
    homeroom: Staff
    child: Child
    other: Child


@pytest.fixture
def today(monkeypatch):
    """Pages ask the clock once; here it stands still on 28 November 2026."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)
    return TODAY


@pytest.fixture
def world(db, today):
    school = make_school()
    four, five = make_class(school), make_class(school, grade=5)
    return World(
        school=school,
        term=make_term(school),
        four=four,
        five=five,
        principal=make_staff(Role.PRINCIPAL, school, name="韦校长"),
        care_lead=make_staff(Role.CARE_LEAD, school, name="赵主任"),
        homeroom=make_staff(Role.HOMEROOM, four, name="罗老师"),
        child=make_left_behind("陈欣怡", four, boarding="2"),
        other=make_left_behind("吴玥", five, boarding="1"),
    )

"""A class in a running term with its class teacher, the lead, and a round of 评优 that takes nominations."""

from datetime import timedelta

import pytest

from activities.honours.rounds import USUAL, found_round
from activities.models import AwardRound
from caretrack.access.policy import Role
from tests.activities.honours.steps import TODAY
from tests.support.factories import make_class, make_staff, make_term


@pytest.fixture
def four():
    found = make_class()
    make_term(found.school, starts_on=TODAY - timedelta(days=80), ends_on=TODAY + timedelta(days=50))
    return found


@pytest.fixture
def lead(four):
    return make_staff(Role.CARE_LEAD, four.school, name="潘主任")


@pytest.fixture
def homeroom(four):
    return make_staff(Role.HOMEROOM, four, name="韦老师")


@pytest.fixture
def round_(four):
    new = AwardRound(school=four.school, term=four.school.terms.get(), title="秋季学期评优表彰", nominate_until=TODAY)
    return found_round(new, [one.name for one in USUAL])

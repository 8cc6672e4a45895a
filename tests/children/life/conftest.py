"""A class with its term, and the care lead of its school at the screen."""

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from tests.support.factories import make_class, make_staff, make_term


@pytest.fixture
def four() -> SchoolClass:
    school_class = make_class()
    make_term(school_class.school)
    return school_class


@pytest.fixture
def lead(client: Client, four: SchoolClass) -> Staff:
    staff = make_staff(Role.CARE_LEAD, four.school)
    client.force_login(staff)
    return staff

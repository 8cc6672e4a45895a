"""A class in its term with a left-behind child, its class teacher and the school's care lead."""

import pytest

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_staff, make_term


@pytest.fixture
def school_class(db: None) -> SchoolClass:
    school_class = make_class()
    make_term(school_class.school)
    return school_class


@pytest.fixture
def child(school_class: SchoolClass) -> Child:
    return make_left_behind("李小兰", school_class)


@pytest.fixture
def homeroom(school_class: SchoolClass) -> Staff:
    return make_staff(Role.HOMEROOM, school_class, name="韦老师")


@pytest.fixture
def lead(school_class: SchoolClass) -> Staff:
    return make_staff(Role.CARE_LEAD, school_class.school, name="潘主任")

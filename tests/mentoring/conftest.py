"""A class in a term that goes on for a while, and mentors who do not teach it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from mentoring.models import Mentor
from tests.support.factories import make_class, make_mentor, make_staff, make_term


@pytest.fixture
def school_class(db: None) -> SchoolClass:
    """A class of grade 4; its term ends 30 days from today, whichever day that is."""
    school_class = make_class()
    make_term(school_class.school, ends_on=timezone.localdate() + timedelta(days=30))
    return school_class


@pytest.fixture
def two(school_class: SchoolClass) -> list[Mentor]:
    """Two teachers of grade 6 who are nobody's mentors yet."""
    other = make_class(school_class.school, grade=6)
    return [make_mentor(make_staff(Role.TEACHER, other, name)) for name in ("石老师", "韦老师")]


@pytest.fixture
def mentor(school_class: SchoolClass) -> Mentor:
    """A teacher of grade 6 who is nobody's mentor yet."""
    return make_mentor(make_staff(Role.TEACHER, make_class(school_class.school, grade=6), "石老师"))

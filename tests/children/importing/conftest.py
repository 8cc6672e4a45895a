"""The schools that lists are brought to, the registrar who brings them, and the day on which."""

import pytest
from django.test import Client
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import make_class, make_school, make_staff, make_term


@pytest.fixture
def import_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today is DAY, for modules that ask for it."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)


@pytest.fixture
def school() -> School:
    """Six grades with two classes each."""
    school = make_school()
    make_term(school)
    for grade in range(1, 7):
        make_class(school, grade, 1)
        make_class(school, grade, 2)
    return school


@pytest.fixture
def small_school(db: None) -> School:
    """One class, of grade 4."""
    school = make_school()
    make_term(school)
    make_class(school, 4, 1)
    return school


@pytest.fixture
def registrar(school: School) -> Staff:
    return make_staff(Role.REGISTRAR, school, name="岑老师")


@pytest.fixture
def signed_in(registrar: Staff) -> Client:
    """The registrar at the screen."""
    client = Client()
    client.force_login(registrar)
    return client

"""A transfer that is on its way to another school."""

from datetime import date

import pytest

from caretrack.schools.models import SchoolClass
from children.models import Transfer
from children.transfers import send
from tests.support.factories import make_child, make_class, make_school


@pytest.fixture
def there() -> SchoolClass:
    return make_class(make_school("枫香坳小学"))


@pytest.fixture
def sent(there: SchoolClass) -> Transfer:
    return send(child=make_child("石小禾"), on=date(2026, 10, 1), by=None, to_school=there.school)

"""What every test may use: its own folders and change, and a class with a child and who answers for it."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_staff, make_term


@pytest.fixture(scope="session", autouse=True)
def _emptying_may_cross_append_only_tables() -> Iterator[None]:
    """
    Tests that commit (live server, several connections) empty all tables afterwards; the triggers forbid that.

    They are dropped before, and put back by the post_migrate signal that the same command sends.
    """
    patch = pytest.MonkeyPatch()
    for vendor_operations in {type(connection.ops) for connection in connections.all()}:
        original = vendor_operations.execute_sql_flush

        def flush(self: BaseDatabaseOperations, sql_list: list[str], original=original) -> None:
            from caretrack.access import triggers

            triggers.remove(self.connection.alias)
            original(self, sql_list)

        patch.setattr(vendor_operations, "execute_sql_flush", flush)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _folders_of_this_test(settings, tmp_path) -> None:
    """Uploads, job results and locks of one test never meet those of another."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _named_change() -> Iterator[None]:
    """Tests write tracked rows directly; requests and jobs name their own change inside."""
    from caretrack.access.history import change_by

    with change_by(None, "test"):
        yield


@pytest.fixture
def school_class(db: None) -> SchoolClass:
    """A class of grade 4 in a running term."""
    school_class = make_class()
    make_term(school_class.school)
    return school_class


@pytest.fixture
def child(school_class: SchoolClass) -> Child:
    """A left-behind child of that class."""
    return make_left_behind("李小兰", school_class)


@pytest.fixture
def homeroom(school_class: SchoolClass) -> Staff:
    """The class teacher of that class."""
    return make_staff(Role.HOMEROOM, school_class, name="韦老师")


@pytest.fixture
def lead(school_class: SchoolClass) -> Staff:
    """Who leads the care at that school."""
    return make_staff(Role.CARE_LEAD, school_class.school, name="潘主任")

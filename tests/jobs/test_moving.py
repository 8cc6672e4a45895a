"""Moving to another database: run here towards a SQLite file, which the code treats like any other target."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.models import Model

from caretrack.access import triggers
from caretrack.access.models import RowHistory
from caretrack.jobs import moving
from caretrack.schools.models import Appointment, Staff
from tests.jobs.conftest import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def target(tmp_path, monkeypatch) -> Iterator[str]:
    # Django's test case lets no database through that it does not know; this name it leaves alone.
    monkeypatch.setattr(moving, "TARGET", NO_DB_ALIAS)
    yield f"sqlite:///{tmp_path / 'moved.sqlite3'}"
    if moving.TARGET in connections.databases:
        connections[moving.TARGET].close()
        del connections[moving.TARGET]
        del connections.databases[moving.TARGET]


def test_a_move_is_whole_or_nothing_and_never_overwrites(target, monkeypatch) -> None:
    """One test for three steps, because making the tables of the other database takes seconds."""
    staff = make_person("principal")
    staff.title = "校长"
    staff.save()
    copy = moving._copy

    def forgetful(model: type[Model]) -> int:
        return 0 if model is Appointment else copy(model)

    monkeypatch.setattr(moving, "_copy", forgetful)
    with pytest.raises(CommandError, match="核对不一致"):
        call_command("move_to_postgres", target)
    monkeypatch.setattr(moving, "_copy", copy)
    assert not Staff.objects.using(moving.TARGET).exists()

    call_command("move_to_postgres", target)
    moved = Staff.objects.using(moving.TARGET).get()
    assert (moved.pk, moved.title) == (staff.pk, "校长")
    assert (moved.version, moved.change_id) == (staff.version, staff.change_id)
    assert RowHistory.objects.using(moving.TARGET).count() == RowHistory.objects.count() > 0
    assert triggers.missing(moving.TARGET) == []
    for model in moving._models():
        assert moving.fingerprint(model, moving.TARGET) == moving.fingerprint(model, "default")

    with pytest.raises(CommandError, match="已经有人员账号"):
        call_command("move_to_postgres", target)

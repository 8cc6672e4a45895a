"""An older database must be let through to `migrate`, and a database without its triggers must not serve."""

import pytest
from django.db import connection, models
from django.db.migrations import AddField, Migration, RemoveField
from django.db.migrations.recorder import MigrationRecorder

from caretrack.access.apps import check_database, release_triggers
from caretrack.access.history import tracked_models
from caretrack.access.triggers import install, missing, statements

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def _lose_a_trigger() -> None:
    name, sql = next(iter(statements(connection.vendor).items()))
    table = sql.split(" ON ")[1].split()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor != "sqlite" else ""))


def test_a_database_that_lost_a_trigger_is_refused_until_it_is_put_back() -> None:
    assert tracked_models()
    _lose_a_trigger()
    assert [error.id for error in check_database(["default"])] == ["caretrack.E010"]
    install()
    assert check_database(["default"]) == []


def test_missing_triggers_do_not_stop_an_upgrade() -> None:
    _lose_a_trigger()
    recorder = MigrationRecorder(connection)
    last = max(name for app, name in recorder.applied_migrations() if app == "children")
    recorder.record_unapplied("children", last)
    assert check_database(["default"]) == []


def test_a_table_that_loses_a_column_is_let_go_of_first() -> None:
    dropped = Migration("0099_less", "mentoring")
    dropped.operations = [RemoveField("mentor", "unit")]
    release_triggers("default", plan=[(dropped, False)])
    lost = missing("default")
    if connection.vendor == "sqlite":
        assert lost
        made = statements("sqlite")
        assert all("mentoring_mentor" in made[name] for name in lost)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mentoring_mentor DROP COLUMN unit")
    else:
        assert lost == []


def test_triggers_of_other_tables_that_read_a_lost_column_are_let_go_of_too() -> None:
    model = next(model for model in tracked_models() if getattr(model, "frozen_by", None))
    _, holder, closed = model.frozen_by  # type: ignore[attr-defined]
    app, _, name = holder.partition("_")
    dropped = Migration("0099_less", app)
    dropped.operations = [RemoveField(name, closed)]
    release_triggers("default", plan=[(dropped, False)])
    released = {name for name in missing("default") if name.endswith(f"_{model._meta.db_table}")}
    assert any(name.startswith("ct_frozen_") for name in released) == (connection.vendor == "sqlite")


def test_a_table_that_is_built_anew_may_be_read_by_triggers_of_others() -> None:
    table = "activities_activityparticipant"
    added = Migration("0099_more", "activities")
    added.operations = [AddField("activityparticipant", "late", models.BooleanField(default=False))]
    release_triggers("default", plan=[(added, False)])
    lost = missing("default")
    if connection.vendor != "sqlite":
        assert lost == []
        return
    assert "ct_touch_i_activities_activity" in lost
    assert not [name for name in lost if name.endswith(f"_{table}")]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE new__participants AS SELECT * FROM {table}")
        cursor.execute(f"DROP TABLE {table}")
        cursor.execute(f"ALTER TABLE new__participants RENAME TO {table}")
    install()
    assert missing("default") == []

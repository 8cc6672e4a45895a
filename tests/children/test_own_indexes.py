"""The tables that an import fills keep no index that is the beginning of another one."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from caretrack.indexes import AlterOwnIndex
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, Phone, StatusChange

FILLED = (Child, FamilyMember, AbsenceSpan, Phone, CareArrangement, Enrollment, StatusChange)
ASKED_BY_KEY = {(Child, "school")}
"""Of its many rows ranges of keys are asked for: the index over the reference alone is in their order."""


def whole(table: str) -> dict[str, list[str]]:
    """The indexes over all rows of a table: name → columns."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        indexes = {name: held["columns"] for name, held in found.items() if held["index"] or held["unique"]}
        return {name: columns for name, columns in indexes.items() if not is_partial(cursor, name)}


def is_partial(cursor: Any, name: str) -> bool:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = %s", [name])
    else:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
    return any(" WHERE " in (sql or "") for (sql,) in cursor.fetchall())


@pytest.mark.data
@pytest.mark.django_db
@pytest.mark.parametrize("model", FILLED)
def test_no_index_of_a_reference_begins_another_one_and_each_reference_has_one(model: type[models.Model]) -> None:
    indexes = whole(model._meta.db_table)
    for found in model._meta.concrete_fields:
        if not found.is_relation:
            continue
        ways = [columns for columns in indexes.values() if columns[0] == found.column]
        assert ways, f"{found} is looked for row by row"
        alone = [found.column] in ways and len(ways) > 1
        assert alone is ((model, found.name) in ASKED_BY_KEY), f"{found} has an index too many, or one too few"


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_an_index_comes_back_and_goes_without_touching_its_neighbours() -> None:
    state = ProjectState.from_apps(apps)
    table = Phone._meta.db_table
    before = whole(table)
    back = models.ForeignKey("children.Child", on_delete=models.CASCADE, related_name="phones")
    away = models.ForeignKey("children.Child", on_delete=models.CASCADE, related_name="phones", db_index=False)
    for wanted, indexed in ((back, True), (away, False)):
        operation, after = AlterOwnIndex("phone", "child", wanted), state.clone()
        operation.state_forwards("children", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("children", editor, state, after)
        assert (["child_id"] in whole(table).values()) is indexed
        state = after
    assert whole(table) == before

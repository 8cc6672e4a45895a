"""PostgreSQL plans by what it knows of its tables; SQLite is left as it is."""

import pytest
from django.db import connection

from caretrack.jobs.planner import look_at_tables

pytestmark = [pytest.mark.django_db, pytest.mark.data]

KNOWN = {
    "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'filled'",
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'",
}


def test_newly_filled_tables_are_known_to_postgresql_and_sqlite_keeps_its_plans() -> None:
    with connection.cursor() as cursor:
        # A table of this transaction, which the server's own cleaning does not see.
        cursor.execute("CREATE TABLE filled (number integer)")
        cursor.execute("INSERT INTO filled VALUES (1), (2), (2)")
        look_at_tables()
        cursor.execute(KNOWN[connection.vendor])
        assert bool(cursor.fetchone()[0]) == (connection.vendor == "postgresql")

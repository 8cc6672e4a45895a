"""
Django's PostgreSQL backend, which lets the server plan a statement once for many values, not anew each time.

A start page asks some sixty statements in the same words at every visit, and planning them cost the server more than
answering them (docs/benchmarks.md). Whether a plan for all values will do is for PostgreSQL to say (`plan_cache_mode`).
"""

from typing import Any

from django.db.backends.postgresql import base

# From the third time on. psycopg's five would be forty visits of a page: every thread has a connection of its own.
SAID_BEFORE = 2
# Those of all daily pages and of saving, some two hundred, which take about 30 MB of the server for a connection.
KEPT = 400


class DatabaseWrapper(base.DatabaseWrapper):
    """Named by `caretrack.env.database_from_url`, with `server_side_binding`: values apart from the words."""

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"prepare_threshold": SAID_BEFORE}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = KEPT
        return connection

"""
Django's SQLite backend with two differences.

It puts `?` where Django writes `%s` without a search by pattern. That search took some 50 µs a statement of a few
kilobytes, more than most statements themselves; saving a talk and the page it leads to ask seventy.

Who waits to write looks often whether it is their turn. SQLite's own waiting looks less and less often, after a quarter
of a second ten times a second: of twenty people waiting for an import to end the last ones then waited half a second
more, while the others passed them.
"""

from time import monotonic
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction

PATIENCE = 5.0
"""Seconds that a transaction waits for its turn, as in Python's sqlite3, unless the settings have a `timeout`."""
ROUND_MILLISECONDS = 50
"""So long SQLite looks by itself, at most 17 ms apart; then its waiting begins anew."""


class Cursor(base.SQLiteCursorWrapper):
    """Without a doubled percent sign there is no `%s` that must stay."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None and "%%" not in query:
            return query.replace("%s", "?")
        return str(super().convert_query(query, param_names=param_names))


class DatabaseWrapper(base.DatabaseWrapper):
    """Named by `caretrack.env.sqlite`."""

    transaction_mode: str | None

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        patience = float(self.settings_dict["OPTIONS"].get("timeout", PATIENCE))
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            end = monotonic() + patience
            self.connection.execute(f"PRAGMA busy_timeout = {ROUND_MILLISECONDS}")
            try:
                while not self._begins(last=monotonic() > end):
                    pass
            finally:
                self.connection.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}")

    def _begins(self, *, last: bool) -> bool:
        """
        Try to begin; False if somebody else writes, for whom the `last` attempt waits no more.

        Not through a cursor of Django's: its errors refer to themselves, so that another thread would throw them away
        with their cursors, and wait for this connection to do that, perhaps while it holds the lock that this one wants.
        """
        try:
            self.connection.execute(f"BEGIN {self.transaction_mode or ''}")
        except self.Database.OperationalError as error:
            if last or str(error) != "database is locked":
                raise
            return False
        return True

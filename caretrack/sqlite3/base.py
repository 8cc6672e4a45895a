"""
Django's SQLite backend, which puts `?` where Django writes `%s` without a search by pattern.

That search took some 50 µs a statement of a few kilobytes, more than most statements themselves; saving a talk and the
page it leads to ask seventy.
"""

from typing import Any

from django.db.backends.sqlite3 import base


class Cursor(base.SQLiteCursorWrapper):
    """Without a doubled percent sign there is no `%s` that must stay."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None and "%%" not in query:
            return query.replace("%s", "?")
        return str(super().convert_query(query, param_names=param_names))


class DatabaseWrapper(base.DatabaseWrapper):
    """Named by `caretrack.env.sqlite`."""

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

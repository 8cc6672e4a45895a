"""What PostgreSQL knows about how much lies in the tables, by which it plans statements."""

from django.db import DEFAULT_DB_ALIAS, connections


def look_at_tables(using: str = DEFAULT_DB_ALIAS) -> None:
    """
    Let PostgreSQL look at its tables at once, as after a whole database was filled.

    Until its own cleaning does so, a minute or so later, it takes them for empty, and a class teacher's start page costs
    more than twice the CPU (docs/benchmarks.md). SQLite plans without such figures, and goes on doing so.
    """
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("ANALYZE")

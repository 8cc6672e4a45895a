"""`one_of`: what `field__in` says, in the form for a CHECK."""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Q
from django.db.models.lookups import In


@CharField.register_lookup
class OneOf(In):
    """
    On SQLite one comparison after the other, which stops at the first that holds.

    For a list after IN a CHECK makes a table of the list for every row that is written: with the 35 relations of a
    family member that was half the price of writing one.
    """

    lookup_name = "one_of"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        column, known = self.process_lhs(compiler, connection)
        words, given = self.batch_process_rhs(compiler, connection)
        params = [param for value in given for param in (*known, value)]
        return f"({' OR '.join(f'{column} = {word}' for word in words)})", params


def one_of(field: str, values: Iterable[str]) -> Q:
    """The condition of a constraint that a text field holds one of the values."""
    return Q(**{f"{field}__one_of": list(values)})

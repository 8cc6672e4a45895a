"""A list of entries about pupils as a workbook that the import reads back without a change."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from caretrack.sheets import add_table, new_book, saved


def plain(value: Any) -> str:
    """A value as the import reads it back: 2026-11-02, 是, 132.5, or nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return str(value)


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet called `title`, `header` in its first row, every cell text. Takes any values; returns the file."""
    book = new_book()
    add_table(book, title, header, ([plain(value) for value in row] for row in rows))
    return saved(book)

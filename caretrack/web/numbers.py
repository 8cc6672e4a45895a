"""Numbers that a browser sends: in an address, of a ticked box, hidden in a form."""

from collections.abc import Iterable

#: The largest number of a row that an address may name; more does not fit into every store.
LARGEST = 999_999_999


def number(text: str | None) -> int | None:
    """A whole number that a row of the store may have; None for anything else, however long or odd it is."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else None


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of `texts` that are numbers, in their order."""
    return [found for text in texts if (found := number(text)) is not None]

"""What a normaliser returns."""

from typing import Generic, NamedTuple, TypeVar

from children.importing.findings import Fate, Level, Remark

T = TypeVar("T")


class Reading(NamedTuple, Generic[T]):
    """
    The value read from a cell (None if the cell says nothing usable), a detail such as a precision or code,
    and remarks that still lack their place in the file.
    """

    value: T | None
    detail: str = ""
    remarks: tuple[Remark, ...] = ()


def error(what: str, sentence: str, *, fate: Fate = Fate.IMPORT, offer: str = "") -> Remark:
    """The cell is not taken; with ``fate`` the whole row may be held or sent back."""
    return Remark(what, Level.ERROR, sentence, fate, offer)


def warning(what: str, sentence: str) -> Remark:
    """The cell is taken and shown."""
    return Remark(what, Level.WARNING, sentence)


def question(what: str, sentence: str, *, fate: Fate = Fate.IMPORT, offer: str = "") -> Remark:
    """A person decides; until then the fact stays open, or the row waits if ``fate`` says so."""
    return Remark(what, Level.QUESTION, sentence, fate, offer)


def fixed(what: str, sentence: str) -> Remark:
    """Put right without asking."""
    return Remark(what, Level.FIXED, sentence)

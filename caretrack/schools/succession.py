"""
What a class teacher leaves open passes on with the class. Apps to the right of the schools enter what they keep, as
children.leaving does for pupils who leave.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from caretrack.schools.models import Appointment, SchoolClass


@dataclass(frozen=True, slots=True)
class Kept:
    """
    One kind of things that somebody answers for. `open_of` (post, day) says how many are open with the holder of a post
    and will be out of that person's reach without it; `pass_on` (day, class or None for all) gives what a class
    teacher who is gone has left open to the one who teaches the class now, and returns how many.
    """

    label: str
    unit: str
    open_of: Callable[[Appointment, date], int]
    pass_on: Callable[[date, SchoolClass | None], int] | None = None


_kept: dict[str, Kept] = {}


def register(kept: Kept) -> None:
    """Enter one kind; entered again it is replaced."""
    _kept[kept.label] = kept


def left_open(post: Appointment, on: date) -> list[tuple[Kept, int]]:
    """What the holder of a post has open that ends with it, each kind with how many, without those of which none is."""
    counted = ((kept, kept.open_of(post, on)) for kept in _kept.values())
    return [(kept, number) for kept, number in counted if number]


def pass_on(on: date, school_class: SchoolClass | None = None) -> list[tuple[Kept, int]]:
    """
    Give what former class teachers left open, of one class or of all, to those who teach the classes on the day.

    Asked again it finds nothing. Returns each kind that was given with how many.
    """
    given = ((kept, kept.pass_on(on, school_class)) for kept in _kept.values() if kept.pass_on is not None)
    return [(kept, number) for kept, number in given if number]


def in_words(counted: Iterable[tuple[Kept, int]]) -> str:
    """未办结的跟进 3 项、专项行动的学生 11 名."""
    return "、".join(f"{kept.label} {number} {kept.unit}" for kept, number in counted)

"""The names of several classes beside each other: three schools have a 一（1）班 each."""

from collections.abc import Iterable
from datetime import date

from caretrack.schools.models import SchoolClass


def class_label(one: SchoolClass, on: date, *, several: bool) -> str:
    """The name of a class on the day, with its school if classes of `several` schools are offered."""
    return f"{one.school.label} {one.name_on(on)}" if several else one.name_on(on)


def class_labels(classes: Iterable[SchoolClass], on: date) -> dict[int, str]:
    """
    Class id → its name on the day, in the order given; the school before it where they are of several schools.

    Needs `school` loaded.
    """
    listed = list(classes)
    several = len({one.school_id for one in listed}) > 1
    return {one.pk: class_label(one, on, several=several) for one in listed}


def class_choices(classes: Iterable[SchoolClass], on: date) -> list[tuple[str, str]]:
    """The same as a form offers them: (id, label)."""
    return [(str(pk), label) for pk, label in class_labels(classes, on).items()]

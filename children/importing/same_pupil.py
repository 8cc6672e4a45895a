"""What two rows say of one pupil: where they contradict each other, and what the one says beyond the other."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from children.importing.aliases import NOTE, field_label
from children.importing.normalise.classes import ClassRef
from children.importing.normalise.dates import PartialDate
from children.importing.normalise.phones import Phone
from children.importing.records import ChildRow, Person

_PEOPLE = ("father", "mother", "carer")
_NOTES = ("notes", "restricted")
_COMPANIONS = {"ethnic": ("ethnic_text",), "relation_code": ("relation_text", "maternal")}
"""What goes with another fact and means nothing without it."""
_NO_FACTS = {
    "sheet", "row", "hidden", "part", "block", "fate", "copied", "class_origin", *_PEOPLE, *_NOTES,
    *(name for names in _COMPANIONS.values() for name in names),
}  # fmt: skip
_OF_THE_CHILD = [("", part.name) for part in fields(ChildRow) if part.name not in _NO_FACTS]
_OF_A_PERSON = [part.name for part in fields(Person) if part.name not in _NO_FACTS]
FACTS = [*_OF_THE_CHILD, *((who, name) for who in _PEOPLE for name in _OF_A_PERSON)]
"""All that rows may say of a pupil: whose fact it is, empty for the pupil's own, and the attribute."""
_FIELD_OF = {
    "klass": "class_name", "left_behind": "lb_flag", "birth_lunar": "birth_date", "contact_phones": "contact_phone",
    "neighbour_phones": "neighbour_phone", "phones": "phone", "relation_code": "relation", "work_region": "work_place",
    "mentors": "mentor.name",
}  # fmt: skip
_WORDS = {"family": "家庭成员", "clears": "【清空】"}
Fact = tuple[str, str]


def field_of(fact: Fact) -> str:
    """The field whose column states a fact: father.phone."""
    whose, name = fact
    return f"{whose}.{_FIELD_OF.get(name, name)}".removeprefix(".")


def label_of(fact: Fact) -> str:
    """The fact in words: 父亲电话."""
    whose, name = fact
    return _WORDS.get(name) or field_label(field_of(fact)) or field_label(f"{whose}.name")


def contradictions(rows: Sequence[ChildRow]) -> list[Fact]:
    """The facts that two of the rows state differently, none if each only repeats or adds to the others."""
    return [fact for fact in FACTS if not _agree([_value(row, fact) for row in rows])]


def take_over(kept: ChildRow, other: ChildRow) -> list[str]:
    """Add to a row what another one says beyond it, where they do not contradict each other; returns it in words."""
    added = []
    for fact in FACTS:
        stated, more = _value(kept, fact), _value(other, fact)
        if _says(more) and stated != more and (not _says(stated) or _covers(more, stated)):
            whose, name = fact
            source, target = _owner(other, whose), _owner(kept, whose)
            for one in (name, *_COMPANIONS.get(name, ())):
                setattr(target, one, getattr(source, one))
            added.append(label_of(fact))
    for name in _NOTES:
        known = getattr(kept, name)
        if new := [note for note in getattr(other, name) if note not in known]:
            known += new
            added.append(field_label(NOTE))
    return list(dict.fromkeys(added))


def _owner(row: ChildRow, whose: str) -> Any:
    return getattr(row, whose) if whose else row


def _value(row: ChildRow, fact: Fact) -> Any:
    return getattr(_owner(row, fact[0]), fact[1])


def _says(value: Any) -> bool:
    return value is False or bool(value)


def _agree(values: list[Any]) -> bool:
    """True if one of the values says all that the others say."""
    stated = [value for value in values if _says(value)]
    return any(all(_covers(value, other) for other in stated) for value in stated) if stated else True


def _covers(value: Any, other: Any) -> bool:
    """True if a value says at least what the other one says: a day covers its month, two numbers one of them."""
    if isinstance(value, PartialDate) and isinstance(other, PartialDate):
        return value.iso.startswith(other.iso)
    if isinstance(value, ClassRef) and isinstance(other, ClassRef):
        return other.grade in (None, value.grade) and other.number in (None, value.number)
    if isinstance(value, tuple | list | frozenset):
        known = list(_parts(value))
        return all(part in known for part in _parts(other))
    return bool(value == other)


def _parts(listed: Any) -> Iterator[Any]:
    """The members of a list; of a phone only its number counts."""
    return (part.number if isinstance(part, Phone) else part for part in listed)

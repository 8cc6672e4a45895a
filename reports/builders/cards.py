"""Contact cards (联系卡), domain §4: who answers for a child, on one A6 side. No ID number, health or economy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

PER_SHEET = 4


@dataclass(frozen=True)
class CardPerson:
    """Somebody on the card; `place` is the work place of a parent or the address of a carer."""

    name: str = ""
    relation: str = ""
    phones: tuple[str, ...] = ()
    place: str = ""
    age: int | None = None


@dataclass(frozen=True)
class CardFace:
    """One child's card. `stale` is the reason why it must not be relied on, or empty."""

    child: str
    sex: str
    class_name: str
    homeroom: CardPerson
    father: CardPerson
    mother: CardPerson
    carer: CardPerson
    neighbour: CardPerson
    mentor: CardPerson
    version: int
    updated_on: date | None
    checked_by: str = ""
    stale: str = ""


@dataclass(frozen=True)
class SchoolLines:
    """The numbers every card of a school carries."""

    school: str
    family_phone: str = ""
    family_phone_hours: str = ""
    duty_phone: str = ""
    hotline_name: str = "未成年人保护热线"
    hotline: str = "12345"


@dataclass(frozen=True)
class CardSheets:
    """The cards of a print run, four a sheet."""

    lines: SchoolLines
    cards: tuple[CardFace, ...]

    @property
    def sheets(self) -> tuple[tuple[CardFace, ...], ...]:
        return in_fours(self.cards)


def in_fours(cards: Sequence[CardFace]) -> tuple[tuple[CardFace, ...], ...]:
    """Cards grouped as they lie on the sheets."""
    return tuple(tuple(cards[at : at + PER_SHEET]) for at in range(0, len(cards), PER_SHEET))

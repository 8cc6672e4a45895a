"""便民服务联系卡: what a family needs to reach the school and help, on one A6 side (domain §4, system 11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caretrack.schools.models import School
from children.models import Child
from reports.builders.cards import CardPerson, SchoolLines, build_cards, in_fours, school_lines


@dataclass(frozen=True)
class HelpLine:
    """One number a family may need; `when` says for what."""

    who: str
    number: str
    when: str


@dataclass(frozen=True)
class FamilyCard:
    """One child's card for the family."""

    child: str
    class_name: str
    homeroom: CardPerson
    mentor: CardPerson


@dataclass(frozen=True)
class FamilyCardSheets:
    """A print run for one school, four a sheet."""

    lines: SchoolLines
    help: tuple[HelpLine, ...]
    cards: tuple[FamilyCard, ...]
    printed_on: date

    @property
    def sheets(self) -> tuple[tuple[FamilyCard, ...], ...]:
        return in_fours(self.cards)


def build_family_cards(school: School, children: Iterable[Child], *, on: date) -> FamilyCardSheets:
    """The cards of children of one school, in the given order; their school and class must be loaded."""
    helper = f"包片干部　{school.helper_name}".strip("　")
    lines = (
        HelpLine(helper, school.helper_phone, "政策咨询、生活困难"),
        HelpLine("卫生院", school.clinic_phone, "看病、接种"),
        HelpLine("派出所", school.police_phone, "纠纷、走失、被欺负"),
        HelpLine("未成年人保护热线", school.protection_hotline or "12345", "孩子受到侵害或无人照料"),
    )
    cards = tuple(
        FamilyCard(face.child, face.class_name, face.homeroom, face.mentor) for face in build_cards(children, on=on)
    )
    return FamilyCardSheets(school_lines(school), lines, cards, on)

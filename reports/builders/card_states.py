"""Which contact cards may be relied on: in use, changed since the print, unverified this term, never printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from children.models import CardCopy, Child, ContactCard
from reports.builders.card_changes import CardChange, card_changes
from reports.builders.cards import CardFace, build_cards


class CardState(StrEnum):
    """The worst thing first that has to be done about a card; the value stands in addresses."""

    NEVER = "never"
    CHANGED = "changed"
    UNVERIFIED = "unverified"
    CURRENT = "current"


TO_PRINT = frozenset({CardState.NEVER, CardState.CHANGED})
LABELS = {
    CardState.NEVER: "未打印",
    CardState.CHANGED: "须换发",
    CardState.UNVERIFIED: "本学期未核对",
    CardState.CURRENT: "有效",
}
TONES = {
    CardState.NEVER: "info",
    CardState.CHANGED: "warn",
    CardState.UNVERIFIED: "warn",
    CardState.CURRENT: "good",
}


@dataclass(frozen=True)
class CardLine:
    """One child's card as it stands: the version in use, who holds it, who still holds a void one, what has changed."""

    face: CardFace
    card: ContactCard | None
    state: CardState
    held: tuple[CardCopy, ...] = ()
    void_out: tuple[CardCopy, ...] = ()
    changes: tuple[CardChange, ...] = ()

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def words(self) -> str:
        """第2版，有效: the version and what is to be done."""
        if self.card is None:
            return LABELS[self.state]
        if self.state == CardState.CHANGED:
            return f"第{self.card.number}版，内容已变，须换发"
        return f"第{self.card.number}版，{LABELS[self.state]}"


@dataclass(frozen=True)
class CardCounts:
    """联系卡率: cards in use, unchanged and verified this term, over those who need one (domain §10.3)."""

    needed: int
    current: int
    changed: int
    unverified: int
    never: int
    void_out: int
    void_copies: int


def card_lines(children: Iterable[Child], *, on: date) -> dict[int, CardLine]:
    """Child id → its card as it stands on the day, in the given order. Eight statements whatever their number."""
    faces = build_cards(children, on=on)
    ids = [face.child_id for face in faces]
    cards = {
        card.child_id: card for card in ContactCard.objects.filter(child__in=ids, replaced_on=None).defer("content")
    }
    held: dict[int, list[CardCopy]] = {}
    for copy in CardCopy.objects.out().filter(card__child__in=ids).select_related("card"):
        held.setdefault(copy.card.child_id, []).append(copy)
    lines = {}
    for face in faces:
        card = cards.get(face.child_id)
        copies = held.get(face.child_id, ())
        lines[face.child_id] = CardLine(
            face,
            card,
            _state(face, card),
            tuple(copy for copy in copies if copy.card.replaced_on is None),
            tuple(copy for copy in copies if copy.card.replaced_on is not None),
        )
    return lines


def with_changes(lines: Iterable[CardLine]) -> list[CardLine]:
    """The lines, those of changed cards with what has changed since the print; one statement for all of them."""
    listed = list(lines)
    changed = [line.card.pk for line in listed if line.card is not None and line.state == CardState.CHANGED]
    printed = dict(ContactCard.objects.filter(pk__in=changed).values_list("pk", "content")) if changed else {}
    return [
        replace(line, changes=card_changes(printed[line.card.pk], line.face))
        if line.card and line.card.pk in printed
        else line
        for line in listed
    ]


def _state(face: CardFace, card: ContactCard | None) -> CardState:
    if card is None:
        return CardState.NEVER
    if card.fingerprint != face.fingerprint:
        return CardState.CHANGED
    return CardState.UNVERIFIED if face.stale else CardState.CURRENT


def counted(lines: Mapping[int, CardLine]) -> CardCounts:
    """How many stand how."""
    states = [line.state for line in lines.values()]
    return CardCounts(
        needed=len(states),
        current=states.count(CardState.CURRENT),
        changed=states.count(CardState.CHANGED),
        unverified=states.count(CardState.UNVERIFIED),
        never=states.count(CardState.NEVER),
        void_out=sum(bool(line.void_out) for line in lines.values()),
        void_copies=sum(len(line.void_out) for line in lines.values()),
    )

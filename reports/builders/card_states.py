"""Which contact cards may be relied on: in use, changed since the print, unverified this term, never printed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.db.models import Case, Exists, OuterRef, Q, When

from children.left_behind import Definition
from children.models import CardCopy, Child, ContactCard
from children.models.child import ChildQuerySet
from children.queries import left_behind_ids
from reports.builders.card_changes import CardChange, card_changes
from reports.builders.cards import CardFace, build_cards


class CardState(StrEnum):
    """The worst thing first that has to be done about a card; the value stands in addresses."""

    NEVER = "never"
    CHANGED = "changed"
    UNVERIFIED = "unverified"
    CURRENT = "current"
    NOT_NEEDED = "not_needed"


TO_PRINT = frozenset({CardState.NEVER, CardState.CHANGED})
LABELS = {
    CardState.NEVER: "未打印",
    CardState.CHANGED: "须换发",
    CardState.UNVERIFIED: "本学期未核对",
    CardState.CURRENT: "有效",
    CardState.NOT_NEEDED: "不再需要",
}
TONES = {
    CardState.NEVER: "info",
    CardState.CHANGED: "warn",
    CardState.UNVERIFIED: "warn",
    CardState.CURRENT: "good",
    CardState.NOT_NEEDED: "neutral",
}


@dataclass(frozen=True)
class CardLine:
    """
    One child's card as it stands: the version in use, who holds it, who still holds a void one, what has changed.

    Of a child that needs no card any more every copy is to come back.
    """

    face: CardFace
    card: ContactCard | None
    state: CardState
    held: tuple[CardCopy, ...] = ()
    void_out: tuple[CardCopy, ...] = ()
    changes: tuple[CardChange, ...] = ()
    gone: bool = False
    """The child is not at school any more."""

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def words(self) -> str:
        """第2版，有效: the version and what is to be done."""
        if self.state == CardState.NOT_NEEDED:
            return f"{'已离校' if self.gone else '已不留守'}，{'请收回' if self.void_out else LABELS[self.state]}"
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
    not_needed: int


def with_needs(children: ChildQuerySet, on: date) -> ChildQuerySet:
    """
    The children, each with `needs_card`: at school, with a parent who works away by the school's own definition; and with
    `card_out`: somebody holds a copy.
    """
    needs = Q(pk__in=left_behind_ids(children.on_roll(), Definition.SEED, on))
    out = Exists(CardCopy.objects.out().filter(card__child=OuterRef("pk")))
    return children.annotate(needs_card=Case(When(needs, then=True), default=False), card_out=out)


def no_more(children: Iterable[Child]) -> set[int]:
    """Of children `with_needs` those who need no card while somebody still holds one: it is to come back."""
    return {child.pk for child in children if child.card_out and not child.needs_card}  # type: ignore[attr-defined]


def card_lines(
    children: Iterable[Child], *, on: date, not_needed: Collection[int] = frozenset()
) -> dict[int, CardLine]:
    """
    Child id → its card as it stands on the day, in the given order. Eight statements whatever their number.

    `not_needed`: the children who are not left behind any more (`no_more`); who is not at school needs none either.
    """
    children = list(children)
    left = {child.pk for child in children if child.school_class_id is None}
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
        copies = tuple(held.get(face.child_id, ()))
        gone = face.child_id in left
        if gone or face.child_id in not_needed:
            lines[face.child_id] = CardLine(face, card, CardState.NOT_NEEDED, void_out=copies, gone=gone)
            continue
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
    states = [line.state for line in lines.values() if line.state != CardState.NOT_NEEDED]
    return CardCounts(
        needed=len(states),
        current=states.count(CardState.CURRENT),
        changed=states.count(CardState.CHANGED),
        unverified=states.count(CardState.UNVERIFIED),
        never=states.count(CardState.NEVER),
        void_out=sum(bool(line.void_out) for line in lines.values()),
        void_copies=sum(len(line.void_out) for line in lines.values()),
        not_needed=len(lines) - len(states),
    )

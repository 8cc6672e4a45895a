"""Contact cards as acts: which version is in use, who holds a copy, which copies must be taken back (domain §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from caretrack.schools.models import Staff
from children.models import CardCopy, Child, ContactCard
from reports.builders.cards import CardFace, build_cards

THREE = (CardCopy.Holder.SCHOOL, CardCopy.Holder.HOMEROOM, CardCopy.Holder.MENTOR)
FOUR = (*THREE, CardCopy.Holder.FAMILY)


@transaction.atomic
def issue_cards(*, children: Iterable[Child], by: Staff | None, on: date, at: datetime) -> tuple[CardFace, ...]:
    """
    The cards as printed now. A card whose facts have changed since its last print gets a new version; the one before is
    void from `on`. Printing unchanged facts again gives the same version (domain §4).
    """
    listed = list(children)
    faces = build_cards(listed, on=on)
    current = {
        card.child_id: card
        for card in ContactCard.objects.filter(child__in=[child.pk for child in listed], replaced_on=None)
    }
    fresh = [face for face in faces if _differs(current.get(face.child_id), face)]
    ContactCard.objects.filter(child__in=[face.child_id for face in fresh], replaced_on=None).update(replaced_on=on)
    ContactCard.objects.bulk_create(
        ContactCard(
            child_id=face.child_id,
            number=face.version,
            fingerprint=face.fingerprint,
            content=face.content,
            printed_at=at,
            printed_by=by,
        )
        for face in fresh
    )
    return faces


def _differs(card: ContactCard | None, face: CardFace) -> bool:
    return card is None or card.fingerprint != face.fingerprint


def copies_of(faces: Sequence[CardFace], holders: Sequence[str]) -> tuple[CardFace, ...]:
    """
    The faces once for each holder, each marked with whose copy it is; unmarked once without holders.

    All copies of one holder lie together, so that a pile can be handed over. Without a mentor there is no mentor's copy.
    """
    if not holders:
        return tuple(faces)
    return tuple(
        replace(face, copy=f"{CardCopy.Holder(holder).label}存")
        for holder in holders
        for face in faces
        if holder != CardCopy.Holder.MENTOR or face.mentor.name
    )


@transaction.atomic
def hand_out(*, cards: Iterable[ContactCard], holders: Sequence[str], on: date) -> int:
    """
    Note that the holders have got their copies of these cards and gave back the void ones they held.

    Takes cards in use (void ones are left out) and returns how many copies were newly noted as handed out.
    """
    valid = [card for card in cards if card.replaced_on is None]
    known = {(copy.card_id, copy.holder): copy for copy in CardCopy.objects.filter(card__in=valid, holder__in=holders)}
    new = [
        CardCopy(card=card, holder=holder, handed_on=on)
        for card in valid
        for holder in holders
        if (card.pk, holder) not in known
    ]
    CardCopy.objects.bulk_create(new)
    again = [copy.pk for copy in known.values() if copy.handed_on is None or copy.collected_on is not None]
    CardCopy.objects.filter(pk__in=again).update(handed_on=on, collected_on=None)
    children = [card.child_id for card in valid]
    collect(CardCopy.objects.void().filter(card__child__in=children, holder__in=holders), on=on)
    return len(new) + len(again)


def collect(copies: Iterable[CardCopy], *, on: date) -> int:
    """Note that these copies, of no use any more, were taken back or destroyed; returns how many were still out."""
    ids = [copy.pk for copy in copies]
    return CardCopy.objects.out().filter(pk__in=ids).update(collected_on=on)

"""Printing as an act: which version of a contact card is in use, and what a print is called in the access log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from caretrack.schools.models import Staff
from children.models import Child, ContactCard
from reports.builders.cards import CardFace, build_cards


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
            child_id=face.child_id, number=face.version, fingerprint=face.fingerprint, printed_at=at, printed_by=by
        )
        for face in fresh
    )
    return faces


def _differs(card: ContactCard | None, face: CardFace) -> bool:
    return card is None or card.fingerprint != face.fingerprint

"""Papers with several parties: who has signed which, party by party; a renewal is a paper of its own (domain §13 no. 87)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from children.models import CareArrangement, Child
from mentoring.models import Agreement, Pairing, PaperKind

#: Field of Agreement → who signs there, in the order of the paper.
SIGNATORIES: dict[str, dict[str, str]] = {
    PaperKind.PAIRING: {"school_signed_on": "学校", "mentor_signed_on": "代理家长", "carer_signed_on": "监护人"},
    PaperKind.ENTRUSTMENT: {"parent_signed_on": "委托人", "carer_signed_on": "被委托人", "school_signed_on": "学校"},
}
#: Of an entrustment, that the carer whom it names still cares.
PRESENT_CARE = Q(care__isnull=False, care__ends_on__isnull=True, care__carer=F("carer"))
_KINDS = {PaperKind.PAIRING: Agreement.Kind.PAIRING, PaperKind.ENTRUSTMENT: Agreement.Kind.ENTRUSTMENT}


@dataclass(frozen=True)
class Part:
    """A paper that some have signed: who and when, and who has not."""

    signed: tuple[tuple[str, date], ...]
    missing: tuple[str, ...]


def complete(kind: str) -> Q:
    """The condition that all parties have signed."""
    return Q(**{f"{field}__isnull": False for field in SIGNATORIES[kind]})


def papers(kind: str, on: date) -> "QuerySet[Agreement]":
    """The agreements of a kind that are not superseded, oldest first: with the mentor of the day, with the present carer."""
    rows = Agreement.objects.filter(kind=_KINDS[PaperKind(kind)]).order_by("pk")
    return rows.filter(pairing__in=Pairing.objects.on(on)) if kind == PaperKind.PAIRING else rows.filter(PRESENT_CARE)


def signed_on(row: Agreement) -> date:
    """The day of the last signature of a complete paper."""
    return max(day for field in SIGNATORIES[row.kind] if (day := getattr(row, field)) is not None)


def partly(kind: str, children: Collection[int], on: date) -> dict[int, Part]:
    """Child id → the paper that some of its parties still have to sign; one statement."""
    if kind not in SIGNATORIES:
        return {}
    fields = SIGNATORIES[kind]
    return {
        row.child_id: Part(
            tuple((who, day) for field, who in fields.items() if (day := getattr(row, field)) is not None),
            tuple(who for field, who in fields.items() if getattr(row, field) is None),
        )
        for row in papers(kind, on).filter(child__in=children).exclude(complete(kind))
    }


def last_party(kind: str, children: Collection[int], parts: Mapping[int, Part]) -> list[str]:
    """The field of the party that is the only one to sign yet for all `children`, given their `partly`; else nothing."""
    missing = {who for pk in children for who in (parts[pk].missing if pk in parts else SIGNATORIES[kind].values())}
    return [field for field, who in SIGNATORIES[kind].items() if missing == {who}]


def sign(
    *, kind: str, child: Child, on: date, until: date | None, version: str, parties: Collection[str],
    pairing: Pairing | None = None, care: CareArrangement | None = None,
) -> Agreement:  # fmt: skip
    """
    Write down that parties (fields of Agreement) have signed on a day: on the paper that waits for them, else on a new
    one. Who has signed it already keeps the first day. Returns the paper. A pairing agreement is made for `pairing`,
    an entrustment for `care` with its carer.
    """
    same: dict[str, Any] = {"child": child, "kind": _KINDS[PaperKind(kind)], "pairing": pairing}
    same |= {"care": care, "carer": care.carer if care else None}
    row = Agreement.objects.filter(**same).exclude(complete(kind)).order_by("-pk").first()
    row = row or Agreement(**same, template_version=version)
    for party in parties:
        setattr(row, party, getattr(row, party) or on)
    row.expires_on = until or row.expires_on
    row.save()
    return row

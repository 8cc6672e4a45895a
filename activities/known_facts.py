"""What is known already and need not be typed into a record: the carer, the family's numbers, the address, oneself."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from caretrack.fixed import fixed
from caretrack.masking import mask_phone
from children.contacts import calling_order
from children.models import CareArrangement, Child, FamilyMember, Phone, PhoneState, codes
from children.not_called import not_called
from children.sight import sight_of


@dataclass(frozen=True)
class Number:
    """One number of the family: masked for the page, with whose it is."""

    phone: int
    masked: str
    member: int | None
    name: str
    relation: str
    code: str = ""

    @property
    def label(self) -> str:
        """父亲 李大山 138****1111: what stands on the button."""
        return " ".join(filter(None, (self.relation, self.name, self.masked)))


@dataclass(frozen=True)
class Known:
    """Answers to offer by the name that an `Ask` gives in `fill`; nothing for a child whose family one does not see."""

    answers: dict[str, str]
    numbers: tuple[Number, ...] = ()
    adults: tuple[tuple[str, str], ...] = ()
    """Name and relation of those at home with the child, any of whom may have been met."""

    @property
    def adults_in_words(self) -> str:
        """祖父李老汉、祖母王桂英: who is at home."""
        return "、".join(relation + name for name, relation in self.adults)

    def number(self, masked: str) -> Number | None:
        """The family's number behind a masked one."""
        return next((number for number in self.numbers if number.masked == masked), None)


def called_relation(relation: str) -> str:
    """The relation in the few words of a call's form: 父亲, 母亲, 祖辈, 其他亲属."""
    if relation in codes.FATHERS:
        return "父亲"
    if relation in codes.MOTHERS:
        return "母亲"
    return "祖辈" if relation[:1] == "6" else "其他亲属"


def number_of(phone: Phone) -> Number:
    """A phone (with its member) as it may stand on a page."""
    member = phone.member
    relation = member.relation_words if member else phone.answered_by
    return Number(
        phone.pk,
        mask_phone(phone.number),
        member.pk if member else None,
        member.name if member else "",
        relation,
        member.relation if member else "",
    )


def known_of(child: Child | None, staff: Any) -> Known:
    """
    What may be offered to `staff` for a record of `child`; of a family that one does not see only oneself.

    Whom one met is a fact and may be anybody at home; numbers are only offered of those who may be called.
    """
    own = {"self": staff.name}
    if child is None or not sight_of(staff, child).contact:
        return Known(own)
    adults = _adults(child.pk)
    # Whom somebody met is theirs to say; only where nobody else is at home it goes without saying.
    carer = adults[0] if len(adults) == 1 else None
    barred = not_called([child.pk])
    first = next((adult.pk for adult in adults if adult.cares_now), None)  # type: ignore[attr-defined]
    phones = calling_order(_living_phones(child.pk), first)
    numbers = tuple(number_of(phone) for phone in phones if not barred.bars(phone))
    answers = own | {
        "carer": carer.name if carer else "",
        "carer_relation": carer.relation_words if carer else "",
        "carer_phone": next((n.masked for n in numbers if carer and n.member == carer.pk), ""),
        "address": child.address,
    }
    named = tuple((member.name, member.relation_words) for member in adults)
    return Known({name: value for name, value in answers.items() if value}, numbers, named)


def _adults(child: int) -> list[FamilyMember]:
    """Who lives with the child: whoever cares for it first, then those not known to be away, gone or its siblings."""
    out = (*codes.GONE, codes.ParentStatus.AWAY_WORK, codes.ParentStatus.AWAY_OTHER)
    family = [member for member in _family(child) if member.name]
    return [
        member
        for member in sorted(family, key=lambda member: not member.cares_now)
        if member.cares_now or (member.status not in out and member.relation[:1] != "7")
    ]


@fixed
def _family(child: int) -> QuerySet[FamilyMember]:
    cares = CareArrangement.objects.open().filter(carer=OuterRef("pk"))
    named = FamilyMember.objects.filter(child=child).only("name", "relation", "relation_note", "status")
    return named.annotate(cares_now=Exists(cares)).order_by("relation", "pk")


@fixed
def _living_phones(child: int) -> QuerySet[Phone]:
    return Phone.objects.filter(child=child).exclude(state=PhoneState.DEAD).select_related("member")


__all__ = ["Known", "Number", "called_relation", "known_of", "number_of"]

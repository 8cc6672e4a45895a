"""Parents of a class in its group chat (家长群, 微信, QQ): only families who agreed to it (system 58; PIPL art. 29, 31)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from children.consents import agreed
from children.contacts import calling_order, digits_of
from children.models import CareArrangement, Child, Consent, FamilyMember, PhoneState, codes
from children.not_called import not_called


@dataclass(frozen=True)
class GroupContact:
    """One adult on the list; a family of whom nobody can be reached stands there with an empty `who`."""

    child: Child
    who: str = ""
    phone: str = ""
    online: str = ""


@dataclass(frozen=True)
class GroupContacts:
    """The list, and the children of the class whose family has not agreed: they are not on it."""

    lines: tuple[GroupContact, ...]
    agreed: int
    missing: tuple[Child, ...]


def group_contacts(children: Collection[Child]) -> GroupContacts:
    """
    Parents and carer of each child whose family agreed, in the order of `children`. Five statements.

    Dead numbers and parents who are gone are left out, as is anybody who is not called, with every number that is
    also theirs.
    """
    allowed = agreed(Consent.Purpose.GROUPS, [child.pk for child in children])
    cares = CareArrangement.objects.open().filter(carer=OuterRef("pk"))
    members = FamilyMember.objects.filter(child__in=allowed).annotate(cares_now=Exists(cares))
    found = list(members.order_by("relation", "pk").prefetch_related("phones"))
    barred = not_called(allowed)
    families: dict[int, list[FamilyMember]] = {}
    for member in found:
        wanted = member.relation in codes.PARENTS or member.cares_now
        if wanted and member.status not in codes.GONE and member.pk not in barred.members:
            families.setdefault(member.child_id, []).append(member)
    here = [child for child in children if child.pk in allowed]
    lines = [line for child in here for line in _of(child, families.get(child.pk, ()), barred.numbers)]
    return GroupContacts(tuple(lines), len(here), tuple(child for child in children if child.pk not in allowed))


def _of(child: Child, family: Iterable[FamilyMember], barred: Collection[str]) -> list[GroupContact]:
    lines = []
    for member in family:
        numbers = [phone.number for phone in calling_order(list(member.phones.all())) if phone.state != PhoneState.DEAD]
        phone = next((number for number in numbers if digits_of(number) not in barred), "")
        online = "" if digits_of(member.online_contact) in barred else member.online_contact
        if phone or online:
            lines.append(GroupContact(child, str(member), phone, online))
    return lines or [GroupContact(child)]

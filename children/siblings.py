"""
Brothers and sisters at school: proposed from what two dossiers share, said by a person (domain §3.3 D).

A shared phone or ID number of a family member makes a proposal; neighbours share a phone too, so nobody is linked
without a word. Out of sight nobody is proposed and nobody is shown.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from caretrack.access.policy import DataClass
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, Phone, SiblingLink, codes

ELDERS = (*codes.PARENTS, *codes.GRANDPARENTS)
MOST = 6


@dataclass(frozen=True)
class Sibling:
    """Another child of the household, in a class of the day."""

    child: Child
    class_name: str


def _links(child: Child) -> dict[int, bool]:
    """Other child → whether it is one; both ways round."""
    rows = SiblingLink.objects.filter(Q(first=child) | Q(second=child)).values_list("first", "second", "confirmed")
    return {(second if first == child.pk else first): confirmed for first, second, confirmed in rows}


def household(child: Child, staff: Staff, on: date, *, propose: bool) -> tuple[list[Sibling], list[Sibling]]:
    """(siblings, proposals) whom `staff` sees with their family data, in at most two statements."""
    links = _links(child)
    seen = Child.objects.visible_to(staff, DataClass.CONTACT).defer("id_no", "student_no")
    condition = Q(pk__in=[pk for pk, confirmed in links.items() if confirmed])
    if propose:
        phones = Phone.objects.filter(child=child).values("number")
        numbers = FamilyMember.objects.filter(child=child, relation__in=ELDERS).exclude(id_no_index="")
        shared_phone = Phone.objects.filter(child=OuterRef("pk"), number__in=phones)
        shared_elder = FamilyMember.objects.filter(
            child=OuterRef("pk"), relation__in=ELDERS, id_no_index__in=numbers.values("id_no_index")
        )
        near = Q(school=child.school_id) & (Exists(shared_phone) | Exists(shared_elder))
        condition |= near & ~Q(pk__in=[child.pk, *links])
    elif not links:
        return [], []
    found = seen.filter(condition).select_related("school_class__school").by_name()[: MOST * 2]
    told = [(other, Sibling(other, other.class_name(on))) for other in found]
    return (
        [sibling for other, sibling in told if links.get(other.pk)],
        [sibling for other, sibling in told if other.pk not in links],
    )


@transaction.atomic
def say_sibling(*, child: Child, other: Child, confirmed: bool, by: Staff | None, on: date) -> SiblingLink:
    """Say that two children are (or are not) of one household; said again it is corrected."""
    first, second = sorted((child, other), key=lambda c: c.pk)
    link = SiblingLink.objects.select_for_update().filter(first=first, second=second).first()
    link = link or SiblingLink(first=first, second=second)
    link.confirmed, link.on, link.recorded_by = confirmed, on, by
    link.save()
    return link

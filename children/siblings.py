"""
Brothers and sisters at school: proposed from what two dossiers share, said by a person (domain §3.3 D).

A shared phone or ID number of a family member makes a proposal; neighbours share a phone too, so nobody is linked
without a word. Out of sight nobody is proposed and nobody is shown.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from caretrack.access.policy import DataClass
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, Phone, SiblingLink, codes

ELDERS = (*codes.PARENTS, *codes.GRANDPARENTS)
MOST = 6
SHOWN = (
    *("name", "pinyin", "sex"),
    *(
        "school_class__entry_year",
        "school_class__number",
        "school_class__graduates_year",
        "school_class__school__stage",
    ),
)


@dataclass(frozen=True)
class Sibling:
    """Another child of the household, in a class of the day."""

    child: Child
    class_name: str


@fixed
def _links_of(child: int) -> QuerySet[Any, Any]:
    return SiblingLink.objects.filter(Q(first=child) | Q(second=child)).values_list("first", "second", "confirmed")


def _links(child: Child) -> dict[int, bool]:
    """Other child → whether it is one; both ways round."""
    return {(second if first == child.pk else first): said for first, second, said in _links_of(child.pk)}


@fixed
def _with_a_phone_of(child: int) -> QuerySet[Any, Any]:
    """(child, school) of those in whose family a phone number of this child's family is used."""
    numbers = Phone.objects.filter(child=child).order_by().values("number")
    shared = Phone.objects.filter(number__in=numbers).exclude(child=child)
    return shared.order_by().values_list("child", "child__school").distinct()


@fixed
def _with_an_elder_of(child: int) -> QuerySet[Any, Any]:
    """(child, school) of those who have a parent or grandparent of this child's family, by ID number."""
    elders = FamilyMember.objects.filter(relation__in=ELDERS).exclude(id_no_index="")
    known = elders.filter(child=child).order_by().values("id_no_index")
    shared = elders.filter(id_no_index__in=known).exclude(child=child)
    return shared.order_by().values_list("child", "child__school").distinct()


def household(child: Child, staff: Staff, on: date, *, propose: bool) -> tuple[list[Sibling], list[Sibling]]:
    """(siblings, proposals) whom `staff` sees with their family data, in at most four statements."""
    links = _links(child)
    wanted = {pk for pk, confirmed in links.items() if confirmed}
    if propose:
        near = {*_with_a_phone_of(child.pk), *_with_an_elder_of(child.pk)}
        wanted |= {pk for pk, school in near if school == child.school_id} - links.keys()
    if not wanted:
        return [], []
    seen = Child.objects.visible_to(staff, DataClass.CONTACT).filter(pk__in=wanted).only(*SHOWN)
    found = seen.select_related("school_class__school").by_name()[: MOST * 2]
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

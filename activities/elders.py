"""Birthdays of a child's elders: an occasion for a letter of the child (domain §7.4, §8.2 no. 8, §8.3 no. 8)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q, QuerySet

from activities.models import CareRecord, Kind
from activities.models.record import RECEIVED
from activities.queries import cared_for, own_children
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.importing.normalise.relations import relations_named
from children.models import CareArrangement, Child, FamilyMember, codes
from children.models.family import relation_words

#: What the record of such a letter says of its occasion.
OCCASION = "长辈生日"
ELDERS = codes.PARENTS + codes.GRANDPARENTS
#: Of one's own age, also where they look after the child.
PEERS = tuple(code for code in codes.Relation.values if code.startswith("7")) + ("91", "92")
#: A birthday is told so long before; a letter of these days is the one for it.
SHOWN_BEFORE = timedelta(days=30)


class Elder(NamedTuple):
    """Who of the family it is, as a letter may name them."""

    relation: str
    note: str
    name: str

    @property
    def words(self) -> str:
        """祖母, 外祖父母."""
        return relation_words(self.relation, self.note)

    def is_named_in(self, whom: str) -> bool:
        """Whether a letter to `whom` (奶奶和外公, 王桂英) is one to this elder."""
        named = self.relation in _named(whom) or self.words == whom.strip()
        return named or bool(self.name and self.name in whom)


@lru_cache(maxsize=512)
def _named(whom: str) -> frozenset[str]:
    return relations_named(whom)


def elders(members: QuerySet[FamilyMember]) -> QuerySet[FamilyMember]:
    """
    Of family members the parents, grandparents and whoever looks after the child, unless of its own age; with a known
    birthday. Left out is who died or is out of reach.
    """
    caring = CareArrangement.objects.open().filter(carer__isnull=False).order_by().values("carer")
    who = Q(relation__in=ELDERS) | (Q(pk__in=caring) & ~Q(relation__in=PEERS))
    return members.filter(who, birth_date__isnull=False).exclude(status__in=codes.GONE)


@dataclass(frozen=True)
class ElderBirthday:
    """Whose birthday it is, of which child; `written` says that the child has written to this elder for it."""

    child: Child
    who: str
    on: date
    written: bool


def elder_birthdays(staff: Staff, first: date, days: int) -> list[ElderBirthday]:
    """
    The birthdays from `first` on for `days` days of the elders of the children whom `staff` leads or is paired with,
    nearest first; two statements. A letter of the `days` before a birthday, to this elder, is the one for it.
    """
    window = {(day.month, day.day): day for n in range(days, -1, -1) if (day := first + timedelta(days=n))}
    if (2, 28) in window and (window[2, 28] + timedelta(days=1)).day == 1:
        window[2, 29] = window[2, 28]
    shown = timedelta(days=days)
    children = cared_for(Child.objects.visible_to(staff, DataClass.CONTACT, Level.READ)).filter(own_children(staff))
    members = elders(FamilyMember.objects.filter(child__in=children.order_by().values("pk")))
    near = [
        (member, on)
        for member in members.select_related("child__school_class__school")
        if member.birth_date and (on := window.get((member.birth_date.month, member.birth_date.day)))
    ]
    written = _written(near, staff, first, shown)
    found = [ElderBirthday(member.child, member.relation_words, on, member.pk in written) for member, on in near]
    return sorted(found, key=lambda one: (one.on, one.child.pinyin))


def _written(near: Sequence[tuple[FamilyMember, date]], staff: Staff, first: date, shown: timedelta) -> set[int]:
    """The ids of those whose letter is written: each letter is for whom it names, for one elder if it names nobody."""
    of_child: dict[int, list[tuple[FamilyMember, date]]] = defaultdict(list)
    for member, on in sorted(near, key=lambda one: one[1]):
        of_child[member.child_id].append((member, on))
    letters = CareRecord.objects.visible_to(staff).filter(kind=Kind.LETTER, child__in=of_child, on__gte=first - shown)
    found: set[int] = set()
    for child, day, to, detail in letters.order_by("on", "pk").values_list("child", "on", "with_whom", "detail"):
        if detail.get("occasion") != OCCASION or detail.get("direction") == RECEIVED:
            continue
        waiting = [member for member, on in of_child[child] if day >= on - shown and member.pk not in found]
        if to.strip():
            found |= {one.pk for one in waiting if _elder(one).is_named_in(to)}
        elif waiting:
            found.add(waiting[0].pk)
    return found


def _elder(member: FamilyMember) -> Elder:
    return Elder(member.relation, member.relation_note, member.name)

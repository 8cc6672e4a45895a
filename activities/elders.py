"""Birthdays of parents and grandparents: an occasion for a letter of the child (domain §7.4, §8.2 no. 8, §8.3 no. 8)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from activities.models import CareRecord, Kind
from activities.models.record import RECEIVED
from activities.queries import cared_for, own_children
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.importing.normalise.relations import relations_named
from children.models import Child, FamilyMember, codes

#: What the record of such a letter says of its occasion.
OCCASION = "长辈生日"
ELDERS = codes.PARENTS + codes.GRANDPARENTS


@dataclass(frozen=True)
class ElderBirthday:
    """Whose birthday it is, of which child; `written` says that the child has written to this elder for it."""

    child: Child
    who: str
    on: date
    written: bool


def elder_birthdays(staff: Staff, first: date, days: int) -> list[ElderBirthday]:
    """
    The birthdays from `first` on for `days` days of the parents and grandparents of the children whom `staff` leads or is
    paired with, nearest first; two statements. A letter of the `days` before a birthday, to this elder, is the one for it.
    Left out is who died or is out of reach; without a date of birth none is known.
    """
    window = {(day.month, day.day): day for n in range(days, -1, -1) if (day := first + timedelta(days=n))}
    if (2, 28) in window and (window[2, 28] + timedelta(days=1)).day == 1:
        window[2, 29] = window[2, 28]
    shown = timedelta(days=days)
    children = cared_for(Child.objects.visible_to(staff, DataClass.CONTACT, Level.READ)).filter(own_children(staff))
    members = FamilyMember.objects.filter(
        child__in=children.order_by().values("pk"), birth_date__isnull=False, relation__in=ELDERS
    ).exclude(status__in=codes.GONE)
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
            named = relations_named(to)
            found |= {one.pk for one in waiting if one.relation in named or _named(one, to)}
        elif waiting:
            found.add(waiting[0].pk)
    return found


def _named(elder: FamilyMember, to: str) -> bool:
    return elder.relation_words == to.strip() or bool(elder.name and elder.name in to)

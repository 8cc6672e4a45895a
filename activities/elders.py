"""Birthdays of parents and grandparents: an occasion for a letter of the child (domain §7.4, §8.2 no. 8, §8.3 no. 8)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from activities.models import CareRecord, Kind
from activities.queries import cared_for, own_children
from caretrack.access.policy import DataClass, Level
from caretrack.schools.models import Staff
from children.models import Child, FamilyMember, codes

#: What the record of such a letter says of its occasion.
OCCASION = "长辈生日"
ELDERS = codes.PARENTS + codes.GRANDPARENTS


@dataclass(frozen=True)
class ElderBirthday:
    """Whose birthday it is, of which child; `written` says that the child has written for it."""

    child: Child
    who: str
    on: date
    written: bool


def elder_birthdays(staff: Staff, first: date, days: int) -> list[ElderBirthday]:
    """
    The birthdays from `first` on for `days` days of the parents and grandparents of the children whom `staff` leads or is
    paired with, nearest first; two statements. A letter of the `days` before a birthday is the one for it. Left out is who died or is out of reach; without a date of birth none is known.
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
    ids = {member.child_id for member, _on in near}
    letters = CareRecord.objects.visible_to(staff).filter(kind=Kind.LETTER, child__in=ids, on__gte=first - shown)
    latest: dict[int, date] = defaultdict(lambda: date.min)
    for child, day, detail in letters.order_by("on").values_list("child", "on", "detail"):
        if detail.get("occasion") == OCCASION:
            latest[child] = day
    found = [
        ElderBirthday(member.child, member.get_relation_display(), on, latest[member.child_id] >= on - shown)
        for member, on in near
    ]
    return sorted(found, key=lambda one: (one.on, one.child.pinyin))

"""小组名册: a group with its leader, what it is there for and its members, as frozen data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from activities.models import GroupMember, InterestGroup
from caretrack.schools.models import Staff
from children.models import Child


@dataclass(frozen=True)
class Member:
    """One line."""

    name: str
    class_name: str
    since: date
    note: str


@dataclass(frozen=True)
class GroupSheet:
    """One group; `hidden` members are out of the reader's sight."""

    school: str
    name: str
    kind: str
    leader: str
    duty: str
    schedule: str
    place: str
    since: date
    members: tuple[Member, ...]
    hidden: int


def group_sheets(groups: Sequence[InterestGroup], staff: Staff, on: date) -> list[GroupSheet]:
    """
    The rosters of `groups` (school and leader loaded) on the day as far as `staff` sees the children; three statements.

    A closed group has the members of its last day.
    """
    everybody: dict[int, list[GroupMember]] = {}
    there = reduce(or_, (GroupMember.objects.filter(group=group).on(group.as_of(on)) for group in groups))
    rows = there.select_related("child__school_class__school")
    for row in rows.order_by("child__school_class__entry_year", "child__pinyin", "pk"):
        everybody.setdefault(row.group_id, []).append(row)
    members = [row.child_id for rows_of in everybody.values() for row in rows_of]
    seen = set(Child.objects.visible_to(staff).filter(pk__in=members).values_list("pk", flat=True))
    led = set(InterestGroup.objects.changeable_by(staff).filter(pk__in=list(everybody)).values_list("pk", flat=True))
    sheets = []
    for group in groups:
        all_of = everybody.get(group.pk, [])
        mine = [row for row in all_of if group.pk in led or row.child_id in seen]
        sheets.append(
            GroupSheet(
                school=group.school.name,
                name=group.name,
                kind=group.get_kind_display(),
                leader=group.leader.name,
                duty=group.duty,
                schedule=group.schedule,
                place=group.place,
                since=group.starts_on,
                members=tuple(
                    Member(row.child.name, row.child.class_name(on), row.starts_on, "优先" if row.priority else "")
                    for row in mine
                ),
                hidden=len(all_of) - len(mine),
            )
        )
    return sheets

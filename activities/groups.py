"""Interest groups: who is in, who comes and goes, and who is in none (十个一 no. 5: at least one group a child)."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from activities.gatherings import first_served
from activities.models import GroupMember, InterestGroup
from caretrack.periods import chinese_date
from children.models import Child
from children.models.child import ChildQuerySet


@transaction.atomic
def join(group: InterestGroup, children: ChildQuerySet, *, on: date) -> int:
    """
    Take `children` into the group from `on`; who is in already stays. Returns how many are new.

    Raises ValidationError when the seats do not suffice, naming how many are left; then nobody is taken in.
    """
    there = GroupMember.objects.filter(group=group).open()
    new = list(children.exclude(pk__in=there.values("child")).only("pk"))
    if group.seats is not None and there.count() + len(new) > group.seats:
        left = max(group.seats - there.count(), 0)
        raise ValidationError(
            f"“{group}”名额 {group.seats} 人，还剩 {left} 个，放不下 {len(new)} 人。请少选几名，或修改名额。"
        )
    first = first_served(Child.objects.filter(pk__in=[child.pk for child in new]))
    for child in new:
        GroupMember.objects.create(group=group, child=child, starts_on=on, priority=child.pk in first)
    return len(new)


def leave(member: GroupMember, *, on: date) -> None:
    """The member's last day is `on`; one who came that day or later was never in."""
    if member.starts_on >= on:
        member.delete()
        return
    member.ends_on = on
    member.save(update_fields=["ends_on"])


@transaction.atomic
def close(group: InterestGroup, *, on: date) -> int:
    """End the group and its memberships on `on`. Returns how many members it had. Raises ValidationError if ended."""
    group = InterestGroup.objects.select_for_update().get(pk=group.pk)
    if group.ends_on is not None:
        raise ValidationError(f"“{group}”已于{chinese_date(group.ends_on)}结束。")
    members = list(GroupMember.objects.filter(group=group).open())
    for member in members:
        leave(member, on=max(on, member.starts_on + timedelta(days=1)))
    group.ends_on = max(on, group.starts_on)
    group.save(update_fields=["ends_on"])
    return len(members)


@transaction.atomic
def reopen(group: InterestGroup) -> int:
    """
    Take the end of the group back: who was in to its last day and is at school is in again. Returns how many.

    Raises ValidationError if the group runs, or another of its name does.
    """
    group = InterestGroup.objects.select_for_update().get(pk=group.pk)
    if group.ends_on is None:
        raise ValidationError(f"“{group}”没有结束。")
    if InterestGroup.objects.filter(school=group.school_id, name=group.name, ends_on__isnull=True).exists():
        raise ValidationError(f"已有同名的小组“{group}”正在活动，请先把其中一个改名。")
    pupils = Child.objects.on_roll().filter(school=group.school_id)
    members = list(GroupMember.objects.filter(group=group, ends_on__gte=group.ends_on, child__in=pupils))
    for member in members:
        member.ends_on = None
        member.save(update_fields=["ends_on"])
    group.ends_on = None
    group.save(update_fields=["ends_on"])
    return len(members)


def leave_all(*, child: Child, on: date, by: object = None) -> list[GroupMember]:
    """A child that leaves school leaves its groups; see children.leaving."""
    members = list(GroupMember.objects.filter(child=child).open())
    for member in members:
        member.ends_on = max(on, member.starts_on)
        member.save(update_fields=["ends_on"])
    return members


def rejoin_all(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: the child is in its groups again, those that still run and have a place."""
    for member in GroupMember.objects.filter(
        child=child, ends_on=left_on, group__ends_on__isnull=True, group__school=child.school_id
    ):
        there = GroupMember.objects.filter(group=member.group_id).open()
        seats = member.group.seats
        if not there.filter(child=child).exists() and (seats is None or there.count() < seats):
            member.ends_on = None
            member.save(update_fields=["ends_on"])


def in_no_group(children: ChildQuerySet, on: date) -> ChildQuerySet:
    """Of `children` on the roll, those who are in no group on the day."""
    member = GroupMember.objects.on(on).filter(child=OuterRef("pk"))
    return children.on_roll().filter(~Exists(member))

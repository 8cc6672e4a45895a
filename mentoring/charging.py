"""领导包干: every child answered for by exactly one school leader (§6.1, system 4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child
from mentoring.models import LeaderCharge

ONE_DAY = timedelta(days=1)
LEADING = (Role.PRINCIPAL, Role.CARE_LEAD, Role.LEADER)


def leaders_of(school: School, on: date) -> "QuerySet[Staff]":
    """Who may answer for children: the principal, the care lead, the other members of the leading group."""
    posts = Appointment.objects.current(on).filter(school=school, role__in=LEADING)
    return Staff.objects.filter(pk__in=posts.values("staff"), is_active=True).order_by("pinyin", "pk")


def _answered_for(on: date) -> "QuerySet[LeaderCharge]":
    """The open charges of one child whose leader belongs to the leading group of its school on the day."""
    posts = Appointment.objects.current(on).filter(
        staff=OuterRef("leader"), school=OuterRef("child__school"), role__in=LEADING, staff__is_active=True
    )
    return LeaderCharge.objects.open().filter(Exists(posts), child=OuterRef("pk"))


def with_leader(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Adds `leader_id` and `leader_name` of who answers for the child on the day, None without (see without_leader)."""
    held = _answered_for(on)
    return children.annotate(
        leader_id=Subquery(held.values("leader")[:1]), leader_name=Subquery(held.values("leader__name")[:1])
    )


def without_leader(children: "QuerySet[Child]", on: date) -> "QuerySet[Child]":
    """Those of `children` whom no leader answers for, or one who leads the school no longer."""
    return children.filter(~Exists(_answered_for(on)))


def share_out(children: Iterable[tuple[int, int]], leaders: Sequence[int]) -> dict[int, int]:
    """
    Child → leader: whole classes as far as the numbers stay even, a class is split only where it must be.

    Takes (child, class) pairs in the order of the classes and the leaders in theirs. No leader gets more than one
    child above an even share.
    """
    listed = list(children)
    if not leaders:
        return {}
    share, rest = divmod(len(listed), len(leaders))
    room = {leader: share + (place < rest) for place, leader in enumerate(leaders)}
    classes: dict[int, list[int]] = defaultdict(list)
    for child, school_class in listed:
        classes[school_class].append(child)
    found: dict[int, int] = {}
    split: list[int] = []
    for members in sorted(classes.values(), key=len, reverse=True):
        fitting = [leader for leader in leaders if room[leader] >= len(members)]
        if not fitting:
            split += members
            continue
        best = max(fitting, key=lambda leader: (room[leader], -leaders.index(leader)))
        room[best] -= len(members)
        found |= dict.fromkeys(members, best)
    for child in split:
        best = max(leaders, key=lambda leader: (room[leader], -leaders.index(leader)))
        room[best] -= 1
        found[child] = best
    return found


@transaction.atomic
def charge(*, chosen: Mapping[Child, Staff], on: date, today: date, by: Staff | None) -> int:
    """
    Give each child its leader from `on`; a former charge ends the day before. Returns how many were changed.

    Raises ValidationError for a leader who does not lead the child's school, a future day, and a child that
    somebody else has just given away.
    """
    if on > today:
        raise ValidationError({"on": "开始日期不能在今天以后。"})
    schools = {child.school_id: child.school for child in chosen}
    allowed = {pk: set(leaders_of(school, on).values_list("pk", flat=True)) for pk, school in schools.items()}
    held = {c.child_id: c for c in LeaderCharge.objects.select_for_update().open().filter(child__in=chosen)}
    fresh = []
    for child, leader in chosen.items():
        if leader.pk not in allowed[child.school_id]:
            raise ValidationError({"leader": f"{leader}不是这所学校的领导班子成员，不能包干。"})
        former = held.get(child.pk)
        if former is not None and former.leader_id == leader.pk:
            continue
        if former is not None and former.starts_on >= on:
            former.leader = leader
            former.save(update_fields=["leader"])
        elif former is not None:
            former.ends_on = on - ONE_DAY
            former.save(update_fields=["ends_on"])
        # A charge of this very day is corrected in place, an older one ends.
        fresh.append((child, leader, former is None or former.ends_on is not None))
    try:
        with transaction.atomic():
            LeaderCharge.objects.bulk_create(
                LeaderCharge(child=child, leader=leader, starts_on=on) for child, leader, new in fresh if new
            )
    except IntegrityError as error:
        raise ValidationError("刚刚有学生由别人安排了包干领导，请刷新后再看。") from error
    return len(fresh)


def end_charge_of(*, child: Child, on: date, by: Staff | None) -> None:
    """A child leaves school on `on`: nobody answers for it any longer."""
    for open_one in LeaderCharge.objects.open().filter(child=child):
        open_one.ends_on, open_one.ended_by_leaving = max(on, open_one.starts_on), True
        open_one.save(update_fields=["ends_on", "ended_by_leaving"])


def reopen_charge_of(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: the leader whose charge it ended answers for the child again, unless another does."""
    if LeaderCharge.objects.open().filter(child=child).exists():
        return
    here = Appointment.objects.filter(school=child.school_id, role__in=LEADING).values("staff")
    ended = LeaderCharge.objects.filter(child=child, leader__in=here, ended_by_leaving=True, ends_on__gte=left_on)
    for last in ended.order_by("-starts_on", "-pk")[:1]:
        last.ends_on, last.ended_by_leaving = None, False
        last.save(update_fields=["ends_on", "ended_by_leaving"])

"""Campaigns: the list of children, who goes to whom, what is done (domain §13 nos. 38, 54)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from activities.models import Campaign, CampaignTarget, CareRecord, Homecoming, Kind
from caretrack.access.policy import DataClass, Level, Role
from caretrack.fixed import fixed
from caretrack.schools.models import Appointment, Staff
from children.models import Child
from children.models.child import ChildQuerySet
from mentoring.queries import staff_mentors_of

#: The kinds of records that count in the shipped campaigns.
USUAL = {
    Campaign.Kind.SUMMER_VISITS: (Kind.HOME_VISIT,),
    Campaign.Kind.SPRING_FESTIVAL: (Kind.HOME_VISIT, Kind.CALL, Kind.VIDEO),
    Campaign.Kind.OTHER: (Kind.HOME_VISIT, Kind.TALK),
}


@dataclass(frozen=True)
class Progress:
    """How far a campaign, or one person in it, has come."""

    total: int = 0
    done: int = 0
    excused: int = 0

    @property
    def open(self) -> int:
        return self.total - self.done - self.excused

    @property
    def owed(self) -> int:
        """Those who are to be reached: the list less the excused."""
        return self.total - self.excused


@transaction.atomic
def add_targets(campaign: Campaign, children: ChildQuerySet, *, on: date) -> int:
    """
    Put `children` on the campaign's list, each with the homeroom teacher of its class; returns how many are new.
    """
    there = CampaignTarget.objects.filter(campaign=campaign).values("child")
    new = list(children.exclude(pk__in=there).values_list("pk", "school_class"))
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, school=campaign.school)
    teachers = dict(posts.order_by("-starts_on", "-pk").values_list("school_class", "staff"))
    CampaignTarget.objects.bulk_create(
        [
            CampaignTarget(campaign=campaign, child_id=pk, assignee_id=teachers.get(school_class))
            for pk, school_class in new
        ]
    )
    return len(new)


def targets_seen_by(staff: Staff) -> QuerySet[CampaignTarget]:
    """The children of lists whose care this person knows; lists, figures and papers speak of no others."""
    seen = Child.objects.visible_to(staff, DataClass.CARE, Level.OWN).order_by().values("pk")
    return CampaignTarget.objects.filter(child__in=seen)


def with_state(targets: QuerySet[CampaignTarget], campaign: Campaign) -> QuerySet[CampaignTarget]:
    """Adds `done_id`, the newest record that reached the child in the campaign's days (None: not yet)."""
    reached = CareRecord.objects.reached().between(campaign.starts_on, campaign.ends_on)
    newest = reached.filter(child=OuterRef("child"), kind__in=campaign.record_kinds).order_by("-on", "-pk")
    return targets.annotate(
        done_id=Subquery(newest.values("pk")[:1]), done_on=Subquery(newest.values("on")[:1]),
        done_by=Subquery(newest.values("author__name")[:1]),
    )  # fmt: skip


def progress_of(
    campaigns: Iterable[Campaign], targets: QuerySet[CampaignTarget] | None = None
) -> dict[int, dict[int, Progress]]:
    """
    Campaign id → assignee id (0: nobody) → Progress, in one statement for any number of campaigns.

    Only `targets` count where they are given.
    """
    listed = list(campaigns)
    totals: dict[int, dict[int, list[int]]] = {campaign.pk: {} for campaign in listed}
    if not listed:
        return {}
    whens = [When(campaign=campaign, then=_reached(campaign)) for campaign in listed]
    among = CampaignTarget.objects.all() if targets is None else targets
    rows = among.filter(campaign__in=[campaign.pk for campaign in listed]).order_by()
    rows = rows.annotate(reached=Case(*whens, default=Value(False), output_field=BooleanField()))
    for campaign, assignee, why, reached in rows.values_list("campaign", "assignee", "excused", "reached"):
        part = totals[campaign].setdefault(assignee or 0, [0, 0, 0])
        part[0] += 1
        part[1] += bool(reached) and not why
        part[2] += bool(why)
    return {pk: {key: Progress(*part) for key, part in parts.items()} for pk, parts in totals.items()}


def _reached(campaign: Campaign) -> Exists:
    records = CareRecord.objects.reached().between(campaign.starts_on, campaign.ends_on)
    return Exists(records.filter(child=OuterRef("child"), kind__in=campaign.record_kinds))


def not_reached_yet(targets: QuerySet[CampaignTarget], on: date) -> QuerySet[CampaignTarget]:
    """
    Of `targets`, whom somebody still has to reach, in the campaigns that are not over on the day.

    Asks at once which campaigns those are: each is a condition of its own, so `targets` should be few campaigns' already.
    """
    waiting = targets.filter(excused="")
    owed = Q(pk__in=[])
    for campaign in Campaign.objects.filter(ends_on__gte=on, pk__in=waiting.order_by().values("campaign")):
        owed |= Q(~_reached(campaign), campaign=campaign)
    return waiting.filter(owed)


def whole(parts: Mapping[int, Progress]) -> Progress:
    """The sum of the parts of a campaign."""
    return Progress(*(sum(getattr(part, name) for part in parts.values()) for name in ("total", "done", "excused")))


def excuse(target: CampaignTarget, *, reason: str) -> None:
    """Say why nobody has to go there; an empty reason takes the excuse back."""
    target.excused = reason.strip()
    target.save(update_fields=["excused"])


@dataclass(frozen=True)
class Handed:
    """How many children somebody else has now, and the names of those who stay with whom they were, with the reason."""

    given: int
    left: tuple[str, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        said = f"已安排 {self.given} 名学生。"
        if self.left:
            names = "、".join(self.left[:3]) + (f"等 {len(self.left)} 人" if len(self.left) > 3 else "")
            said += f"{names}没有变：{self.why}。"
        return said


@transaction.atomic
def hand_out(targets: QuerySet[CampaignTarget], to: Staff | None, *, on: date) -> Handed:
    """
    Give each child of `targets` to one person, or without `to` to its own 代理家长 among the staff.

    A child that this person does not see, or without such a 代理家长, stays with whom it is.
    """
    rows = list(targets.select_related("child").order_by("child__pinyin", "pk"))
    children = [row.child_id for row in rows]
    if to is None:
        takers, why = staff_mentors_of(children, on), "没有在本校任职的代理家长"
    else:
        seen = Child.objects.visible_to(to, DataClass.CARE, Level.OWN).filter(pk__in=children)
        takers, why = dict.fromkeys(seen.order_by().values_list("pk", flat=True), to.pk), f"{to.name}看不到这名学生"
    changed = [row for row in rows if takers.get(row.child_id, row.assignee_id) != row.assignee_id]
    for row in changed:
        row.assignee_id = takers[row.child_id]
        row.save(update_fields=["assignee"])
    return Handed(len(changed), tuple(row.child.name for row in rows if row.child_id not in takers), why)


@fixed
def _handed_to(staff: Staff, on: date) -> QuerySet[Campaign]:
    return Campaign.objects.running(on).filter(targets__assignee=staff).distinct()


def waiting_for(staff: Any, on: date) -> list[tuple[Campaign, int]]:
    """The running campaigns in which `staff` still has somebody to reach, with how many; three statements."""
    running = {campaign.pk: campaign for campaign in _handed_to(staff, on)}
    if not running:
        return []
    owed = _owed_by(staff, tuple(running))
    contacts: dict[int, list[tuple[str, date]]] = {child: [] for _, child in owed}
    first, last = min(c.starts_on for c in running.values()), max(c.ends_on for c in running.values())
    for child, kind, day in _contacts(tuple(contacts), first, last):
        contacts[child].append((kind, day))
    left = Counter(pk for pk, child in owed if not _was_reached(running[pk], contacts[child]))
    return sorted(
        ((running[pk], number) for pk, number in left.items()), key=lambda pair: (pair[0].ends_on, pair[0].pk)
    )


def _was_reached(campaign: Campaign, contacts: Iterable[tuple[str, date]]) -> bool:
    return any(
        kind in campaign.record_kinds and campaign.starts_on <= day <= campaign.ends_on for kind, day in contacts
    )


@fixed
def _owed_by(staff: Staff, campaigns: tuple[int, ...]) -> QuerySet[CampaignTarget, Any]:
    mine = CampaignTarget.objects.filter(assignee=staff, campaign__in=campaigns, excused="")
    seen = Child.objects.visible_to(staff).on_roll().values("pk")
    return mine.filter(child__in=seen).order_by().values_list("campaign", "child")


@fixed
def _contacts(children: tuple[int, ...], first: date, last: date) -> QuerySet[CareRecord, Any]:
    reached = CareRecord.objects.reached().between(first, last).filter(child__in=children)
    return reached.order_by().values_list("child", "kind", "on")


def homecomings_of(children: ChildQuerySet | list[int], first: date, last: date) -> dict[int, Homecoming]:
    """Child id → its newest homecoming with a day in first … last; one statement."""
    ids = children if isinstance(children, list) else children.order_by().values("pk")
    rows = Homecoming.objects.during(first, last).filter(child__in=ids).order_by("came_on", "pk")
    return {row.child_id: row for row in rows}


def check_stay(who: str, came_on: date, left_on: date | None) -> None:
    """Raises ValidationError if the end is before the beginning, or nobody came and yet it has an end."""
    if who == Homecoming.Who.NOBODY and left_on is not None:
        raise ValidationError({"left_on": "父母都不回来时不用填结束日期。"})
    if left_on is not None and left_on < came_on:
        raise ValidationError({"left_on": "结束日期不能早于开始日期。"})


def note_homecoming(child: Child, *, who: str, came_on: date, left_on: date | None, note: str, by: Staff) -> Homecoming:
    """
    Write down that a parent was home; the same day again changes what was noted.

    Raises ValidationError if the end is before the beginning, or nobody came and yet it has an end.
    """
    row = Homecoming.objects.filter(child=child, came_on=came_on).first() or Homecoming(child=child, came_on=came_on)
    check_stay(who, came_on, left_on)
    row.who, row.left_on, row.note, row.noted_by = who, left_on, note, by
    row.full_clean(exclude=["change"])
    row.save()
    return row


def note_homecomings(rows: Sequence[Homecoming], *, by: Staff) -> int:
    """
    Write the new stays of many children, which the caller has checked; all or none. Returns how many.

    Raises ValidationError if somebody noted one of the days in the same moment.
    """
    for row in rows:
        row.noted_by = by
    try:
        with transaction.atomic():
            return len(Homecoming.objects.bulk_create(rows))
    except IntegrityError as error:
        raise ValidationError("刚刚有人登记了其中的学生，请核对后再保存一次。") from error

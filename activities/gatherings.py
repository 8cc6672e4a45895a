"""
Who is expected at an activity or a meeting, who came, and what a meeting decided (domain §9.1–9.2).

A gathering is an Activity or a Meeting; both keep their children in ActivityParticipant. Somebody of another class
adds and removes only the children whom they may see; the others stay as they are and are counted.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q

from activities.models import Activity, ActivityParticipant, InterestGroup, Meeting, MeetingAttendee, MeetingTask
from activities.models.event import TOLD
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child, codes
from children.models.child import ChildQuerySet, a_parent_away
from children.queries import roll_order
from mentoring.models import Mentor

Gathering = Activity | Meeting
#: What is gone through, point by point, by whoever writes such an activity down (domain §9.2; §13, rows 75, 79, 88–93).
OUTLINES: dict[str, str] = {
    Activity.Kind.SURROUNDINGS: "\n".join(
        f"{point}：" for point in (
            "校门口交通和停车", "流动摊点和食品", "网吧、游戏厅、彩票点", "玩具、书刊和烟酒销售", "治安和可疑人员",
            "河塘水库等溺水隐患", "上学路上的危桥、陡坡、电线",
        )
    ),
    Activity.Kind.DRILL: "\n".join(
        f"{point}：" for point in ("演练内容（地震、火灾、防暴、溺水）", "信号发出时间", "全部到达安全地点用时", "清点人数", "发现的问题")
    ),
    Activity.Kind.PUBLICITY: "栏目：\n内容：\n播出或张贴的时间、地点：\n主持人、供稿人：",
    Activity.Kind.MIND: "主题：\n目标：\n活动环节：\n学生的反应（不写个别学生的隐私）：",
    Activity.Kind.LABOUR: "项目：\n示范和指导：\n学生完成情况：\n安全提醒：",
    Activity.Kind.HAND_IN_HAND: "和谁手拉手（班级、学校、单位）：\n一起做了什么：\n结成的伙伴：\n以后怎么联系：",
}  # fmt: skip
#: What concerns no pupil by name: nobody is asked to come.
WITHOUT_PUPILS = frozenset({Activity.Kind.SURROUNDINGS})
#: A roll is called by class above this number of children, so that the page stays quick on an old PC.
ROLL_AT_MOST = 150


class Audience(models.TextChoices):
    """Which children of the chosen classes are asked to come."""

    LEFT_BEHIND = "left_behind", "留守学生"
    KEY = "key", "重点关爱学生"
    EVERYBODY = "everybody", "全部学生"


@dataclass(frozen=True)
class Attendance:
    """
    应到 and 实到 of children, how many carers came, and the same of other grown-ups.

    A roll is called class by class: `waiting` children were not called yet and do not count as absent. Grown-ups of
    whom nobody came, and no absence has a reason, could not sign yet.
    """

    expected: int = 0
    came: int = 0
    carers: int = 0
    waiting: int = 0
    grown_ups: int = 0
    grown_ups_came: int = 0
    grown_ups_called: bool = False

    @property
    def roll_called(self) -> bool:
        """Whether the roll of at least one class was called."""
        return self.expected > self.waiting


def of_gathering(gathering: Gathering) -> Q:
    """A condition on ActivityParticipant: those of one gathering."""
    return Q(meeting=gathering) if isinstance(gathering, Meeting) else Q(activity=gathering)


def leads(listing: Gathering | InterestGroup, staff: Any) -> bool:
    """Whether `staff` makes this list: who leads it or keeps it, the class teacher of its class, the school's leads."""
    return type(listing).objects.changeable_by(staff).filter(pk=listing.pk).exists()


def on_the_list(gathering: Gathering, staff: Any) -> tuple[list[ActivityParticipant], int]:
    """Those on the list whom `staff` sees, all for its leader, in the order of the roll, and how many others there are."""
    every = seen = ActivityParticipant.objects.filter(of_gathering(gathering))
    if not leads(gathering, staff):
        seen = every.filter(child__in=Child.objects.visible_to(staff).order_by().values("pk"))
    rows = list(seen.select_related("child__school_class__school").order_by(*roll_order("child__")))
    return rows, every.count() - len(rows)


def attendances(gatherings: Iterable[Gathering]) -> dict[int, Attendance]:
    """Id → Attendance of activities, or of meetings, never of both; at most two statements."""
    listed = list(gatherings)
    if not listed:
        return {}
    meetings = isinstance(listed[0], Meeting)
    name = "meeting" if meetings else "activity"
    ids = [one.pk for one in listed]
    counted = ActivityParticipant.objects.filter(**{f"{name}__in": ids}).order_by().values(name)
    rows = counted.annotate(
        all=Count("pk"),
        there=Count("pk", filter=Q(came=True)),
        carers=Count("pk", filter=Q(carer_came=True)),
        told=Count("pk", filter=TOLD),
    )
    found = {row[name]: Attendance(row["all"], row["there"], row["carers"], row["all"] - row["told"]) for row in rows}
    if meetings:
        others = MeetingAttendee.objects.filter(meeting__in=ids).order_by().values("meeting")
        for row in others.annotate(
            all=Count("pk"),
            there=Count("pk", filter=Q(came=True)),
            told=Count("pk", filter=Q(came=True) | ~Q(absence="")),
        ):
            found[row["meeting"]] = replace(
                found.get(row["meeting"], Attendance()),
                grown_ups=row["all"], grown_ups_came=row["there"], grown_ups_called=row["told"] > 0,
            )  # fmt: skip
    return {pk: found.get(pk, Attendance()) for pk in ids}


def attendance(gathering: Gathering) -> Attendance:
    """应到 and 实到 of one gathering."""
    return attendances([gathering])[gathering.pk]


def wanted(children: ChildQuerySet, audience: str, classes: Collection[int]) -> ChildQuerySet:
    """Of `children`, those on the roll of the classes whom an audience means."""
    found = children.on_roll().filter(school_class__in=list(classes))
    if audience == Audience.LEFT_BEHIND:
        return found.filter(a_parent_away())
    if audience == Audience.KEY:
        return found.filter(support_level__in=codes.KEY_LEVELS)
    return found


def first_served(children: ChildQuerySet) -> set[int]:
    """Ids of `children` whom 三个优先 puts first: a parent away, or support level 重点 or 紧急 (domain §8.6)."""
    put_first = a_parent_away() | Q(support_level__in=codes.KEY_LEVELS)
    return set(children.filter(put_first).values_list("pk", flat=True))


@transaction.atomic
def invite(gathering: Gathering, children: ChildQuerySet, *, today: date) -> int:
    """
    Put `children` on the list; who stands there already stays as they are. Returns how many are new.

    For a day that has passed they count as having come until the roll says otherwise; until then, and on the day
    itself, they are only expected. A meeting for carers expects the carers, so nobody is marked.
    """
    there = ActivityParticipant.objects.filter(of_gathering(gathering)).values("child")
    new = list(children.exclude(pk__in=there).only("pk"))
    first = first_served(Child.objects.filter(pk__in=[child.pk for child in new]))
    meeting = isinstance(gathering, Meeting)
    came = gathering.on < today and not gathering.for_carers
    place = {"meeting": gathering} if meeting else {"activity": gathering}
    ActivityParticipant.objects.bulk_create(
        [ActivityParticipant(child=child, came=came, priority=child.pk in first, **place) for child in new]
    )
    return len(new)


@transaction.atomic
def call_roll(rows: Iterable[ActivityParticipant], changed: Iterable[ActivityParticipant]) -> None:
    """The roll of `rows` is called: `changed` of them are written, and who was not marked as there is absent."""
    for row in changed:
        row.called = True
        row.save()
    ActivityParticipant.objects.filter(pk__in=[row.pk for row in rows], called=False).update(called=True)


@transaction.atomic
def take_off(gathering: Gathering, children: ChildQuerySet, *, but: Collection[int]) -> int:
    """Take those of `children` off the list who are not in `but`. Returns how many."""
    rows = ActivityParticipant.objects.filter(of_gathering(gathering), child__in=children.order_by().values("pk"))
    gone = list(rows.exclude(child__in=list(but)))
    for row in gone:
        row.delete()
    return len(gone)


@transaction.atomic
def invite_mentors(meeting: Meeting) -> int:
    """Put every mentor who works for the school on the meeting's list. Returns how many are new."""
    there = set(meeting.attendees.values_list("mentor", flat=True))
    new = [m for m in Mentor.objects.of_school(meeting.school).working(meeting.on) if m.pk not in there]
    MeetingAttendee.objects.bulk_create(
        [MeetingAttendee(meeting=meeting, mentor=m, name=m.name, capacity=m.title) for m in new]
    )
    return len(new)


def invite_guest(meeting: Meeting, *, name: str, capacity: str, staff: Staff | None = None) -> MeetingAttendee:
    """Put one grown-up on the meeting's list. Raises ValidationError for a colleague who is on it already."""
    row = MeetingAttendee(meeting=meeting, staff=staff, name=staff.name if staff else name, capacity=capacity)
    row.full_clean(exclude=["change"])
    row.save()
    return row


def add_task(meeting: Meeting, *, what: str, owner: Staff, due_on: date) -> MeetingTask:
    """Write down what the meeting decided. Raises ValidationError if the day is before the meeting."""
    if due_on < meeting.on:
        raise ValidationError({"due_on": "期限不能早于开会日期。"})
    task = MeetingTask(meeting=meeting, what=what, owner=owner, due_on=due_on)
    task.full_clean(exclude=["change"])
    task.save()
    return task


@transaction.atomic
def move_task(task: MeetingTask, *, owner: Staff, due_on: date, today: date) -> MeetingTask:
    """
    Another day or another person. The change history keeps the former ones.

    Raises ValidationError for a closed task, and for another day that has passed.
    """
    current = MeetingTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if current.done_on is not None:
        raise ValidationError(f"这件事已于{chinese_date(current.done_on)}办结。")
    if due_on < today and due_on != current.due_on:
        raise ValidationError({"due_on": "期限不能早于今天。"})
    current.owner, current.due_on = owner, due_on
    current.save(update_fields=["owner", "due_on"])
    return current


def close_task(task: MeetingTask, *, outcome: str, on: date) -> MeetingTask:
    """Say what came of a task. Raises ValidationError if it is closed, or nothing is said."""
    if task.done_on is not None:
        raise ValidationError(f"这件事已于{chinese_date(task.done_on)}办结。")
    if not outcome.strip():
        raise ValidationError("请写一句落实情况。")
    task.done_on, task.outcome = on, outcome.strip()
    task.save(update_fields=["done_on", "outcome"])
    return task


def tasks_open_to(staff: Any) -> models.QuerySet[MeetingTask]:
    """Open tasks of the meetings whose minutes `staff` reads, and one's own; nearest first."""
    read = Meeting.objects.minutes_open_to(staff).order_by().values("pk")
    found = MeetingTask.objects.open().filter(Q(owner=staff) | Q(meeting__in=read))
    return found.select_related("meeting", "owner").order_by("due_on", "pk")

"""What the papers of activities and meetings hold, as frozen data: no query runs while a paper is laid out."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from activities.campaigns import homecomings_of, progress_of, targets_seen_by, whole, with_state
from activities.gathering_photos import photos_for
from activities.gatherings import WITHOUT_PUPILS, Attendance, Gathering, attendance, on_the_list
from activities.models import Activity, ActivityParticipant, Campaign, Meeting, MeetingAttendee
from activities.pictures import Shown, on_paper
from caretrack.access.policy import DataClass
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child
from children.queries import carers_of, roll_order

BLANK_LINES = 3
#: A fact of more characters has its line for itself.
LONG = 20


@dataclass(frozen=True)
class Guest:
    """One line to sign; `state` is printed when the sheet is filled."""

    name: str
    class_name: str = ""
    carer: str = ""
    capacity: str = ""
    state: str = ""
    note: str = ""


@dataclass(frozen=True)
class SignIn:
    """The sheet at the door. `carers`: the carers sign, beside the name of their child."""

    title: str
    school: str
    name: str
    on: date
    at: time | None
    place: str
    carers: bool
    filled: bool
    children: tuple[Guest, ...]
    grown_ups: tuple[Guest, ...]
    grown_ups_only: bool
    hidden: int
    expected: int
    came: int
    called: bool
    waiting: int
    named: tuple[int, ...]
    """The ids of the children on it, for the access log."""
    blanks: range = range(BLANK_LINES)


@dataclass(frozen=True)
class Task:
    """What was decided."""

    what: str
    owner: str
    due_on: date
    outcome: str


@dataclass(frozen=True)
class Record:
    """活动记录表 or 会议记录: facts in pairs, then long texts under their titles."""

    title: str
    school: str
    name: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    absent: tuple[str, ...]
    tasks: tuple[Task, ...]
    signs: tuple[str, ...]
    present: str
    pictures: tuple[Shown, ...] = ()

    @property
    def pairs(self) -> list[tuple[tuple[str, str], ...]]:
        """The facts two beside each other; a long one alone on its line."""
        lines: list[tuple[tuple[str, str], ...]] = []
        for fact in self.facts:
            alone = len(fact[1]) > LONG
            if lines and not alone and len(lines[-1]) == 1 and len(lines[-1][0][1]) <= LONG:
                lines[-1] = (*lines[-1], fact)
            else:
                lines.append((fact,))
        return lines


def _state(row: ActivityParticipant, carers: bool) -> str:
    if not row.told:
        return "待签到" if carers else "待点名"
    if carers:
        return f"已到（{row.carer}）" if row.carer_came and row.carer else "已到" if row.carer_came else "未到"
    return "已到" if row.came else "未到"


def _state_of_grown_up(one: MeetingAttendee, called: bool) -> str:
    return ("已到" if one.came else "未到") if called else "待签到"


def sign_in_paper(gathering: Gathering, staff: Staff, *, blank: bool) -> SignIn:
    """
    签到表 of the children whom `staff` sees, and of the other guests; `blank` leaves the places to sign empty.

    Carers are named beside their child only where `staff` gets family data.
    """
    rows, hidden = on_the_list(gathering, staff)
    carers = gathering.for_carers
    ids = [row.child_id for row in rows]
    contact = set(Child.objects.visible_to(staff, DataClass.CONTACT).filter(pk__in=ids).values_list("pk", flat=True))
    named = carers_of(contact) if carers else {}
    heads = attendance(gathering)
    grown_ups = gathering.attendees.all() if isinstance(gathering, Meeting) else ()
    return SignIn(
        title=f"{chinese_date(gathering.on)}{gathering.name}签到表",
        school=gathering.school.name,
        name=gathering.name,
        on=gathering.on,
        at=gathering.at,
        place=gathering.place,
        carers=carers,
        filled=not blank,
        children=tuple(
            Guest(
                row.child.name,
                row.child.class_name(gathering.on),
                named.get(row.child_id, ""),
                state="" if blank else _state(row, carers),
                note="" if blank else row.absence,
            )
            for row in rows
        ),
        grown_ups=tuple(
            Guest(
                one.name,
                capacity=one.capacity,
                state="" if blank else _state_of_grown_up(one, heads.grown_ups_called),
                note="" if blank else one.absence,
            )
            for one in grown_ups
        ),
        grown_ups_only=isinstance(gathering, Meeting) and not rows,
        hidden=hidden,
        expected=heads.expected + heads.grown_ups,
        came=(heads.carers if carers else heads.came) + heads.grown_ups_came,
        called=heads.roll_called or heads.grown_ups_called,
        waiting=heads.waiting if heads.roll_called else 0,
        named=tuple(ids),
    )


def _when(gathering: Gathering) -> str:
    clock = f"{gathering.at:%H:%M}" if gathering.at else ""
    return " ".join(filter(None, [f"{gathering.on:%Y}年{gathering.on.month}月{gathering.on.day}日", clock]))


def _of(gathering: Gathering) -> str:
    return gathering.school_class.name_on(gathering.on) if gathering.school_class else "全校"


def _came(rows: list[ActivityParticipant], carers: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of those who came and of those who did not; nobody is either before the own class was called."""
    there, absent = [], []
    for row in rows:
        if not row.told:
            continue
        if row.carer_came if carers else row.came:
            there.append(row.child.name)
        else:
            absent.append(f"{row.child.name}（{row.absence}）" if row.absence else row.child.name)
    return tuple(there), tuple(absent)


def _waiting(heads: Attendance) -> str:
    """How many of a list that is being called were not called yet."""
    return f"，{heads.waiting} 人未点名" if heads.waiting else ""


def _pictures(gathering: Gathering, staff: Staff) -> tuple[Shown, ...]:
    return tuple(filter(None, (on_paper(photo, photo.words) for photo in photos_for(gathering, staff))))


def activity_paper(activity: Activity, staff: Staff) -> Record:
    """活动记录表 with the fields of domain §9.2; children out of sight are counted, not named."""
    rows, hidden = on_the_list(activity, staff)
    heads = attendance(activity)
    there, absent = _came(rows, carers=False)
    first = sum(row.priority and row.came for row in rows)
    students = f"学生 {heads.came} 人（应到 {heads.expected} 人{_waiting(heads)}）"
    if heads.expected and not heads.roll_called:
        students = f"应到学生 {heads.expected} 人，未点名"
    others = f"{activity.others_count} 人" if activity.others_count else ""
    grown_ups = activity.kind in WITHOUT_PUPILS and not heads.expected
    count = others if grown_ups else students + (f"，其他 {others}" if others else "")
    facts = (
        ("活动类别", activity.get_kind_display()),
        ("日期时间", _when(activity)),
        ("地点", activity.place),
        ("负责人", activity.leader.name if activity.leader else ""),
        ("范围", _of(activity)),
        ("参加对象", activity.audience),
        ("参加人数", count),
        ("优先安排", f"{first} 人" if first else ""),
        ("经费", f"{activity.cost} 元" if activity.cost is not None else ""),
        ("名单之外", f"另有 {hidden} 名其他班学生" if hidden else ""),
    )
    return Record(
        "活动记录表", activity.school.name, activity.name, tuple(f for f in facts if f[1]),
        (("活动过程", activity.process), ("活动效果", activity.effect)), there, absent, (),
        ("负责人（签名）", "审核人（签名）"), "参加人员" if grown_ups else "参加学生", _pictures(activity, staff),
    )  # fmt: skip


def minutes_paper(meeting: Meeting, staff: Staff) -> Record:
    """会议记录 with the fields of domain §9.1; for those who may read the minutes."""
    rows, hidden = on_the_list(meeting, staff)
    heads = attendance(meeting)
    there, absent = _came(rows, meeting.for_carers)
    who = "监护人" if meeting.for_carers else "学生"
    present = "到会人员（家长以学生姓名列）" if meeting.for_carers and rows else "到会人员"
    guests = list(meeting.attendees.all())
    came = heads.carers if meeting.for_carers else heads.came
    counts = []
    if heads.expected:
        called = f"实到 {came} 人{_waiting(heads)}" if heads.roll_called else "未点名"
        counts.append(f"{who}应到 {heads.expected} 人、{called}")
    if guests:
        signed = f"实到 {heads.grown_ups_came} 人" if heads.grown_ups_called else "未签到"
        counts.append(f"其他人员应到 {heads.grown_ups} 人、{signed}")
    if not counts and meeting.expected is not None:
        counts.append(f"应到 {meeting.expected} 人、实到 {meeting.present or 0} 人")
    facts = (
        ("会议类别", meeting.get_kind_display()),
        ("日期时间", _when(meeting)),
        ("地点", meeting.place),
        ("主持人", meeting.chair),
        ("范围", _of(meeting)),
        ("记录人", meeting.keeper.name if meeting.keeper else ""),
        ("到会情况", "；".join(counts)),
        ("名单之外", f"另有 {hidden} 名其他班学生" if hidden else ""),
    )
    named = tuple(f"{one.name}（{one.capacity}）" if one.capacity else one.name for one in guests if one.came)
    missing = [one for one in guests if not one.came and heads.grown_ups_called]
    away = tuple(f"{one.name}（{one.absence}）" if one.absence else one.name for one in missing)
    tasks = tuple(
        Task(t.what, t.owner.name, t.due_on, f"{chinese_date(t.done_on)} {t.outcome}" if t.done_on else "")
        for t in meeting.tasks.select_related("owner")
    )
    return Record(
        "会议记录", meeting.school.name, meeting.name, tuple(f for f in facts if f[1]),
        (("议题", meeting.agenda), ("会议内容", meeting.minutes), ("意见和建议", meeting.opinions)),
        (*named, *there), (*away, *absent), tasks, ("主持人（签名）", "记录人（签名）"), present, _pictures(meeting, staff),
    )  # fmt: skip


@dataclass(frozen=True)
class CampaignLine:
    """One child of a campaign's list."""

    name: str
    class_name: str
    assignee: str
    state: str
    on: date | None
    home: str


@dataclass(frozen=True)
class CampaignPaper:
    """情况表 of a campaign: the children whom the reader sees."""

    school: str
    name: str
    first: date
    last: date
    aim: str
    summary: str
    total: int
    done: int
    excused: int
    spring: bool
    lines: tuple[CampaignLine, ...]
    named: tuple[int, ...]
    """The ids of the children on it, for the access log."""


def campaign_paper(campaign: Campaign, staff: Staff) -> CampaignPaper:
    """The list as `staff` sees it; homecomings only where family data is open to them."""
    seen = targets_seen_by(staff)
    rows = with_state(seen.filter(campaign=campaign), campaign).select_related(
        "child__school_class__school", "assignee"
    )
    ordered: list[Any] = list(rows.order_by(*roll_order("child__")))
    contact = Child.objects.visible_to(staff, DataClass.CONTACT).filter(pk__in=[row.child_id for row in ordered])
    home = homecomings_of(list(contact.values_list("pk", flat=True)), campaign.starts_on, campaign.ends_on)
    of = whole(progress_of([campaign], seen)[campaign.pk])
    lines = tuple(
        CampaignLine(
            row.child.name,
            row.child.class_name(campaign.ends_on),
            row.assignee.name if row.assignee else "",
            row.excused or (f"已完成（{row.done_by}）" if row.done_id else "未完成"),
            row.done_on,
            home[row.child_id].get_who_display() if row.child_id in home else "",
        )
        for row in ordered
    )
    return CampaignPaper(
        campaign.school.name, campaign.name, campaign.starts_on, campaign.ends_on, campaign.aim, campaign.summary,
        of.total, of.done, of.excused, campaign.kind == Campaign.Kind.SPRING_FESTIVAL, lines,
        tuple(row.child_id for row in ordered),
    )  # fmt: skip

"""What was done for a child, as lines of the timeline."""

from collections.abc import Iterator
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from activities.models import (
    ActivityParticipant,
    CareHomeVisit,
    CareRecord,
    CheckIn,
    ChildGoal,
    GroupMember,
    Homecoming,
    Incident,
    IncidentChild,
    SealedNote,
)
from activities.models.record import CareRecordQuerySet
from activities.queries import lines
from caretrack.access.policy import DataClass, Level
from caretrack.fixed import fixed
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child
from children.timeline import TimelineItem, add_lines, register_source, stamp


def records(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Talks, visits, calls …; counselling of others is a grey line, one's own records are told even without the rest."""
    ids = tuple(child.pk for child in children)
    found = _records(ids, first, last) if staff is None else _records_seen(staff, ids, first, last)
    for line in lines(found, staff):
        record = line.record
        more = [*line.details, ("学生状态", line.state), ("建议和措施", line.advice)]
        if not line.grey:
            more.insert(0, ("对象", record.with_whom))
            more += [(f"{note.author.name}补充（{note.reason}）", note.text) for note in record.addenda.all()]
        restricted = record.visibility == "restricted"
        yield TimelineItem(
            child_id=record.child_id,
            kind="record",
            on=record.on,
            title=line.title,
            text=line.text,
            details=tuple((label, value) for label, value in more if value),
            entered=timezone.localdate(record.created_at),
            by=record.author.name,
            tone="private" if line.grey or restricted else "neutral" if record.reached else "warn",
            mark=line.icon,
            private=restricted,
            sealed=line.grey,
            page=None if line.grey else ("activities:record_show", record.pk),
        )


def _told(records: CareRecordQuerySet, children: tuple[int, ...], first: date, last: date) -> CareRecordQuerySet:
    found = records.filter(child__in=children).between(first, last).select_related("author", "child")
    return found.prefetch_related("addenda__author").newest_first()


@fixed
def _records(children: tuple[int, ...], first: date, last: date) -> QuerySet[CareRecord]:
    return _told(CareRecord.objects.all(), children, first, last)


@fixed
def _records_seen(staff: Staff, children: tuple[int, ...], first: date, last: date) -> QuerySet[CareRecord]:
    return _told(CareRecord.objects.visible_to(staff), children, first, last)


def events(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Activities and meetings that the child or its carer came to."""
    rows = ActivityParticipant.objects.present().filter(child__in=children)
    for row in rows.select_related("activity", "meeting", "change"):
        event = row.activity or row.meeting
        if event is None or not first <= event.on <= last:
            continue
        came = "监护人参加" if row.carer_came else "参加"
        told = (("担任", row.role), ("获奖", row.prize))
        yield TimelineItem(
            row.child_id,
            "activity",
            event.on,
            f"{came}{'活动' if row.activity else '会议'}：{event.name}",
            details=tuple((label, value) for label, value in told if value),
            **stamp(row),
        )


def memberships(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Groups that the child joined."""
    members = GroupMember.objects.filter(child__in=children, starts_on__range=(first, last))
    for member in members.select_related("group", "change"):
        note = f"至{chinese_date(member.ends_on)}" if member.ends_on else ""
        yield TimelineItem(member.child_id, "activity", member.starts_on, f"参加{member.group}", note, **stamp(member))


def care_home(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """Use of the care home."""
    visits = CareHomeVisit.objects.filter(child__in=children, on__gte=first, on__lte=last)
    for visit in visits.select_related("duty", "change"):
        given = {"by": visit.duty.name} if visit.duty else {}
        title = f"留守儿童之家：{visit.get_use_display()}"
        yield TimelineItem(visit.child_id, "activity", visit.on, title, visit.note, **(stamp(visit) | given))


def homecomings(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """When a parent was home, or the child went to them."""
    rows = Homecoming.objects.filter(child__in=children, came_on__range=(first, last)).select_related("change")
    for row in rows:
        text = "，".join(filter(None, [f"至{chinese_date(row.left_on)}" if row.left_on else "", row.note]))
        yield TimelineItem(row.child_id, "homecoming", row.came_on, row.get_who_display(), text, **stamp(row))


def incidents(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """
    That an incident was taken up; what it is about only for those who open the file. Drills are nobody's past.

    A file kept to named people is told to them alone, and a file of an earlier school to nobody at the present one.
    """
    files = Incident.objects.real().filter(found_at__date__gte=first, found_at__date__lte=last)
    rows = IncidentChild.objects.filter(child__in=children, incident__in=files).select_related("incident")
    open_to = None
    if staff is None:
        rows = rows.filter(incident__named_only=False)
    else:
        mine = Incident.objects.visible_to(staff).filter(pk__in=rows.values("incident"))
        open_to = set(mine.values_list("pk", flat=True))
        present = Q(incident__named_only=False, incident__school=F("child__school"))
        rows = rows.filter(Q(incident__in=open_to) | present)
    for part in rows:
        row = part.incident
        sealed = open_to is not None and row.pk not in open_to
        yield TimelineItem(
            part.child_id,
            "incident",
            timezone.localdate(row.found_at),
            "事件报告" if sealed else f"事件报告：{row.get_kind_display()}（{row.get_state_display()}）",
            entered=timezone.localdate(row.created_at),
            tone="private",
            private=True,
            sealed=sealed,
            page=None if sealed or staff is None else ("activities:incident_show", row.pk),
        )


def goals(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """What a pupil resolved to do, and that it was reached."""
    seen = ChildGoal.objects.visible_to(staff) if staff is not None else ChildGoal.objects.all()
    for goal in seen.filter(child__in=children).select_related("item", "change"):
        told = (("目标", goal.aim), ("达成情况", goal.result))
        details = tuple((label, value) for label, value in told if value)
        if first <= goal.set_on <= last:
            yield TimelineItem(goal.child_id, "goal", goal.set_on, f"定下目标：{goal.item.name}", details=details[:1], **stamp(goal))  # fmt: skip
        if goal.looked_on and goal.looked_on != goal.reached_on and first <= goal.looked_on <= last:
            yield TimelineItem(goal.child_id, "goal", goal.looked_on, f"回顾目标：{goal.item.name}", details=details, **stamp(goal))  # fmt: skip
        if goal.reached_on and first <= goal.reached_on <= last:
            yield TimelineItem(goal.child_id, "goal", goal.reached_on, f"达成目标：{goal.item.name}", details=details, tone="good", **stamp(goal))  # fmt: skip


def sealed_notes(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """That a child wrote to a teacher: not to whom, not what; on no paper of the school."""
    if staff is None:
        return
    for row in SealedNote.objects.filter(child__in=children, received_on__gte=first, received_on__lte=last).defer(
        "text"
    ):
        yield TimelineItem(
            row.child_id or 0, "sealed", row.received_on, "给老师的悄悄话", tone="private", private=True, sealed=True
        )


def check_ins(children: list[Child], first: date, last: date, staff: Staff | None) -> Iterator[TimelineItem]:
    """That a lead checked on the care; what was said only for the leads."""
    rows = CheckIn.objects.filter(child__in=children).between(first, last).select_related("checked_by", "change")
    open_to = (
        None
        if staff is None
        else set(CheckIn.objects.visible_to(staff).filter(pk__in=rows).values_list("pk", flat=True))
    )
    for row in rows:
        if open_to is not None and row.pk not in open_to:
            yield TimelineItem(row.child_id, "check_in", row.on, "督查关爱落实", private=True, sealed=True, tone="private", **stamp(row))  # fmt: skip
            continue
        told = (("问了", row.asked), ("核实结果", row.get_finding_display()), ("发现的问题和处理", row.note))
        given = stamp(row) | {"by": row.checked_by.name}
        details = tuple((label, value) for label, value in told if value)
        yield TimelineItem(row.child_id, "check_in", row.on, "督查关爱落实", details=details, private=True, tone="private", **given)  # fmt: skip


def register() -> None:
    """Called once, when the app is ready."""
    register_source(
        "record",
        "关爱记录",
        records,
        data=DataClass.CARE,
        level=Level.OWN,
        mark="heart",
        tables=[(CareRecord, "child")],
    )
    register_source(
        "sealed",
        "悄悄话",
        sealed_notes,
        data=DataClass.CARE,
        mark="envelope-paper-heart",
        tables=[(SealedNote, "child")],
    )
    register_source(
        "activity",
        "活动",
        events,
        data=DataClass.CARE,
        mark="flag",
        tables=[(ActivityParticipant, "child")],
    )
    add_lines("activity", memberships, tables=[(GroupMember, "child")])
    add_lines("activity", care_home, tables=[(CareHomeVisit, "child")])
    register_source(
        "homecoming",
        "返乡团聚",
        homecomings,
        data=DataClass.CONTACT,
        mark="house-heart",
        tables=[(Homecoming, "child")],
    )
    register_source(
        "check_in", "督查", check_ins, data=DataClass.CARE, mark="clipboard-check", tables=[(CheckIn, "child")]
    )
    register_source(
        "goal", "成长目标", goals, data=DataClass.CARE, level=Level.OWN, mark="bullseye", tables=[(ChildGoal, "child")]
    )
    register_source(
        "incident",
        "事件",
        incidents,
        data=DataClass.INCIDENT,
        level=Level.EXISTS,
        mark="lock",
        tables=[(IncidentChild, "child")],
    )

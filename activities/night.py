"""
查夜: each room is counted in the evening, the missing are called for, and what became of them is looked into next day.

Source: domain §11.5 (dorm), system 73. Rooms are those of the boarders' beds; a boarder without a bed is a room of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.utils import timezone

from activities.incidents.services import open_incident
from activities.models import Incident, NightAbsence, NightRoll
from activities.models.night import evening_of
from caretrack.access.models import ChangeSet, RowHistory
from caretrack.schools.calendar import calendar_of
from caretrack.schools.models import School, Staff
from children.life.boarding import split_bed
from children.models import BoardingTerm, Child, Enrollment, codes

ONE_DAY = timedelta(days=1)
#: So long an evening noted on paper may be entered or put right.
LATE = timedelta(days=31)
NO_ROOM = "未安排床位"
Reason = NightAbsence.Reason


@dataclass(frozen=True)
class Room:
    """One room with its boarders tonight, and how it was counted."""

    name: str
    sex: str
    boarders: tuple[Child, ...]
    roll: NightRoll | None = None
    absences: tuple[NightAbsence, ...] = ()

    @property
    def key(self) -> str:
        """How an address names the room: boys and girls may have rooms of the same number."""
        return f"{self.sex or '0'}-{self.name}"

    @property
    def present(self) -> int:
        """How many of these boarders are in bed, once the room is counted."""
        return len(self.boarders) - len(self.absences) if self.roll else 0

    @property
    def house(self) -> str:
        house = {"1": "男生", "2": "女生"}.get(self.sex, "")
        return "" if house[:1] and house[:1] in self.name else house


@dataclass(frozen=True)
class Missing:
    """What is said of one who is not in bed."""

    reason: str
    called: str = ""
    note: str = ""


def evening() -> date:
    """Whose evening it is now."""
    return evening_of(timezone.now())


def may_be_entered(school: School, on: date) -> bool:
    """Whether an evening may be counted now: tonight's, or one of the last month that was due or was counted."""
    tonight = evening()
    if on == tonight:
        return True
    if not tonight - LATE <= on < tonight:
        return False
    return bool(due_evenings(school, on, on)) or NightRoll.objects.filter(school=school, on=on).exists()


def boarders(children: "QuerySet[Child]") -> "QuerySet[Child]":
    """Of `children` those who board now."""
    return children.filter(school_class__isnull=False, boarding=codes.Boarding.BOARDER)


def boarded(children: "QuerySet[Child]", school: School, on: date) -> list[Child]:
    """
    Of `children` the boarders of an evening that is over, as far as it is known; their beds are those of that day where
    they have moved out since.

    Whoever boards now did so then if the child was at the school and no day of moving in says otherwise: that a child
    boards is often entered late. Whoever boards no longer did so if the dossier said so on that day. Two statements.
    """
    here = Enrollment.objects.during(on, on).filter(school=school).order_by().values("child")
    since = BoardingTerm.objects.filter(child=OuterRef("pk"), since__isnull=False).order_by("since").values("since")
    pupils = children.filter(pk__in=here).annotate(moved_in=Subquery(since[:1])).select_related("school_class__school")
    there = {child.pk: child for child in pupils if child.moved_in is None or child.moved_in <= on}  # type: ignore[attr-defined]
    gone = [str(pk) for pk, child in there.items() if child.boarding != codes.Boarding.BOARDER]
    after = ChangeSet.objects.filter(made_at__gte=timezone.make_aware(datetime.combine(on + ONE_DAY, time.min)))
    rows = RowHistory.objects.filter(table=Child._meta.db_table, row_id__in=gone, new_change__in=after.values("pk"))
    then: dict[str, tuple[str, str]] = {}
    for row, boarding, bed in rows.order_by("version").values_list("row_id", KT("old__boarding"), KT("old__dorm_bed")):
        then.setdefault(row, (boarding, bed))
    for pk in gone:
        boarding, there[int(pk)].dorm_bed = then.get(pk, ("", ""))
        if boarding != codes.Boarding.BOARDER:
            del there[int(pk)]
    return list(there.values())


def rooms_of(children: "QuerySet[Child]", school: School, on: date) -> list[Room]:
    """
    The rooms of the boarders among `children`, girls and boys apart, with the evening's count.

    Three statements for tonight, two more for an evening that is over: it has the boarders of that day.
    """
    own: dict[tuple[str, str], list[Child]] = {}
    tonight = boarders(children).filter(school=school).select_related("school_class__school")
    found = tonight if on >= evening() else boarded(children, school, on)
    for child in sorted(found, key=lambda child: (child.dorm_bed, child.pinyin, child.pk)):
        room = split_bed(child.dorm_bed)[0] if child.dorm_bed else NO_ROOM
        own.setdefault((child.sex if child.sex in "12" else "", room[:40]), []).append(child)
    rolls = {(r.sex, r.room): r for r in NightRoll.objects.filter(school=school, on=on).select_related("taken_by")}
    absences: dict[int, list[NightAbsence]] = {}
    for row in NightAbsence.objects.filter(roll__school=school, on=on).select_related("child"):
        absences.setdefault(row.roll_id, []).append(row)
    rooms = []
    for (sex, name), members in sorted(own.items()):
        roll, ids = rolls.get((sex, name)), {child.pk for child in members}
        if roll is None or ids - set(roll.counted):
            rooms.append(Room(name, sex, tuple(members)))
            continue
        missing = tuple(row for row in absences.get(roll.pk, ()) if row.child_id in ids)
        rooms.append(Room(name, sex, tuple(members), roll, missing))
    return rooms


@transaction.atomic
def count_room(
    *, school: School, room: Room, on: date, missing: Mapping[int, Missing], by: Staff, now: datetime
) -> NightRoll:
    """
    The count of a room; who of `room.boarders` is not in `missing` is in bed. Counted again it is corrected.

    Somebody else may count the other boarders of the same room; an absence that became an incident stays.

    Raises ValidationError for somebody of another room, or a child missing without a word on the call.
    """
    ids = {child.pk for child in room.boarders}
    if set(missing) - ids:
        raise ValidationError("名单里有不住这个宿舍的学生，请重新打开页面。")
    names = {child.pk: child.name for child in room.boarders}
    for pk, said in missing.items():
        if said.reason == Reason.MISSING and not said.called:
            raise ValidationError(f"{names[pk]}去向不明，请先打电话给家人，再选择联系结果。")
    roll = NightRoll.objects.select_for_update().filter(school=school, on=on, sex=room.sex, room=room.name).first()
    roll = roll or NightRoll(school=school, on=on, sex=room.sex, room=room.name)
    before = list(roll.absences.all()) if roll.pk else []
    standing = {row.child_id: row for row in before if row.child_id in ids}
    kept = {pk for pk, row in standing.items() if pk not in missing and row.incident_id is not None}
    counted = set(roll.counted) | ids
    away = {row.child_id for row in before if row.child_id not in ids} | set(missing) | kept
    roll.counted, roll.expected, roll.present = sorted(counted), len(counted), len(counted) - len(away)
    roll.taken_by, roll.taken_at = by, now
    roll.save()
    gone = [row.pk for pk, row in standing.items() if pk not in missing and pk not in kept]
    if gone:
        NightAbsence.objects.filter(pk__in=gone).delete()
    for pk, said in missing.items():
        row = standing.get(pk) or NightAbsence(roll=roll, child_id=pk, on=on)
        if row.pk and (row.reason, row.called, row.note) == (said.reason, said.called, said.note):
            continue
        row.reason, row.called, row.note = said.reason, said.called, said.note
        row.save()
    return roll


@transaction.atomic
def verify(*, absence: NightAbsence, result: str, by: Staff, on: date) -> NightAbsence:
    """What became of somebody who was not in bed. Raises ValidationError without a word, or on the very evening."""
    row = NightAbsence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if not result.strip():
        raise ValidationError({"result": "请写明核实的结果。"})
    if on <= row.on:
        raise ValidationError("次日才核实；当晚的情况请写在“说明”里。")
    row.verified_on, row.verified_result, row.verified_by = on, result.strip(), by
    row.save(update_fields=["verified_on", "verified_result", "verified_by"])
    return row


@transaction.atomic
def raise_missing(*, absence: NightAbsence, by: Staff, now: datetime) -> Incident:
    """One press: a boarder who cannot be found is an incident from the minute of the count. Pressed again: the same file."""
    row = (
        NightAbsence.objects.select_for_update(of=("self",)).select_related("roll__school", "child").get(pk=absence.pk)
    )
    if row.incident is not None:
        return row.incident
    told = row.get_called_display() if row.called else "还没有联系家人"
    account = f"查夜时发现{row.child.name}不在{row.roll.room}，去向不明；{told}。{row.note}"
    row.incident = open_incident(
        school=row.roll.school, children=[row.child], by=by, kind=Incident.Kind.MISSING, found_at=row.roll.taken_at,
        account=account, place=row.roll.room, now=now, found_by=by.name,
    )  # fmt: skip
    row.save(update_fields=["incident"])
    return row.incident


@dataclass(frozen=True)
class NightLine:
    """One evening of the monthly table."""

    on: date
    rooms: int
    expected: int
    present: int
    takers: str
    absent: tuple[str, ...]

    @property
    def uncounted(self) -> bool:
        """An evening with boarders in the house on which nobody counted."""
        return not self.rooms


@dataclass(frozen=True)
class NightMonth:
    """查夜月报: the evenings of a month."""

    school: str
    title: str
    lines: tuple[NightLine, ...]
    missing: int
    unverified: int

    @property
    def counted(self) -> int:
        return sum(not line.uncounted for line in self.lines)

    @property
    def uncounted(self) -> int:
        return sum(line.uncounted for line in self.lines)


def due_evenings(school: School, first: date, last: date) -> list[date]:
    """
    The evenings in first … last on which boarders sleep at school: between two school days, 周一至周四 in an ordinary
    week (domain §11.5). None for a school without boarders.
    """
    if not boarders(Child.objects.filter(school=school)).exists():
        return []
    calendar = calendar_of(school)
    return [day for day in calendar.days(first, last) if calendar.is_school_day(day + ONE_DAY)]


def night_month(school: School, first: date, last: date, label: str, told: Any, *, over: date) -> NightMonth:
    """
    The evenings of first … last: those counted, and those up to `over` on which nobody counted although it was due.

    `told` is the set of children whose names may be printed; the others are counted.
    """
    by_day: dict[date, list[NightRoll]] = {day: [] for day in due_evenings(school, first, min(last, over))}
    rolls = NightRoll.objects.filter(school=school, on__gte=first, on__lte=last).select_related("taken_by")
    for roll in rolls.order_by("on", "sex", "room"):
        by_day.setdefault(roll.on, []).append(roll)
    away: dict[date, list[NightAbsence]] = {}
    rows = NightAbsence.objects.filter(roll__school=school, on__gte=first, on__lte=last).select_related("child", "roll")
    for row in rows.order_by("on", "roll__sex", "roll__room", "pk"):
        away.setdefault(row.on, []).append(row)
    lines = tuple(
        NightLine(
            on, len(found), sum(r.expected for r in found), sum(r.present for r in found),
            "、".join(dict.fromkeys(f"{r.taken_by}{'（补登）' if r.late else ''}" for r in found if r.taken_by)),
            tuple(_absence_words(row) if row.child_id in told else "（其他班学生）" for row in away.get(on, ())),
        )
        for on, found in sorted(by_day.items())
    )  # fmt: skip
    listed = [row for found in away.values() for row in found]
    return NightMonth(
        school.name,
        f"查夜登记表（{label}）",
        lines,
        sum(row.reason == Reason.MISSING for row in listed),
        sum(row.verified_on is None for row in listed),
    )


def _absence_words(row: NightAbsence) -> str:
    parts = [row.get_reason_display()]
    if row.called:
        parts.append(row.get_called_display())
    parts.append(f"次日核实：{row.verified_result}" if row.verified_on else "次日未核实")
    return f"{row.child.name}（{row.roll.room}，{'，'.join(parts)}）"

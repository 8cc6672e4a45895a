"""A school with children in several parts, and everything that may be saved about its month."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from django.db import connection

from activities.models import Activity, ActivityParticipant, CareRecord, Meeting, ProgrammeItem, RecordGroup, Waiver
from caretrack.periods import Month
from caretrack.schools.models import Appointment, School, SchoolClass, SchoolDay, Staff, Term
from children.corrections import correct
from children.importing import batches
from children.models import (
    AidGrant,
    CareArrangement,
    Child,
    Enrollment,
    FamilyMember,
    HealthCheck,
    Phone,
    SpecialStanding,
    StatusChange,
    codes,
)
from children.services import change_class, decide_support_level, leave_school, set_care, set_parent_status
from mentoring.models import Mentor, Pairing
from mentoring.services import end_pairing
from reports import keeping
from reports.builders.month import MonthFigures, build_month
from reports.builders.unit import Unit
from reports.models import MonthlyForm
from reports.services import move_report, open_month
from tests.support.factories import (
    make_child,
    make_left_behind,
    make_parent,
    make_record,
)

TODAY = date(2026, 11, 24)
OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
DAY = date(2026, 11, 12)
IN_OCTOBER = date(2026, 10, 14)
SHEETS = Path(__file__).parents[1] / "sheets"


@dataclass
class World:
    school: School
    four: SchoolClass
    five: SchoolClass
    elsewhere: SchoolClass
    lead: Staff
    mentor: Mentor
    item: ProgrammeItem
    children: list[Child]


def scratch(world: World, month: Month) -> MonthFigures:
    return replace(build_month(Unit(world.school), month, definition="lb_seed", on=TODAY), behind={})


def kept(world: World, month: Month) -> MonthFigures | None:
    return keeping.kept_month(Unit(world.school), month, "lb_seed", TODAY)


def record(world: World) -> None:
    make_record(world.children[1], world.lead, DAY, kind="home_visit")


def record_of_a_past_month(world: World) -> None:
    make_record(world.children[2], world.lead, IN_OCTOBER, kind="homework")


def record_taken_away(world: World) -> None:
    CareRecord.objects.filter(child=world.children[0]).first().delete()


def record_of_another_day(world: World) -> None:
    CareRecord.objects.filter(child=world.children[0], on__gte=date(2026, 11, 1)).update(on=IN_OCTOBER)


def record_that_reached_nobody(world: World) -> None:
    CareRecord.objects.filter(child=world.children[3]).update(reached=False)


def group_talk(world: World) -> None:
    group = RecordGroup.objects.create(on=DAY, kind="talk")
    CareRecord.objects.filter(child__in=world.children[:5], on__gte=date(2026, 11, 1)).update(group=group)


def moved_within(world: World) -> None:
    child = Child.objects.get(pk=world.children[0].pk)
    change_class(child=child, to=world.four, on=DAY, by=world.lead)


def moved_in_the_past(world: World) -> None:
    child = Child.objects.get(pk=world.children[1].pk)
    change_class(child=child, to=world.five, on=IN_OCTOBER, by=world.lead)


def left_in_the_past(world: World) -> None:
    child = Child.objects.get(pk=world.children[2].pk)
    leave_school(child=child, on=IN_OCTOBER, kind=codes.ChangeKind.OUT_TRANSFER, by=world.lead)


def left_and_taken_back(world: World) -> None:
    child = Child.objects.get(pk=world.children[3].pk)
    line = leave_school(child=child, on=DAY, kind=codes.ChangeKind.OUT_TRANSFER, by=world.lead)
    keeping.keep_up(TODAY)
    correct(change=line, reason="登记错了", on=TODAY, by=world.lead)


def gone_to_another_school(world: World) -> None:
    child = Child.objects.get(pk=world.children[4].pk)
    leave_school(child=child, on=DAY, kind=codes.ChangeKind.OUT_TRANSFER, by=world.lead)
    Child.objects.filter(pk=child.pk).update(school=world.elsewhere.school, school_class=world.elsewhere)
    Enrollment.objects.create(
        child=child, school=world.elsewhere.school, school_class=world.elsewhere, starts_on=DAY + timedelta(days=1)
    )
    keeping.keep_up(TODAY)
    School.objects.filter(pk=world.elsewhere.school_id).update(visit_tolerance_days=0)
    CareRecord.objects.filter(child=child).update(kind="call")


def new_child(world: World) -> None:
    make_left_behind("新来的学生", world.four, came=DAY)


def never_enrolled(world: World) -> None:
    child = make_left_behind("录错的学生", world.four)
    keeping.keep_up(TODAY)
    Enrollment.objects.filter(child=child).delete()


def child_taken_away(world: World) -> None:
    child = make_left_behind("录重的学生", world.five)
    keeping.keep_up(TODAY)
    StatusChange.objects.filter(child=child).delete()
    Enrollment.objects.filter(child=child).delete()
    CareArrangement.objects.filter(child=child).delete()
    child.delete()


def parent_came_back(world: World) -> None:
    for member in FamilyMember.objects.filter(child=world.children[5], relation__in=codes.PARENTS):
        set_parent_status(member=member, status=codes.ParentStatus.AT_HOME, since=IN_OCTOBER, by=world.lead, on=TODAY)


def parent_left(world: World) -> None:
    child = make_child("父亲刚外出", world.four)
    keeping.keep_up(TODAY)
    make_parent(child, since=DAY)


def absence_edited(world: World) -> None:
    member = FamilyMember.objects.filter(child=world.children[1], relation__in=codes.PARENTS).first()
    member.absences.update(ends_on=date(2026, 10, 2))


def guardian(world: World) -> None:
    child = world.children[2]
    aunt = FamilyMember.objects.create(child=child, relation=codes.Relation.GRANDFATHER, name="李老根")
    set_care(
        child=child, carer=aunt, care_type=codes.CareType.KIN_FRIEND, rating="poor", on=DAY, by=world.lead
    )  # a line of the register as well


def rating_missing(world: World) -> None:
    CareArrangement.objects.filter(child=world.children[0]).update(rating="")


def phone_verified(world: World) -> None:
    Phone.objects.filter(child=world.children[0]).update(verified_on=DAY)


def child_edited(world: World) -> None:
    Child.objects.filter(pk=world.children[6].pk).update(sex="1", boarding="2", hardship=["minimum"])


def level(world: World) -> None:
    child = Child.objects.get(pk=world.children[6].pk)
    decide_support_level(child=child, level="key", reason="父亲病重", on=DAY, by=world.lead)


def special(world: World) -> None:
    SpecialStanding.objects.create(child=world.children[7], kind="gifted", note="书法", starts_on=IN_OCTOBER)


def pairing_ended(world: World) -> None:
    pairing = Pairing.objects.filter(child=world.children[0]).first()
    end_pairing(pairing=pairing, on=DAY, reason=Pairing.EndReason.OTHER, by=world.lead)


def pairing_dated_back(world: World) -> None:
    Pairing.objects.filter(child=world.children[1]).update(starts_on=date(2026, 11, 20))


def mentor_renamed(world: World) -> None:
    Mentor.objects.filter(pk=world.mentor.pk).update(name="卓老师", pinyin="zhuolaoshi")


def mentor_left(world: World) -> None:
    Appointment.objects.filter(staff=world.mentor.staff).update(ends_on=IN_OCTOBER)


def mentor_locked_out(world: World) -> None:
    Staff.objects.filter(pk=world.mentor.staff_id).update(is_active=False)


def form_handed_in(world: World) -> None:
    MonthlyForm.objects.create(child=world.children[0], month=NOVEMBER.key, conduct="认真", handed_in_on=TODAY)


def health_check(world: World) -> None:
    for child in world.children[:3]:
        HealthCheck.objects.create(child=child, on=DAY)


def aid(world: World) -> None:
    for number, child in enumerate(world.children):
        AidGrant.objects.create(child=child, on=DAY, programme="温暖包", amount=100 + number, batch="冬衣")
    AidGrant.objects.create(child=world.children[0], on=IN_OCTOBER, programme="图书", goods="书包")


def aid_taken_back(world: World) -> None:
    aid(world)
    keeping.keep_up(TODAY)
    AidGrant.objects.filter(child__in=world.children[:3]).delete()


def activity(world: World) -> None:
    made = Activity.objects.create(school=world.school, kind=Activity.Kind.LECTURE, name="讲座", on=DAY)
    for child in world.children[:4]:
        ActivityParticipant.objects.create(activity=made, child=child)
    keeping.keep_up(TODAY)
    Activity.objects.filter(pk=made.pk).update(on=IN_OCTOBER)


def activity_taken_away(world: World) -> None:
    made = Activity.objects.create(school=world.school, kind=Activity.Kind.LECTURE, name="讲座", on=DAY)
    ActivityParticipant.objects.create(activity=made, child=world.children[0])
    keeping.keep_up(TODAY)
    made.delete()


def meeting(world: World) -> None:
    made = Meeting.objects.create(school=world.school, kind=Meeting.Kind.ROUNDTABLE, on=DAY)
    keeping.keep_up(TODAY)
    assert kept(world, NOVEMBER) == scratch(world, NOVEMBER)
    ActivityParticipant.objects.create(meeting=made, child=world.children[0])


def meeting_moved(world: World) -> None:
    made = Meeting.objects.create(school=world.school, kind=Meeting.Kind.ROUNDTABLE, on=DAY)
    ActivityParticipant.objects.create(meeting=made, child=world.children[0])
    keeping.keep_up(TODAY)
    Meeting.objects.filter(pk=made.pk).update(on=IN_OCTOBER)


def waiver(world: World) -> None:
    for item in world.item.programme.items.all():
        Waiver.objects.create(
            child=world.children[0], item=item, first=IN_OCTOBER, last=TODAY, reason="住院", granted_by=world.lead
        )


def calendar(world: World) -> None:
    for number in range(31):
        day = NOVEMBER.first + timedelta(days=number)
        SchoolDay.objects.create(school=world.school, on=day, kind=SchoolDay.Kind.OFF)


def term(world: World) -> None:
    Term.objects.filter(school=world.school).update(ends_on=date(2026, 10, 20))


def programme_edited(world: World) -> None:
    ProgrammeItem.objects.filter(programme=world.item.programme).update(count=2)


def programme_ended(world: World) -> None:
    world.item.programme.ends_on = date(2026, 10, 31)
    world.item.programme.save()


def class_of_its_own(world: World) -> None:
    SchoolClass.objects.filter(pk=world.five.pk).update(number=9)


def class_graduated(world: World) -> None:
    """Its children stray: the check that names them is counted from scratch."""
    SchoolClass.objects.filter(pk=world.five.pk).update(graduates_year=2026)


def report_handed_in(world: World) -> None:
    unit = Unit(world.school)
    made = open_month(unit=unit, month=OCTOBER, definition="lb_seed", by=world.lead)
    move_report(report=made, move="submit", by=world.lead, on=TODAY)
    keeping.keep_up(TODAY)
    absence_edited(world)


def written_by_hand(world: World) -> None:
    """As a repair of the data would: no model, no service, a version that follows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE children_child SET sex = '1', version = version + 1 WHERE id = %s", [world.children[5].pk]
        )


def roster_imported(world: World) -> None:
    _import(world)


def roster_taken_back(world: World) -> None:
    batch = _import(world)
    keeping.keep_up(TODAY)
    batches.undo(batch, by=None)


def _import(world: World):
    content = next(SHEETS.glob("a11_*.xlsx")).read_bytes()
    batch = batches.take_file(school=world.school, by=None, name="名册", content=content, on=DAY)
    batches.check(batch, None)
    batches.confirm(batch, by=None, token=batches.plan_token(batch))
    batch.refresh_from_db()
    return batch


SAVES: list[Callable[[World], None]] = [
    record, record_of_a_past_month, record_taken_away, record_of_another_day, record_that_reached_nobody, group_talk,
    moved_within, moved_in_the_past, left_in_the_past, left_and_taken_back, gone_to_another_school, new_child,
    never_enrolled, child_taken_away, parent_came_back, parent_left, absence_edited, guardian, rating_missing,
    phone_verified, child_edited, level, special, pairing_ended, pairing_dated_back, mentor_renamed, mentor_left,
    mentor_locked_out, form_handed_in,
    health_check, aid, aid_taken_back, activity, activity_taken_away, meeting, meeting_moved, waiver, calendar, term,
    programme_edited, programme_ended, class_of_its_own, class_graduated, report_handed_in, written_by_hand,
    roster_imported, roster_taken_back,
]  # fmt: skip
#: These leave the figures of this world as they are, or come back to them.
SILENT = {
    left_and_taken_back, never_enrolled, child_taken_away, phone_verified, roster_taken_back, activity_taken_away,
}  # fmt: skip

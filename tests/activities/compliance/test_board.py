"""A school's obligations from the database: who is asked for what, what proves it, at a constant number of statements."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from activities.compliance.board import board_of
from activities.compliance.rules import State
from activities.compliance.spans import View, neighbour, view_of
from activities.models import (
    Activity,
    ActivityParticipant,
    CareRecord,
    ChildGoal,
    GroupMember,
    Homecoming,
    InterestGroup,
    Meeting,
    ProgrammeItem,
    Waiver,
)
from activities.programmes import adopt
from caretrack.access.policy import Role
from children.models import Award, Child, codes
from children.services import decide_support_level, leave_school
from mentoring.models import PeerPairing, SupportPlan
from tests.support.factories import (
    TERM_START,
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def school():
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def four(school):
    return make_class(school, 4)


@pytest.fixture
def teacher(four):
    return make_staff(Role.HOMEROOM, four)


@pytest.fixture
def child(four):
    made = make_left_behind("李小兰", four)
    make_pairing(made)
    return made


def recorded(child, by, on, kind="talk", **kw):
    """A record written down on the day it happened."""
    record = make_record(child, by, on, kind, **kw)
    CareRecord.objects.filter(pk=record.pk).update(created_at=datetime.combine(on, time(9), tzinfo=UTC))
    return record


def month(school, key="2026-11"):
    return view_of(school, "month", key, TODAY)


def stand(school, view, child, name, today=TODAY):
    """How the item called so stands for the child: state, times done."""
    board = board_of(school, view, today)
    [column] = [column for column in board.child_columns if column.rule.name == name]
    cell = board.cell(child.pk, column)
    return (cell.state.value if cell.state else None), cell.done


def test_six_ones_are_five_for_each_paired_child_and_one_for_the_school(school, child, teacher):
    adopt("six_ones", school, TERM_START, None)
    recorded(child, teacher, date(2026, 11, 3))
    board = board_of(school, month(school), TODAY)
    assert [column.rule.name for column in board.child_columns][0] == "谈一次心"
    assert len(board.child_columns) == 5
    assert [board.cell(child.pk, c).state.value for c in board.child_columns] == ["done", "due", "due", "due", "due"]
    [meeting] = board.columns_about("school")
    assert board.school_cell(meeting).state is State.DUE
    Meeting.objects.create(school=school, kind="mentors", on=date(2026, 11, 5), minutes="交流结对情况")
    assert board_of(school, month(school), TODAY).school_cell(meeting).state is State.DONE


@pytest.mark.parametrize(
    "told, state",
    [
        ({}, State.DUE),
        ({"agenda": "交流结对情况", "expected": 20}, State.DUE),
        ({"present": 0}, State.DUE),
        ({"present": 18}, State.DONE),
        ({"minutes": "交流结对情况"}, State.DONE),
    ],
)
def test_a_meeting_of_which_nothing_is_told_proves_nothing(school, child, told, state):
    adopt("six_ones", school, TERM_START, None)
    Meeting.objects.create(school=school, kind="mentors", on=date(2026, 11, 5), **told)
    board = board_of(school, month(school), TODAY)
    assert board.school_cell(board.columns_about("school")[0]).state is state


@pytest.mark.parametrize("who", ["child", "carer", "mentor"])
def test_a_meeting_counts_once_somebody_on_its_list_has_come(school, child, who):
    adopt("six_ones", school, TERM_START, None)
    meeting = Meeting.objects.create(school=school, kind="mentors", on=date(2026, 11, 5))
    row = meeting.participants.create(child=child, came=False)
    guest = meeting.attendees.create(name="石老师")
    [column] = (board := board_of(school, month(school), TODAY)).columns_about("school")
    assert board.school_cell(column).state is State.DUE
    {"child": row, "carer": row, "mentor": guest}[who].__class__.objects.update(
        **{"carer_came" if who == "carer" else "came": True}
    )
    assert board_of(school, month(school), TODAY).school_cell(column).state is State.DONE


def test_a_child_without_a_mentor_owes_nothing_that_a_mentor_answers_for(school, four):
    adopt("ten_ones", school, TERM_START, None)
    alone = make_left_behind("罗小山", four)
    assert stand(school, month(school), alone, "谈一次心") == (None, 0)
    assert stand(school, month(school), alone, "落实一名代理家长") == ("missing", 0)
    assert stand(school, month(school), alone, "参加一项课外兴趣小组") == ("due", 0)


def test_who_is_neither_left_behind_nor_paired_nor_key_owes_nothing(school, four):
    adopt("ten_ones", school, TERM_START, None)
    plain = make_child("石小军", four)
    key = make_child("田小雨", four, support_level=codes.SupportLevel.KEY)
    board = board_of(school, month(school), TODAY)
    assert [pupil.pk for pupil in board.pupils] == [key.pk]
    assert plain.pk in board.sources.pupils


def test_weekly_talks_are_judged_week_by_week(school, child, teacher):
    adopt("three_ones", school, TERM_START, None)
    recorded(child, teacher, date(2026, 11, 3))
    recorded(child, teacher, date(2026, 11, 5))
    board = board_of(school, month(school), TODAY)
    [talk] = [column for column in board.child_columns if column.rule.name == "每周一谈心"]
    told = {one.period.key: one.state.value for one in board.cell(child.pk, talk).obligations}
    assert told == {"2026-W44": "late", "2026-W45": "done", "2026-W46": "missing", "2026-W47": "due"}
    assert board.figures_of(child.pk, talk)[:2] == (4, 2)


def test_the_day_on_which_something_was_written_down_is_the_day_at_the_school(school, child, teacher):
    adopt("six_ones", school, TERM_START, None)
    record = recorded(child, teacher, date(2026, 10, 23))
    for hour, state in ((10, "done"), (20, "late")):  # in the evening of the third day, and early on the fourth
        CareRecord.objects.filter(pk=record.pk).update(created_at=datetime(2026, 10, 26, hour, tzinfo=UTC))
        assert stand(school, month(school, "2026-10"), child, "谈一次心") == (state, 1)


def test_a_talk_that_failed_is_an_attempt(school, child, teacher):
    adopt("six_ones", school, TERM_START, None)
    recorded(child, teacher, date(2026, 11, 3), reached=False)
    assert stand(school, month(school), child, "谈一次心") == ("attempted", 0)


def test_a_grade_limit_looks_at_the_grade_on_the_day(school, child):
    programme = adopt("six_ones", school, TERM_START, None)
    programme.items.filter(order=1).update(applies_to={"min_grade": 5})
    assert stand(school, month(school), child, "谈一次心") == (None, 0)
    programme.items.filter(order=1).update(applies_to={"min_grade": 4})
    assert stand(school, month(school), child, "谈一次心") == ("due", 0)


def test_a_level_limit_looks_at_the_level_decided_by_the_day(school, child, teacher):
    programme = adopt("six_ones", school, TERM_START, None)
    programme.items.filter(order=1).update(applies_to={"levels": ["key"]})
    decide_support_level(child=child, level="key", reason="父母都在外地", on=date(2026, 11, 10), by=teacher)
    assert stand(school, month(school), child, "谈一次心") == ("due", 0)
    assert stand(school, month(school, "2026-10"), child, "谈一次心") == (None, 0)


def test_an_edit_has_effect_from_its_day_and_the_past_keeps_the_old(school, child, teacher):
    programme = adopt("six_ones", school, TERM_START, None)
    old = programme.items.get(order=1)
    old.ends_on = date(2026, 10, 25)
    old.save()
    ProgrammeItem.objects.create(
        programme=programme, order=1, name="谈两次心", period="month", count=2, role="mentor", evidence=["talk"],
        starts_on=date(2026, 10, 26),
    )  # fmt: skip
    recorded(child, teacher, date(2026, 10, 13))
    recorded(child, teacher, date(2026, 11, 3))
    assert stand(school, month(school, "2026-10"), child, "谈一次心") == ("done", 1)
    assert stand(school, month(school), child, "谈两次心") == ("due", 1)
    term = board_of(school, view_of(school, "term", "", TODAY), TODAY)
    [column] = [column for column in term.child_columns if column.rule.name == "谈两次心"]
    assert len(column.rules) == 2, "one column for both versions"
    assert [one.times for one in term.cell(child.pk, column).obligations] == [1, 1, 2, 2, 2]


def test_a_waiver_of_a_child_a_class_and_the_school(school, child, teacher):
    adopt("ten_ones", school, TERM_START, None)
    items = {item.name: item for item in ProgrammeItem.objects.filter(programme__school=school)}
    span = {"first": date(2026, 10, 26), "last": date(2026, 11, 25), "granted_by": teacher}
    Waiver.objects.create(child=child, item=items["谈一次心"], reason="住院", **span)
    lecture = items["举办一次法制、安全、心理健康讲座"]
    Waiver.objects.create(school_class=child.school_class, item=lecture, reason="流感停课", **span)
    board = board_of(school, month(school), TODAY)
    assert stand(school, month(school), child, "谈一次心")[0] == "excused"
    [column] = board.columns_about("class")
    assert board.class_cell(child.school_class_id, column).state is State.EXCUSED


def test_a_lecture_for_all_counts_for_each_class(school, four, child):
    adopt("ten_ones", school, TERM_START, None)
    other = make_class(school, 5)
    make_child("石小军", other)
    [lecture] = board_of(school, month(school), TODAY).columns_about("class")
    Activity.objects.create(
        school=school, school_class=other, kind="lecture", name="防溺水", on=date(2026, 11, 4), process="讲了三个案例"
    )
    board = board_of(school, month(school), TODAY)
    assert [board.class_cell(c.pk, lecture).state.value for c in (four, other)] == ["due", "done"]
    Activity.objects.create(
        school=school, kind="lecture", name="法治副校长进校园", on=date(2026, 11, 6), effect="反响好"
    )
    assert board_of(school, month(school), TODAY).class_cell(four.pk, lecture).state is State.DONE


def test_groups_awards_goals_buddies_and_homecomings_prove_their_items(school, child, teacher):
    for code in ("ten_ones", "five_ones_pupils", "five_ones_parents", "nine_ones"):
        adopt(code, school, TERM_START, None)
    term = view_of(school, "term", "", TODAY)
    goal = ProgrammeItem.objects.get(name="改正一个缺点")
    set_goal = ChildGoal.objects.create(
        child=child, item=goal, aim="按时睡觉", set_on=date(2026, 9, 10), set_by=teacher
    )
    assert stand(school, term, child, "改正一个缺点") == ("attempted", 0)
    set_goal.reached_on = date(2026, 11, 10)
    set_goal.save()
    assert stand(school, term, child, "改正一个缺点") == ("done", 1)
    group = InterestGroup.objects.create(school=school, name="合唱队", leader=teacher, starts_on=date(2025, 9, 1))
    GroupMember.objects.create(group=group, child=child, starts_on=date(2025, 9, 8))
    Award.objects.create(child=child, title="阳光少年", scope="school", on=date(2026, 10, 9))
    Homecoming.objects.create(child=child, who="father", came_on=date(2026, 10, 1), noted_by=teacher)
    assert stand(school, term, child, "结成一帮一对子") == (None, 0), (
        "only pupils with a learning plan are owed a helper"
    )
    SupportPlan.objects.create(
        child=child, kind="learning", term=school.terms.get(), made_by=teacher, starts_on=date(2026, 9, 10)
    )
    assert stand(school, term, child, "结成一帮一对子")[0] in ("due", "missing")
    buddy = make_child("石小军", child.school_class)
    PeerPairing.objects.create(child=child, peer=buddy, kind="one_to_one", starts_on=date(2026, 9, 15))
    for name in ("参加一项课外兴趣小组", "为学校添一份光彩", "至少回家一次", "结成一帮一对子", "落实一名代理家长"):
        assert stand(school, term, child, name) == ("done", 1), name


def test_participation_counts_only_for_those_who_came(school, child):
    adopt("three_priorities", school, TERM_START, None)
    outing = Activity.objects.create(school=school, kind="outing", name="秋游", on=date(2026, 10, 20))
    listed = ActivityParticipant.objects.create(activity=outing, child=child, came=False)
    term = view_of(school, "term", "", TODAY)
    board = board_of(school, term, TODAY)
    [column] = [c for c in board.child_columns if c.rule.name == "活动优先安排"]
    assert board.cell(child.pk, column).obligations[0].on_time == 0
    listed.came = True
    listed.save()
    shown = board_of(school, term, TODAY).cell(child.pk, column)
    assert (shown.state, shown.obligations[0].on_time, shown.due) == (State.SHOWN, 1, 0)


def test_parents_contact_with_the_class_teacher_and_with_another(school, child, teacher):
    adopt("five_ones_parents", school, TERM_START, None)
    recorded(child, teacher, date(2026, 11, 3), "parent_contact")
    assert stand(school, month(school), child, "与班主任联系一次") == ("done", 1)
    assert stand(school, month(school), child, "与科任教师联系一次") == ("due", 0)
    recorded(child, make_staff(Role.TEACHER, child.school_class), date(2026, 11, 4), "parent_contact")
    assert stand(school, month(school), child, "与科任教师联系一次") == ("done", 1)


def test_grandparents_and_the_childs_own_letters_do_not_meet_the_parents_duties(school, child, teacher):
    adopt("five_ones_parents", school, TERM_START, None)
    adopt("ten_ones", school, TERM_START, None)

    def told(kind, **detail):
        row = recorded(child, teacher, date(2026, 11, 3), kind)
        CareRecord.objects.filter(pk=row.pk).update(detail=detail)

    told("parent_contact", relation="祖辈")
    told("letter", direction="寄出")
    for name in ("与班主任联系一次", "写一封信"):
        assert stand(school, month(school), child, name) == ("due", 0), name
    told("parent_contact", relation="父亲")
    told("letter", direction="收到")
    for name in ("与班主任联系一次", "写一封信"):
        assert stand(school, month(school), child, name) == ("done", 1), name


def test_the_school_has_done_what_all_its_classes_have_and_nothing_by_a_bare_plan(school, four, child):
    adopt("nine_ones", school, TERM_START, None)
    five = make_class(school, 5)
    make_child("石小军", five)

    def lecture():
        board = board_of(school, view_of(school, "term", "", TODAY), TODAY)
        [column] = [c for c in board.columns_about("school") if c.rule.name.startswith("举办一次")]
        return board.school_cell(column).state

    Activity.objects.create(school=school, kind="lecture", name="法治讲座", on=date(2026, 11, 5))
    assert lecture() is State.DUE, "nothing is told of it"
    given = {"school": school, "kind": "lecture", "name": "防溺水", "process": "讲了三个案例"}
    Activity.objects.create(school_class=four, on=date(2026, 11, 6), **given)
    assert lecture() is State.DUE, "one class of two"
    Activity.objects.create(school_class=five, on=date(2026, 11, 9), **given)
    assert lecture() is State.DONE


def test_a_child_without_a_mentor_is_owed_the_three_ones(school, four):
    adopt("three_ones", school, TERM_START, None)
    alone = make_left_behind("罗小山", four)
    assert stand(school, month(school), alone, "每月一通信")[0] == "due"


def test_a_birthday_is_asked_for_in_its_month(school, four):
    adopt("three_ones", school, TERM_START, None)
    born = make_left_behind("罗小山", four, birth_date=date(2016, 11, 18))
    assert stand(school, month(school), born, "每年一庆祝") == ("due", 0)
    assert stand(school, month(school, "2026-10"), born, "每年一庆祝") == (None, 0)


def test_who_left_is_asked_for_what_was_due_before(school, child, teacher):
    adopt("six_ones", school, TERM_START, None)
    leave_school(child=child, on=date(2026, 10, 27), kind=codes.ChangeKind.OUT_TRANSFER, by=teacher)
    child = Child.objects.get(pk=child.pk)
    assert stand(school, month(school, "2026-10"), child, "谈一次心") == ("missing", 0)
    assert stand(school, month(school), child, "谈一次心") == (None, 0)


def test_statements_do_not_grow_with_the_children(school, four, teacher, django_assert_num_queries):
    for code in ("six_ones", "ten_ones", "nine_ones", "five_ones_parents", "five_ones_pupils", "four_packs"):
        adopt(code, school, TERM_START, None)

    def asked():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as told:
            board = board_of(school, view_of(school, "term", "", TODAY), TODAY)
            for column in board.child_columns:
                board.figures([pupil.pk for pupil in board.pupils], column)
        return len(told)

    mentor = make_mentor(teacher, school)
    first = make_left_behind("罗小山", four)
    make_pairing(first, mentor)
    recorded(first, teacher, TODAY)
    one = asked()
    for n in range(11):
        another = make_left_behind(f"罗小{'一二三四五六七八九十云'[n]}", four)
        make_pairing(another, mentor)
        recorded(another, teacher, TODAY - timedelta(days=n))
    assert asked() == one
    assert one <= 26


def test_the_span_in_the_address_and_its_neighbours(school):
    week = view_of(school, "week", "2026-W47", TODAY)
    assert (week.first, week.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert neighbour(school, week, TODAY, 1).key == "2026-W48"
    assert month(school).first == date(2026, 10, 26)
    assert neighbour(school, month(school), TODAY, -1).key == "2026-10"
    assert view_of(school, "month", "nonsense", TODAY).key == "2026-11"
    assert view_of(school, "week", "2026-W99", TODAY).key == "2026-W47"
    term = view_of(school, "term", "T999999", TODAY)
    assert isinstance(term, View)
    assert (term.first, neighbour(school, term, TODAY, 1)) == (TERM_START, None)
    assert view_of(make_school(), "term", "", TODAY).kind.value == "month", "a school without terms has months"

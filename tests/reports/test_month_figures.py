"""Tables 1 to 4 against an independent count, and the checks that name the children behind a break."""

from datetime import date
from functools import partial

import pytest

from activities.models import Meeting, ProgrammeItem
from activities.programme_acts import found_programme
from activities.programmes import adopt
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.left_behind import Definition
from children.models import CareArrangement, Child, FamilyMember, StatusChange, codes
from children.services import change_class, leave_school, set_parent_status
from reports.builders.month import build_month
from reports.builders.programme import monthly_items
from reports.builders.unit import Unit
from tests.support.factories import (
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_parent,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
NOVEMBER = Month(2026, 11)
ON = date(2026, 11, 25)


@pytest.fixture
def school():
    school = make_school()
    make_term(school)
    return school


def november(unit, definition="lb_seed", on=ON):
    return build_month(unit, NOVEMBER, definition=definition, on=on)


def value(figures, table, key, scope=0):
    return figures.tables[table - 1].cell(scope, key).value


def brute_force(school, day):
    """Who has a father or mother away on the day, asked child by child and span by span."""
    found = []
    for child in Child.objects.filter(school=school):
        if not child.enrollments.on(day).exists():
            continue
        spans = [
            span
            for member in FamilyMember.objects.filter(child=child, relation__in=["51", "52"])
            for span in member.absences.all()
            if span.status == "away_work"
            and (span.starts_on is None or span.starts_on <= day)
            and (span.ends_on is None or span.ends_on >= day)
        ]
        if spans:
            found.append((child, len({span.member_id for span in spans})))
    return found


def test_table_1_agrees_with_a_count_by_hand(school):
    four, five = make_class(school), make_class(school, grade=5)
    for number in range(5):
        make_left_behind(f"四年级{number}", four, both=number % 2 == 0, sex="1" if number < 2 else "2", boarding="2")
    for number in range(3):
        make_left_behind(f"五年级{number}", five, boarding="1", hardship=["minimum"] if number else [])
    make_child("没有外出", four)
    figures = november(Unit(school))
    counted = brute_force(school, ON)
    assert value(figures, 1, "t1.all") == len(counted) == 8
    assert value(figures, 1, "t1.both") == sum(away == 2 for _child, away in counted)
    assert value(figures, 1, "t1.male") == sum(child.sex == "1" for child, _away in counted)
    assert value(figures, 1, "t1.roll", four.pk) == 6
    assert value(figures, 1, "t1.all", five.pk) == 3
    assert value(figures, 1, "t1.hardship") == 2
    assert value(figures, 1, "t1.paternal") == 8
    assert value(figures, 1, "t1.boarding", four.pk) == 5
    assert figures.broken == ()


def test_every_figure_of_tables_1_and_2_is_the_length_of_its_list(school):
    make_left_behind(at=make_class(school), boarding="1")
    figures = november(Unit(school))
    for table in figures.tables[:2]:
        for row in table.rows:
            for cell in row.cells:
                assert cell.value == len(figures.ids(cell.key, row.scope)), cell


def test_the_class_report_holds_its_class_only(school):
    four, five = make_class(school), make_class(school, grade=5)
    make_left_behind("甲", four, boarding="1")
    make_left_behind("乙", five, boarding="1")
    figures = november(Unit(school, four))
    assert [row.label for row in figures.tables[0].rows] == ["四（1）班"]
    assert value(figures, 1, "t1.all", four.pk) == 1
    assert figures.unit == "四（1）班"


def test_the_definitions_differ_and_the_title_says_which(school):
    child = make_child(at=make_class(school), boarding="1")
    make_parent(child, codes.Relation.FATHER, since=date(2026, 10, 1))
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AT_HOME)
    counts = {d.value: value(november(Unit(school), d.value), 1, "t1.all") for d in Definition}
    assert counts == {"lb_seed": 1, "lb_edu": 0, "lb_mca": 0, "lb_stat": 0}
    assert november(Unit(school), "lb_mca").tables[0].basis.startswith("民政口径")


def test_a_missing_rating_breaks_the_sum_and_names_the_child(school):
    child = make_left_behind(at=make_class(school), boarding="1")
    CareArrangement.objects.filter(child=child).update(rating="")
    (broken,) = november(Unit(school)).broken
    assert (broken.rule, broken.where, broken.left, broken.right) == ("较好＋一般＋差＝小计", "四（1）班", 0, 1)
    assert [culprit.child_id for culprit in broken.children] == [child.pk]


def test_two_opposite_gaps_do_not_hide_each_other(school):
    """One child without sex and nobody too many: the sum breaks; a child in no part is always named."""
    four = make_class(school)
    make_left_behind("甲", four, boarding="1", sex="0")
    make_left_behind("乙", four, boarding="1")
    broken = november(Unit(school)).broken
    assert [check.rule for check in broken] == ["男＋女＝小计"]


class TestMovement:
    def test_who_came_and_went_is_counted_by_reason(self, school):
        four = make_class(school)
        stays = make_left_behind("留下", four, boarding="1")
        make_left_behind("转入", four, boarding="1", came=date(2026, 11, 2))
        leaver = make_left_behind("转出", four, boarding="1")
        leave_school(child=leaver, on=date(2026, 11, 10), kind="out_transfer", by=None)
        home = make_left_behind("返乡", four, boarding="1", both=False)
        father = home.family.get(relation="51")
        set_parent_status(member=father, status="at_home", since=date(2026, 11, 5), by=None, on=date(2026, 11, 6))
        fresh = make_child("新外出", four, boarding="1")
        make_parent(fresh, since=date(2026, 11, 3), on=date(2026, 11, 3))
        figures = november(Unit(school))
        assert figures.ids("t2.start", 0) == (stays.pk, leaver.pk, home.pk)
        assert value(figures, 2, "t2.enrol_new") == 1
        assert value(figures, 2, "t2.out_transfer") == 1
        assert value(figures, 2, "t2.parent_back") == 1
        assert value(figures, 2, "t2.new_away") == 1
        assert value(figures, 2, "t2.end") == 3 == value(figures, 1, "t1.all")
        assert not [check for check in figures.broken if "期初" in check.rule]

    def test_a_change_of_class_cancels_out_in_the_total(self, school):
        one, two = make_class(school), make_class(school, number=2)
        child = make_left_behind(at=one, boarding="1")
        change_class(child=child, to=two, on=date(2026, 11, 3), by=None)
        figures = november(Unit(school))
        assert value(figures, 2, "t2.class_out", one.pk) == 1
        assert value(figures, 2, "t2.class_in", two.pk) == 1
        assert (value(figures, 2, "t2.start"), value(figures, 2, "t2.end")) == (1, 1)
        assert figures.broken == ()

    def test_a_change_nobody_registered_names_the_child(self, school):
        child = make_left_behind(at=make_class(school), boarding="1", came=date(2026, 11, 2))
        StatusChange.objects.filter(child=child).delete()
        (broken,) = november(Unit(school)).broken
        assert broken.rule == "期初＋新增－减少＝期末"
        assert (broken.left, broken.right) == (0, 1)
        assert broken.children[0].child_id == child.pk
        assert "没有新增记录" in broken.children[0].reason

    def test_three_months_away_bring_a_child_onto_the_register_of_the_roll_system(self, school):
        child = make_child(at=make_class(school), boarding="1")
        make_parent(child, since=date(2026, 8, 10), on=date(2026, 8, 10))
        CareArrangement.objects.create(child=child, care_type="one_parent", rating="good")
        figures = november(Unit(school), "lb_edu")
        assert value(figures, 2, "t2.reached") == 1
        assert figures.broken == ()


class TestCareWork:
    def test_occasions_heads_and_visits_stand_apart(self, school):
        four = make_class(school)
        teacher = make_staff(Role.HOMEROOM, four)
        child, other = make_left_behind("甲", four), make_left_behind("乙", four)
        make_record(child, teacher, date(2026, 11, 3))
        make_record(child, teacher, date(2026, 11, 9))
        make_record(other, teacher, date(2026, 11, 9))
        make_record(other, teacher, date(2026, 11, 10), reached=False)
        make_record(child, teacher, date(2026, 10, 25))
        figures = november(Unit(school))
        assert [figures.tables[2].rows[0].cells[at].value for at in range(3)] == [3, 2, 3]

    def test_a_group_talk_is_one_occasion_with_many_heads(self, school):
        from activities.services import Contact, record_contact

        four = make_class(school)
        children = [make_left_behind(name, four) for name in ("甲", "乙", "丙")]
        contact = Contact(kind="talk", on=date(2026, 11, 4), content="一起谈安全")
        record_contact(children=children, contact=contact, by=make_staff(Role.HOMEROOM, four), today=ON)
        row = november(Unit(school)).tables[2].rows[0]
        assert [cell.value for cell in row.cells[:3]] == [1, 3, 3]

    def test_a_child_who_is_not_left_behind_is_not_counted(self, school):
        four = make_class(school)
        make_record(make_child("不留守", four), make_staff(Role.HOMEROOM, four), date(2026, 11, 4))
        assert november(Unit(school)).tables[2].rows[0].cells[0].value == 0

    def test_what_was_entered_late_is_listed_apart(self, school):
        from django.utils import timezone

        from activities.models import CareRecord

        four = make_class(school)
        record = make_record(make_left_behind(at=four), make_staff(Role.HOMEROOM, four), date(2026, 10, 20))
        moment = timezone.make_aware(timezone.datetime(2026, 11, 2, 9))
        CareRecord.objects.filter(pk=record.pk).update(created_at=moment)
        row = november(Unit(school)).tables[2].rows[0]
        assert [cell.value for cell in row.cells] == [0, 0, 0, 1]
        assert november(Unit(school)).ids("t3.talk.late", 0) == (record.pk,)

    def test_a_meeting_that_is_only_planned_is_not_counted(self, school):
        meet = partial(Meeting.objects.create, school=school, kind=Meeting.Kind.CARERS, on=date(2026, 11, 20))
        meet(agenda="冬季安全")
        held = meet(minutes="来了十二位家长。")
        # What belongs to several classes at once has a negative number in a tally.
        assert november(Unit(school)).ids("t3.meeting.times", 0) == (-held.pk,)


class TestProgramme:
    @pytest.fixture
    def programme(self, school):
        from activities.models import Programme, ProgrammeItem

        programme = Programme.objects.create(school=school, code="six", name="六个一", starts_on=date(2026, 9, 1))
        for order, (name, kind, count) in enumerate((("谈一次心", "talk", 1), ("家访一次", "home_visit", 2))):
            ProgrammeItem.objects.create(
                programme=programme,
                order=order,
                name=name,
                period="month",
                count=count,
                evidence=[kind],
                role="mentor",
            )
        return programme

    def test_due_and_done_by_mentor(self, school, programme):
        four = make_class(school)
        teacher = make_staff(Role.HOMEROOM, four)
        one, two = make_left_behind("甲", four), make_left_behind("乙", four)
        mentor = make_pairing(one).mentor
        make_pairing(two, mentor)
        make_record(one, teacher, date(2026, 11, 3))
        make_record(one, teacher, date(2026, 11, 4))
        make_record(two, teacher, date(2026, 11, 5), kind="home_visit")
        talk, visit = programme.items.order_by("order")
        figures = november(Unit(school))
        assert figures.tables[3].title == "“六个一”完成情况表"
        assert value(figures, 4, "t4.mentees", mentor.pk) == 2
        assert value(figures, 4, f"t4.{talk.pk}.due", mentor.pk) == 2
        assert (
            value(figures, 4, f"t4.{talk.pk}.done", mentor.pk) == 1
        )  # the second talk with one child is no other child's
        assert value(figures, 4, f"t4.{talk.pk}.rate", mentor.pk) == "50.0%"
        assert value(figures, 4, f"t4.{visit.pk}.due") == 4
        assert value(figures, 4, f"t4.{visit.pk}.done") == 1

    def test_the_mentors_form_lists_what_every_programme_asks_each_month(self, school, programme):
        asked = [rule.name for rule in monthly_items(school, Month(2026, 11))]
        assert "谈一次心" in asked
        adopt("three_priorities", school, date(2026, 10, 1), None)
        adopt("ten_ones", school, date(2026, 11, 16), None)
        assert [
            rule.name for rule in monthly_items(school, Month(2026, 11)) if rule.programme == programme.name
        ] == asked

    def test_of_two_items_that_the_same_records_prove_the_form_lists_the_one_that_asks_more(self, school, programme):
        talk = next(rule for rule in monthly_items(school, Month(2026, 11)) if rule.name == "谈一次心")
        own = found_programme(school=school, name="本校约定", source="", on=date(2026, 11, 1))
        ProgrammeItem.objects.create(
            programme=own, name="谈三次心", subject="child", period="month", count=3,
            evidence=sorted(talk.kinds), order=1, starts_on=date(2026, 11, 1),
        )  # fmt: skip
        names = [rule.name for rule in monthly_items(school, Month(2026, 11))]
        assert "谈三次心" in names
        assert "谈一次心" not in names

    def test_less_than_half_a_month_paired_owes_nothing(self, school, programme):
        make_pairing(make_left_behind(at=make_class(school)), on=date(2026, 11, 20))
        talk = programme.items.first()
        figures = november(Unit(school))
        assert value(figures, 4, "t4.mentees") == 1
        assert value(figures, 4, f"t4.{talk.pk}.due") == 0
        assert figures.tables[3].cell(0, f"t4.{talk.pk}.rate").shown == "—"

    def test_without_a_programme_the_table_says_so(self, school):
        make_pairing(make_left_behind(at=make_class(school)))
        assert "还没有启用关爱项目" in november(Unit(school)).tables[3].notes[0]


def test_an_empty_school_gives_empty_tables(school):
    figures = november(Unit(school))
    assert figures.broken == ()
    assert value(figures, 1, "t1.all") == 0


def test_a_month_under_way_stops_at_the_day_asked_for(school):
    four = make_class(school)
    child = make_left_behind(at=four)
    make_record(child, make_staff(Role.HOMEROOM, four), date(2026, 11, 18))
    figures = november(Unit(school), on=date(2026, 11, 12))
    assert figures.cut_off == date(2026, 11, 12)
    assert "截至2026年11月12日" in figures.tables[0].basis
    assert figures.tables[2].rows[0].cells[0].value == 0


@pytest.mark.parametrize("children", [1, 12])
def test_the_number_of_statements_does_not_grow(school, children, django_assert_max_num_queries):
    four = make_class(school)
    teacher = make_staff(Role.HOMEROOM, four)
    mentor = None
    for number in range(children):
        child = make_left_behind(f"学生{number}", four, boarding="1")
        mentor = make_pairing(child, mentor).mentor
        make_record(child, teacher, date(2026, 11, 3))
    unit = Unit(school)
    with django_assert_max_num_queries(42):
        november(unit)

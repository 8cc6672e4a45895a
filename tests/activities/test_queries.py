"""Who was not talked with, how long it is, what is near: by sets and days."""

from datetime import date, timedelta

import pytest

from activities.models import CareRecord, FollowUp
from activities.queries import (
    Birthday,
    birthdays,
    cared_for,
    last_contact,
    last_talks,
    lines,
    lunar_names,
    occasions,
    silences,
    talks_by_class,
    talks_missing,
    worrying,
)
from activities.services import Contact, record_contact
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.models import Child
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
MONTH = Month(2026, 11)
ALL = Child.objects.all


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.HOMEROOM, school_class)


def test_cared_for_are_those_with_a_parent_away_and_the_key_ones(school_class) -> None:
    away = make_left_behind("李小兰", school_class)
    key = make_child("龙小川", school_class, support_level="key")
    make_child("石小禾", school_class)
    assert set(cared_for(ALL())) == {away, key}


def test_the_month_begins_on_the_26th(school_class, teacher) -> None:
    first, before, never = (make_child(name, school_class) for name in ("李小兰", "龙小川", "石小禾"))
    make_record(first, teacher, date(2026, 10, 26))
    make_record(before, teacher, date(2026, 10, 25))
    assert list(talks_missing(ALL(), MONTH)) == [never, before]


def test_an_attempt_or_another_kind_is_no_talk(school_class, teacher) -> None:
    child = make_child(at=school_class)
    make_record(child, teacher, TODAY, reached=False)
    make_record(child, teacher, TODAY, kind="home_visit")
    (silent,) = silences(ALL())
    assert silent.last_talk_on is None
    assert set(talks_missing(ALL(), MONTH)) == {child}


def test_longest_silence_first_and_never_before_all(school_class, teacher) -> None:
    lately, long_ago, never = (make_child(name, school_class) for name in ("李小兰", "龙小川", "石小禾"))
    make_record(lately, teacher, TODAY)
    make_record(long_ago, teacher, date(2026, 9, 8))
    make_record(long_ago, teacher, date(2026, 9, 7))
    assert [(c, c.last_talk_on) for c in silences(ALL())] == [
        (never, None),
        (long_ago, date(2026, 9, 8)),
        (lately, TODAY),
    ]


def test_a_mentor_learns_of_own_talks_only(school_class, teacher) -> None:
    child = make_child(at=school_class)
    elsewhere = make_class(school_class.school, grade=6)
    staff = make_staff(Role.TEACHER, elsewhere, "石老师")
    make_pairing(child, make_mentor(staff))
    make_record(child, teacher, TODAY)
    assert silences(ALL(), staff).get().last_talk_on is None
    assert silences(ALL(), teacher).get().last_talk_on == TODAY
    assert last_contact(ALL(), staff) == {}
    make_record(child, staff, date(2026, 11, 2))
    assert silences(ALL(), staff).get().last_talk_on == date(2026, 11, 2)


def test_last_contact(school_class, teacher) -> None:
    child = make_child(at=school_class)
    make_record(child, teacher, date(2026, 11, 1))
    make_record(child, teacher, date(2026, 11, 9), kind="call")
    make_record(child, teacher, date(2026, 11, 15), reached=False)
    told = last_contact([child.pk])[child.pk]
    assert (told.talk_on, told.contact_on) == (date(2026, 11, 1), date(2026, 11, 9))


def test_classes_with_most_missing_first(school_class, teacher) -> None:
    other = make_class(school_class.school, grade=5)
    make_record(make_child("李小兰", school_class), teacher, TODAY)
    for name in ("龙小川", "石小禾"):
        make_child(name, other)
    found = talks_by_class(last_talks(ALL()), MONTH)
    assert [(row.class_id, row.children, row.missing, row.talked) for row in found] == [
        (other.pk, 2, 2, 0),
        (school_class.pk, 1, 0, 1),
    ]


def near(on: date) -> list[tuple[str, date]]:
    return [(b.child.name, b.on) for b in birthdays(ALL(), on)]


def test_birthdays_of_two_weeks_over_the_new_year(school_class) -> None:
    make_child("李小兰", school_class, birth_date=date(2016, 12, 30))
    make_child("龙小川", school_class, birth_date=date(2016, 1, 8))
    make_child("石小禾", school_class, birth_date=date(2016, 1, 14))
    assert near(date(2026, 12, 28)) == [("李小兰", date(2026, 12, 30)), ("龙小川", date(2027, 1, 8))]


def test_29_february_is_kept_on_the_28th_in_common_years(school_class) -> None:
    make_child("李小兰", school_class, birth_date=date(2016, 2, 29))
    assert near(date(2027, 2, 20)) == [("李小兰", date(2027, 2, 28))]
    assert near(date(2028, 2, 20)) == [("李小兰", date(2028, 2, 29))]
    (found,) = birthdays(ALL(), date(2027, 2, 28))
    assert isinstance(found, Birthday)
    assert found.turns == 11


def test_a_lunar_birthday_is_kept_by_the_lunar_date(school_class) -> None:
    make_child("李小兰", school_class, birth_date=date(2016, 6, 1), birth_lunar="十月十八")
    assert near(date(2026, 11, 20)) == [("李小兰", date(2026, 11, 26))]
    assert near(date(2026, 5, 25)) == []


def test_a_date_known_to_the_month_is_nobodys_birthday(school_class) -> None:
    make_child("李小兰", school_class, birth_date=date(2016, 11, 21), birth_precision="month")
    assert near(TODAY) == []


def test_lunar_names() -> None:
    assert "正月初一" in lunar_names(date(2026, 2, 17))
    assert {"腊月廿三", "十二月廿三", "农历腊月廿三"} <= set(lunar_names(date(2026, 2, 10)))


def test_worrying_looks_at_the_last_word_only(school_class, teacher) -> None:
    better, worse = make_child("李小兰", school_class), make_child("龙小川", school_class)
    make_record(better, teacher, date(2026, 11, 1), state="worrying")
    make_record(better, teacher, date(2026, 11, 9), state="good")
    make_record(worse, teacher, date(2026, 11, 9), state="low")
    found = worrying(ALL(), CareRecord.objects.all(), date(2026, 10, 1))
    assert {record.child for record in found} == {worse}


def test_occasions_count_a_group_once(school_class, teacher) -> None:
    children = [make_child(name, school_class) for name in ("李小兰", "龙小川")]
    record_contact(children=children, contact=Contact("talk", TODAY, "聊"), by=teacher, today=TODAY)
    make_record(children[1], teacher, TODAY)
    assert occasions(CareRecord.objects.all()).count() == 2
    # Of a group only one child is asked for: its record stands for the occasion.
    assert occasions(CareRecord.objects.filter(child=children[1])).count() == 2


class TestSight:
    def seen(self, staff) -> set[CareRecord]:
        return set(CareRecord.objects.visible_to(staff))

    def test_by_role(self, school_class, teacher) -> None:
        school = school_class.school
        subject = make_staff(Role.TEACHER, school_class, "石老师")
        child = make_child(at=school_class)
        stranger = make_child("外班孩子", make_class(school, grade=5))
        by_class_teacher, by_subject = make_record(child, teacher), make_record(child, subject)
        lead = make_staff(Role.CARE_LEAD, school, "杨主任")
        hidden = make_record(child, lead, visibility="restricted")
        other = make_record(stranger, lead)
        everything = {by_class_teacher, by_subject, hidden, other}
        assert self.seen(teacher) == {by_class_teacher, by_subject}
        assert self.seen(subject) == {by_subject}
        assert self.seen(lead) == self.seen(make_staff(Role.PRINCIPAL, school)) == everything
        assert self.seen(make_staff(Role.COUNSELLOR, school)) == everything - {hidden}
        for role in (Role.REGISTRAR, Role.SYSADMIN, Role.SUPERIOR):
            assert self.seen(make_staff(role, school)) == set()
        assert self.seen(make_staff(Role.PRINCIPAL, make_school("别处小学"))) == set()

    def test_a_mentor_keeps_sight_of_own_records_while_paired(self, school_class, teacher) -> None:
        elsewhere = make_class(school_class.school, grade=6)
        staff = make_staff(Role.TEACHER, elsewhere, "石老师")
        child = make_child(at=school_class)
        pairing = make_pairing(child, make_mentor(staff))
        make_record(child, teacher)
        own = make_record(child, staff)
        assert self.seen(staff) == {own}
        pairing.ends_on, pairing.end_reason = TODAY - timedelta(days=1), "expired"
        pairing.save()
        assert self.seen(staff) == set()

    def test_follow_up_of_a_restricted_record_is_restricted(self, school_class, teacher) -> None:
        child = make_child(at=school_class)
        lead = make_staff(Role.CARE_LEAD, school_class.school, "杨主任")
        make_record(child, lead, visibility="restricted", follow_up="核实家里的事", follow_up_on=TODAY)
        own = FollowUp.objects.create(child=child, what="问视频", due_on=TODAY, owner=teacher)
        assert set(FollowUp.objects.visible_to(teacher)) == {own}
        assert FollowUp.objects.visible_to(lead).count() == 2

    def test_lines_grey_out_counselling(self, school_class, teacher) -> None:
        child = make_child(at=school_class)
        counsellor = make_staff(Role.COUNSELLOR, school_class.school)
        # As a row from before the rule, or from an import, might be.
        record = make_record(child, counsellor, kind="counselling")
        record.content, record.advice, record.state, record.topics = "秘密", "秘密", "low", ["mood"]
        record.save()
        (line,) = lines(CareRecord.objects.visible_to(teacher).select_related("child"), teacher)
        assert line.grey
        assert (line.text, line.advice, line.state, line.details, line.title) == ("", "", "", (), "心理辅导")
        (own,) = lines([record], counsellor)
        assert not own.grey
        assert own.text == "秘密"


@pytest.mark.parametrize("rows", [1, 12])
def test_questions_cost_the_same_for_one_and_twelve(school_class, teacher, rows, django_assert_max_num_queries) -> None:
    children = [make_left_behind(f"学生{number}", school_class) for number in range(rows)]
    for child in children:
        make_record(child, teacher, TODAY, state="low")
    record_contact(children=children, contact=Contact("talk", TODAY, "聊"), by=teacher, today=TODAY)
    with django_assert_max_num_queries(12):
        list(talks_missing(cared_for(ALL()), MONTH))
        list(silences(ALL()))
        last_contact(ALL())
        talks_by_class(last_talks(ALL()), MONTH)
        birthdays(ALL(), TODAY)
        list(worrying(ALL(), CareRecord.objects.all(), MONTH.first))
        lines(CareRecord.objects.select_related("child"), teacher)

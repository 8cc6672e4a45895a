"""The four definitions at their edges (domain §3.2)."""

from datetime import date

import pytest

from children.left_behind import (
    NOT_LEFT_BEHIND,
    Definition,
    Facts,
    LeftBehind,
    ParentFacts,
    Span,
    assess,
    status_of,
    statuses,
)
from children.models import Child, FamilyMember, codes
from children.queries import left_behind_ids
from children.services import set_parent_status
from tests.support.factories import TODAY, make_child, make_left_behind, make_parent, make_school

Status = codes.ParentStatus
CUT_OFF = date(2026, 11, 20)
BORN = date(2016, 5, 4)


def away(since: date | None, until: date | None = None, **kw) -> ParentFacts:
    return ParentFacts(Status.AWAY_WORK, spans=(Span(Status.AWAY_WORK, since, until),), **kw)


HOME = ParentFacts(Status.AT_HOME)
LONG = away(date(2025, 3, 1))


def both(father: ParentFacts, mother: ParentFacts, birth: date | None = BORN, **kw) -> LeftBehind:
    return assess(Facts(birth, father=father, mother=mother, **kw), CUT_OFF)


def answers(found: LeftBehind) -> tuple[bool, int, bool, bool]:
    return found.seed, found.edu, found.mca, found.stat


def test_nobody_away() -> None:
    assert answers(both(HOME, HOME)) == (False, 0, False, False)


def test_both_away_for_long_counts_under_all() -> None:
    assert answers(both(LONG, LONG)) == (True, 2, True, True)


def test_one_away_and_the_other_able_counts_for_school_and_enrolment_only() -> None:
    assert answers(both(LONG, HOME)) == (True, 1, False, False)


@pytest.mark.parametrize(
    "since,edu",
    [(date(2026, 8, 20), 1), (date(2026, 8, 21), 0), (date(2026, 11, 20), 0)],
    ids=["three months to the day", "a day short", "left today"],
)
def test_three_months(since: date, edu: int) -> None:
    assert both(away(since), HOME).edu == edu


def test_a_month_end_counts_as_three_months_on_the_last_day_of_a_shorter_month() -> None:
    facts = Facts(BORN, father=away(date(2025, 11, 30)), mother=HOME)
    assert assess(facts, date(2026, 2, 27)).edu == 0
    assert assess(facts, date(2026, 2, 28)).edu == 1


@pytest.mark.parametrize("since,stat", [(date(2026, 5, 20), True), (date(2026, 5, 21), False)])
def test_half_a_year(since: date, stat: bool) -> None:
    found = both(away(since), away(since))
    assert (found.mca, found.stat) == (True, stat)


def test_half_a_year_is_asked_of_both() -> None:
    found = both(LONG, away(date(2026, 8, 1)))
    assert (found.mca, found.stat) == (True, False)


@pytest.mark.parametrize(
    "birth,young",
    [(date(2010, 11, 20), False), (date(2010, 11, 21), True), (date(2010, 11, 19), False)],
    ids=["turns 16 today", "turns 16 tomorrow", "turned 16 yesterday"],
)
def test_sixteenth_birthday(birth: date, young: bool) -> None:
    found = both(LONG, LONG, birth)
    assert (found.mca, found.stat) == (young, young)
    assert (found.seed, found.edu) == (True, 2)


def test_born_on_a_leap_day_turns_sixteen_on_a_leap_day() -> None:
    since_long = away(date(2020, 1, 1))
    leap = Facts(date(2012, 2, 29), father=since_long, mother=since_long)
    assert assess(leap, date(2028, 2, 28)).mca
    assert not assess(leap, date(2028, 2, 29)).mca
    common = Facts(date(2008, 2, 29), father=since_long, mother=since_long)
    assert assess(common, date(2023, 2, 28)).mca
    assert not assess(common, date(2024, 2, 29)).mca


@pytest.mark.parametrize("status", codes.GONE)
def test_a_parent_who_is_gone_cannot_care(status: str) -> None:
    gone = ParentFacts(status, spans=(Span(status, date(2020, 1, 1), None),))
    found = both(LONG, gone)
    assert answers(found) == (True, 1, True, True)


def test_both_gone_is_no_absence_for_work() -> None:
    gone = ParentFacts(Status.DECEASED, spans=(Span(Status.DECEASED, date(2020, 1, 1), None),))
    assert answers(both(gone, gone)) == (False, 0, False, False)


def test_away_for_other_reasons_is_not_working_away() -> None:
    other = ParentFacts(Status.AWAY_OTHER, spans=(Span(Status.AWAY_OTHER, date(2025, 3, 1), None),))
    assert both(other, HOME).seed is False


def test_urban_hukou_does_not_count_for_civil_affairs() -> None:
    assert answers(both(LONG, LONG, urban_hukou=True)) == (True, 2, False, False)


def visited(days: int) -> ParentFacts:
    """Away since March 2025, home for some days from 1 February 2026, away again."""
    back = date(2026, 2, 1)
    again = date.fromordinal(back.toordinal() + days)
    return ParentFacts(
        Status.AWAY_WORK,
        spans=(
            Span(Status.AWAY_WORK, date(2025, 3, 1), date.fromordinal(back.toordinal() - 1)),
            Span(Status.AWAY_WORK, again, None),
        ),
    )


@pytest.mark.parametrize("days,since", [(30, date(2025, 3, 1)), (31, date(2026, 3, 4))])
def test_a_festival_visit_does_not_break_the_absence(days: int, since: date) -> None:
    assert visited(days).away_since(CUT_OFF, 30) == since


def test_on_a_day_of_the_visit_the_parent_counts_as_away() -> None:
    day = date(2026, 2, 10)
    assert visited(30).working_away_on(day, 30)
    assert not visited(31).working_away_on(day, 30)
    assert assess(Facts(BORN, father=visited(30), mother=visited(30)), day).stat


def test_a_longer_tolerance_is_a_setting() -> None:
    facts = Facts(BORN, father=visited(40), mother=visited(40))
    day = date(2026, 4, 1)
    assert not assess(facts, day, tolerance=30).stat
    assert assess(facts, day, tolerance=45).stat


def test_unknown_leaving_date_counts_as_long_and_is_told() -> None:
    found = both(away(None), away(None))
    assert answers(found) == (True, 2, True, True)
    assert found.assumed == ("父亲外出时间不详，按已满时长计", "母亲外出时间不详，按已满时长计")


def test_unknown_birth_date_counts_as_young_and_is_told() -> None:
    found = both(LONG, LONG, None)
    assert found.mca
    assert found.assumed == ("出生日期不详，按未满16周岁计",)


def test_nothing_is_assumed_where_nobody_is_away() -> None:
    assert both(HOME, HOME, None).assumed == ()


def test_an_unknown_parent_is_neither_away_nor_unable() -> None:
    assert answers(both(LONG, ParentFacts())) == (True, 1, False, False)


def test_days_before_leaving_and_after_coming_home() -> None:
    father = away(date(2026, 3, 1), date(2026, 9, 30))
    for day, seed in ((date(2026, 2, 28), False), (date(2026, 3, 1), True), (date(2026, 9, 30), True)):
        assert assess(Facts(BORN, father=father, mother=HOME), day).seed is seed
    assert assess(Facts(BORN, father=father, mother=HOME), date(2026, 10, 1)).seed is False


def test_how_many_parents_a_definition_counts() -> None:
    found = both(LONG, away(date(2026, 10, 1)))
    assert found.away_parents(Definition.SEED) == 2
    assert found.away_parents(Definition.EDU) == 1
    assert NOT_LEFT_BEHIND.away_parents(Definition.SEED) == 0


# with rows


@pytest.mark.django_db
def test_many_children_in_a_fixed_number_of_statements(django_assert_num_queries) -> None:
    children = [make_left_behind(f"李小{n}") for n in range(3)] + [make_child("安小禾")]
    with django_assert_num_queries(3):
        found = statuses([c.pk for c in children], TODAY)
    assert [found[c.pk].edu for c in children] == [2, 2, 2, 0]


@pytest.mark.django_db
def test_a_queryset_gives_the_same_as_ids() -> None:
    make_left_behind()
    make_left_behind("安小禾", both=False)
    ids = list(Child.objects.values_list("pk", flat=True))
    assert statuses(Child.objects.all(), TODAY) == statuses(ids, TODAY)


@pytest.mark.django_db
def test_the_school_says_how_long_a_visit_may_be() -> None:
    child = make_child()
    father = make_parent(child)
    for status, since in (("at_home", date(2026, 2, 1)), ("away_work", date(2026, 3, 15))):
        set_parent_status(member=father, status=status, since=since, by=None, on=TODAY)
    day = date(2026, 4, 1)
    assert status_of(child, day).edu == 0
    child.school.visit_tolerance_days = 60
    child.school.save()
    assert status_of(child, day).edu == 1


@pytest.mark.django_db
def test_a_stepfather_takes_the_place_of_a_father_who_died() -> None:
    child = make_child()
    make_parent(child, codes.Relation.MOTHER)
    make_parent(child, codes.Relation.FATHER, Status.DECEASED, date(2020, 1, 1))
    assert status_of(child, TODAY).mca
    make_parent(child, codes.Relation.STEPFATHER, Status.AT_HOME, None, name="黄有才")
    assert not status_of(child, TODAY).mca
    assert status_of(child, TODAY).edu == 1


@pytest.mark.django_db
def test_a_father_wins_over_a_stepfather() -> None:
    child = make_child()
    make_parent(child, codes.Relation.STEPFATHER, Status.AT_HOME, None, name="黄有才")
    make_parent(child, codes.Relation.FATHER)
    assert status_of(child, TODAY).father_away


@pytest.mark.django_db
def test_ids_under_a_definition_are_those_of_the_single_answers() -> None:
    school = make_school()
    make_left_behind("双方")
    make_left_behind("一方", both=False)
    returned = make_left_behind("回来了", both=False)
    father = FamilyMember.objects.get(child=returned, relation=codes.Relation.FATHER)
    set_parent_status(member=father, status="at_home", since=date(2026, 10, 1), by=None, on=TODAY)
    make_child("在家", None)
    everybody = Child.objects.all()
    for definition in Definition:
        expected = {c.pk for c in everybody if status_of(c, TODAY).under(definition)}
        assert set(left_behind_ids(everybody, definition, TODAY)) == expected
        one = {c.pk for c in everybody if status_of(c, TODAY).away_parents(definition) == 1}
        assert set(left_behind_ids(everybody, definition, TODAY, parents_away=1)) == one
    assert school.visit_tolerance_days == 30


@pytest.mark.django_db
def test_any_past_day_can_be_rebuilt() -> None:
    child = make_left_behind()
    for member in FamilyMember.objects.filter(child=child, relation__in=codes.PARENTS):
        set_parent_status(member=member, status="at_home", since=date(2026, 11, 1), by=None, on=TODAY)
    assert not status_of(child, TODAY).seed
    assert status_of(child, date(2026, 10, 15)).stat


@pytest.mark.django_db
def test_a_child_of_whose_parents_nothing_is_known_is_a_gap_and_no_finding() -> None:
    child = make_child()
    assert status_of(child, TODAY).unknown == ("父亲", "母亲")
    make_parent(child, status=codes.ParentStatus.AT_HOME, since=None)
    assert status_of(child, TODAY).unknown == ("母亲",)
    make_parent(child, codes.Relation.MOTHER, codes.ParentStatus.AWAY_WORK)
    assert status_of(child, TODAY).unknown == ()

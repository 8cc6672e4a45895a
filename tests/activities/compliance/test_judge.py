"""Who owes what, and how it stands: one example for every sentence of the engine's docstring."""

from datetime import date, timedelta

import pytest

from activities.compliance.judge import judge, stands
from activities.compliance.periods import birthday_period, lunar_day, periods_of, solar_day
from activities.compliance.rules import Every, Proof, Rule, Span, State, Window, figures
from caretrack.schools.calendar import Calendar

AUTUMN = (date(2026, 9, 1), date(2027, 1, 20))
CALENDAR = Calendar((AUTUMN,))
WHOLE = [Span(date(2024, 9, 1))]
TODAY = date(2027, 1, 21)


def rule(every=Every.MONTH, **kw):
    given = {"first": date(2026, 8, 1), "kinds": frozenset({"talk"})} | kw
    return Rule(1, "谈一次心", "六个一", 1, 1, given.pop("subject", "child"), every, given.pop("first"), **given)


def months():
    return periods_of(Every.MONTH, CALENDAR, 25, Window(*AUTUMN))


def done(on, entered=None, reached=True):
    return Proof(on, entered or on, reached)


def states(found):
    return {one.period.key: one.state.value for one in found}


def test_a_month_is_the_reporting_month_cut_to_the_term():
    september, *_, january = months()
    assert (september.first, september.last) == (date(2026, 9, 1), date(2026, 9, 25))
    assert (september.opens, september.closes) == (date(2026, 8, 26), date(2026, 9, 25))
    assert january.last == date(2027, 1, 20)
    assert [period.key for period in months()] == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


def test_a_week_without_school_days_owes_nothing():
    snow = {date(2026, 11, 16) + timedelta(days=n): False for n in range(5)}
    weeks = periods_of(Every.WEEK, Calendar((AUTUMN,), snow), 25, Window(date(2026, 9, 28), date(2026, 11, 29)))
    keys = [week.key for week in weeks]
    assert "2026-W47" not in keys
    assert "2026-W40" in keys, "three days before the national holiday"
    assert len(weeks[0].days) == 3


def test_who_came_on_half_of_the_school_days_owes_and_later_not():
    october = months()[1]  # 26 September to 25 October: 19 school days less the holiday
    middle = october.days[len(october.days) // 2]
    assert len(october.days) % 2 == 0
    assert states(judge(rule(), [october], [Span(middle)], [], [], TODAY)) == {"2026-10": "missing"}
    assert judge(rule(), [october], [Span(middle + timedelta(days=1))], [], [], TODAY) == []


def test_who_left_early_owes_nothing_and_two_short_stays_add_up():
    october = months()[1]
    days = october.days
    early = Span(date(2026, 9, 1), days[3])
    assert judge(rule(), [october], [early], [], [], TODAY) == []
    late = Span(days[-len(days) // 2 + 3])
    assert judge(rule(), [october], [early, late], [], [], TODAY)


def test_an_edit_in_the_middle_leaves_exactly_one_version():
    october = months()[1]
    for turn in october.days[1:]:
        old = rule(last=turn - timedelta(days=1))
        new = rule(first=turn, count=2)
        found = [*judge(old, [october], WHOLE, [], [], TODAY), *judge(new, [october], WHOLE, [], [], TODAY)]
        assert len(found) == 1, turn


def test_written_down_later_than_three_days_after_the_month_is_late():
    november = months()[2]
    cases = {
        done(date(2026, 11, 24)): State.DONE,
        done(date(2026, 11, 24), date(2026, 11, 27)): State.DONE,
        done(date(2026, 11, 24), date(2026, 11, 28)): State.LATE,
        done(date(2026, 11, 3), date(2026, 11, 20)): State.DONE,
    }
    for proof, state in cases.items():
        assert judge(rule(), [november], WHOLE, [proof], [], TODAY)[0].state is state, proof


def test_a_deed_in_the_week_after_makes_up_only_when_its_own_month_can_spare_it():
    november, december = months()[2:4]
    after = done(date(2026, 12, 1))
    both = [november, december]
    assert states(judge(rule(), both, WHOLE, [after], [], TODAY)) == {"2026-11": "missing", "2026-12": "done"}
    spared = [after, done(date(2026, 12, 20))]
    assert states(judge(rule(), both, WHOLE, spared, [], TODAY)) == {"2026-11": "late", "2026-12": "done"}
    last_day = [done(date(2026, 12, 2)), done(date(2026, 12, 20))]
    assert states(judge(rule(), both, WHOLE, last_day, [], TODAY)) == {"2026-11": "late", "2026-12": "done"}
    too_late = [done(date(2026, 12, 3)), done(date(2026, 12, 20))]
    assert states(judge(rule(), both, WHOLE, too_late, [], TODAY)) == {"2026-11": "missing", "2026-12": "done"}


def test_what_a_month_can_spare_is_given_once():
    november, december = months()[2:4]
    three = [done(date(2026, 11, 27)), done(date(2026, 11, 28)), done(date(2026, 12, 20))]
    [before, own] = judge(rule(count=2), [november, december], WHOLE, three, [], TODAY)
    assert (before.done, before.state) == (1, State.MISSING)
    assert (own.done, own.state) == (2, State.DONE)


def test_somebody_not_reached_is_an_attempt_and_no_deed():
    november = months()[2]
    tried = done(date(2026, 11, 10), reached=False)
    assert judge(rule(), [november], WHOLE, [tried], [], TODAY)[0].state is State.ATTEMPTED
    assert judge(rule(), [november], WHOLE, [tried], [], TODAY)[0].done == 0
    assert judge(rule(), [november], WHOLE, [tried, done(date(2026, 11, 11))], [], TODAY)[0].state is State.DONE


def test_a_waiver_excuses_when_less_than_half_is_left_and_never_hides_a_deed():
    november = months()[2]
    ill = [Span(date(2026, 11, 2), date(2026, 11, 20))]
    short = [Span(date(2026, 11, 2), date(2026, 11, 6))]
    assert judge(rule(), [november], WHOLE, [], ill, TODAY)[0].state is State.EXCUSED
    assert judge(rule(), [november], WHOLE, [], short, TODAY)[0].state is State.MISSING
    assert judge(rule(), [november], WHOLE, [done(date(2026, 11, 23))], ill, TODAY)[0].state is State.DONE


def test_a_waiver_of_exactly_half_of_the_school_days_excuses_nothing():
    october = months()[1]
    half = len(october.days) // 2
    assert len(october.days) == 2 * half
    for waived, state in ((half, State.MISSING), (half + 1, State.EXCUSED)):
        free = [Span(october.days[0], october.days[waived - 1])]
        assert judge(rule(), [october], WHOLE, [], free, TODAY)[0].state is state


def test_until_the_last_day_it_is_due_and_nothing_of_tomorrow_is_known():
    november = months()[2]
    later = done(date(2026, 11, 24))
    assert judge(rule(), [november], WHOLE, [later], [], date(2026, 11, 23))[0].state is State.DUE
    assert judge(rule(), [november], WHOLE, [later], [], date(2026, 11, 24))[0].state is State.DONE
    assert judge(rule(), [november], WHOLE, [], [], date(2026, 11, 25))[0].state is State.DUE
    assert judge(rule(), [november], WHOLE, [], [], date(2026, 11, 26))[0].state is State.MISSING


def test_figures_count_times_and_leave_out_what_is_excused_or_not_begun():
    found = judge(rule(count=2), months(), WHOLE, [done(date(2026, 9, 7))], [Span(date(2026, 9, 26), date(2026, 10, 25))], date(2026, 11, 20))  # fmt: skip
    told = figures(found, date(2026, 11, 20))
    assert (told.due, told.done, told.excused, told.missing, told.waiting) == (4, 1, 1, 1, 1)
    assert told.rate == pytest.approx(0.25)
    assert figures([], TODAY).rate is None


def test_the_letter_of_the_spring_festival_is_asked_before_the_holidays():
    festivals = periods_of(Every.FESTIVAL, CALENDAR, 25, Window(date(2026, 9, 1), date(2027, 2, 28)))
    assert [(period.label, period.on) for period in festivals] == [
        ("2026年中秋节", date(2026, 9, 25)),
        ("2026年重阳节", date(2026, 10, 18)),
        ("2027年春节", date(2027, 1, 20)),
    ]
    spring = festivals[-1]
    found = judge(rule(Every.FESTIVAL), [spring], WHOLE, [done(date(2027, 2, 1))], [], date(2027, 2, 7))
    assert found[0].state is State.DONE, "written in the holidays, before the festival"
    assert judge(rule(Every.FESTIVAL), [spring], [Span(date(2027, 1, 21))], [], [], TODAY) == []


def test_birthdays_of_29_february_by_the_moon_and_in_the_holidays():
    assert solar_day(date(2016, 2, 29), 2027) == date(2027, 2, 28)
    assert solar_day(date(2016, 2, 29), 2028) == date(2028, 2, 29)
    assert lunar_day("八月十五", 2026) == date(2026, 9, 25)
    assert lunar_day("冬月初三", 2026) == lunar_day("农历十一月初三", 2026)
    kept = birthday_period(CALENDAR, date(2016, 10, 1), "八月十五", 2026)
    assert kept is not None
    assert (kept.on, kept.label) == (date(2026, 9, 25), "9月25日生日（农历八月十五）")
    holidays = birthday_period(CALENDAR, date(2016, 2, 10), "", 2027)
    assert holidays is not None
    assert holidays.on == date(2027, 1, 20)
    assert holidays.closes == date(2027, 2, 10)
    assert birthday_period(CALENDAR, date(2016, 6, 1), "", 2027) is None, "no term is entered for June"
    assert birthday_period(CALENDAR, None, "", 2026) is None


def test_a_standing_fact_is_missing_from_the_first_day_and_a_deed_when_the_term_is_over():
    [term] = periods_of(Every.STANDING, CALENDAR, 25, Window(*AUTUMN))
    mentor = rule(Every.STANDING, kinds=frozenset({"pairing"}))
    today = date(2026, 11, 20)
    assert stands(mentor, [term], WHOLE, [], [], [], today)[0].state is State.MISSING
    assert stands(mentor, [term], WHOLE, [], [Span(date(2026, 11, 20))], [], today)[0].state is State.DONE
    assert stands(mentor, [term], WHOLE, [], [Span(date(2026, 9, 1), date(2026, 11, 19))], [], today)[0].state is State.MISSING  # fmt: skip
    phone = rule(Every.STANDING, subject="school", kinds=frozenset({"call"}))
    assert stands(phone, [term], WHOLE, [], [], [], today)[0].state is State.DUE
    assert stands(phone, [term], WHOLE, [], [], [], TODAY)[0].state is State.MISSING
    assert stands(phone, [term], WHOLE, [done(date(2026, 10, 9))], [], [], today)[0].state is State.DONE


def test_a_policy_is_shown_and_not_counted():
    [term] = periods_of(Every.STANDING, CALENDAR, 25, Window(*AUTUMN))
    policy = rule(Every.STANDING, kinds=frozenset({"tutoring"}))
    [shown] = stands(policy, [term], WHOLE, [done(date(2026, 10, 9)), done(date(2026, 10, 16))], [], [], TODAY)
    assert (shown.state, shown.on_time) == (State.SHOWN, 2)
    assert figures([shown], TODAY).due == 0

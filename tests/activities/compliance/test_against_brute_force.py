"""The engine against the reading in brute.py, on generated calendars, presences, waivers and deeds."""

from datetime import date, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from activities.compliance.judge import judge, owes, stands
from activities.compliance.occasions import CHOICES, NEAR, elder_periods, occasions_of
from activities.compliance.periods import birthday_period, periods_of
from activities.compliance.rules import Every, Proof, Rule, Span, Window
from caretrack.schools.calendar import Calendar
from tests.activities.compliance.brute import (
    WHOM,
    Deed,
    Letter,
    Promise,
    all_days,
    chosen_occasions,
    frames,
    read,
    read_occasions,
    read_standing,
)

WEEK = timedelta(days=6)
FIRST, LAST = date(2026, 12, 28), date(2027, 2, 28)
RHYTHMS = ("week", "month", "term", "year", "festival", "birthday")


def day(at):
    return FIRST + timedelta(days=at)


days = st.integers(0, (LAST - FIRST).days).map(day)
spans = st.tuples(days, days).map(sorted)
born = st.sampled_from((date(2015, 1, 8), date(2016, 1, 29), date(2016, 2, 29), date(2014, 2, 17), date(2015, 12, 30)))
presences = st.one_of(st.just([(FIRST - timedelta(days=400), LAST + timedelta(days=400))]), st.lists(spans, min_size=1, max_size=3))  # fmt: skip
forces = st.tuples(days, st.one_of(st.none(), days)).filter(lambda pair: pair[1] is None or pair[0] <= pair[1])
forces = st.one_of(st.just((date(2026, 8, 1), None)), forces)


def merged(pairs):
    """Spans without overlap, from any pairs of days."""
    covered = {one for first, last in pairs for one in all_days(first, last)}
    found, begin = [], None
    for one in [*all_days(min(covered, default=FIRST), max(covered, default=LAST)), date.max]:
        if one in covered and begin is None:
            begin = one
        elif one not in covered and begin is not None:
            found.append(Span(begin, max(other for other in covered if other < one)))
            begin = None
    return found, covered


@st.composite
def calendars(draw):
    """Two terms with holidays between, sometimes one, and days of the school's own."""
    autumn = (draw(st.dates(date(2026, 12, 20), date(2027, 1, 6))), draw(st.dates(date(2027, 1, 15), date(2027, 2, 3))))
    spring = (draw(st.dates(date(2027, 2, 8), date(2027, 2, 20))), date(2027, 7, 9))
    own = draw(st.dictionaries(days, st.booleans(), max_size=12))
    snow = {one: False for first in draw(st.lists(days, max_size=1)) for one in all_days(first, first + WEEK)}
    return Calendar((autumn, spring) if draw(st.booleans()) else (autumn,), snow | own)


@st.composite
def deeds(draw):
    on = draw(days)
    later = timedelta(days=draw(st.sampled_from((0, 0, 1, 3, 4, 9, 40))))
    return Deed(on, on + later, draw(st.sampled_from((True, True, True, False))))


def periods_in(every, calendar, closing_day, birth):
    """The engine's periods in the span that the tests look at."""
    if every != Every.BIRTHDAY:
        return periods_of(every, calendar, closing_day, Window(FIRST, LAST))
    kept = (birthday_period(calendar, birth, "", year) for year in range(2026, 2029))
    return tuple(period for period in kept if period and FIRST <= period.on <= LAST)


def rule_of(every, count, first, last, kinds=("talk",), chosen=()):
    return Rule(
        1, "谈一次心", "六个一", 1, 1, "child", every, first, last, count=count, kinds=frozenset(kinds),
        occasions=frozenset(chosen),
    )  # fmt: skip


@st.composite
def letters(draw):
    told = draw(deeds())
    called = draw(st.sampled_from(("", "", "传统节日", "长辈生日", "寒暑假", "平时")))
    return Letter(told.on, told.entered, told.reached, called, draw(st.sampled_from(("", "", *WHOM))))


#: Three of them near to each other and to the Spring Festival, one on 29 February.
elders = st.lists(
    st.sampled_from(
        (
            ("62", "王桂英", date(1955, 1, 12)), ("64", "韦桂花", date(1956, 1, 29)), ("51", "李大山", date(1984, 2, 29)),
            ("52", "", date(1986, 1, 30)), ("63", "", date(1950, 2, 6)), ("61", "李老人", date(1951, 8, 20)),
        )
    ),
    unique=True, max_size=5,
)  # fmt: skip


@given(
    calendar=calendars(),
    count=st.sampled_from((1, 1, 1, 2)),
    chosen=st.one_of(
        st.just(["spring", "elders", "winter"]),
        st.lists(st.sampled_from([name for name, _ in CHOICES]), min_size=1, unique=True),
    ),
    family=elders,
    force=forces,
    there=presences,
    free=st.lists(spans, max_size=1),
    told=st.lists(letters(), max_size=7),
    today=days,
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_letters_for_chosen_occasions_stand_as_the_plain_reading_says(
    calendar, count, chosen, family, force, there, free, told, today
):
    presence, there_days = merged(there)
    waivers, free_days = merged(free)
    rule, span = rule_of("festival", count, *force, chosen=chosen), Window(FIRST, LAST)
    rows = [(1, born, relation, "", name) for relation, name, born in family]
    own = elder_periods(calendar, rows, span).get(1, ()) if "elders" in chosen else ()
    periods = sorted((*occasions_of(rule, calendar, span), *own), key=lambda one: (one.on, one.closes))
    listed = chosen_occasions(chosen, calendar, FIRST - NEAR, LAST + NEAR, family)
    promise = Promise("festival", count, *force)
    counted = {one.key: (one.opens, one.closes, one.last, one.on) for one in periods if promise.in_force(one.on)}
    assert counted == {
        name: (f.days[0], f.days[-1], f.end, f.shown) for name, f in listed.items() if promise.in_force(f.shown)
    }
    proofs = [Proof(one.on, one.entered, one.reached, occasion=one.occasion, whom=one.whom) for one in told]
    found = judge(rule, periods, presence, proofs, waivers, today)
    plain = read_occasions(
        promise, listed=listed, there=there_days, deeds=told, waived=free_days, today=today,
    )  # fmt: skip
    assert {one.period.key: (one.state, one.done) for one in found} == plain
    proven = [deed for one in found for deed in one.deeds]
    assert len(proven) == sum(one.done for one in found)


@given(
    calendar=calendars(),
    every=st.sampled_from(("week", "month", *RHYTHMS)),
    count=st.integers(1, 2),
    closing_day=st.sampled_from((25, 28, 31)),
    birth=born,
    force=forces,
    there=presences,
    free=st.lists(spans, max_size=2),
    told=st.lists(deeds(), max_size=40),
    today=days,
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_rhythm_stands_as_the_plain_reading_says(
    calendar, every, count, closing_day, birth, force, there, free, told, today
):
    presence, there_days = merged(there)
    waivers, free_days = merged(free)
    proofs = [Proof(deed.on, deed.entered, deed.reached) for deed in told]
    periods = periods_in(every, calendar, closing_day, birth)
    listed = frames(every, calendar, closing_day, FIRST, LAST, birth)
    counted = {one.key: (one.opens, one.closes, one.last, one.on, list(one.days)) for one in periods}
    assert counted == {name: (f.days[0], f.days[-1], f.end, f.shown, f.lessons) for name, f in listed.items()}
    found = judge(rule_of(every, count, *force), periods, presence, proofs, waivers, today)
    plain = read(
        Promise(every, count, *force), listed=listed,
        there=there_days, deeds=told, waived=free_days, today=today,
    )  # fmt: skip
    assert {one.period.key: (one.state, one.done) for one in found} == plain


@given(
    calendar=calendars(),
    by_fact=st.booleans(),
    force=forces,
    there=presences,
    free=st.lists(spans, max_size=2),
    told=st.lists(deeds(), max_size=4),
    held=st.lists(spans, max_size=2),
    today=days,
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_stands_all_the_time_holds_on_the_day_of_asking(calendar, by_fact, force, there, free, told, held, today):
    presence, there_days = merged(there)
    waivers, free_days = merged(free)
    facts, fact_days = merged(held)
    # A class owes it: for a child, deeds that prove no fact are a policy, which is only shown.
    rule = Rule(
        1, "有人照管", "十个一", 1, 1, "child" if by_fact else "class", Every.STANDING, *force,
        kinds=frozenset({"pairing"} if by_fact else {"talk"}),
    )  # fmt: skip
    proofs = [Proof(deed.on, deed.entered, deed.reached) for deed in told]
    periods = periods_of(Every.STANDING, calendar, 25, Window(FIRST, LAST))
    found = stands(rule, periods, presence, proofs, facts, waivers, today)
    plain = read_standing(
        Promise("standing", 1, *force), listed=frames("standing", calendar, 25, FIRST, LAST), there=there_days,
        deeds=told, facts=fact_days if by_fact else None, waived=free_days, today=today,
    )  # fmt: skip
    assert {one.period.key: (one.state, int(one.done > 0)) for one in found} == plain


@given(
    calendar=calendars(),
    every=st.sampled_from(RHYTHMS),
    closing_day=st.sampled_from((25, 28, 31)),
    birth=born,
    turn=days,
    there=presences,
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_item_edited_from_a_day_on_is_owed_in_one_version(calendar, every, closing_day, birth, turn, there):
    presence, _ = merged(there)
    whole = len(presence) == 1 and presence[0].first < FIRST
    before = rule_of(every, 1, date(2026, 7, 1), turn - timedelta(days=1))
    after, never = rule_of(every, 2, turn, None), rule_of(every, 1, date(2026, 7, 1), None)
    periods = periods_in(every, calendar, closing_day, birth)
    assume(periods)
    for period in periods:
        versions = [owes(rule, period, presence) for rule in (before, after)]
        if not owes(never, period, presence):
            assert versions == [False, False]
        elif whole:
            assert sorted(versions) == [False, True], "who was there all the time owes exactly one version"
        else:
            assert versions != [True, True]
        if period.at_day and owes(never, period, presence):
            assert versions == [period.on < turn, period.on >= turn]

"""The engine against the reading in brute.py, on generated calendars, presences, waivers and deeds."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.compliance.judge import judge
from activities.compliance.periods import periods_of
from activities.compliance.rules import Proof, Rule, Span, Window
from caretrack.schools.calendar import Calendar
from tests.activities.compliance.brute import Deed, Promise, all_days, read

WEEK = timedelta(days=6)
FIRST, LAST = date(2026, 12, 28), date(2027, 2, 28)


def day(at):
    return FIRST + timedelta(days=at)


days = st.integers(0, (LAST - FIRST).days).map(day)
spans = st.tuples(days, days).map(sorted)


def merged(pairs):
    """Spans without overlap, from any pairs of days."""
    covered = {one for first, last in pairs for one in all_days(first, last)}
    found, begin = [], None
    for one in [*all_days(FIRST, LAST), LAST + timedelta(days=1)]:
        if one in covered and begin is None:
            begin = one
        elif one not in covered and begin is not None:
            found.append(Span(begin, one - timedelta(days=1)))
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


@given(
    calendar=calendars(),
    every=st.sampled_from(("week", "month")),
    count=st.integers(1, 2),
    closing_day=st.sampled_from((25, 28, 31)),
    force=st.tuples(days, st.one_of(st.none(), days)).filter(lambda pair: pair[1] is None or pair[0] <= pair[1]),
    there=st.one_of(st.just([(FIRST, LAST)]), st.lists(spans, min_size=1, max_size=3)),
    free=st.lists(spans, max_size=2),
    told=st.lists(deeds(), max_size=40),
    today=days,
)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_weeks_and_months_stand_as_the_plain_reading_says(
    calendar, every, count, closing_day, force, there, free, told, today
):
    presence, there_days = merged(there)
    waivers, free_days = merged(free)
    rule = Rule(1, "谈一次心", "六个一", 1, 1, "child", every, *force, count=count)
    periods = periods_of(every, calendar, closing_day, Window(FIRST, LAST))
    proofs = [Proof(deed.on, deed.entered, deed.reached) for deed in told]
    found = judge(rule, periods, presence, proofs, waivers, today)
    plain = read(
        Promise(every, count, *force), calendar=calendar, closing_day=closing_day, there=there_days, deeds=told,
        waived=free_days, today=today, first=FIRST, last=LAST,
    )  # fmt: skip
    assert {one.period.key: (one.state, one.done) for one in found} == plain

"""Who was there, paired and 重点: spans reckoned against plain sets of days."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.compliance.rules import Span
from activities.compliance.sources import Pupil, _key_spans, merge, overlap

FIRST = date(2026, 9, 1)
DAYS = 60


def day(at):
    return FIRST + timedelta(days=at)


numbers = st.integers(0, DAYS)
closed = st.tuples(numbers, numbers).map(sorted).map(lambda pair: Span(day(pair[0]), day(pair[1])))
spans = st.lists(st.one_of(closed, numbers.map(lambda at: Span(day(at)))), max_size=5)


def covered(found):
    return {day(at) for at in range(DAYS + 1) if any(span.holds(day(at)) for span in found)}


@given(spans, spans)
@settings(max_examples=300, deadline=None)
def test_merged_and_cut_spans_hold_the_same_days(one, other):
    merged = merge(one)
    assert covered(merged) == covered(one)
    assert all(before.last is not None and before.last < after.first for before, after in zip(merged, merged[1:], strict=False))  # fmt: skip
    both = overlap(merged, merge(other))
    assert covered(both) == covered(one) & covered(other)
    assert sum(len(covered([span])) for span in both) == len(covered(both)), "no day stands in two spans"


@given(st.dictionaries(numbers, st.sampled_from(("general", "watch", "key", "emergency")), max_size=6))
@settings(max_examples=200, deadline=None)
def test_the_days_of_a_key_child_are_those_decided_so(decisions):
    decided = [(day(at), level) for at, level in sorted(decisions.items())]
    pupil = Pupil(1, "李小兰", "lixiaolan", decided[-1][1] if decided else "key", None, "")
    found = _key_spans({1: pupil}, {1: decided} if decided else {}).get(1, [])
    for at in range(DAYS + 1):
        level = "key" if not decided else "general"
        for on, said in decided:
            if on <= day(at):
                level = said
        assert any(span.holds(day(at)) for span in found) == (level in ("key", "emergency"))

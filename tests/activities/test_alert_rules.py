"""Warnings by themselves: every rule on the day before and the day of its limit, and the levels that they suggest."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from activities.alerts import rules as r
from activities.alerts.facts import Known
from activities.alerts.levels import review_day, suggest
from activities.models import CareRules
from caretrack.schools.models import School
from children.left_behind import LeftBehind
from tests.support.factories import TERM_START, TODAY

LIMITS = CareRules(school=School(pk=1))
BOTH = LeftBehind(seed=True, father_away=True, mother_away=True)
DAY = timedelta(days=1)


def known(**kw) -> Known:
    values = {"away": BOTH, "age": 10, "has_care": True, "care_type": "grandparent", "entrusted": True}
    values |= {"term_start": TERM_START, "came_on": TERM_START, "has_phone": True, "phone_on": TODAY}
    return Known(1, 1, **(values | kw))


def asks(rule, **kw) -> bool:
    return rule(known(**kw), TODAY, LIMITS) is not None


EDGES = {
    "silence": (r.silence, {"talk_on": TODAY - 29 * DAY}, {"talk_on": TODAY - 30 * DAY}),
    "silence since the term began": (
        r.silence,
        {"term_start": TODAY - 29 * DAY, "talk_on": date(2026, 6, 1)},
        {"term_start": TODAY - 30 * DAY, "talk_on": date(2026, 6, 1)},
    ),
    "contact with the parents": (
        r.contact_gap,
        {"family_on": TODAY - 7 * DAY},
        {"family_on": TODAY - 8 * DAY},
    ),
    "phone": (r.phone_stale, {"phone_on": TODAY - 179 * DAY}, {"phone_on": TODAY - 180 * DAY}),
    "phone never verified": (r.phone_stale, {"phone_on": TODAY}, {"phone_on": None}),
    "agreement over": (r.entrust_expired, {"entrusted_until": TODAY}, {"entrusted_until": TODAY - DAY}),
    "agreement soon": (
        r.entrust_ends,
        {"entrusted_until": TODAY + 31 * DAY},
        {"entrusted_until": TODAY + 30 * DAY},
    ),
    "agreement missing": (r.entrust_missing, {"entrusted": True}, {"entrusted": False}),
    "under eight": (r.alone_young, {"age": 8, "alone_at_home": True}, {"age": 7, "alone_at_home": True}),
    "under sixteen": (r.living_alone, {"age": 16, "care_type": "self"}, {"age": 15, "care_type": "self"}),
    "results": (
        r.results_fall,
        {"marks_before": Decimal(80), "marks_now": Decimal("65.1")},
        {"marks_before": Decimal(80), "marks_now": Decimal(65)},
    ),
    "absence": (r.absence, {"absences": 2}, {"absences": 3}),
    "rating": (r.rating_poor, {"rating": "fair"}, {"rating": "poor"}),
    "boarding": (r.night_missing, {"nights_open": 0}, {"nights_open": 1}),
    "boarding tonight": (r.night_missing, {"gone_tonight": ""}, {"gone_tonight": "没打通"}),
    "no carer": (r.no_carer, {"has_care": True}, {"has_care": False}),
    "excluded carer": (r.carer_excluded, {}, {"carer_excluded": True}),
    "no mentor": (r.no_mentor, {"level": "watch"}, {"level": "key"}),
}


@pytest.mark.parametrize("case", EDGES)
def test_a_rule_speaks_on_the_day_of_its_limit_and_not_the_day_before(case) -> None:
    rule, before, on = EDGES[case]
    assert not asks(rule, **before)
    assert asks(rule, **on)


def test_every_rule_has_an_edge() -> None:
    assert {rule for rule, *_ in EDGES.values()} == {rule.ask for rule in r.all_rules()}


def test_an_agreement_holds_on_its_last_day() -> None:
    assert "还有0天" in r.entrust_ends(known(entrusted_until=TODAY), TODAY, LIMITS)
    assert r.entrust_ends(known(entrusted_until=TODAY - DAY), TODAY, LIMITS) is None


def test_a_silence_that_counts_from_the_term_says_so() -> None:
    assert "（上次10月1日）" in (r.silence(known(talk_on=date(2026, 10, 1)), TODAY, LIMITS) or "")
    told = r.silence(known(talk_on=date(2026, 6, 25)), TODAY, LIMITS)
    assert told == f"开学以来{(TODAY - TERM_START).days}天没有谈心（上次6月25日，假期不算）。"


def test_silence_is_not_asked_for_in_the_holidays_or_of_children_whose_parents_are_home() -> None:
    long_ago = {"talk_on": TODAY - 200 * DAY}
    assert asks(r.silence, **long_ago)
    assert not asks(r.silence, **long_ago, **{"term_start": None})
    assert not asks(r.silence, **long_ago, **{"away": LeftBehind()})
    assert asks(r.silence, **long_ago, **{"away": LeftBehind(), "level": "key"})


def test_the_schools_own_number_counts() -> None:
    own = CareRules(school=School(pk=1), silence_days=7)
    assert r.silence(known(talk_on=TODAY - 7 * DAY), TODAY, own)
    assert not r.silence(known(talk_on=TODAY - 6 * DAY), TODAY, own)
    own.contact_gap_days = 30
    assert r.contact_gap(known(family_on=TODAY - 31 * DAY), TODAY, own)
    assert not r.contact_gap(known(family_on=TODAY - 30 * DAY), TODAY, own)


@pytest.mark.parametrize(
    "facts, level",
    [
        ({"age": 7, "alone_at_home": True}, "emergency"),
        ({"age": 15, "care_type": "none"}, "emergency"),
        ({"incidents": frozenset({"self_harm"})}, "emergency"),
        ({"rating": "poor"}, "key"),
        ({"age": 17, "care_type": "self"}, "key"),
        ({"unsupported": True}, "key"),
        ({"ill": True}, "key"),
        ({"incidents": frozenset({"bullying"})}, "key"),
        ({"dropout_open": True}, "key"),
        ({"family_on": TODAY - 30 * DAY}, "key"),
        ({"family_on": TODAY - 29 * DAY}, "general"),
        ({"rating": "fair"}, "watch"),
        ({"carer_age": 70}, "watch"),
        ({"carer_age": 69}, "general"),
        ({"away_since": TERM_START}, "watch"),
        ({"away_since": TERM_START - DAY}, "general"),
        ({"misconduct": True}, "key"),
        ({"parted_on": TERM_START}, "watch"),
        ({"parted_on": TERM_START - DAY}, "general"),
        ({}, "general"),
    ],
)
def test_suggested_levels(facts, level) -> None:
    found = suggest(known(**facts), TODAY, LIMITS)
    assert found.level == level
    assert bool(found.reasons) == (level != "general")


def test_a_suggestion_never_says_what_an_incident_is() -> None:
    found = suggest(known(incidents=frozenset({"sexual"})), TODAY, LIMITS)
    assert "性侵" not in found.words


@pytest.mark.parametrize("level, days", [("emergency", 3), ("key", 30), ("watch", 45), ("general", 45)])
def test_the_graver_a_level_the_sooner_it_is_looked_at_again(level, days) -> None:
    assert review_day(level, TODAY, CareRules(review_days=45)) == TODAY + days * DAY

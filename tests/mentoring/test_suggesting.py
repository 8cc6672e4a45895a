"""The suggestion: never against a rule, weighed as a care lead would, said in words, fast for 2,000 children."""

import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentoring.suggesting import Pupil, Rules, Taker, suggest


def pupil(number: int, **kw) -> Pupil:
    facts = {"name": f"学生{number}", "class_id": 1, "class_name": "三（1）班", "grade": 3, "age": 8, "sex": "1"} | kw
    return Pupil(id=number, **facts)


def taker(number: int, **kw) -> Taker:
    facts = {"name": f"老师{number}", "load": 0, "limit": 5, "checked": True} | kw
    return Taker(id=number, **facts)


def chosen(proposals) -> dict[int, int | None]:
    return {p.pupil.id: p.taker.id if p.taker else None for p in proposals}


pupils = st.lists(
    st.builds(
        Pupil,
        id=st.integers(1, 60),
        name=st.text("兰川梅", min_size=2, max_size=2),
        class_id=st.integers(1, 4),
        class_name=st.just("四（1）班"),
        grade=st.integers(1, 6),
        age=st.none() | st.integers(6, 13),
        sex=st.sampled_from(["0", "1", "2"]),
        village=st.sampled_from(["", "上坪村", "石门村"]),
        key=st.booleans(),
        household=st.none() | st.integers(1, 5),
        former=st.lists(st.integers(1, 12), max_size=2, unique=True).map(tuple),
        sibling_mentors=st.lists(st.tuples(st.integers(1, 12), st.just("姐姐")), max_size=1).map(tuple),
        family_agrees=st.booleans(),
    ),
    max_size=40,
)
takers = st.lists(
    st.builds(
        Taker,
        id=st.integers(1, 12),
        name=st.just("老师"),
        load=st.integers(0, 7),
        limit=st.integers(0, 6),
        checked=st.booleans(),
        key_load=st.integers(0, 3),
        sex=st.sampled_from(["", "1", "2"]),
        village=st.sampled_from(["", "上坪村"]),
        teaches=st.frozensets(st.integers(1, 4), max_size=2),
        leads=st.frozensets(st.integers(1, 4), max_size=1),
        external=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda t: t.id,
)
rules = st.builds(Rules, key_most=st.integers(0, 3), not_homeroom=st.booleans())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pupils, takers, rules)
def test_no_rule_is_ever_broken(children, mentors, rule) -> None:
    proposals = suggest(children, mentors, rule)
    assert Counter(p.pupil.id for p in proposals) == Counter({child.id: 1 for child in children})
    given_to: dict[int, list[Pupil]] = {}
    for proposal in proposals:
        assert proposal.reasons if proposal.taker else proposal.cautions
        if proposal.taker:
            given_to.setdefault(proposal.taker.id, []).append(proposal.pupil)
    for mentor in mentors:
        got = given_to.get(mentor.id, [])
        assert not got or mentor.checked
        assert not got or mentor.load + len(got) <= mentor.limit
        keys = sum(child.key for child in got)
        assert not keys or mentor.key_load + keys <= rule.key_most
        assert not rule.not_homeroom or all(child.class_id not in mentor.leads for child in got)
        assert not mentor.external or all(child.family_agrees for child in got)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pupils, takers, rules, st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_proposal(children, mentors, rule, random) -> None:
    shuffled = list(mentors)
    random.shuffle(shuffled)
    assert suggest(children, mentors, rule) == suggest(children, shuffled, rule)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pupils, takers, rules)
def test_nobody_stays_open_while_somebody_could_take_the_child(children, mentors, rule) -> None:
    proposals = suggest(children, mentors, rule)
    load = Counter({m.id: m.load for m in mentors})
    keys = Counter({m.id: m.key_load for m in mentors})
    for proposal in proposals:
        if proposal.taker:
            load[proposal.taker.id] += 1
            keys[proposal.taker.id] += proposal.pupil.key
    for proposal in proposals:
        child = proposal.pupil
        if proposal.taker is None:
            assert not any(
                m.checked
                and load[m.id] < m.limit
                and (not child.key or keys[m.id] < rule.key_most)
                and not (rule.not_homeroom and child.class_id in m.leads)
                and (child.family_agrees or not m.external)
                for m in mentors
            )


def test_the_load_is_balanced() -> None:
    got = Counter(chosen(suggest([pupil(n) for n in range(9)], [taker(1), taker(2), taker(3)], Rules())).values())
    assert got == {1: 3, 2: 3, 3: 3}


def test_a_teacher_of_the_class_and_a_neighbour_come_first() -> None:
    mentors = [taker(1), taker(2, teaches=frozenset({1})), taker(3, village="上坪村")]
    here, away = suggest([pupil(1), pupil(2, class_id=9, village="上坪村")], mentors, Rules())
    assert (here.taker.id, away.taker.id) == (2, 3)
    assert "教三（1）班" in here.reasons
    assert "同在上坪村" in away.reasons


def test_brothers_and_sisters_stay_together() -> None:
    mentors = [taker(1, load=4), taker(2, load=3), taker(3, load=3)]
    both = suggest([pupil(1, household=1), pupil(2, household=1), pupil(3)], mentors, Rules())
    assert chosen(both)[1] == chosen(both)[2] == 2
    assert "与兄弟姐妹学生1同一位代理家长" in both[1].reasons


def test_brothers_and_sisters_who_cannot_stay_together_are_named() -> None:
    split = suggest([pupil(1, household=1), pupil(2, household=1)], [taker(1, load=4), taker(2, load=4)], Rules())
    assert set(chosen(split).values()) == {1, 2}
    assert any("学生1" in caution for caution in split[1].cautions)


def test_the_mentor_of_a_brother_is_preferred() -> None:
    mentors = [taker(1), taker(2, load=3)]
    (found,) = suggest([pupil(1, sibling_mentors=((2, "学生九"),))], mentors, Rules())
    assert found.taker.id == 2
    assert found.reasons[0] == "与兄弟姐妹学生九同一位代理家长"


def test_an_older_girl_is_with_a_woman_and_a_man_is_pointed_out() -> None:
    mentors = [taker(1, sex="1", teaches=frozenset({1})), taker(2, sex="2", load=3)]
    girl = pupil(1, sex="2", grade=5, age=11)
    (found,) = suggest([girl], mentors, Rules())
    assert found.taker.id == 2
    assert "高年级女生由女老师带" in found.reasons
    (left,) = suggest([girl], mentors[:1], Rules())
    assert left.taker.id == 1
    assert "没有女老师" in left.cautions[0]
    (changed,) = suggest([pupil(1, sex="2", grade=5, age=11, former=(1,))], mentors, Rules())
    assert changed.taker.id == 2
    (young,) = suggest([pupil(1, sex="2", grade=2, age=7)], mentors, Rules())
    assert young.taker.id == 1
    assert not young.cautions


def test_the_mentor_of_last_year_goes_on() -> None:
    (found,) = suggest([pupil(1, former=(3, 2))], [taker(1), taker(2), taker(3, load=2)], Rules())
    assert found.taker.id == 3
    assert "上一任就是这位老师" in found.reasons


@pytest.mark.parametrize(
    "mentor,why",
    [
        (taker(1, checked=False), "从业查询"),
        (taker(1, load=5), "空位"),
        (taker(1, key_load=2), "带满 2 名重点学生"),
        (taker(1, external=True), "监护人同意"),
    ],
)
def test_who_cannot_be_placed_is_told_why(mentor, why) -> None:
    (found,) = suggest([pupil(1, key=True)], [mentor], Rules())
    assert found.taker is None
    assert why in found.cautions[0]


def test_two_thousand_children_in_a_moment() -> None:
    children = [
        pupil(n, class_id=n % 48, grade=n % 6 + 1, sex=str(n % 2 + 1), key=n % 9 == 0, village=f"{n % 20}村")
        for n in range(2000)
    ]
    mentors = [
        taker(n, limit=16, sex=str(n % 2 + 1), teaches=frozenset({n % 48, (n + 7) % 48}), village=f"{n % 20}村")
        for n in range(130)
    ]
    started = time.perf_counter()
    proposals = suggest(children, mentors, Rules(key_most=3))
    assert time.perf_counter() - started < 5
    assert sum(p.taker is not None for p in proposals) == 2000

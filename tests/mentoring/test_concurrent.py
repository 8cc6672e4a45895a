"""Two persons at once: no child ever has two 代理家长, whatever they press."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.models import Child
from mentoring.assigning import pair_several
from mentoring.models import Pairing, PairingPlan, PlanState
from mentoring.planning import make_plan, publish_plan
from tests.support.factories import make_class, make_left_behind, make_mentor, make_staff

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 11, 23)


def all_at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Run the acts in threads of their own that start together; what each came to: done or refused."""
    gate, came = threading.Barrier(len(acts)), []

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            with change_by(None, f"thread {number}"):
                gate.wait()
                try:
                    act()
                    came.append("done")
                except (ValidationError, DatabaseError):
                    came.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def acting_of_each() -> Counter[int]:
    return Counter(Pairing.objects.open().acting_parents().values_list("child", flat=True))


@pytest.fixture
def world():
    school_class = make_class()
    children = [make_left_behind(f"学生{n}", school_class) for n in range(4)]
    mentors = [make_mentor(make_staff(Role.TEACHER, school_class, f"老师{n}")) for n in range(4)]
    return school_class, children, mentors, make_staff(Role.PRINCIPAL, school_class.school, "覃校长")


def test_confirmed_by_four_at_once_one_wins_with_all_its_children(world) -> None:
    _, children, mentors, principal = world
    came = all_at_once(
        [
            lambda mentor=mentor: pair_several(children=children, mentor=mentor, on=DAY, by=principal)
            for mentor in mentors
        ]
    )
    assert came.count("done") == 1
    assert acting_of_each() == Counter({child.pk: 1 for child in children})
    assert Pairing.objects.values("mentor").distinct().count() == 1


def test_published_twice_at_once_it_is_published_once(world) -> None:
    school_class, children, _, principal = world
    plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=principal)
    came = all_at_once([lambda: publish_plan(plan=plan, by=principal, on=DAY)] * 3)
    assert came.count("done") == 1
    assert acting_of_each() == Counter({child.pk: 1 for child in children})


def test_published_while_somebody_pairs_by_hand_it_is_all_or_none(world) -> None:
    school_class, children, mentors, principal = world
    plan = make_plan(school=school_class.school, children=Child.objects.all(), title="秋", starts_on=DAY, by=principal)
    came = all_at_once(
        [
            lambda: publish_plan(plan=plan, by=principal, on=DAY),
            lambda: pair_several(children=children[:1], mentor=mentors[0], on=DAY, by=principal),
        ]
    )
    assert "done" in came
    published = PairingPlan.objects.get(pk=plan.pk).state == PlanState.PUBLISHED
    assert acting_of_each() == Counter({child.pk: 1 for child in (children if published else children[:1])})

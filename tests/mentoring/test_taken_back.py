"""A leaving that is taken back opens again what it had ended, and nothing else."""

from datetime import date, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.corrections import correct
from children.models import Child, StatusChange
from children.services import leave_school
from mentoring.charging import charge
from mentoring.models import LeaderCharge, PeerPairing
from mentoring.peers import end_peers, pair_peers
from tests.support.factories import make_child, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
WEEK_AGO, LONG_AGO = TODAY - timedelta(days=7), TODAY - timedelta(days=60)


@pytest.fixture
def two(school_class) -> list[Child]:
    return [make_child(name, school_class) for name in ("李小兰", "龙小川")]


def paired(two: list[Child], kind: str, on: date = LONG_AGO) -> PeerPairing:
    return pair_peers(child=two[0], peer=two[1], kind=kind, on=on, today=TODAY)


def gone_and_back(child: Child, on: date) -> None:
    with change_by(None, "转出"):
        leave_school(child=child, on=on, kind="out_transfer", by=None)
    with change_by(None, "误登"):
        correct(change=StatusChange.objects.filter(child=child).latest("pk"), reason="误登", on=TODAY, by=None)


def open_pairs() -> set[str]:
    return set(PeerPairing.objects.filter(ends_on__isnull=True).values_list("kind", flat=True))


@pytest.mark.parametrize("who", [0, 1])
def test_each_kind_of_a_pair_comes_back(two, who) -> None:
    kinds = {"one_to_one", "study_helper"}
    for kind in kinds:
        paired(two, kind)
    gone_and_back(two[who], TODAY)
    assert open_pairs() == kinds


def test_a_pair_ended_by_hand_that_day_stays_ended(two) -> None:
    end_peers(pair=paired(two, "one_to_one"), on=TODAY, effect="考试及格了")
    gone_and_back(two[0], TODAY)
    assert open_pairs() == set()


def test_what_began_after_the_day_of_leaving_comes_back(school_class, two) -> None:
    leader = make_staff(Role.LEADER, school_class.school)
    paired(two, "one_to_one", TODAY - timedelta(days=2))
    charge(chosen={two[0]: leader}, on=TODAY - timedelta(days=2), today=TODAY, by=None)
    gone_and_back(two[0], WEEK_AGO)
    assert open_pairs() == {"one_to_one"}
    assert LeaderCharge.objects.open().filter(child=two[0], leader=leader).exists()


def test_of_two_charges_the_one_that_was_running_comes_back(school_class, two) -> None:
    first, second = (make_staff(Role.LEADER, school_class.school, name) for name in ("冉校长", "潘主任"))
    for leader, on in ((first, LONG_AGO), (second, TODAY)):
        charge(chosen={two[0]: leader}, on=on, today=TODAY, by=None)
    gone_and_back(two[0], TODAY - timedelta(days=1))
    assert list(LeaderCharge.objects.open().values_list("leader", flat=True)) == [second.pk]


def test_leavings_of_before_are_marked(two) -> None:
    by_hand = end_peers(pair=paired(two, "one_to_one"), on=TODAY, effect="")
    by_leaving = paired(two, "study_helper")
    with change_by(None, "转出"):
        leave_school(child=two[1], on=TODAY, kind="out_transfer", by=None)
    # As it was before there was a mark, in the changes in which it was written.
    QuerySet(PeerPairing).update(ended_by_leaving=False, version=F("version") + 1)
    fill = import_module("mentoring.migrations.0011_fill_ended_by_leaving").fill
    fill(apps, SimpleNamespace(connection=connection))
    marked = dict(PeerPairing.objects.values_list("pk", "ended_by_leaving"))
    assert marked == {by_hand.pk: False, by_leaving.pk: True}

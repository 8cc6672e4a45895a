"""A pairing made by mistake today is taken back wholly, unless something stands on it already."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp
from caretrack.access.policy import Role
from children.models import SafetyPledge
from mentoring.handover import change_mentor, mentor_leaves
from mentoring.models import Agreement, Pairing, PairingPlan, PlannedPairing
from tests.support.factories import (
    make_left_behind,
    make_pairing,
    make_record,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def lead(school_class, client):
    lead = make_staff(Role.CARE_LEAD, school_class.school, "杨主任")
    client.force_login(lead)
    return lead


@pytest.fixture
def undo(client, lead):
    def undo(pairing: Pairing) -> str:
        address = reverse("mentoring:pairing_change_drop", args=[pairing.pk])
        return client.post(address, follow=True).content.decode()

    return undo


@pytest.mark.parametrize("day", [TODAY, TOMORROW])
def test_the_child_is_on_the_board_again_and_its_line_of_a_plan_is_free(client, child, two, lead, undo, day) -> None:
    wrong = make_pairing(child, two[0], day)
    plan = PairingPlan.objects.create(school=child.school, title="秋季", starts_on=day, made_by=lead)
    line = PlannedPairing.objects.create(plan=plan, child=child, mentor=two[0], pairing=wrong)
    assert "配错了，撤销" in client.get(reverse("mentoring:mentor_show", args=[two[0].pk])).content.decode()
    page = undo(wrong)
    assert "已撤销石老师与李小兰的结对" in page
    board = client.get(reverse("mentoring:board")).content.decode()
    assert "李小兰" in board
    assert not Pairing.objects.exists()
    line.refresh_from_db()
    assert line.pairing is None


def test_the_list_offers_it_for_what_began_today_only(client, school_class, two, lead) -> None:
    make_pairing(make_left_behind("龙小川", school_class), two[0], TODAY - timedelta(days=1))
    address = reverse("mentoring:pairing_list")
    assert "配错了，撤销" not in client.get(address).content.decode()
    make_pairing(make_left_behind("韦小禾", school_class), two[0], TODAY)
    assert client.get(address).content.decode().count("配错了，撤销") == 1


def test_even_if_it_was_ended_today_meanwhile(child, two, undo) -> None:
    wrong = make_pairing(child, two[0], TODAY)
    wrong.ends_on, wrong.end_reason = TODAY, Pairing.EndReason.OTHER
    wrong.save()
    undo(wrong)
    assert not Pairing.objects.exists()


def test_a_change_of_today_gives_the_child_and_the_follow_ups_back(child, two, lead, undo) -> None:
    former = make_pairing(child, two[0])
    moved = FollowUp.objects.create(child=child, what="家访", due_on=TOMORROW, owner=two[0].staff)
    own = FollowUp.objects.create(child=child, what="谈话", due_on=TOMORROW, owner=two[1].staff)
    wrong = change_mentor(pairing=former, mentor=two[1], on=TODAY, today=TODAY, by=lead)
    moved.refresh_from_db()
    assert moved.owner == two[1].staff
    assert "仍由石老师带" in undo(wrong)
    for row in (former, moved, own):
        row.refresh_from_db()
    assert (former.ends_on, former.end_reason) == (None, "")
    assert (moved.owner, own.owner) == (two[0].staff, two[1].staff)


def test_after_a_mentor_who_has_left_the_child_waits_for_another(child, two, lead, undo) -> None:
    former = make_pairing(child, two[0])
    mentor_leaves(mentor=two[0], on=TODAY, today=TODAY, by=lead, heirs={child.pk: two[1]})
    undo(Pairing.objects.get(mentor=two[1]))
    former.refresh_from_db()
    assert former.end_reason == Pairing.EndReason.MENTOR_LEFT
    assert not Pairing.objects.open().exists()


@pytest.mark.parametrize("what", ["record", "agreement", "pledge", "yesterday", "followed"])
def test_what_stands_on_it_keeps_it(child, two, lead, undo, what) -> None:
    start = TODAY - timedelta(days=1) if what == "yesterday" else TODAY
    wrong = make_pairing(child, two[0], start)
    if what == "record":
        make_record(child, two[0].staff, TODAY)
    elif what == "agreement":
        Agreement.objects.create(child=child, pairing=wrong, kind="pairing", mentor_signed_on=TODAY)
    elif what == "pledge":
        term = child.school.terms.get()
        SafetyPledge.objects.create(child=child, term=term, party="mentor", signed_by="石老师", signed_on=TODAY)
    elif what == "followed":
        change_mentor(pairing=wrong, mentor=two[1], on=TOMORROW, today=TODAY, by=lead)
    said = {
        "record": "已经写了李小兰的记录",
        "agreement": "改回未签",
        "pledge": "改回未签",
        "yesterday": "今天以前就生效",
        "followed": "先撤销那次更换",
    }
    assert said[what] in undo(wrong)
    assert Pairing.objects.filter(pk=wrong.pk).exists()

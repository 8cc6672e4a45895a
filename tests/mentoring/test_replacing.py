"""Who took whose place is written down, never guessed from days; and a mentor with nothing to settle can leave."""

from datetime import date, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.models import Child
from mentoring import handover
from mentoring.handover import change_mentor, hand_over_due_items, mentor_leaves, take_back_pairing
from mentoring.models import Mentor, Pairing, PairingPlan, PairingRole, PlannedPairing
from mentoring.queries import followers
from mentoring.services import end_pairing, pair
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def three(school_class) -> list[Mentor]:
    other = make_class(school_class.school, grade=6)
    return [make_mentor(make_staff(Role.TEACHER, other, name)) for name in ("石老师", "韦老师", "覃老师")]


def end_by_hand(pairing: Pairing, on: date, by) -> Pairing:
    return end_pairing(pairing=pairing, on=on, reason=Pairing.EndReason.OTHER, by=by, note="家长要求")


def leave(mentor: Mentor, by, heirs=None, on: date = TODAY, **more):
    return mentor_leaves(mentor=mentor, on=on, today=TODAY, by=by, heirs=heirs or {}, **more)


class TestWhoReplacesWhom:
    def test_one_paired_the_day_after_an_end_by_hand_is_no_change(self, client, child, three, lead) -> None:
        ended = end_by_hand(make_pairing(child, three[0]), TODAY, lead)
        fresh = make_pairing(child, three[1], TOMORROW)
        client.force_login(lead)
        for mentor in three[:2]:
            page = client.get(reverse("mentoring:mentor_show", args=[mentor.pk])).content.decode()
            assert "李小兰" in page
            assert "撤销更换" not in page
        assert take_back_pairing(pairing=fresh, today=TODAY, by=lead) is None
        ended.refresh_from_db()
        assert (ended.ends_on, ended.end_note) == (TODAY, "家长要求")

    def test_of_two_helpers_the_one_that_was_replaced_comes_back(self, child, three, lead) -> None:
        helper = {"child": child, "by": lead, "role": PairingRole.HELPER, "on": TODAY - timedelta(days=30)}
        first, second = (pair(mentor=mentor, **helper) for mentor in three[:2])
        planned = change_mentor(pairing=first, mentor=three[2], on=TOMORROW, today=TODAY, by=lead)
        second = end_by_hand(second, TODAY, lead)
        assert take_back_pairing(pairing=planned, today=TODAY, by=lead) == first
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.ends_on, second.ends_on) == (None, TODAY)

    def test_a_change_is_written_once(self, child, three, lead) -> None:
        former = make_pairing(child, three[0])
        made = change_mentor(pairing=former, mentor=three[1], on=TOMORROW, today=TODAY, by=lead)
        assert (made.version, made.items_from, made.replaces) == (1, three[0].staff, former)
        former.refresh_from_db()
        assert followers([former]) == {former.pk: made}

    def test_what_was_changed_before_is_filled_in(self, school_class, three, lead) -> None:
        done, planned, by_hand = (make_left_behind(name, school_class) for name in ("李小兰", "龙小川", "韦小禾"))
        with change_by(lead, "更换"):
            first = change_mentor(pairing=make_pairing(done, three[0]), mentor=three[1], on=TODAY, today=TODAY, by=lead)
        with change_by(lead, "更换"):
            second = change_mentor(
                pairing=make_pairing(planned, three[0]), mentor=three[1], on=TOMORROW, today=TODAY, by=lead
            )
        with change_by(lead, "结束"):
            end_by_hand(make_pairing(by_hand, three[0]), TODAY, lead)
        with change_by(lead, "结对"):
            third = make_pairing(by_hand, three[1], TOMORROW)
        told = {row.pk: row.replaces_id for row in (first, second, third)}
        QuerySet(Pairing).update(replaces=None, version=F("version") + 1)  # leaves the changes as they are
        fill = import_module("mentoring.migrations.0009_fill_replaces").fill
        fill(apps, SimpleNamespace(connection=connection))
        filled = dict(Pairing.objects.filter(pk__in=told).values_list("pk", "replaces"))
        assert filled == told
        assert (told[first.pk], told[third.pk]) == (first.replaces_id, None)


class TestTwoSweeps:
    def test_what_another_worker_gives_meanwhile_is_passed_over(self, school_class, three, lead, monkeypatch) -> None:
        names = ("李小兰", "龙小川")
        for child in [make_left_behind(name, school_class) for name in names]:
            change_mentor(pairing=make_pairing(child, three[0]), mentor=three[1], on=TOMORROW, today=TODAY, by=lead)
        monkeypatch.setattr(handover, "_carried", {})

        def other_worker_was_here(child: Child, old, new, by) -> int:
            Pairing.objects.exclude(child=child).update(items_from=None)
            return 1

        handover.register("meanwhile", lambda children, owner: [], other_worker_was_here)
        assert hand_over_due_items(TOMORROW) == 1
        assert not Pairing.objects.filter(items_from__isnull=False).exists()


class TestLeaving:
    def test_with_a_pairing_that_ended_today(self, child, three, lead) -> None:
        ended = end_by_hand(make_pairing(child, three[0]), TODAY, lead)
        assert leave(three[0], lead).orphaned == ()
        ended.refresh_from_db()
        assert (ended.ends_on, ended.end_note) == (TODAY, "家长要求")

    def test_dated_before_a_change_already_in_effect(self, child, three, lead) -> None:
        former = make_pairing(child, three[0])
        change_mentor(pairing=former, mentor=three[1], on=TODAY, today=TODAY, by=lead)
        leave(three[0], lead, on=TODAY - timedelta(days=7))
        three[0].refresh_from_db()
        former.refresh_from_db()
        assert (three[0].ended_on, former.ends_on) == (TODAY - timedelta(days=7), YESTERDAY)

    @pytest.mark.parametrize("with_heir", [True, False])
    def test_what_was_to_begin_later_begins_with_the_heir_or_not_at_all(self, child, three, lead, with_heir) -> None:
        coming = make_pairing(child, three[0], TOMORROW)
        plan = PairingPlan.objects.create(school=child.school, title="秋季", starts_on=TOMORROW, made_by=lead)
        line = PlannedPairing.objects.create(plan=plan, child=child, mentor=three[0], pairing=coming)
        left = leave(three[0], lead, {child.pk: three[1] if with_heir else None})
        assert [(p.mentor, p.starts_on) for p in left.moved] == ([(three[1], TOMORROW)] if with_heir else [])
        assert left.orphaned == (() if with_heir else (child,))
        assert Pairing.objects.filter(child=child).count() == with_heir
        line.refresh_from_db()
        assert line.pairing is None

    def test_who_was_to_stop_later_stops_now(self, child, three, lead) -> None:
        ending = end_by_hand(make_pairing(child, three[0]), TODAY + timedelta(days=9), lead)
        FollowUp.objects.create(child=child, what="家访", due_on=TOMORROW, owner=three[0].staff)
        with pytest.raises(ValidationError, match="跟进事项"):
            leave(three[0], lead)
        assert leave(three[0], lead, keeper=lead).orphaned == (child,)
        ending.refresh_from_db()
        assert (ending.ends_on, ending.end_note) == (YESTERDAY, "家长要求")
        assert FollowUp.objects.get().owner == lead

    def test_a_helper_leaves_without_heir(self, child, three, lead) -> None:
        pair(child=child, mentor=three[0], on=TODAY - timedelta(days=9), by=lead, role=PairingRole.HELPER)
        assert leave(three[0], lead).orphaned == ()
        assert not Pairing.objects.open().exists()

    def test_on_the_page(self, client, child, three, lead) -> None:
        make_pairing(child, three[0], TOMORROW)
        client.force_login(lead)
        told = {"on": TODAY.isoformat(), "note": "退休", f"heir_{child.pk}": three[1].pk}
        page = client.post(reverse("mentoring:mentor_leave", args=[three[0].pk]), told, follow=True).content.decode()
        assert "1 名学生交给了新的代理家长" in page

    def test_the_end_of_a_coming_pairing_is_proposed_on_its_first_day(self, client, child, three, lead) -> None:
        coming = make_pairing(child, three[0], TOMORROW)
        client.force_login(lead)
        address = reverse("mentoring:pairing_end", args=[coming.pk])
        assert client.get(address).context["form"]["on"].value() == TOMORROW

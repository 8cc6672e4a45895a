"""同伴结对: the class teacher pairs, looks at the effect, prints the card; who leaves ends it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.leaving import end_what_is_open
from mentoring.models import PeerCheck, PeerPairing
from mentoring.peers import pair_peers
from tests.support.factories import make_child, make_class, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school_class():
    return make_class()


@pytest.fixture
def two(school_class):
    return [make_child(name, school_class) for name in ("李小兰", "龙小川")]


def test_paired_checked_printed_and_ended_by_the_class_teacher(client, school_class, two) -> None:
    child, peer = two
    today = timezone.localdate()
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    told = {"child": child.pk, "peer": peer.pk, "kind": "hand_in_hand", "starts_on": today.isoformat()}
    assert client.post(reverse("mentoring:peer_add"), told | {"peer": child.pk}).status_code == 422
    assert client.post(reverse("mentoring:peer_add"), told).status_code == 302
    twice = client.post(reverse("mentoring:peer_add"), told)
    assert "已经这样结对" in twice.content.decode()
    pair = PeerPairing.objects.get()
    look = reverse("mentoring:peer_check", args=[pair.pk])
    seen = {"on": today.isoformat(), "effect": "better", "note": "作业按时交了"}
    assert client.post(look, seen | {"on": (today + timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post(look, seen).status_code == 302
    assert PeerCheck.objects.get().get_effect_display() == "有进步"
    assert "作业按时交了" in client.get(reverse("mentoring:peer_list")).content.decode()
    card = text_of(client.get(reverse("mentoring:peer_cards")).content)
    assert all(words in card for words in ("手拉手好朋友结对卡", "李小兰", "龙小川", "四（1）班", "班主任"))
    ended = client.post(reverse("mentoring:peer_end", args=[pair.pk]), {"on": today.isoformat(), "effect": "很好"})
    assert ended.status_code == 302
    client.get(reverse("mentoring:board"))  # takes the message along
    assert "李小兰" not in client.get(reverse("mentoring:peer_list")).content.decode()


def test_another_class_is_out_of_reach(client, school_class, two) -> None:
    pair = pair_peers(child=two[0], peer=two[1], kind="one_to_one", on=timezone.localdate(), today=timezone.localdate())
    client.force_login(make_staff(Role.HOMEROOM, make_class(school_class.school, grade=5)))
    assert client.get(reverse("mentoring:peer_check", args=[pair.pk])).status_code == 404
    assert "李小兰" not in client.get(reverse("mentoring:peer_list")).content.decode()


@pytest.mark.parametrize("who", [0, 1])
def test_who_leaves_school_ends_the_pair_on_both_sides(two, who) -> None:
    today = timezone.localdate()
    pair_peers(child=two[0], peer=two[1], kind="one_to_one", on=today, today=today)
    end_what_is_open(child=two[who], on=today, by=None)
    assert not PeerPairing.objects.filter(ends_on__isnull=True).exists()

"""Letters both ways: that, when and for what; the reply, to whom; never what stands in them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import BoxOpening, CareRecord
from caretrack.access.policy import Role
from tests.support.factories import make_class, make_left_behind, make_record, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher():
    return make_staff(Role.HOMEROOM, make_class(), "罗老师")


@pytest.fixture
def letter(teacher):
    child = make_left_behind("李小兰", teacher.posts()[0].school_class)
    sent = timezone.localdate() - timedelta(days=3)
    return make_record(
        child, teacher, sent, "letter", content="信里的话", with_whom="爸爸",
        detail={"direction": "寄出", "occasion": "传统节日"},
    )  # fmt: skip


def test_what_stands_in_a_letter_is_nowhere(client, letter, teacher) -> None:
    client.force_login(teacher)
    assert letter.content == ""
    assert "信里的话" not in client.get(reverse("activities:letter_list")).content.decode()


def test_a_letter_waits_until_its_reply_comes(client, letter, teacher) -> None:
    client.force_login(teacher)
    page = reverse("activities:letter_list")
    assert "1 封信还没有回信" in client.get(page).content.decode()
    assert "李小兰" in client.get(page, {"state": "waiting"}).content.decode()
    reply = reverse("activities:letter_reply", args=[letter.pk])
    early = (letter.on - timedelta(days=1)).isoformat()
    client.post(reply, {"on": early})
    assert "reply_on" not in CareRecord.objects.get().detail
    client.post(reply)
    assert CareRecord.objects.get().detail["reply_on"] == timezone.localdate().isoformat()
    assert "还没有回信" not in client.get(page).content.decode().split("care-rows")[0].split("<form")[0]


def test_passing_on_is_added_up(client, letter, teacher) -> None:
    client.force_login(teacher)
    for to in ("代理家长石老师", "妈妈"):
        client.post(reverse("activities:letter_forward", args=[letter.pk]), {"to": to})
    told = CareRecord.objects.get().detail["forwarded"]
    assert "代理家长石老师" in told
    assert "妈妈" in told


def test_the_filter_and_the_paper_tell_the_same(client, letter, teacher) -> None:
    client.force_login(teacher)
    assert "李小兰" not in client.get(reverse("activities:letter_list"), {"direction": "收到"}).content.decode()
    assert client.get(reverse("activities:letter_print")).content.startswith(b"%PDF")


def test_a_box_is_emptied_with_a_number_and_a_witness(client, teacher) -> None:
    client.force_login(teacher)
    today = timezone.localdate()
    told = {"box": "heart", "on": today.isoformat(), "letters": "3", "witness": "石老师", "passed_on": "按封面转交"}
    assert client.post(reverse("activities:box_empty"), told).status_code == 302
    assert BoxOpening.objects.get().letters == 3
    assert "悄悄话信箱 3 封" in client.get(reverse("activities:letter_list")).content.decode()
    ahead = told | {"on": (today + timedelta(days=1)).isoformat()}
    assert client.post(reverse("activities:box_empty"), ahead).status_code == 422

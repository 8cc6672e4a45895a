"""同伴结对: the class teacher pairs, looks at the effect, prints the card; who leaves ends it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.leaving import end_what_is_open
from children.models import Child
from mentoring import timeline
from mentoring.models import PeerCheck, PeerPairing
from mentoring.peers import check_peers, end_peers, pair_peers
from tests.support.factories import make_child, make_class, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(school_class):
    return [make_child(name, school_class) for name in ("李小兰", "龙小川")]


def test_paired_checked_printed_and_ended_by_the_class_teacher(client, school_class, two) -> None:
    child, peer = two
    today = timezone.localdate()
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    told = {"kind": "hand_in_hand", "starts_on": today.isoformat()}
    address = f"{reverse('mentoring:peer_add')}?child={child.pk}&peer={peer.pk}"
    assert client.post(address, told | {"starts_on": (today + timedelta(days=1)).isoformat()}).status_code == 422
    assert client.post(address, told).status_code == 302
    twice = client.post(address, told)
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


def test_more_pairs_than_one_print_holds_are_not_cut_without_a_word(client, school_class, two, monkeypatch) -> None:
    child, peer = two
    today = timezone.localdate()
    pair_peers(child=child, peer=peer, kind="one_to_one", on=today, today=today)
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    cards = reverse("mentoring:peer_cards")
    monkeypatch.setattr("mentoring.views.peers.CARDS", 1)
    assert client.get(cards)["Content-Type"] == "application/pdf"
    monkeypatch.setattr("mentoring.views.peers.CARDS", 0)
    assert "一次最多打印 0 对结对卡" in client.get(cards, follow=True).content.decode()


def test_both_are_looked_for_by_class_and_name(client, school_class, two) -> None:
    child, peer = two
    older = make_child("张浩然", make_class(school_class.school, grade=6))
    pair_peers(child=child, peer=peer, kind="one_to_one", on=timezone.localdate(), today=timezone.localdate())
    for grade in (1, 2):
        make_child(f"{grade}年级的", make_class(school_class.school, grade=grade))
    client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
    address = reverse("mentoring:peer_add")
    assert "请先选择班级" in client.get(address).content.decode()
    found = client.get(address, {"q": "李小"}).content.decode()
    assert f"?child={child.pk}" in found
    assert f"?child={peer.pk}" not in found
    second = client.get(address, {"child": child.pk}).content.decode()
    assert "龙小川 已结对" in second
    assert "张浩然" not in second
    third = client.get(address, {"child": child.pk, "q": "张浩然"}).content.decode()
    assert f"?child={child.pk}&amp;peer={older.pk}" in third
    assert "张浩然和李小兰结对" in client.get(address, {"child": child.pk, "peer": older.pk}).content.decode()
    assert "再选和李小兰结对的同学" in client.get(address, {"child": child.pk, "peer": child.pk}).content.decode()


def test_the_timeline_tells_pairing_checks_and_the_end(school_class, two) -> None:
    today = timezone.localdate()
    teacher = make_staff(Role.HOMEROOM, school_class)
    begun = today - timedelta(days=40)
    pair = pair_peers(child=two[0], peer=two[1], kind="study_helper", on=begun, today=today)
    check_peers(pair=pair, on=today - timedelta(days=3), effect="better", note="口算快了", today=today, by=teacher)
    end_peers(pair=pair, on=today, effect="考试及格了")

    def told(first):
        return [(i.on, i.title, i.details) for i in timeline.peers([two[0]], first, today, teacher)]

    check = (today - timedelta(days=3), "检查同伴结对：学习小老师", (("效果", "有进步"), ("具体情况", "口算快了")))
    end = (today, "结束同伴结对：学习小老师", (("效果", "考试及格了"),))
    assert told(today - timedelta(days=10)) == [check, end]
    assert told(begun) == [(begun, "同伴结对：学习小老师", ()), check, end]


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


@pytest.mark.parametrize("role, offered", [(Role.HOMEROOM, False), (Role.CARE_LEAD, True)])
def test_older_pupils_are_spoken_of_only_to_who_can_choose_them(client, school_class, two, role, offered) -> None:
    make_child("张浩然", make_class(school_class.school, grade=6))
    client.force_login(make_staff(role, school_class))
    page = client.get(reverse("mentoring:peer_add"), {"child": two[0].pk}).content.decode()
    assert "李小兰，四（1）班。" in page
    assert ("也可以是同校的哥哥姐姐" in page) == offered


def test_a_pair_across_classes_is_seen_by_both_class_teachers(client, school_class, two) -> None:
    today, other = timezone.localdate(), make_class(school_class.school, grade=6)
    older = make_child("张浩然", other)
    pair = pair_peers(child=two[0], peer=older, kind="one_to_one", on=today, today=today)
    dossiers = {child: reverse("children:child_show", args=[child.pk]) for child in (two[0], older)}
    for place, mine, theirs in ((school_class, two[0], older), (other, older, two[0])):
        client.force_login(make_staff(Role.HOMEROOM, place))
        shown = client.get(reverse("mentoring:peer_list"), {"school_class": place.pk}).content.decode()
        assert "李小兰" in shown
        assert "张浩然" in shown
        assert dossiers[mine] in shown
        assert dossiers[theirs] not in shown
        assert client.get(reverse("mentoring:peer_check", args=[pair.pk])).status_code == 200
    client.force_login(make_staff(Role.HOMEROOM, make_class(school_class.school, grade=5)))
    assert "张浩然" not in client.get(reverse("mentoring:peer_list")).content.decode()


class TestPupilOfAnotherClass:
    """A class teacher names the pupil of a class that stays out of sight; name and class is all that is told."""

    @pytest.fixture
    def older(self, school_class):
        return make_child("张浩然", make_class(school_class.school, grade=6), address="石山村三组")

    @pytest.fixture
    def page(self, client, school_class, two):
        client.force_login(make_staff(Role.HOMEROOM, school_class))
        return client

    def name(self, page, child, of, words):
        address = f"{reverse('mentoring:peer_add')}?child={child.pk}"
        return page.post(address, {"of": of, "name": words})

    def test_named_in_full_and_paired(self, page, two, older):
        child = two[0]
        found = self.name(page, child, older.school_class_id, " 张浩然 ")
        assert found.status_code == 302
        shown = page.get(found.url).content.decode()
        assert "张浩然（六（1）班）帮助李小兰" in shown
        assert "石山村" not in shown
        told = {"kind": "study_helper", "starts_on": timezone.localdate().isoformat()}
        assert page.post(found.url, told).status_code == 302
        assert PeerPairing.objects.get().peer == older
        listed = page.get(reverse("mentoring:peer_list")).content.decode()
        assert "张浩然" in listed
        assert reverse("children:child_show", args=[older.pk]) not in listed

    def test_a_wrong_name_is_told_and_stays(self, page, two, older):
        answer = self.name(page, two[0], older.school_class_id, "张浩")
        assert answer.status_code == 422
        shown = answer.content.decode()
        assert "这个班没有叫“张浩”的在校学生" in shown
        assert 'value="张浩"' in shown

    def test_the_number_of_a_pupil_out_of_sight_opens_nothing(self, page, two, older):
        here = reverse("mentoring:peer_add")
        assert page.get(here, {"child": two[0].pk, "peer": older.pk}).status_code == 404
        assert page.get(here, {"child": two[0].pk, "named": older.pk}).status_code == 404

    def test_a_key_serves_its_maker_its_child_and_this_school_only(self, page, client, school_class, two, older):
        key = self.name(page, two[0], older.school_class_id, "张浩然").url.rsplit("named=")[1]
        here = reverse("mentoring:peer_add")
        assert page.get(f"{here}?child={two[1].pk}&named={key}").status_code == 404
        Child.objects.filter(pk=older.pk).update(school=make_class(grade=6).school)
        assert page.get(f"{here}?child={two[0].pk}&named={key}").status_code == 404
        Child.objects.filter(pk=older.pk).update(school=school_class.school)
        assert page.get(f"{here}?child={two[0].pk}&named={key}").status_code == 200
        client.force_login(make_staff(Role.HOMEROOM, school_class, "覃老师"))
        assert client.get(f"{here}?child={two[0].pk}&named={key}").status_code == 404

    def test_only_classes_of_the_school_are_offered(self, page, two, older):
        elsewhere = make_child("莫小雨", make_class(grade=6))
        assert self.name(page, two[0], elsewhere.school_class_id, "莫小雨").status_code == 422

    def test_who_sees_every_class_is_asked_for_no_names(self, client, school_class, two, older):
        client.force_login(make_staff(Role.CARE_LEAD, school_class.school))
        shown = client.get(reverse("mentoring:peer_add"), {"child": two[0].pk}).content.decode()
        assert "别的班的同学" not in shown

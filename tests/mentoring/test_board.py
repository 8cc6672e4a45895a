"""结对工作台: who waits and why, one or many or as proposed, nothing lost when it is refused."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp
from caretrack.access.policy import Role
from children.models import Child, SupportDecision, codes
from mentoring.models import Pairing
from mentoring.queries import unpaired
from mentoring.services import end_pairing
from mentoring.standing import key_without_mentor
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
)

pytestmark = pytest.mark.django_db
BOARD = "mentoring:board"


def page(client, **asked) -> str:
    return client.get(reverse(BOARD), asked).content.decode()


def press(client, *children, **told):
    told = {"children": [c.pk for c in children], "on": timezone.localdate().isoformat(), "use": "chosen"} | told
    return client.post(reverse("mentoring:board_pair"), told)


def key_child(name, school_class, reason="监护情况评估为差"):
    child = make_child(name, school_class, support_level=codes.SupportLevel.KEY)
    SupportDecision.objects.create(
        child=child, level=codes.SupportLevel.KEY, on=timezone.localdate(), reason=reason, decided_by=None
    )
    return child


def test_key_support_children_stand_first_with_the_reason(client, lead, school_class) -> None:
    make_left_behind("安小平", school_class)
    key_child("张浩然", school_class)
    client.force_login(lead)
    shown = page(client)
    assert shown.index("张浩然") < shown.index("安小平")
    assert "监护情况评估为差" in shown
    assert "父母都外出" in shown


def test_the_registrar_is_not_told_the_level_nor_its_reason(client, school_class) -> None:
    key_child("张浩然", school_class)
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    shown = page(client)
    assert "张浩然" in shown
    assert "监护情况评估为差" not in shown
    assert "重点和紧急" not in shown.replace("重点和紧急的在前", "")


def test_villages_are_counted_within_the_scope_asked_for(client, lead, school_class) -> None:
    make_left_behind("李小兰", school_class, village_group="石山村三组")
    make_child("王大明", school_class, village_group="石山村一组")
    client.force_login(lead)
    assert "石山村 1 人" in page(client)
    assert "石山村 2 人" in page(client, who="all")
    assert "石山村" not in page(client, who="key")


def test_the_registrar_gets_no_count_of_key_children(client, school_class) -> None:
    make_child("张浩然", school_class, support_level=codes.SupportLevel.KEY, village_group="石山村三组")
    make_left_behind("李小兰", school_class, village_group="石山村一组")
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    assert page(client, who="key").count("石山村 2 人") == page(client).count("石山村 2 人")


def test_the_mentors_carry_their_load_for_the_words_before_saving(client, lead, school_class, mentor) -> None:
    make_pairing(make_left_behind("李小兰", school_class), mentor)
    key_child("张浩然", school_class)
    client.force_login(lead)
    shown = page(client)
    assert re.search(r'data-name="石老师" data-load="1" data-limit="\d+" data-keys="0" data-key-limit="\d+"', shown)
    assert "data-care-take data-care-key" in shown


def test_a_child_leaves_the_board_when_it_is_assigned(client, lead, school_class, mentor) -> None:
    first, second, third = (make_left_behind(name, school_class) for name in ("李小兰", "龙小川", "韦小梅"))
    client.force_login(lead)
    assert press(client, first, second, mentor=mentor.pk).status_code == 302
    assert set(Pairing.objects.filter(mentor=mentor).values_list("child", flat=True)) == {first.pk, second.pk}
    shown = page(client)
    assert f'value="{third.pk}" data-care-take' in shown
    assert f'value="{first.pk}" data-care-take' not in shown


def shown_to(client) -> dict[str, str]:
    """The hidden fields of the page: which mentor stands beside which child."""
    return dict(re.findall(r'name="(proposed-\d+)" value="(\d+)"', page(client)))


class TestAsProposed:
    """Two children, a teacher of their class with one seat, another teacher: who is ticked alone gets the one shown."""

    @pytest.fixture
    def own(self, school_class):
        own = make_mentor(make_staff(Role.TEACHER, school_class, "覃老师"))
        own.soft_limit = 1
        own.save()
        return own

    @pytest.fixture
    def children(self, school_class):
        return [make_left_behind(name, school_class) for name in ("李小兰", "龙小川")]

    def test_who_is_ticked_alone_gets_the_mentor_that_was_shown(self, client, lead, own, mentor, children) -> None:
        client.force_login(lead)
        shown = shown_to(client)
        assert set(shown.values()) == {str(own.pk), str(mentor.pk)}
        second = next(c for c in children if shown[f"proposed-{c.pk}"] == str(mentor.pk))
        assert press(client, second, use="suggested", **shown).status_code == 302
        assert Pairing.objects.get().mentor == mentor

    def test_a_child_shown_without_mentor_is_named_and_nobody_is_paired(self, client, lead, own, children) -> None:
        client.force_login(lead)
        shown = shown_to(client)
        assert len(shown) == 1
        without = next(c for c in children if f"proposed-{c.pk}" not in shown)
        answer = press(client, *children, use="suggested", **shown)
        assert answer.status_code == 422
        assert f"{without.name}没有可用的推荐" in answer.content.decode()
        assert not Pairing.objects.exists()

    def test_a_mentor_who_was_filled_meanwhile_is_refused(self, client, lead, own, children, school_class) -> None:
        client.force_login(lead)
        shown = shown_to(client)
        make_pairing(make_left_behind("韦小梅", school_class), own)
        ticked = [c for c in children if f"proposed-{c.pk}" in shown]
        answer = press(client, *ticked, use="suggested", **shown)
        assert answer.status_code == 422
        assert "覃老师现在不能再按推荐接这些学生" in answer.content.decode()
        assert Pairing.objects.count() == 1

    def test_a_mentor_of_another_school_cannot_be_sent_along(self, client, lead, own, children) -> None:
        client.force_login(lead)
        stranger = make_mentor(school=make_class().school)
        sent = {f"proposed-{children[0].pk}": stranger.pk}
        assert press(client, children[0], use="suggested", **sent).status_code == 422
        assert not Pairing.objects.exists()


def test_nothing_ticked_or_no_mentor_is_said_and_the_ticks_stay(client, lead, school_class, mentor) -> None:
    child = make_left_behind("李小兰", school_class)
    client.force_login(lead)
    assert "请先勾选学生" in press(client, mentor=mentor.pk).content.decode()
    answer = press(client, child)
    assert answer.status_code == 422
    assert "请选择代理家长" in answer.content.decode()
    assert f'value="{child.pk}" data-care-take checked' in answer.content.decode()
    assert f'method="get" action="{reverse("mentoring:board")}"' in answer.content.decode(), (
        "the filter leads to the board"
    )


def test_a_mentor_without_check_is_refused(client, lead, school_class, mentor) -> None:
    mentor.background_checked_on = timezone.localdate() - timedelta(days=366)
    mentor.save()
    child = make_left_behind("李小兰", school_class)
    client.force_login(lead)
    answer = press(client, child, mentor=mentor.pk)
    assert answer.status_code == 422
    assert "没有最近12个月内的从业查询" in answer.content.decode()
    assert not Pairing.objects.exists()


def test_more_than_advised_is_done_and_said(client, lead, school_class, mentor) -> None:
    mentor.soft_limit = 1
    mentor.save()
    children = [make_left_behind(name, school_class) for name in ("李小兰", "龙小川")]
    client.force_login(lead)
    press(client, *children, mentor=mentor.pk)
    assert "石老师带 2 人，超过建议的 1 人" in page(client)


def test_more_key_children_than_the_school_allows_are_done_and_said(client, lead, school_class, mentor) -> None:
    school_class.school.mentor_key_limit = 1
    school_class.school.save()
    children = [key_child(name, school_class) for name in ("李小兰", "龙小川")]
    client.force_login(lead)
    press(client, children[0], mentor=mentor.pk)
    shown = page(client)
    assert "石老师（已带 1 人，其中重点 1 人，建议不超过 5 人）——重点学生已满" in shown
    assert "超过学校定的" not in shown
    press(client, children[1], mentor=mentor.pk)
    assert "石老师带重点学生 2 人，超过学校定的 1 人" in page(client)


def test_village_class_and_level_narrow_the_list(client, lead, school_class) -> None:
    make_left_behind("李小兰", school_class, address="云禾县青榕镇上坪村三组")
    make_left_behind("龙小川", make_class(school_class.school, grade=5), address="云禾县青榕镇石门村一组")
    key_child("张浩然", school_class)
    client.force_login(lead)
    assert "龙小川" not in page(client, village="上坪村")
    assert "李小兰" not in page(client, school_class=make_class(school_class.school, grade=5).pk)
    only_key = page(client, who="key")
    assert "张浩然" in only_key
    assert "李小兰" not in only_key


def test_the_former_mentor_and_the_reason_of_the_end_are_shown(client, lead, school_class, mentor) -> None:
    child = make_left_behind("李小兰", school_class)
    end_pairing(pairing=make_pairing(child, mentor), on=timezone.localdate(), reason="mentor_left", by=lead)
    Pairing.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    client.force_login(lead)
    assert "石老师（教师调离）" in page(client)


def test_a_mentor_without_a_post_who_has_children_is_named(client, lead, school_class, mentor) -> None:
    make_pairing(make_left_behind("李小兰", school_class), mentor)
    client.force_login(lead)
    assert "已经离岗" not in page(client)
    mentor.staff.appointments.update(ends_on=timezone.localdate() - timedelta(days=1))
    shown = page(client)
    assert "石老师在学校已没有岗位" in shown
    other = make_left_behind("龙小川", school_class)
    assert "石老师（已带" not in shown
    assert press(client, other, mentor=mentor.pk).status_code == 422


@pytest.mark.parametrize("way", ["post ended", "account closed"])
def test_a_child_whose_mentor_is_gone_waits_on_the_board_and_is_given_another(
    client, lead, school_class, mentor, way
) -> None:
    child = make_left_behind("李小兰", school_class, support_level=codes.SupportLevel.KEY)
    former = make_pairing(child, mentor)
    items = FollowUp.objects.create(child=child, what="给奶奶打电话", due_on=timezone.localdate(), owner=mentor.staff)
    client.force_login(lead)
    assert f'value="{child.pk}" data-care-take' not in page(client)
    if way == "account closed":
        mentor.staff.is_active = False
        mentor.staff.save()
    else:
        mentor.staff.appointments.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert list(unpaired(Child.objects.all(), timezone.localdate())) == [child]
    assert list(key_without_mentor(Child.objects.all(), timezone.localdate())) == [child]
    shown = page(client)
    assert f'value="{child.pk}" data-care-take' in shown
    assert "石老师（已离岗）" in shown
    new = make_mentor(make_staff(Role.TEACHER, make_class(school_class.school, grade=6), "韦老师"))
    assert press(client, child, mentor=new.pk).status_code == 302
    former.refresh_from_db()
    items.refresh_from_db()
    assert (former.end_reason, Pairing.objects.open().get().mentor, items.owner) == ("mentor_left", new, new.staff)


def test_the_list_of_pairings_names_who_is_gone_and_finds_their_children(client, lead, school_class, mentor) -> None:
    make_pairing(make_left_behind("李小兰", school_class), mentor)
    mentor.staff.appointments.update(ends_on=timezone.localdate() - timedelta(days=1))
    client.force_login(lead)
    shown = client.get(reverse("mentoring:pairing_list"), {"mentor": mentor.pk}).content.decode()
    assert "李小兰" in shown
    assert "已离岗" in shown


def test_a_colleague_without_a_post_in_the_program_is_a_mentor_like_others(client, lead, school_class) -> None:
    warden = make_mentor(make_staff(None, school_class.school, "甘老师"), school=school_class.school)
    child = make_left_behind("李小兰", school_class)
    client.force_login(lead)
    assert press(client, child, mentor=warden.pk).status_code == 302
    assert "甘老师在学校已没有岗位" not in page(client)


def test_the_class_teacher_looks_and_arranges_nothing(client, school_class, mentor) -> None:
    child = make_left_behind("李小兰", school_class)
    make_left_behind("外班孩子", make_class(school_class.school, grade=5))
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    shown = page(client)
    assert "李小兰" in shown
    assert "外班孩子" not in shown
    assert "安排给这位老师" not in shown
    assert press(client, child, mentor=mentor.pk).status_code == 403


def test_a_child_of_another_school_cannot_be_ticked(client, lead, mentor) -> None:
    stranger = make_left_behind("别校孩子", make_class())
    client.force_login(lead)
    assert press(client, stranger, mentor=mentor.pk).status_code == 422
    assert not Pairing.objects.exists()


@pytest.mark.parametrize("rows", [1, 12])
def test_the_board_stays_flat(client, lead, school_class, rows, django_assert_max_num_queries) -> None:
    for number in range(rows):
        person = make_staff(Role.TEACHER, school_class, f"老师{number}")
        appoint(person, Role.COUNSELLOR, school_class.school)
        make_pairing(make_left_behind(f"学生{number}", school_class), make_mentor(person))
        key_child(f"候补{number}", school_class)
    client.force_login(lead)
    page(client)
    with django_assert_max_num_queries(36):
        page(client)

"""From an empty cell of the matrix a pupil joins a group in one page."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from activities.groups import in_no_group
from activities.models import GroupMember, InterestGroup
from activities.programmes import adopt
from caretrack.access.policy import Role
from children.models import Child
from tests.support.factories import TERM_START, make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def choir(child, lead):
    """A group that the care lead leads."""
    start = timezone.localdate() - timedelta(days=20)
    return InterestGroup.objects.create(
        school=child.school, name="合唱队", leader=lead, starts_on=start, schedule="周二下午", seats=2
    )


def at(child) -> str:
    return reverse("activities:group_join", args=[child.pk])


def test_the_cell_of_the_matrix_leads_there_and_back(client, child, homeroom, choir):
    adopt("ten_ones", child.school, TERM_START, None)
    client.force_login(homeroom)
    matrix = client.get(reverse("activities:duty_matrix")).content.decode()
    assert f"{at(child)}?next=" in matrix
    shown = client.get(at(child)).content.decode()
    assert "合唱队（周二下午，0/2 人）" in shown
    answer = client.post(f"{at(child)}?next=/records/groups/", {"group": choir.pk})
    assert answer.url == "/records/groups/"
    assert not in_no_group(Child.objects.filter(pk=child.pk), timezone.localdate()).exists()


def test_a_full_group_and_one_joined_already_are_refused(client, child, homeroom, choir):
    for name in ("龙小川", "韦小梅"):
        mate = make_left_behind(name, child.school_class)
        GroupMember.objects.create(group=choir, child=mate, starts_on=choir.starts_on)
    client.force_login(homeroom)
    refused = client.post(at(child), {"group": choir.pk})
    assert refused.status_code == 422
    assert "还剩 0 个" in refused.content.decode()
    assert client.post(at(mate), {"group": choir.pk}).status_code == 422
    assert GroupMember.objects.count() == 2


def test_a_teacher_of_the_class_adds_to_the_groups_that_are_the_teachers_own(client, child, choir):
    teacher = make_staff(Role.TEACHER, child.school_class, "苏老师")
    own = InterestGroup.objects.create(school=child.school, name="书法组", leader=teacher, starts_on=choir.starts_on)
    client.force_login(teacher)
    shown = client.get(at(child)).content.decode()
    assert "书法组" in shown
    assert "合唱队" not in shown
    assert client.post(at(child), {"group": choir.pk}).status_code == 422
    assert client.post(at(child), {"group": own.pk}).status_code == 302


def test_a_mentor_is_told_whom_to_ask(client, child, choir):
    mentor = make_mentor(make_staff(name="石老师"), child.school)
    make_pairing(child, mentor)
    client.force_login(mentor.staff)
    assert "小组名单由班主任和小组的负责教师增减" in client.get(at(child)).content.decode()
    assert client.post(at(child), {"group": choir.pk}).status_code == 422


def test_who_is_in_no_group_joins_from_the_list(client, child, homeroom, choir):
    client.force_login(homeroom)
    shown = client.get(reverse("activities:group_missing")).content.decode()
    assert f"{at(child)}?next=/records/groups/without/" in shown


@pytest.mark.parametrize("groups", [1, 12])
def test_many_groups_cost_no_more_statements(client, child, homeroom, lead, groups, django_assert_max_num_queries):
    for number in range(groups):
        InterestGroup.objects.create(
            school=child.school, name=f"小组{number}", leader=lead, starts_on=timezone.localdate()
        )
    client.force_login(homeroom)
    with django_assert_max_num_queries(16):
        client.get(at(child))


TICKED = re.compile(r'name="children" value="(\d+)"[^>]* checked')
MANY, WITHOUT = reverse_lazy("activities:group_join_many"), reverse_lazy("activities:group_missing")


def inside(group) -> set[str]:
    return set(GroupMember.objects.filter(group=group).values_list("child__name", flat=True))


def test_several_ticked_pupils_join_at_once(client, child, homeroom, choir):
    mate = make_left_behind("龙小川", child.school_class)
    client.force_login(homeroom)
    shown = client.get(WITHOUT).content.decode()
    assert f'name="children" value="{mate.pk}"' in shown
    assert "合唱队（周二下午，0/2 人）" in shown
    answer = client.post(f"{MANY}?next={WITHOUT}", {"group": choir.pk, "children": [child.pk, mate.pk]})
    assert answer.url == WITHOUT
    assert inside(choir) == {child.name, "龙小川"}
    assert "2 名学生已加入“合唱队”" in client.get(WITHOUT).content.decode()


def test_more_pupils_than_seats_are_all_left_out_and_told(client, child, homeroom, choir):
    mates = [make_left_behind(name, child.school_class) for name in ("龙小川", "韦小梅")]
    client.force_login(homeroom)
    client.post(MANY, {"group": choir.pk, "children": [child.pk, *(mate.pk for mate in mates)]})
    assert inside(choir) == set()
    assert "还剩 2 个，放不下 3 人" in client.get(WITHOUT).content.decode()


def test_a_refused_join_keeps_the_ticks_the_group_and_the_place_in_the_list(client, child, homeroom, choir):
    mates = [make_left_behind(name, child.school_class) for name in ("龙小川", "韦小梅", "石小禾")]
    listed = f"{WITHOUT}?school_class={child.school_class_id}"
    client.force_login(homeroom)
    three = [child.pk, mates[0].pk, mates[1].pk]
    sent = {"group": choir.pk, "children": three}
    back = client.post(f"{MANY}?{urlencode({'next': listed})}", sent, follow=True)
    page = back.content.decode()
    assert set(TICKED.findall(page)) == {str(pk) for pk in three}
    assert f'<option value="{choir.pk}" selected>' in page
    assert {row[0].pk for row in back.context["rows"]} == {*three, mates[2].pk}
    assert back.context["here"] == listed
    again = client.post(f"{MANY}?{urlencode({'next': listed})}", sent | {"children": three[:2]}, follow=True)
    assert TICKED.findall(again.content.decode()) == []


def test_ticks_and_a_group_are_asked_for(client, child, homeroom, choir):
    client.force_login(homeroom)
    client.post(MANY, {})
    told = client.get(WITHOUT).content.decode()
    assert "请先勾选学生。" in told
    assert "请选一个小组。" in told


def test_a_pupil_seen_as_mentor_only_is_left_to_its_own_class_teacher(client, child, homeroom, choir):
    other = make_left_behind("龙小川", make_class(child.school, grade=2))
    make_pairing(other, make_mentor(homeroom, child.school))
    client.force_login(homeroom)
    client.post(MANY, {"group": choir.pk, "children": [child.pk, other.pk]})
    assert inside(choir) == {child.name}
    told = client.get(WITHOUT).content.decode()
    assert "1 名学生已加入" in told
    assert "1 名学生没有加入" in told


def test_who_may_put_nobody_into_a_group_has_nothing_to_tick(client, child, choir):
    mentor = make_mentor(make_staff(name="石老师"), child.school)
    make_pairing(child, mentor)
    client.force_login(mentor.staff)
    shown = client.get(WITHOUT).content.decode()
    assert child.name in shown
    assert 'name="children"' not in shown
    assert client.post(MANY, {"group": choir.pk, "children": [child.pk]}).status_code == 403


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_of_those_in_no_group_stays_flat(client, homeroom, lead, child, many, django_assert_max_num_queries):
    for number in range(many):
        make_left_behind(f"李小{number}", child.school_class)
        InterestGroup.objects.create(
            school=child.school, name=f"小组{number}", leader=lead, starts_on=timezone.localdate()
        )
    client.force_login(homeroom)
    with django_assert_max_num_queries(16):
        client.get(WITHOUT)

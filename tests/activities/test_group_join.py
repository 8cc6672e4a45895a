"""From an empty cell of the matrix a pupil joins a group in one page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.groups import in_no_group
from activities.models import GroupMember, InterestGroup
from activities.programmes import adopt
from caretrack.access.policy import Role
from children.models import Child
from tests.support.factories import TERM_START, make_left_behind, make_mentor, make_pairing, make_staff

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

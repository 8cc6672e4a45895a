"""A group that has ended can still be found, keeps the members of its last day, and its end can be taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities import groups
from activities.models import GroupMember, InterestGroup
from children.models import Child
from tests.support.factories import make_left_behind
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
BEFORE = TODAY - timedelta(days=30)


@pytest.fixture
def group(school_class, lead):
    """Ended two days ago with two members; a third had left before."""
    made = InterestGroup.objects.create(
        school=school_class.school, leader=lead, name="合唱组", kind="interest", starts_on=BEFORE
    )
    for name in ("李小兰", "王小明", "早已退出"):
        child = make_left_behind(name, school_class)
        groups.join(made, Child.objects.filter(pk=child.pk), on=BEFORE)
    groups.leave(GroupMember.objects.get(child__name="早已退出"), on=TODAY - timedelta(days=9))
    groups.close(made, on=TODAY - timedelta(days=2))
    return made


def test_it_is_listed_among_the_ended_with_the_members_of_its_last_day(client, lead, group):
    client.force_login(lead)
    address = reverse("activities:group_list")
    assert "合唱组" not in client.get(address).content.decode()
    ended = client.get(address, {"state": "ended"})
    assert [row.members_now for row in ended.context["rows"]] == [2]
    shown = client.get(reverse("activities:group_show", args=[group.pk])).content.decode()
    assert "李小兰" in shown
    assert "早已退出" not in shown
    paper = text_of(client.get(reverse("activities:group_print"), {"state": "ended"}).content)
    assert "王小明" in paper
    assert "早已退出" not in paper


def test_nobody_is_offered_to_change_the_members_of_an_ended_group(client, homeroom, group):
    client.force_login(homeroom)
    shown = client.get(reverse("activities:group_show", args=[group.pk])).content.decode()
    assert "增减" not in shown
    assert "撤销结束" not in shown
    assert client.post(reverse("activities:group_reopen", args=[group.pk])).status_code == 403


def test_the_end_is_taken_back_for_who_was_in_to_the_last_day_and_is_at_school(client, lead, group):
    Child.objects.filter(name="王小明").update(school_class=None)
    client.force_login(lead)
    answer = client.post(reverse("activities:group_reopen", args=[group.pk]), follow=True)
    assert "继续活动，成员 1 人" in answer.content.decode()
    assert list(GroupMember.objects.open().values_list("child__name", flat=True)) == ["李小兰"]
    assert client.get(reverse("activities:group_reopen", args=[group.pk])).status_code == 404


def test_a_group_of_the_same_name_that_runs_stands_in_the_way(client, lead, group):
    InterestGroup.objects.create(school=group.school, leader=lead, name=group.name, starts_on=TODAY)
    client.force_login(lead)
    answer = client.post(reverse("activities:group_reopen", args=[group.pk]))
    assert answer.status_code == 422
    assert "已有同名的小组" in answer.content.decode()
    group.refresh_from_db()
    assert group.ends_on is not None


def test_a_second_press_is_told_that_the_group_runs(group):
    stale = InterestGroup.objects.get(pk=group.pk)
    groups.reopen(group)
    with pytest.raises(ValidationError, match="没有结束"):
        groups.reopen(stale)


def test_an_end_pressed_twice_stays_the_first(group):
    groups.reopen(group)
    first, second = (InterestGroup.objects.get(pk=group.pk) for _ in range(2))
    groups.close(first, on=BEFORE)
    with pytest.raises(ValidationError, match="结束"):
        groups.close(second, on=TODAY)
    group.refresh_from_db()
    assert group.ends_on == BEFORE

"""Lists over several classes: the leader learns names and classes, class teachers enter their own pupils."""

from datetime import timedelta

import pytest
from django.urls import reverse

from activities.gatherings import invite
from activities.models import Activity, GroupMember, InterestGroup, Meeting
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.activities.test_gatherings import TODAY, activity
from tests.support.factories import make_class, make_left_behind, make_staff
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(school_class):
    return make_class(school_class.school, grade=5)


@pytest.fixture
def elsewhere(other) -> Child:
    return make_left_behind("王大明", other)


@pytest.fixture
def other_teacher(other) -> Staff:
    return make_staff(Role.HOMEROOM, other, name="莫老师")


@pytest.fixture
def show(school_class, homeroom) -> Activity:
    """A show for the whole school that the teacher of one class leads."""
    return Activity.objects.create(
        school=school_class.school, kind="show", name="文艺演出", on=TODAY, leader=homeroom
    )  # fmt: skip


def group_of(school_class, leader, *members) -> InterestGroup:
    group = InterestGroup.objects.create(
        school=school_class.school, name="合唱组", leader=leader, starts_on=TODAY - timedelta(days=9)
    )
    for child in members:
        GroupMember.objects.create(group=group, child=child, starts_on=group.starts_on)
    return group


def test_a_leader_calls_everybody_on_the_list_and_opens_no_dossier_of_another_class(
    client, homeroom, child, elsewhere, show
):
    invite(show, Child.objects.all(), today=TODAY)
    client.force_login(homeroom)
    page = client.get(reverse("activities:event_show", args=[show.pk])).content.decode()
    assert "王大明" in page
    dossier = "children:child_show"
    assert reverse(dossier, args=[child.pk]) in page
    assert reverse(dossier, args=[elsewhere.pk]) not in page
    assert client.get(reverse(dossier, args=[elsewhere.pk])).status_code == 404
    row = show.participants.get(child=elsewhere)
    client.post(
        reverse("activities:event_roll", args=[show.pk]),
        {f"{name}_{one.pk}": value for one in show.participants.all() for name, value in (("came", "on"), ("version", one.version))},
    )  # fmt: skip
    row.refresh_from_db()
    assert row.came
    for paper in ("event_sign_in", "event_print"):
        assert "王大明" in text_of(client.get(reverse(f"activities:{paper}", args=[show.pk])).content)


def test_a_leader_adds_a_pupil_of_another_class_by_full_name_and_class_only(client, homeroom, elsewhere, show, other):
    client.force_login(homeroom)
    url = reverse("activities:event_invite", args=[show.pk])
    assert "王大明" not in client.get(url + "?q=王").content.decode()
    wrong = client.post(url, {"of": other.pk, "name": "王大"})
    assert wrong.status_code == 422
    assert "这个班没有叫“王大”的在校学生" in wrong.content.decode()
    assert client.post(url, {"of": other.pk, "name": "王大明"}).status_code == 302
    assert list(show.participants.values_list("child", flat=True)) == [elsewhere.pk]
    assert "王大明" in client.get(url + "?q=王").content.decode(), "who is on the list can be taken off again"
    client.post(url, {"off": elsewhere.pk})
    assert not show.participants.exists()


def test_two_pupils_of_one_name_are_left_to_their_class_teacher(client, homeroom, elsewhere, show, other):
    make_left_behind("王大明", other)
    client.force_login(homeroom)
    url = reverse("activities:event_invite", args=[show.pk])
    assert client.post(url, {"of": other.pk, "name": "王大明"}).status_code == 422
    assert not show.participants.exists()


def test_a_class_teacher_enters_and_calls_own_pupils_of_a_list_that_somebody_else_leads(
    client, child, elsewhere, other_teacher, show
):
    invite(show, Child.objects.filter(pk=child.pk), today=TODAY)
    client.force_login(other_teacher)
    invite_url = reverse("activities:event_invite", args=[show.pk])
    client.post(invite_url, {"audience": "everybody", "classes": [elsewhere.school_class_id]})
    mine, theirs = (show.participants.get(child=one) for one in (elsewhere, child))
    roll = reverse("activities:event_roll", args=[show.pk])
    assert "李小兰" not in client.get(roll).content.decode()
    client.post(roll, {f"came_{row.pk}": "on" for row in (mine, theirs)} | {f"version_{mine.pk}": mine.version})
    for row in (mine, theirs):
        row.refresh_from_db()
    assert (mine.came, theirs.came, theirs.called) == (True, False, False)
    assert client.post(invite_url, {"off": child.pk}).status_code == 404
    assert client.post(invite_url, {"of": child.school_class_id, "name": "李小兰"}).status_code != 302
    assert client.get(reverse("activities:event_edit", args=[show.pk])).status_code == 404


def test_the_list_of_one_class_and_a_meeting_of_grown_ups_stay_with_whoever_made_them(
    client, lead, school_class, other_teacher
):
    client.force_login(other_teacher)
    of_class = activity(school_class, lead)
    of_class.school_class = school_class
    of_class.save()
    assert client.get(reverse("activities:event_roll", args=[of_class.pk])).status_code == 403
    for kind, status in (("joint", 403), ("carers", 200)):
        meeting = Meeting.objects.create(school=school_class.school, kind=kind, on=TODAY, keeper=lead)
        assert client.get(reverse("activities:meeting_roll", args=[meeting.pk])).status_code == status


def test_a_group_shows_its_leader_every_member_and_takes_pupils_from_each_class_teacher(
    client, homeroom, child, elsewhere, other_teacher, school_class
):
    group = group_of(school_class, homeroom, child)
    client.force_login(other_teacher)
    client.post(reverse("activities:group_members", args=[group.pk]), {"child": elsewhere.pk})
    assert set(group.members.values_list("child", flat=True)) == {child.pk, elsewhere.pk}
    member = group.members.get(child=child)
    assert client.post(reverse("activities:group_leave", args=[group.pk, member.pk])).status_code == 404
    page = client.get(reverse("activities:group_show", args=[group.pk])).content.decode()
    assert "李小兰" not in page
    client.force_login(homeroom)
    assert "王大明" in client.get(reverse("activities:group_show", args=[group.pk])).content.decode()
    roster = client.get(reverse("activities:group_print") + f"?group={group.pk}").content
    assert "王大明" in text_of(roster)

"""Children of a campaign given to somebody: those ticked, or each to its own 代理家长."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.campaigns import add_targets
from activities.models import Campaign, CampaignTarget
from caretrack.access.policy import Role
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def campaign(school_class, homeroom):
    for name in ("李小兰", "王小明", "张小红"):
        make_left_behind(name, school_class)
    campaign = Campaign.objects.create(
        school=school_class.school, kind="summer_visits", name="暑期大家访", record_kinds=["home_visit"],
        starts_on=TODAY - timedelta(days=10), ends_on=TODAY + timedelta(days=10),
    )  # fmt: skip
    add_targets(campaign, Child.objects.all(), on=TODAY)
    return campaign


def target(name):
    return CampaignTarget.objects.get(child__name=name)


def whose():
    return dict(CampaignTarget.objects.values_list("child__name", "assignee__name"))


def give(client, campaign, *names, to):
    sent = {"targets": [target(name).pk for name in names], "assignee": to}
    return client.post(reverse("activities:campaign_give", args=[campaign.pk]), sent, follow=True).content.decode()


def mentored(name, mentor_name, school):
    """Somebody who knows of the class only this one child."""
    elsewhere = make_class(school, number=school.classes.count() + 1)
    staff = make_staff(Role.TEACHER, elsewhere, name=mentor_name)
    make_pairing(Child.objects.get(name=name), make_mentor(staff=staff, school=school), on=TODAY)
    return staff


def test_one_child_goes_to_one_teacher(client, lead, campaign, school_class):
    colleague = mentored("李小兰", "黄老师", school_class.school)
    client.force_login(lead)
    page = client.get(reverse("activities:campaign_show", args=[campaign.pk])).content.decode()
    assert f'name="targets" value="{target("李小兰").pk}"' in page
    assert f'<option value="{colleague.pk}">黄老师</option>' in page
    assert "已安排 1 名学生" in give(client, campaign, "李小兰", to=colleague.pk)
    assert whose() == {"李小兰": "黄老师", "王小明": "韦老师", "张小红": "韦老师"}


def test_a_teacher_gets_no_child_that_this_teacher_does_not_see(client, lead, campaign, school_class):
    other = make_staff(Role.HOMEROOM, make_class(school_class.school, number=2), name="覃老师")
    client.force_login(lead)
    told = give(client, campaign, "李小兰", "王小明", to=other.pk)
    assert "李小兰、王小明没有变：覃老师看不到这名学生" in told
    assert set(whose().values()) == {"韦老师"}


def test_each_goes_to_its_own_mentor_and_the_rest_stay(client, lead, campaign, school_class):
    mentored("李小兰", "黄老师", school_class.school)
    mentored("王小明", "莫老师", school_class.school)
    client.force_login(lead)
    told = give(client, campaign, "李小兰", "王小明", "张小红", to="mentors")
    assert "已安排 2 名学生" in told
    assert "张小红没有变：没有在本校任职的代理家长" in told
    assert whose() == {"李小兰": "黄老师", "王小明": "莫老师", "张小红": "韦老师"}


def test_the_whole_list_by_mentor_without_ticking(client, lead, campaign, school_class):
    mentored("张小红", "黄老师", school_class.school)
    client.force_login(lead)
    client.post(reverse("activities:campaign_hand", args=[campaign.pk]), {"school_class": "all", "assignee": "mentors"})
    assert whose()["张小红"] == "黄老师"


def test_nothing_ticked_or_nobody_chosen_is_said(client, lead, campaign, homeroom):
    client.force_login(lead)
    assert "请先勾选学生。" in give(client, campaign, to=homeroom.pk)
    assert "请选择交给谁。" in give(client, campaign, "李小兰", to="")


def test_a_refused_hand_out_keeps_ticks_and_taker(client, lead, campaign, homeroom):
    client.force_login(lead)
    page = give(client, campaign, "李小兰", "张小红", to="")
    kept = re.findall(r'name="targets" value="(\d+)"[^>]* checked', page)
    assert set(kept) == {str(target(name).pk) for name in ("李小兰", "张小红")}
    assert f'<option value="{homeroom.pk}" selected>' in give(client, campaign, to=homeroom.pk)


def test_a_class_teacher_has_no_boxes(client, homeroom, campaign):
    client.force_login(homeroom)
    page = client.get(reverse("activities:campaign_show", args=[campaign.pk])).content.decode()
    assert 'name="targets"' not in page
    assert client.post(reverse("activities:campaign_give", args=[campaign.pk])).status_code == 403


def test_the_list_with_boxes_costs_the_same_for_one_and_for_twelve(client, lead, campaign, school_class):
    client.force_login(lead)
    counts = []
    for number in (0, 9):
        for n in range(number):
            make_left_behind(f"陆小{n}", school_class)
        add_targets(campaign, Child.objects.all(), on=TODAY)
        client.get(reverse("activities:campaign_show", args=[campaign.pk]))
        with CaptureQueriesContext(connection) as told:
            client.get(reverse("activities:campaign_show", args=[campaign.pk]))
        counts.append(len(told))
    assert counts[0] == counts[1]

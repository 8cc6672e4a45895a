"""Interest groups, campaigns, parents coming home, festivals and birthdays on their pages."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities import groups
from activities.birthdays import kept_days
from activities.campaigns import add_targets, excuse, note_homecoming, progress_of, waiting_for, whole
from activities.models import Activity, Campaign, GroupMember, Homecoming, InterestGroup
from caretrack.access.models import AccessEntry, Event
from caretrack.schools.calendar import calendar_of
from children.leaving import end_what_is_open
from children.left_behind import Definition, statuses
from children.models import Child
from children.timeline import timeline
from tests.support.factories import make_child, make_class, make_left_behind, make_record
from tests.support.paper import pages_of, text_of

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()


def group_of(school_class, leader, **kw):
    kw = {"starts_on": TODAY - timedelta(days=30), "name": "篮球组"} | kw
    return InterestGroup.objects.create(school=school_class.school, leader=leader, **kw)


def everybody(school_class):
    return Child.objects.filter(school_class=school_class)


def test_who_is_in_no_group_is_named(client, lead, school_class):
    inside, outside = make_left_behind("李小兰", school_class), make_child("王大明", school_class)
    groups.join(group_of(school_class, lead), Child.objects.filter(pk=inside.pk), on=TODAY)
    assert list(groups.in_no_group(everybody(school_class), TODAY)) == [outside]
    client.force_login(lead)
    page = client.get(reverse("activities:group_missing")).content.decode()
    assert "王大明" in page
    assert "李小兰" not in page


def test_a_class_teacher_is_told_who_takes_children_into_a_group(client, lead, homeroom, school_class):
    group = InterestGroup.objects.create(school=school_class.school, name="合唱组", leader=lead, starts_on=TODAY)
    address = reverse("activities:group_show", args=[group.pk])
    client.force_login(homeroom)
    assert "名单由负责教师潘主任增减" in client.get(address).content.decode()
    client.force_login(lead)
    assert "名单由负责教师" not in client.get(address).content.decode()


def test_a_care_group_prints_its_leader_its_duties_and_its_members(client, lead, homeroom, school_class):
    care = group_of(school_class, lead, name="心理疏导组", kind="care", duty="每周陪聊一次，组长收集困难。")
    group_of(school_class, lead, name="篮球组")
    elsewhere = make_class(school_class.school, grade=6)
    for name, at in (("李小兰", school_class), ("外班孩子", elsewhere)):
        groups.join(care, Child.objects.filter(pk=make_left_behind(name, at).pk), on=TODAY)
    client.force_login(lead)
    listed = client.get(reverse("activities:group_list"), {"kind": "care"}).content.decode()
    assert "心理疏导组" in listed
    assert "篮球组" not in listed
    whole = text_of(client.get(reverse("activities:group_print"), {"kind": "care"}).content)
    assert all(
        words in whole for words in ("心理疏导组名册", "潘主任", "每周陪聊一次", "李小兰", "外班孩子", "成员2人")
    )
    assert "篮球组" not in whole
    both = pages_of(client.get(reverse("activities:group_print")).content)
    assert len(both) == 2
    client.force_login(homeroom)
    own = text_of(client.get(reverse("activities:group_print"), {"group": care.pk}).content)
    assert "李小兰" in own
    assert "外班孩子" not in own
    assert "另有1名别的班的学生" in own


def test_a_full_group_takes_nobody_half(lead, school_class):
    for name in ("李小兰", "王大明", "陈小红"):
        make_child(name, school_class)
    group = group_of(school_class, lead, seats=2)
    with pytest.raises(ValidationError, match="还剩 2 个，放不下 3 人"):
        groups.join(group, everybody(school_class), on=TODAY)
    assert not GroupMember.objects.exists()


def test_the_left_behind_have_the_first_places_marked(lead, school_class):
    behind, other = make_left_behind("李小兰", school_class), make_child("王大明", school_class)
    groups.join(group_of(school_class, lead), everybody(school_class), on=TODAY)
    assert GroupMember.objects.get(child=behind).priority
    assert not GroupMember.objects.get(child=other).priority


def test_a_session_expects_the_members(client, lead, school_class):
    child = make_left_behind("李小兰", school_class)
    group = group_of(school_class, lead)
    groups.join(group, everybody(school_class), on=TODAY - timedelta(days=3))
    client.force_login(lead)
    client.post(
        reverse("activities:event_add"),
        {
            "school": school_class.school_id, "name": "篮球组活动", "kind": "group", "group": group.pk,
            "on": TODAY.isoformat(), "leader": lead.pk, "client_key": "5b8a7c1e-3a0e-4a7c-9a51-2f4e5d6c7b8a",
        },
    )  # fmt: skip
    assert list(Activity.objects.get().participants.values_list("child", flat=True)) == [child.pk]


def test_a_child_that_leaves_school_leaves_its_groups(lead, school_class):
    child = make_left_behind("李小兰", school_class)
    groups.join(group_of(school_class, lead), everybody(school_class), on=TODAY - timedelta(days=3))
    end_what_is_open(child=child, on=TODAY, by=lead)
    assert GroupMember.objects.get().ends_on == TODAY


def test_an_ended_group_no_longer_counts(lead, school_class):
    child = make_child("王大明", school_class)
    group = group_of(school_class, lead)
    groups.join(group, everybody(school_class), on=TODAY - timedelta(days=9))
    assert groups.close(group, on=TODAY - timedelta(days=1)) == 1
    assert list(groups.in_no_group(everybody(school_class), TODAY)) == [child]
    with pytest.raises(ValidationError, match="已于"):
        groups.close(group, on=TODAY)


def campaign_of(school_class, **kw):
    kw = {
        "kind": "summer_visits", "name": "暑期大家访", "record_kinds": ["home_visit"],
        "starts_on": TODAY - timedelta(days=10), "ends_on": TODAY + timedelta(days=10),
    } | kw  # fmt: skip
    return Campaign.objects.create(school=school_class.school, **kw)


def test_each_child_of_the_list_goes_to_its_class_teacher(lead, homeroom, school_class):
    make_left_behind("李小兰", school_class)
    campaign = campaign_of(school_class)
    assert add_targets(campaign, everybody(school_class), on=TODAY) == 1
    assert add_targets(campaign, everybody(school_class), on=TODAY) == 0
    assert campaign.targets.get().assignee == homeroom
    assert waiting_for(homeroom, TODAY) == [(campaign, 1)]


@pytest.mark.parametrize(
    "kind, days, reached, done",
    [
        ("home_visit", 0, True, 1),
        ("home_visit", -10, True, 1),
        ("home_visit", -11, True, 0),
        ("home_visit", 0, False, 0),
        ("talk", 0, True, 0),
    ],
)
def test_a_child_is_reached_by_the_right_record_in_the_days(lead, homeroom, school_class, kind, days, reached, done):
    child = make_left_behind("李小兰", school_class)
    campaign = campaign_of(school_class)
    add_targets(campaign, everybody(school_class), on=TODAY)
    make_record(child, homeroom, TODAY + timedelta(days=days), kind, reached=reached)
    assert whole(progress_of([campaign])[campaign.pk]).done == done
    assert waiting_for(homeroom, TODAY) == ([] if done else [(campaign, 1)])


def test_who_waits_is_told_campaign_by_campaign(lead, homeroom, school_class):
    for name in ("李小兰", "王大明"):
        make_left_behind(name, school_class)
    visits = campaign_of(school_class)
    calls = campaign_of(school_class, name="电话问候", record_kinds=["call"], ends_on=TODAY + timedelta(days=2))
    for campaign in (visits, calls):
        add_targets(campaign, everybody(school_class), on=TODAY)
    make_record(everybody(school_class).get(name="李小兰"), homeroom, TODAY, "home_visit")
    assert waiting_for(homeroom, TODAY) == [(calls, 2), (visits, 1)]
    excuse(calls.targets.get(child__name="王大明"), reason="暑假在父母处")
    assert waiting_for(homeroom, TODAY) == [(calls, 1), (visits, 1)]
    assert waiting_for(lead, TODAY) == []


def test_an_excused_child_is_owed_nothing(lead, homeroom, school_class):
    make_left_behind("李小兰", school_class)
    make_left_behind("王大明", school_class)
    campaign = campaign_of(school_class)
    add_targets(campaign, everybody(school_class), on=TODAY)
    excuse(campaign.targets.get(child__name="王大明"), reason="暑假在父母处")
    of = whole(progress_of([campaign])[campaign.pk])
    assert (of.total, of.owed, of.open) == (2, 1, 1)


def test_the_figures_of_a_campaign_speak_of_the_own_class_only(client, lead, homeroom, school_class):
    other = make_class(school_class.school, number=2)
    make_left_behind("李小兰", school_class)
    make_left_behind("王大明", other)
    campaign = campaign_of(school_class)
    for each in (school_class, other):
        add_targets(campaign, everybody(each), on=TODAY)
    for staff, total in ((lead, 2), (homeroom, 1)):
        client.force_login(staff)
        page = client.get(reverse("activities:campaign_show", args=[campaign.pk]))
        assert page.context["whole"].total == total
        assert ("王大明" in page.content.decode()) is (staff == lead)
        assert client.get(reverse("activities:campaign_print", args=[campaign.pk])).status_code == 200
        assert AccessEntry.objects.filter(event=Event.PRINT, staff_id=staff.pk).count() == total


def test_the_page_shows_who_waits_and_leads_to_the_form(client, lead, homeroom, school_class):
    child = make_left_behind("李小兰", school_class)
    campaign = campaign_of(school_class)
    add_targets(campaign, everybody(school_class), on=TODAY)
    client.force_login(homeroom)
    page = client.get(reverse("activities:campaign_show", args=[campaign.pk]) + "?state=open").content.decode()
    assert "李小兰" in page
    assert f"child={child.pk}&amp;kind=home_visit" in page
    make_record(child, homeroom, TODAY, "home_visit")
    page = client.get(reverse("activities:campaign_show", args=[campaign.pk]) + "?state=open").content.decode()
    assert "没有符合条件的内容" in page


def test_the_campaigns_cost_the_same_for_one_and_for_many(client, lead, homeroom, school_class):
    client.force_login(lead)
    counts = []
    for number in (1, 9):
        for n in range(number):
            make_left_behind(f"李{number}{n}", school_class)
            add_targets(campaign_of(school_class), everybody(school_class), on=TODAY)
        client.get(reverse("activities:campaign_list"))
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("activities:campaign_list")).status_code == 200
        with CaptureQueriesContext(connection) as one:
            client.get(reverse("activities:campaign_show", args=[Campaign.objects.latest("pk").pk]))
        counts.append((len(told), len(one)))
    assert counts[0] == counts[1]


def test_a_visit_home_is_told_and_leaves_the_child_left_behind(client, lead, homeroom, school_class):
    child = make_left_behind("李小兰", school_class)
    client.force_login(homeroom)
    url = reverse("activities:homecoming_add", args=[child.pk])
    answer = client.post(url, {"who": "father", "came_on": "2026-10-01", "left_on": "2026-10-07", "note": "国庆"})
    assert answer.status_code == 302
    (line,) = timeline([child], homeroom, last=TODAY, kinds={"homecoming"})
    assert (line.on, line.title) == (date(2026, 10, 1), "父亲回来")
    assert statuses(Child.objects.filter(pk=child.pk), TODAY)[child.pk].under(Definition.EDU)


def test_the_same_day_again_corrects_and_nobody_has_no_end(client, lead, homeroom, school_class):
    child = make_left_behind("李小兰", school_class)
    note_homecoming(child, who="father", came_on=TODAY, left_on=None, note="", by=homeroom)
    note_homecoming(child, who="both", came_on=TODAY, left_on=None, note="", by=homeroom)
    assert Homecoming.objects.get().who == "both"
    client.force_login(homeroom)
    url = reverse("activities:homecoming_add", args=[child.pk])
    day = TODAY.isoformat()
    answer = client.post(url, {"who": "nobody", "came_on": day, "left_on": day})
    assert answer.status_code == 422
    assert "父母都不回来时不用填结束日期" in answer.content.decode()


MANY = reverse("activities:homecoming_many")


def test_a_class_is_noted_on_one_page_with_the_days_on_top(client, homeroom, school_class):
    home, away, later, none = (
        make_left_behind(name, school_class) for name in ("李小兰", "罗小山", "王小云", "韦小明")
    )
    client.force_login(homeroom)
    page = client.get(MANY).content.decode()
    assert all(child.name in page for child in (home, away, later, none))
    given = {
        "came_on": "2026-02-10", "left_on": "2026-02-20", f"who_{home.pk}": "both", f"who_{away.pk}": "nobody",
        f"who_{later.pk}": "father", f"came_on_{later.pk}": "2026-02-15", f"note_{later.pk}": "请假晚到",
    }  # fmt: skip
    assert client.post(MANY, given).status_code == 302
    rows = Homecoming.objects.order_by("child__pk").values_list("child", "who", "came_on", "left_on", "noted_by")
    assert list(rows) == [
        (home.pk, "both", date(2026, 2, 10), date(2026, 2, 20), homeroom.pk),
        (away.pk, "nobody", date(2026, 2, 10), None, homeroom.pk),
        (later.pk, "father", date(2026, 2, 15), None, homeroom.pk),
    ]
    again = client.post(MANY, {"came_on": "2026-02-10", f"who_{home.pk}": "mother", f"note_{none.pk}": "问过"})
    assert again.status_code == 422
    refused = again.content.decode()
    assert "2月10日已经登记过" in refused
    assert "请选择团聚情况" in refused
    assert "问过" in refused
    assert Homecoming.objects.count() == 3
    assert Homecoming.objects.get(child=home).who == "both"


@pytest.mark.parametrize(
    "cells, words",
    [
        ({}, "还没有登记内容"),
        ({"who": "both"}, "请填写开始日期"),
        ({"who": "both", "came_on": "2026-02-10", "left_on": "2026-02-09"}, "结束日期不能早于开始日期"),
        ({"who": "nobody", "came_on": "2026-02-10", "left_on": "2026-02-12"}, "父母都不回来时不用填结束日期"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_nothing_is_written(client, homeroom, school_class, cells, words):
    child, other = (make_left_behind(name, school_class) for name in ("李小兰", "罗小山"))
    client.force_login(homeroom)
    sound = {f"who_{other.pk}": "both", f"came_on_{other.pk}": "2026-02-11"} if cells else {}
    answer = client.post(MANY, sound | {f"{name}_{child.pk}": value for name, value in cells.items()})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Homecoming.objects.exists()


def test_the_campaign_of_the_spring_festival_leads_to_its_children_by_class(client, lead, homeroom, school_class):
    child = make_child("王大明", school_class)
    other = make_left_behind("隔壁班同学", make_class(school_class.school, number=2))
    campaign = campaign_of(school_class, kind="spring_festival")
    add_targets(campaign, Child.objects.all(), on=TODAY)
    note_homecoming(child, who="father", came_on=TODAY, left_on=None, note="", by=homeroom)
    url = f"{MANY}?campaign={campaign.pk}"
    for staff, seen in ((lead, 2), (homeroom, 1)):
        client.force_login(staff)
        assert url in client.get(reverse("activities:campaign_show", args=[campaign.pk])).content.decode()
        assert len(client.get(url).context["groups"]) == seen
    page = client.get(url).content.decode()
    assert "已登记：父亲回来" in page
    assert other.name not in page
    assert client.get(f"{url}&school_class={other.school_class_id}").status_code == 404
    assert Homecoming.objects.count() == 1
    visits = campaign_of(school_class)
    add_targets(visits, Child.objects.all(), on=TODAY)
    assert MANY not in client.get(reverse("activities:campaign_show", args=[visits.pk])).content.decode()


def test_the_page_of_a_class_costs_the_same_for_one_and_for_twelve(client, homeroom, school_class):
    client.force_login(homeroom)
    counts = []
    for number in (1, 11):
        for n in range(number):
            child = make_left_behind(f"李{number}{n}", school_class)
            note_homecoming(child, who="both", came_on=TODAY, left_on=None, note="", by=homeroom)
        client.get(MANY)
        with CaptureQueriesContext(connection) as told:
            assert client.get(MANY).status_code == 200
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_birthdays_in_the_holidays_are_kept_before_and_twins_together(lead, school_class):
    saturday = date(2026, 11, 28)
    for name in ("李小兰", "李小红"):
        make_left_behind(name, school_class, birth_date=date(2016, 11, 28))
    (day,) = kept_days(everybody(school_class), calendar_of(school_class.school), date(2026, 11, 20), 60)
    assert (day.on, day.keep_on, day.together) == (saturday, date(2026, 11, 27), True)


def test_the_page_of_festivals_and_birthdays(client, lead, school_class):
    make_left_behind("李小兰", school_class, birth_date=TODAY.replace(year=2016))
    client.force_login(lead)
    page = client.get(reverse("activities:festive_days")).content.decode()
    assert "李小兰" in page
    assert "元旦" in page


def test_more_groups_than_one_print_holds_are_not_cut_without_a_word(client, lead, school_class, monkeypatch):
    monkeypatch.setattr("activities.views.groups.PRINTED_AT_MOST", 1)
    for name in ("合唱组", "象棋组"):
        group_of(school_class, lead, name=name, kind="interest")
    client.force_login(lead)
    answer = client.get(reverse("activities:group_print"), {"kind": "interest"}, follow=True)
    assert "一次最多打印 1 个小组的名册" in answer.content.decode()
    assert answer.request["QUERY_STRING"] == "kind=interest"


def test_what_is_begun_for_one_campaign_is_not_offered_under_another(client, lead, school_class):
    child = make_left_behind("李小兰", school_class)
    here, there = (campaign_of(school_class, name=name) for name in ("春节关爱", "暑期安全"))
    for campaign in (here, there):
        add_targets(campaign, everybody(school_class), on=TODAY)
    client.force_login(lead)
    query = f"?school_class={school_class.pk}&campaign="
    client.post(f"{MANY}{query}{here.pk}", {f"who_{child.pk}": "nobody", f"note_{child.pk}": "车票没买到"})
    assert "车票没买到" in client.get(f"{MANY}{query}{here.pk}").content.decode()
    assert "车票没买到" not in client.get(f"{MANY}{query}{there.pk}").content.decode()

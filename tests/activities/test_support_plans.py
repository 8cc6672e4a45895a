"""Plans of support: what each kind asks for, their reviews, and who reads the individual ones."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.groups import join
from activities.models import CareRecord, GroupMember, InterestGroup
from caretrack.access.policy import Role
from children.corrections import correct
from children.history_text import sentences
from children.leaving import end_what_is_open
from children.models import Child
from children.services import leave_school
from children.sight import sight_of
from children.timeline import timeline
from mentoring import support
from mentoring.models import PeerPairing, SupportPlan
from tests.support.factories import (  # fmt: skip
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
)
from tests.support.paper import pages_of, text_of

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()


def learning(child, by, **kw):
    kw = {"subject": "数学", "goals": "期末及格", "measures": "每周两次", "review_on": TODAY + timedelta(days=30)} | kw
    plan = SupportPlan(child=child, kind="learning", starts_on=TODAY - timedelta(days=10), **kw)
    return support.make(plan, by=by)


def individual(child, by, **kw):
    kw = {
        "criteria": "学习严重滑坡", "situation": "连续三周不交作业", "goals": "按时完成", "measures": "每日检查",
        "child_view": "想有人陪着写", "guardian_told_on": TODAY, "review_on": TODAY + timedelta(days=14),
    } | kw  # fmt: skip
    plan = SupportPlan(child=child, kind="individual", starts_on=TODAY - timedelta(days=10), **kw)
    return support.make(plan, by=by)


@pytest.mark.parametrize(
    "missing, told",
    [
        ("criteria", "请选择适用情形"),
        ("situation", "基本情况和主要问题"),
        ("child_view", "孩子自己怎么看"),
        ("guardian_told_on", "告知监护人的日期"),
        ("goals", "请写目标"),
    ],
)
def test_an_individual_plan_lacks_nothing_that_it_needs(child, homeroom, missing, told):
    empty = None if missing == "guardian_told_on" else ""
    with pytest.raises(ValidationError, match=told):
        individual(child, homeroom, **{missing: empty})


def test_a_guardian_not_told_needs_a_reason(child, homeroom):
    plan = individual(child, homeroom, guardian_told_on=None, guardian_note="父亲电话停机，正在联系")
    assert plan.pk


def test_a_plan_is_made_from_the_dossier_and_printed(client, child, homeroom):
    client.force_login(homeroom)
    dossier = client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    url = reverse("activities:support_add", args=[child.pk, "learning"])
    assert url in dossier
    given = {
        "subject": "数学",
        "goals": "期末及格",
        "measures": "每周两次",
        "starts_on": TODAY,
        "review_on": TODAY + timedelta(days=30),
    }
    refused = client.post(url, given | {"goals": ""})
    assert refused.status_code == 422
    assert "每周两次" in refused.content.decode()
    assert client.post(url, given).status_code == 302
    plan = SupportPlan.objects.get()
    assert (plan.made_by, plan.child) == (homeroom, child)
    pages = pages_of(client.get(reverse("activities:support_print", args=[plan.pk])).content)
    assert len(pages) == 1
    paper = pages[0]
    assert "学习帮扶计划" in paper
    assert "期末及格" in paper
    blank = text_of(client.get(reverse("activities:support_blank", args=["learning"])).content)
    assert "学习帮扶计划" in blank
    assert "李小兰" not in blank


def test_the_study_helper_of_the_child_stands_in_the_plan_and_on_paper(client, child, homeroom, school_class):
    url = reverse("activities:support_add", args=[child.pk, "learning"])
    client.force_login(homeroom)
    older, stranger = make_child("张浩然", school_class), make_child("别人", school_class)
    assert "张浩然" not in client.get(url).content.decode()
    PeerPairing.objects.create(child=child, peer=older, kind="study_helper", starts_on=TODAY)
    assert f'<option value="{older.pk}" selected>张浩然</option>' in client.get(url).content.decode()
    told = {
        "subject": "数学", "goals": "口算过关", "measures": "每天十题", "schedule": "周二",
        "starts_on": TODAY.isoformat(), "review_on": TODAY.isoformat(),
    }  # fmt: skip
    assert client.post(url, told | {"helper": stranger.pk}).status_code == 422
    assert client.post(url, told | {"helper": older.pk}).status_code == 302
    plan = SupportPlan.objects.get()
    assert "张浩然" in client.get(reverse("activities:support_show", args=[plan.pk])).content.decode()
    paper = text_of(client.get(reverse("activities:support_print", args=[plan.pk])).content)
    assert "学习小助手" in paper
    assert "张浩然" in paper
    PeerPairing.objects.update(ends_on=TODAY)
    assert "张浩然" in client.get(reverse("activities:support_edit", args=[plan.pk])).content.decode()


def test_tutoring_since_the_beginning_counts_to_the_plan(client, child, homeroom):
    plan = learning(child, homeroom)
    make_record(child, homeroom, plan.starts_on, "tutoring")
    make_record(child, homeroom, plan.starts_on - timedelta(days=1), "tutoring")
    make_record(child, homeroom, TODAY, "talk")
    client.force_login(homeroom)
    page = client.get(reverse("activities:support_list")).content.decode()
    assert "1 次" in page
    assert client.get(reverse("activities:support_show", args=[plan.pk])).content.decode().count("学习辅导") == 1
    assert CareRecord.objects.count() == 3


def test_a_review_sets_the_next_day_and_the_workbench_reminds(client, child, homeroom):
    plan = learning(child, homeroom, review_on=TODAY)
    client.force_login(homeroom)
    assert "帮扶计划该评估了" in client.get("/").content.decode()
    url = reverse("activities:support_review", args=[plan.pk])
    wrong = client.post(url, {"on": TODAY, "effect": "有进步", "review_on": TODAY})
    assert wrong.status_code == 422
    assert "要晚于这次评估日期" in wrong.content.decode()
    later = TODAY + timedelta(days=30)
    assert client.post(url, {"on": TODAY, "effect": "有进步", "review_on": later}).status_code == 302
    plan.refresh_from_db()
    assert plan.review_on == later
    assert "帮扶计划该评估了" not in client.get("/").content.decode()


def test_an_ended_plan_is_neither_reviewed_nor_changed(client, child, homeroom):
    plan = learning(child, homeroom)
    support.end(plan, state="done", effect="及格了", on=TODAY)
    with pytest.raises(ValidationError, match="已经结束"):
        support.review(plan, on=TODAY, effect="x", next_step="", review_on=None, by=homeroom)
    client.force_login(homeroom)
    assert client.get(reverse("activities:support_edit", args=[plan.pk])).status_code == 403


def test_an_individual_plan_is_read_by_name_only(client, school_class, child, homeroom):
    teacher = make_staff(Role.TEACHER, school_class, name="石老师")
    counsellor = make_staff(Role.COUNSELLOR, school_class.school, name="覃老师")
    plan = individual(child, counsellor)
    url = reverse("activities:support_show", args=[plan.pk])
    for outsider in (teacher, homeroom):
        client.force_login(outsider)
        assert client.get(url).status_code == 404
        assert "不交作业" not in client.get(reverse("children:child_show", args=[child.pk])).content.decode()
        assert (
            "个别教育"
            not in client.get(reverse("activities:support_list") + "?state=all").content.decode().split("care-rows")[-1]
        )
        assert not [line for line in timeline([child], outsider, last=TODAY) if "个别" in line.title]
        told = sentences(child, sight_of(outsider, child), outsider)
        assert not [line for line in told if "个别教育" in line.what]
    support.name_reader(plan, staff=teacher, reason="任课")
    client.force_login(teacher)
    assert "不交作业" in client.get(url).content.decode()
    assert client.get(reverse("activities:support_edit", args=[plan.pk])).status_code == 403


def test_nobody_is_named_who_does_not_see_the_child(child, homeroom):
    plan = individual(child, homeroom)
    stranger = make_staff(Role.HOMEROOM, make_class(child.school, grade=6), name="别班老师")
    with pytest.raises(ValidationError, match="看不到这名学生"):
        support.name_reader(plan, staff=stranger, reason="想看")


def test_a_mentor_reads_the_learning_plan_of_the_own_child_only(client, school_class, child, homeroom):
    staff = make_staff(Role.TEACHER, make_class(child.school, grade=6), name="代理家长")
    make_pairing(child, make_mentor(staff, child.school))
    plan, secret = learning(child, homeroom), individual(child, homeroom)
    client.force_login(staff)
    assert client.get(reverse("activities:support_show", args=[plan.pk])).status_code == 200
    assert client.get(reverse("activities:support_show", args=[secret.pk])).status_code == 404
    assert "学习帮扶计划" in client.get(reverse("children:child_show", args=[child.pk])).content.decode()


def test_a_child_that_leaves_school_ends_its_plans(child, homeroom):
    plan = learning(child, homeroom)
    end_what_is_open(child=child, on=TODAY, by=homeroom)
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on) == ("stopped", TODAY)


def test_the_list_costs_the_same_for_one_and_for_many(client, school_class, homeroom):
    client.force_login(homeroom)
    counts = []
    for number in (1, 9):
        for n in range(number):
            child = make_left_behind(f"李{number}{n}", school_class)
            make_record(child, homeroom, TODAY, "tutoring")
            learning(child, homeroom)
        client.get(reverse("activities:support_list"))
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("activities:support_list")).status_code == 200
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_leaving_by_the_register_ends_the_plan_too(client, child):
    lead = make_staff(Role.CARE_LEAD, child.school, name="潘主任")
    plan = learning(child, lead)
    client.force_login(lead)
    url = reverse("children:change_add", args=[child.pk, "suspended"])
    client.get(url)
    answer = client.post(url, {"on": TODAY.isoformat(), "reason": "随家人外出", "evidence": "家长说明"})
    plan.refresh_from_db()
    assert (answer.status_code, plan.state) == (302, "stopped")


def test_a_leaving_taken_back_lets_plans_and_groups_go_on(child, homeroom):
    plan = learning(child, homeroom)
    group = InterestGroup.objects.create(
        school=child.school, name="合唱组", kind="interest", leader=homeroom, starts_on=TODAY
    )
    join(group, Child.objects.filter(pk=child.pk), on=TODAY)
    line = leave_school(child=child, on=TODAY, kind="dropout", by=None)
    assert not GroupMember.objects.open().exists()
    correct(change=line, reason="第二天就回来了", on=TODAY, by=None)
    plan.refresh_from_db()
    assert (plan.state, plan.ended_on) == ("open", None)
    assert GroupMember.objects.open().get().child == child

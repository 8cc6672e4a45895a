"""The matrix, one child's duties, programmes changed from a day on, excuses: as the people of a school use them."""

from datetime import UTC, date, datetime, time
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from activities.models import CareRecord, ChildGoal, Meeting, Programme, ProgrammeItem, Waiver
from activities.programmes import adopt
from caretrack.access.models import AccessEntry
from caretrack.access.policy import Role
from mentoring.services import mentor_for
from tests.support.factories import (
    TERM_START,
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import silent_layout, text_of
from tests.support.windows import opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def four(school):
    return make_class(school, 4)


@pytest.fixture
def homeroom(four):
    return make_staff(Role.HOMEROOM, four, name="罗老师")


@pytest.fixture
def lead(school):
    return make_staff(Role.CARE_LEAD, school, name="石主任")


@pytest.fixture
def child(four, homeroom):
    made = make_left_behind("李小兰", four)
    make_pairing(made, mentor_for(homeroom, four.school))
    return made


@pytest.fixture
def programme(school, child):
    return adopt("six_ones", school, TERM_START, None)


def recorded(child, by, on, kind="talk"):
    record = make_record(child, by, on, kind)
    CareRecord.objects.filter(pk=record.pk).update(created_at=datetime.combine(on, time(9), tzinfo=UTC))
    return record


def page(client, staff, name, *args, **query):
    client.force_login(staff)
    return client.get(reverse(f"activities:{name}", args=args), query)


def cells(response, name):
    [row] = [row for row in response.context["rows"] if row["pupil"].name == name]
    return {cell["label"]: cell for cell in row["cells"]}


def test_an_empty_cell_opens_the_form_for_this_child_and_kind(client, homeroom, child, programme):
    shown = cells(page(client, homeroom, "duty_matrix"), "李小兰")
    assert shown["进行一次家访"]["words"] == "待做"
    opened = client.get(shown["进行一次家访"]["url"])
    assert opened.context["single"] == child
    assert "记家访：李小兰" in opened.content.decode()


def test_a_child_paired_too_late_for_the_month_is_named_and_begins_with_the_next(
    client, homeroom, four, child, programme
):
    late = make_left_behind("新结对的", four)
    make_pairing(late, mentor_for(homeroom, four.school), TODAY)
    month = page(client, homeroom, "duty_matrix")
    assert [row["pupil"].name for row in month.context["rows"]] == ["李小兰"]
    for shown in (month, client.get(reverse("workbench"))):
        assert "新结对的：已经结对，但到这段时间结束不满半期" in shown.content.decode()
    term = page(client, homeroom, "duty_matrix", span="term")
    (row,) = [row for row in term.context["rows"] if row["pupil"].name == "新结对的"]
    assert (row["due"], row["lacks"], row["begins"]) == (0, 0, date(2026, 11, 26))
    assert "11月26日起算" in term.content.decode()
    assert term.context["too_late"] == []
    still_open = page(client, homeroom, "duty_matrix", span="term", open="on")
    assert "新结对的" not in still_open.content.decode(), "what has not begun is not missing"


def test_the_sixth_of_the_six_ones_is_told_below_the_matrix(client, school, homeroom, lead, child, programme):
    told = page(client, homeroom, "duty_matrix")
    assert len(told.context["columns"]) == 5
    assert told.context["by_school"] == [
        {"name": "召开一次代理家长座谈会", "state": "due", "mark": "", "url": reverse("activities:meeting_list")}
    ]
    Meeting.objects.create(school=school, kind=Meeting.Kind.MENTORS, on=date(2026, 11, 10), keeper=lead, minutes="交流")
    assert page(client, homeroom, "duty_matrix").context["by_school"][0]["state"] in {"done", "late"}
    leads = page(client, lead, "duty_matrix").context
    assert leads["by_school"] == []
    assert "召开一次代理家长座谈会" in {unit["name"] for unit in leads["units"]}


def test_a_missed_month_opens_the_form_on_its_last_school_day(client, homeroom, child, programme):
    shown = cells(page(client, homeroom, "duty_matrix", key="2026-10"), "李小兰")
    assert shown["谈一次心"]["words"] == "未做"
    assert client.get(shown["谈一次心"]["url"]).context["form"]["on"].value() == date(2026, 10, 23)


def test_what_is_saved_comes_back_to_the_matrix_as_done(client, homeroom, child, programme):
    shown = cells(page(client, homeroom, "duty_matrix"), "李小兰")
    form = client.get(shown["谈一次心"]["url"]).context["form"]
    sent = {"children": [child.pk], "content": "聊了期中考试。", "on": str(TODAY), "reached": "yes", "way": "face", "place": "office", "visibility": "normal"}  # fmt: skip
    sent["client_key"] = form["client_key"].value()
    saved = client.post(shown["谈一次心"]["url"], sent)
    assert saved.status_code == 302, saved.context["form"].errors
    assert reverse("activities:duty_matrix") in saved["Location"]
    assert cells(client.get(saved["Location"]), "李小兰")["谈一次心"]["state"] == "done"


def test_each_duty_says_why_and_shows_its_records(client, homeroom, child, programme):
    record = recorded(child, homeroom, date(2026, 11, 3))
    text = page(client, homeroom, "child_duties", child.pk).content.decode()
    assert "“六个一”要求代理家长每月1次（其他老师登记的也算），2026年11月应1次" in text
    assert reverse("activities:record_show", args=[record.pk]) in text
    assert "11月25日到期，还有5天" in text


def test_a_mentor_sees_mentees_and_what_mentors_answer_for(client, school, four, child, programme):
    adopt("ten_ones", school, TERM_START, None)
    mentor = make_staff(Role.TEACHER, make_class(school, 5), name="田老师")
    other = make_left_behind("罗小山", four)
    make_pairing(other, mentor_for(mentor, school))
    shown = page(client, mentor, "duty_matrix", programme="all")
    assert [row["pupil"].name for row in shown.context["rows"]] == ["罗小山"]
    names = {column["name"] for column in shown.context["columns"]}
    assert "谈一次心" in names
    assert "过一个快乐的生日" not in names
    assert shown.context["units"] == []
    assert page(client, mentor, "child_duties", child.pk).status_code == 404


def test_a_mentor_learns_that_somebody_else_did_it_and_no_more(client, school, four, homeroom, programme):
    mentor = make_staff(Role.TEACHER, make_class(school, 5), name="田老师")
    other = make_left_behind("罗小山", four)
    make_pairing(other, mentor_for(mentor, school))
    record = recorded(other, homeroom, date(2026, 11, 3))
    shown = page(client, mentor, "child_duties", other.pk).content.decode()
    assert "凭证由其他老师登记" in shown
    assert reverse("activities:record_show", args=[record.pk]) not in shown


def test_the_lead_sees_classes_and_mentors_with_figures_that_agree(client, school, lead, homeroom, child, programme):
    recorded(child, homeroom, date(2026, 11, 3))
    other = make_left_behind("罗小山", make_class(school, 5))
    make_pairing(other, mentor_for(homeroom, school))
    for by, labels in (("class", ["四（1）班", "五（1）班", "合　计"]), ("mentor", ["罗老师", "合　计"])):
        lines = page(client, lead, "duty_groups", by=by).context["lines"]
        assert [line["label"] for line in lines] == labels
        assert (lines[-1]["due"], lines[-1]["done"], lines[-1]["rate"]) == (10, 1, "10.0%")
    totals = page(client, lead, "duty_matrix").context["totals"]
    assert (totals["due"], totals["done"]) == (10, 1)


def test_only_what_is_missing_and_one_class(client, school, lead, homeroom, child, programme):
    five = make_class(school, 5)
    make_pairing(make_left_behind("罗小山", five), mentor_for(homeroom, school))
    for kind in ("talk", "homework", "tutoring", "home_visit", "meal"):
        recorded(child, homeroom, date(2026, 11, 3), kind)
    shown = page(client, lead, "duty_matrix", open="on")
    assert [row["pupil"].name for row in shown.context["rows"]] == ["罗小山"]
    shown = page(client, lead, "duty_matrix", **{"class": five.pk})
    assert [row["pupil"].name for row in shown.context["rows"]] == ["罗小山"]


def test_the_page_costs_the_same_for_one_and_for_twelve(client, school, homeroom, child, programme, django_assert_max_num_queries):  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as told:
            page(client, homeroom, "duty_matrix")
        return len(told)

    asked()
    one = asked()
    for n in range(11):
        another = make_left_behind(f"罗小{'一二三四五六七八九十云'[n]}", child.school_class)
        make_pairing(another, mentor_for(homeroom, school))
        recorded(another, homeroom, TODAY)
    assert asked() == one


def test_without_a_programme_the_lead_is_led_to_adopt_one(client, school, lead, child):
    text = page(client, lead, "duty_matrix").content.decode()
    assert "没有启用关爱项目" in text
    assert reverse("activities:programme_list") in text
    adopt_url = reverse("activities:programme_adopt", args=[school.pk, "ten_ones"])
    assert adopt_url in page(client, lead, "programme_list").content.decode()
    opened = client.get(adopt_url)
    assert opened.context["form"]["on"].value() == TERM_START, "the first programme begins with the term"
    assert client.post(adopt_url, {"on": "2026-09-01"}).status_code == 302
    assert Programme.objects.get(school=school).items.count() == 10


def test_an_item_is_changed_from_a_day_and_keeps_its_past(client, lead, programme):
    item = programme.items.get(order=1)
    url = reverse("activities:item_edit", args=[item.pk])
    opened = page(client, lead, "item_edit", item.pk).context["form"]
    assert opened["on"].value() == date(2026, 11, 26), "the next reporting month"
    sent = {
        "name": "谈两次心",
        "subject": "child",
        "period": "month",
        "count": 2,
        "role": "mentor",
        "evidence": ["talk"],
    }
    refused = client.post(url, sent | {"on": "2026-10-01"})
    assert "已经结束的月份不能再改" in refused.content.decode()
    wrong = client.post(url, sent | {"on": "2026-11-26", "evidence": ["care_home"]})
    assert "不能作为“每名儿童”的凭证" in wrong.content.decode()
    assert client.post(url, sent | {"on": "2026-11-26", "min_grade": "3", "planned": "on"}).status_code == 302
    old, new = programme.items.filter(order=1).order_by("pk")
    assert (old.name, old.ends_on) == ("谈一次心", date(2026, 11, 25))
    assert (new.name, new.starts_on, new.applies_to) == (
        "谈两次心",
        date(2026, 11, 26),
        {"min_grade": 3, "planned": True},
    )
    assert page(client, lead, "item_edit", new.pk).context["form"]["planned"].value() is True
    listed = page(client, lead, "programme_list").content.decode()
    assert "尚未生效" in listed
    assert "三年级以上、有学习帮扶计划" in listed


def test_an_item_is_added_and_removed_and_a_programme_stopped(client, lead, programme):
    add = reverse("activities:item_add", args=[programme.pk])
    client.force_login(lead)
    grades = dict(client.get(add).context["form"].fields["min_grade"].choices)
    assert list(grades.values())[-1] == "六年级以上", "a primary school has no seventh grade"
    sent = {"name": "看一次作业本", "subject": "child", "period": "week", "count": 1, "role": "homeroom", "evidence": ["homework"], "on": "2026-11-26"}  # fmt: skip
    assert client.post(add, sent).status_code == 302
    added = programme.items.get(order=7)
    assert client.post(reverse("activities:item_remove", args=[added.pk]), {"on": "2026-11-26"}).status_code == 302
    assert not programme.items.filter(order=7).exists(), "it never was in force"
    stop = reverse("activities:programme_stop", args=[programme.pk])
    assert "不能再改" in client.post(stop, {"on": "2026-09-30"}).content.decode()
    assert client.post(stop, {"on": "2026-11-25"}).status_code == 302
    programme.refresh_from_db()
    assert programme.ends_on == date(2026, 11, 25)


def test_a_school_founds_its_own_programme(client, school, lead, child):
    client.force_login(lead)
    url = reverse("activities:programme_found", args=[school.pk])
    saved = client.post(url, {"name": "周末有约", "source": "", "on": "2026-11-26"})
    made = Programme.objects.get(name="周末有约")
    assert saved["Location"] == reverse("activities:item_add", args=[made.pk])


def test_class_teachers_change_nothing(client, homeroom, programme):
    item = programme.items.get(order=1)
    assert page(client, homeroom, "item_edit", item.pk).status_code == 403
    assert (
        reverse("activities:item_edit", args=[item.pk]) not in page(client, homeroom, "programme_list").content.decode()
    )


def test_several_children_are_excused_with_a_reason_and_it_can_be_taken_back(client, school, lead, child, programme):
    mate = make_left_behind("罗小山", child.school_class)
    make_pairing(mate)
    item = programme.items.get(order=4)
    query = {"item": item.pk, "first": "2026-10-26", "last": "2026-11-25", "child": child.pk}
    form = page(client, lead, "waiver_add", **query).context["form"]
    assert {c.pk for c in form.fields["children"].queryset} == {child.pk, mate.pk}, "classmates can be excused too"
    url = reverse("activities:waiver_add") + f"?item={item.pk}&child={child.pk}"
    sent = {"first": "2026-10-26", "last": "2026-11-25", "children": [child.pk, mate.pk]}
    assert client.post(url, sent | {"reason": " "}).status_code == 422
    assert client.post(url, sent | {"reason": "大雪封路"}).status_code == 302
    assert Waiver.objects.filter(reason="大雪封路", granted_by=lead).count() == 2
    assert cells(page(client, lead, "duty_matrix"), "李小兰")["进行一次家访"]["words"] == "免做"
    listed = page(client, lead, "waiver_list").content.decode()
    assert "大雪封路" in listed
    client.post(reverse("activities:waiver_drop", args=[Waiver.objects.get(child=child).pk]))
    assert cells(page(client, lead, "duty_matrix"), "李小兰")["进行一次家访"]["words"] == "待做"


def test_who_is_excused_from_the_talk_is_told_why_and_not_asked_for_it(client, homeroom, lead, child, programme):
    talk = next(item for item in programme.items.all() if "talk" in item.evidence)
    silent = reverse("activities:silence_list") + "?missing=on"
    client.force_login(homeroom)
    assert child.name in client.get(silent).content.decode()
    Waiver.objects.create(
        child=child, item=talk, first="2026-10-26", last="2026-11-25", reason="住院手术", granted_by=lead
    )
    assert child.name not in client.get(silent).content.decode()
    duties = page(client, homeroom, "child_duties", child.pk).content.decode()
    assert "经批准免做：住院手术（石主任批准）" in duties


def test_the_school_is_excused_from_its_meeting(client, lead, child, programme):
    meeting = programme.items.get(order=6)
    client.force_login(lead)
    url = reverse("activities:waiver_add") + f"?item={meeting.pk}"
    sent = {"first": "2026-10-26", "last": "2026-11-25", "reason": "流感停课"}
    assert client.post(url, sent).status_code == 302
    [unit] = page(client, lead, "duty_matrix").context["units"]
    assert unit["state"] == "excused"


def test_a_goal_is_set_and_reached(client, school, homeroom, child):
    adopt("five_ones_pupils", school, TERM_START, None)
    item = ProgrammeItem.objects.get(name="改正一个缺点")
    shown = cells(page(client, homeroom, "duty_matrix", span="term"), "李小兰")
    url = shown["改正一个缺点"]["url"]
    assert reverse("activities:goal_add", args=[child.pk, item.pk]) in url
    assert client.post(url, {"aim": "上课不做小动作", "set_on": "2026-11-02"}).status_code == 302
    assert cells(page(client, homeroom, "duty_matrix", span="term"), "李小兰")["改正一个缺点"]["state"] == "attempted"
    edit = reverse("activities:goal_edit", args=[ChildGoal.objects.get().pk])
    assert client.get(url)["Location"].startswith(edit), "the open goal opens, not a second one"
    second = client.post(url, {"aim": "按时睡觉", "set_on": "2026-11-02"})
    assert second.status_code == 422
    assert "按时睡觉" in second.content.decode()
    assert client.post(edit, opened(client, edit) | {"reached_on": "2026-11-18"}).status_code == 302
    assert ChildGoal.objects.get().reached_on == date(2026, 11, 18)
    assert cells(page(client, homeroom, "duty_matrix", span="term"), "李小兰")["改正一个缺点"]["state"] == "done"


def test_the_paper_has_names_marks_totals_and_lines_to_sign(client, homeroom, child, programme):
    recorded(child, homeroom, date(2026, 11, 3))
    with silent_layout():
        paper = page(client, homeroom, "duty_print")
    text = text_of(paper.content)
    for word in ("六个一完成情况表", "四（1）班", "李小兰", "罗老师", "校长签字", "1/5", "20.0%", "10月26日至11月25日"):
        assert word in text, word
    assert AccessEntry.objects.filter(event="print", page="activities:duty_print", child_id=child.pk).exists()


def test_the_workbook_has_text_and_numbers(client, homeroom, child, programme):
    recorded(child, homeroom, date(2026, 11, 3))
    book = openpyxl.load_workbook(BytesIO(page(client, homeroom, "duty_export").content))
    rows = list(book["学生"].values)
    assert rows[4][1] == "姓名"
    assert rows[5][:5] == (1, "李小兰", "四（1）班", "罗老师", "√")
    assert book.sheetnames == ["学生"]


def test_a_week_and_a_term_of_the_same_child(client, school, homeroom, child):
    adopt("three_ones", school, TERM_START, None)
    recorded(child, homeroom, date(2026, 11, 17))
    week = cells(page(client, homeroom, "duty_matrix", span="week"), "李小兰")
    assert week["每周一谈心"]["state"] == "done"
    term = cells(page(client, homeroom, "duty_matrix", span="term"), "李小兰")
    assert term["每周一谈心"]["mark"] == "1/12"


def test_a_child_that_owes_nothing_is_not_listed(client, homeroom, four, child, programme):
    make_child("石小军", four)
    assert [row["pupil"].name for row in page(client, homeroom, "duty_matrix").context["rows"]] == ["李小兰"]


def test_the_matrix_opens_with_the_programme_of_every_month(client, school, homeroom, child, programme):
    adopt("three_priorities", school, date(2026, 10, 1), None)
    shown = page(client, homeroom, "duty_matrix").context["programmes"]
    assert [one["name"] for one in shown if one["active"]] == [programme.name]

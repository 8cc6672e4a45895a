"""A class teacher with a phone: from the workbench to a saved talk, and nothing typed is lost on the way."""

import re

import pytest

from activities.models import CareRecord, FollowUp
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_staff, make_term

TALK_WITH = re.compile("记谈心.*李小兰")
SAID = "说想妈妈，晚上睡不好。约好星期六视频。"


@pytest.fixture
def teacher() -> Staff:
    school_class = make_class()
    make_term(school_class.school)
    for name in ("李小兰", "龙小川", "石小禾"):
        make_left_behind(name, school_class)
    return make_staff(Role.HOMEROOM, school_class, "罗老师")


@pytest.mark.parametrize("js", [True, False])
def test_a_talk_on_the_phone(open_page, teacher: Staff, js: bool) -> None:
    page = open_page(teacher, phone=True, js=js)
    page.goto("/")
    page.get_by_role("link", name=TALK_WITH).click()
    page.get_by_label("情绪").check()
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_label("低落").check()
    page.locator("summary", has_text="跟进").filter(visible=True).click()
    page.get_by_label("一周后").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下李小兰").wait_for()
    record = CareRecord.objects.get()
    assert (record.child.name, record.content, record.topics, record.state) == ("李小兰", SAID, ["mood"], "low")
    assert FollowUp.objects.filter(record=record).count() == 1
    assert page.get_by_role("link", name=TALK_WITH).count() == 0
    assert page.get_by_role("link", name="再记一条").count() == 1


def test_the_page_is_no_wider_than_the_phone(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True)
    child = Child.objects.order_by("pk").first()
    for address in ("/", "/records/add/", f"/records/add/?child={child.pk}&kind=home_visit", "/records/silence/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_two_presses_make_one_record(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True, js=False)
    child = Child.objects.order_by("pk").first()
    page.goto(f"/records/add/?child={child.pk}&next=/")
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_role("button", name="保存").dblclick()
    page.get_by_text("已记下").first.wait_for()
    assert CareRecord.objects.count() == 1


def test_the_text_goes_along_to_another_kind(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True)
    child = Child.objects.order_by("pk").first()
    page.goto(f"/records/add/?child={child.pk}")
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_role("navigation", name="记录类别").get_by_role("link", name="家访").click()
    page.wait_for_url("**kind=home_visit**")
    assert page.get_by_label("看到和谈到的情况").input_value() == SAID


def test_several_children_are_found_while_typing(open_page, teacher: Staff) -> None:
    page = open_page(teacher)
    page.goto("/records/add/?next=/")
    find = page.get_by_placeholder("姓名、拼音或首字母")
    find.fill("lxc")
    assert page.locator("label.care-pill", has_text="石小禾").is_hidden()
    find.press("Enter")
    find.fill("石")
    find.press("Enter")
    page.get_by_text("已选 2 人，记为集体").wait_for()
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已记下").wait_for()
    assert {record.child.name for record in CareRecord.objects.all()} == {"龙小川", "石小禾"}
    assert CareRecord.objects.values("group").distinct().count() == 1


def test_a_refused_talk_keeps_everything(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True, js=False)
    child = Child.objects.order_by("pk").first()
    page.goto(f"/records/add/?child={child.pk}")
    page.get_by_label("日期", exact=False).first.fill("2030-01-01")
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_role("button", name="保存").click()
    page.get_by_text("日期不能在今天以后").first.wait_for()
    assert page.get_by_label("说了什么").input_value() == SAID
    page.goto(f"/records/add/?child={child.pk}")
    assert page.get_by_label("说了什么").input_value() == SAID


@pytest.mark.parametrize("saved", [False, True])
def test_back_brings_what_was_written_for_each(open_page, teacher: Staff, saved: bool) -> None:
    page = open_page(teacher)
    page.goto("/records/add/?next=/")
    for name in ("李小兰", "龙小川"):
        page.locator("label.care-pill", has_text=name).click()
    page.get_by_label("说了什么").fill("一起聊了期中考试。")
    page.locator("summary", has_text="各人的状态").click()
    page.get_by_label("龙小川的状态").select_option("低落")
    page.locator(".care-line", has_text="龙小川").get_by_role("textbox").fill("爷爷住院了")
    if saved:
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("已记下").first.wait_for()
    else:
        page.goto("/")
    page.go_back()
    page.get_by_label("说了什么").wait_for()
    line = page.locator(".care-line", has_text="龙小川")
    assert line.get_by_role("textbox").input_value() == "爷爷住院了"
    assert line.get_by_role("combobox").input_value() == "low"

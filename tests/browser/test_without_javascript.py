"""An old browser, or one in which scripts are switched off: every core task works all the same."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from activities.models import CareRecord
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child
from mentoring.models import Pairing
from tests.support.factories import (
    TODAY,
    make_class,
    make_left_behind,
    make_mentor,
    make_record,
    make_staff,
    make_term,
)

SAID = "说想妈妈，晚上睡不好。"


@pytest.fixture
def four(stop_at, transactional_db: None) -> SchoolClass:
    stop_at(TODAY)
    school_class = make_class()
    make_term(school_class.school)
    make_left_behind("李小兰", school_class, boarding="1")
    make_left_behind("龙小川", school_class, both=False, boarding="2")
    make_left_behind("吴玥", make_class(school_class.school, 5), boarding="2")
    return school_class


@pytest.fixture
def teacher(four: SchoolClass) -> Staff:
    return make_staff(Role.HOMEROOM, four, "罗老师")


@pytest.fixture
def care_lead(four: SchoolClass) -> Staff:
    return make_staff(Role.CARE_LEAD, four.school, "赵主任")


def menu(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name=label, exact=True).click()


def test_a_child_is_found_and_a_talk_logged(open_page, teacher: Staff) -> None:
    page = open_page(teacher, js=False)
    page.goto("/")
    page.get_by_role("banner").get_by_role("searchbox", name="查找学生").fill("lxl")
    page.keyboard.press("Enter")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="龙小川")).to_have_count(0)
    main.get_by_role("link", name="李小兰").first.click()
    page.get_by_role("link", name="记谈心").click()
    page.get_by_label("情绪").check()
    page.get_by_label("说了什么").fill(SAID)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已记下李小兰")).to_be_visible()
    assert CareRecord.objects.get().content == SAID
    page.goto(f"/students/{Child.objects.get(name='李小兰').pk}/")
    expect(page.get_by_text(SAID)).to_be_visible()


def test_the_list_is_narrowed_and_cleared(open_page, care_lead: Staff) -> None:
    page = open_page(care_lead, js=False)
    page.goto("/")
    menu(page, "学生")
    rows = page.locator("#rows")
    for name in ("李小兰", "龙小川", "吴玥"):
        expect(rows).to_contain_text(name)
    page.get_by_label("班级").select_option("四（1）班")
    page.get_by_label("留守情况").select_option("父母一方外出")
    page.get_by_role("button", name="查找").click()
    expect(rows).to_contain_text("龙小川")
    expect(rows).not_to_contain_text("李小兰")
    expect(page.get_by_label("留守情况")).to_have_value("one")
    page.get_by_role("link", name="清除条件").click()
    expect(rows).to_contain_text("吴玥")


def test_a_section_is_edited_and_an_error_keeps_it(open_page, teacher: Staff) -> None:
    page = open_page(teacher, js=False)
    page.goto(f"/students/{Child.objects.get(name='李小兰').pk}/edit/school/")
    page.get_by_label("上下学距离").fill("-3")
    page.get_by_label("宿舍床位").fill("2栋203-4")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("上下学距离")
    expect(page.get_by_label("宿舍床位")).to_have_value("2栋203-4")
    page.get_by_label("上下学距离").fill("3")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("李小兰的在校情况已保存")).to_be_visible()
    child = Child.objects.get(name="李小兰")
    assert (child.dorm_bed, child.commute_km) == ("2栋203-4", 3)


def test_a_phone_number_is_shown_on_a_page_of_its_own(open_page, teacher: Staff) -> None:
    page = open_page(teacher, js=False)
    page.goto(f"/students/{Child.objects.get(name='李小兰').pk}/")
    page.get_by_role("button", name="显示").first.click()
    expect(page.get_by_text("13800001111")).to_be_visible()
    assert AccessEntry.objects.filter(event=Event.REVEAL).count() == 1
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_role("heading", name="李小兰")).to_be_visible()


def test_the_month_by_class_and_definition(open_page, care_lead: Staff, teacher: Staff) -> None:
    make_record(Child.objects.get(name="李小兰"), teacher, date(2026, 11, 18))
    page = open_page(care_lead, js=False)
    page.goto("/")
    menu(page, "月报")
    page.get_by_label("范围").select_option("四（1）班")
    page.get_by_label("月份").fill("2026-11")
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_role("heading", name="四（1）班 2026年11月月报")).to_be_visible()
    total = page.get_by_role("table", name="表1").get_by_role("row", name="四（1）班").get_by_role("cell")
    expect(total.nth(1)).to_have_text("2")
    page.get_by_label("统计口径").select_option("lb_mca")
    page.get_by_role("button", name="换口径").click()
    expect(total.nth(1)).to_have_text("1")  # civil affairs do not count who has a parent at home
    total.nth(1).get_by_role("link").click()
    expect(page.get_by_role("row", name="李小兰")).to_be_visible()
    expect(page.get_by_text("共 1 名学生")).to_be_visible()


def test_a_pairing_is_made(open_page, care_lead: Staff, four: SchoolClass) -> None:
    make_mentor(make_staff(Role.TEACHER, four, "蓝老师"), four.school)
    page = open_page(care_lead, js=False)
    page.goto("/")
    menu(page, "结对")
    page.get_by_label("勾选李小兰").check()
    page.get_by_label("代理家长").last.select_option(
        page.get_by_role("option", name="蓝老师").last.get_attribute("value")
    )
    page.get_by_role("button", name="安排给这位老师").click()
    expect(page.get_by_role("main")).to_contain_text("蓝老师")
    assert (Pairing.objects.get().child.name, Pairing.objects.get().mentor.name) == ("李小兰", "蓝老师")


def test_the_menu_of_the_phone_opens(open_page, teacher: Staff) -> None:
    page = open_page(teacher, phone=True, js=False)
    page.goto("/")
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("navigation", name="常用菜单").get_by_role("link", name="打印").click()
    expect(page.get_by_role("heading", name="打印")).to_be_visible()


def test_leaving(open_page, teacher: Staff) -> None:
    page = open_page(teacher, js=False)
    page.goto("/")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto("/students/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()

"""Danger now: a class teacher with a phone reports, the clock runs, the care lead takes the file on."""

import pytest

from activities.models import Incident, IncidentReport, Worry
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from caretrack.web.models import Draft
from tests.support.factories import make_class, make_left_behind, make_staff, make_term


@pytest.fixture
def people() -> tuple[Staff, Staff]:
    school_class = make_class()
    make_term(school_class.school)
    make_left_behind("李小兰", school_class)
    teacher = make_staff(Role.HOMEROOM, school_class, "罗老师")
    return teacher, make_staff(Role.CARE_LEAD, school_class.school, "覃主任")


def test_a_name_that_is_only_looked_for_is_no_unfinished_report(open_page, people) -> None:
    page = open_page(people[0], phone=True)
    for address, box in (("/records/worries/add/", "关于谁"), ("/records/add/", "按姓名查找")):
        page.goto(address)
        page.get_by_label(box).first.press_sequentially("李小")
        page.goto("/drafts/")
        page.wait_for_timeout(300)
        assert not Draft.objects.exists()
    page.goto("/records/worries/add/")
    page.get_by_label("看到、听到了什么").fill("没有吃饭")
    page.get_by_label("关于谁").press_sequentially("李小")
    page.goto("/drafts/")
    page.wait_for_timeout(300)
    page.reload()
    page.get_by_role("rowheader", name="报告担心的事：李小").wait_for()


@pytest.mark.parametrize("js", [True, False])
def test_danger_now_from_the_report_to_the_police(open_page, picture, people, js: bool) -> None:
    teacher, lead = people
    page = open_page(teacher, phone=True, js=js)
    page.goto("/")
    page.get_by_role("link", name="报告担心的事").click()
    assert page.get_by_role("link", name="报警").get_attribute("href") == "tel:110"
    if js:
        page.get_by_label("关于谁").press_sequentially("lxl")
        page.get_by_role("button", name="李小兰").click()
        assert page.get_by_label("关于谁").input_value() == "李小兰 四（1）班"
    else:
        page.get_by_label("关于谁").fill("李小兰")
    page.get_by_label("看到、听到了什么").fill("放学后没有回家，手机打不通。")
    page.get_by_label("现在就有危险").check()
    page.get_by_role("button", name="报告").click()
    page.get_by_text("五分钟报告").wait_for()
    if js:
        page.get_by_text("还剩 4:").wait_for()
    picture(page, "clock")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 if js else True
    page.get_by_role("listitem").filter(has_text="校长").get_by_role("button").click()
    page.get_by_text("校长已经知道").wait_for()
    worry = Worry.objects.get()
    assert worry.child is not None
    assert [line.to for line in IncidentReport.objects.all()] == ["head"]

    desk = open_page(lead, js=js)
    desk.goto("/records/incidents/")
    desk.get_by_role("link", name=Incident.objects.get().number).click()
    desk.get_by_role("link", name="更正要素").click()
    desk.get_by_label("失踪或夜不归宿").check()
    desk.get_by_label("更正的原因").fill("家人也找不到")
    desk.get_by_role("button", name="保存更正").click()
    desk.get_by_text("立即报告，不需要审批").wait_for()
    desk.get_by_role("listitem").filter(has_text="立即报告公安机关").get_by_role("button").click()
    desk.get_by_text("报告公安机关。").wait_for()
    picture(desk, "file")
    assert {line.to for line in IncidentReport.objects.all()} == {"head", "police"}

"""A class teacher asks the counsellor for help; what is said in the room stays with the counsellor."""

import re

import pytest
from django.utils import timezone

from activities.models import CareRecord, CounsellingAppointment
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Child
from tests.support.factories import make_class, make_left_behind, make_staff, make_term

WHY = "上课走神，两次说不想活"
HEARD = "夜里一个人听见外婆咳嗽，害怕外婆也走"
DONE = "画房树人，约好每周三来"


@pytest.fixture
def people() -> tuple[Staff, Staff, Child]:
    school_class = make_class()
    make_term(school_class.school)
    child = make_left_behind("李小兰", school_class)
    teacher = make_staff(Role.HOMEROOM, school_class, "石老师")
    return teacher, make_staff(Role.COUNSELLOR, school_class.school, "黄老师"), child


@pytest.mark.parametrize("js", [True, False])
def test_from_the_request_to_the_grey_line(open_page, picture, people: tuple[Staff, Staff, Child], js: bool) -> None:
    teacher, counsellor, child = people
    phone = open_page(teacher, phone=True, js=js)
    phone.goto(f"/students/{child.pk}/")
    phone.get_by_role("link", name="预约心理辅导").click()
    phone.get_by_label("为什么").fill(WHY)
    phone.get_by_role("button", name="提交给心理教师").click()
    phone.get_by_text("已请心理教师为李小兰安排辅导").wait_for()

    desk = open_page(counsellor, js=js)
    desk.goto("/")
    desk.get_by_role("listitem").filter(has_text="石老师请您安排").get_by_role("link", name="约时间").click()
    desk.get_by_text(WHY).wait_for()
    desk.get_by_label("日期").fill(timezone.localdate().isoformat())
    desk.get_by_label(re.compile("^时间")).fill("16:20")
    desk.get_by_role("button", name="约定", exact=True).click()
    desk.get_by_text("16:20").first.wait_for()
    picture(desk, "book")
    desk.get_by_role("link", name="记辅导").click()
    desk.get_by_label("主诉").fill(HEARD)
    desk.get_by_label(re.compile("^过程")).fill(DONE)
    desk.get_by_label("高", exact=True).check()
    desk.get_by_role("button", name="保存").first.click()
    desk.get_by_text("已记下李小兰").wait_for()
    record = CareRecord.objects.get(kind="counselling")
    assert record.counselling.process == DONE
    appointment = CounsellingAppointment.objects.get()
    assert (appointment.state, appointment.record) == ("done", record)

    for address in ("/", "/records/", f"/records/{record.pk}/", f"/students/{child.pk}/"):
        phone.goto(address)
        page = phone.content()
        assert HEARD not in page, address
        assert DONE not in page, address
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390 if js else True, address
    phone.goto(f"/students/{child.pk}/timeline/")
    phone.get_by_text("心理辅导").first.wait_for()
    assert HEARD not in phone.content()
    picture(phone, "grey")
    desk.goto(f"/records/{record.pk}/")
    desk.get_by_text(DONE).wait_for()

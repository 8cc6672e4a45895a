"""A school's first hour: set-up, an account with its slip, an appointment, and the teacher's own password."""

import re

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.middleware import SetUpFirst
from caretrack.schools.models import Appointment, School, SchoolClass, Staff, Term
from tests.support.factories import PASSWORD, TODAY

OWN = "河边第三棵老柳树下见"


@pytest.fixture(autouse=True)
def _new_installation(stop_at, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(TODAY)
    monkeypatch.setattr(SetUpFirst, "done", False)  # remembered by the process, not by the database


def set_up(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="欢迎使用")).to_be_visible()
    page.get_by_label("学校名称").fill("云禾县青榕镇中心小学")
    page.get_by_label("学校标识码").fill("9900000001")
    page.get_by_label("管理员姓名").fill("杨主任")
    page.get_by_label("登录名").fill("yang")
    page.get_by_label(re.compile("^密码")).fill(PASSWORD)
    page.get_by_label("再输一遍密码").fill(PASSWORD)
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()


def add_account(page: Page) -> str:
    """A new account for 罗老师; returns the code of the slip."""
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="人员").click()
    page.get_by_role("link", name="新建账号").click()
    page.get_by_label("姓名").fill("罗老师")
    page.get_by_label("登录名").fill("luo")
    page.get_by_role("button", name="保存并出登录条").click()
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    return page.get_by_role("definition").filter(has_text=re.compile(r"^\s*[A-Z2-9]{10}\s*$")).inner_text().strip()


def appoint(page: Page) -> None:
    page.get_by_role("link", name="任命岗位").click()
    page.get_by_label("岗位").select_option("班主任")
    page.get_by_label("班级").select_option("四（1）班")
    page.get_by_role("button", name="任命").click()
    expect(page.get_by_text("任命已保存")).to_be_visible()
    expect(page.get_by_role("row", name="班主任")).to_contain_text("在任")
    expect(page.get_by_role("row", name="班主任")).to_contain_text("四（1）班")
    page.get_by_role("navigation", name="所在位置").get_by_role("link", name="人员").click()
    expect(page.get_by_role("row", name="罗老师")).to_contain_text("班主任（四（1）班）")


def log_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def choose_own_password(page: Page, first_try: str) -> None:
    page.get_by_label("新密码").fill(first_try)
    page.get_by_label("再输一遍").fill(first_try)
    page.get_by_role("button", name="保存密码").click()
    expect(page.get_by_text("不能继续用登录条上的").first).to_be_visible()
    page.get_by_label("新密码").fill(OWN)
    page.get_by_label("再输一遍").fill(OWN)
    page.get_by_role("button", name="保存密码").click()


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_from_an_empty_installation_to_the_teachers_workbench(open_page, js: bool) -> None:
    admin = open_page(None, js=js)
    set_up(admin)
    assert Term.objects.get().school == School.objects.get()
    assert SchoolClass.objects.count() == 12
    code = add_account(admin)
    appoint(admin)
    post = Appointment.objects.get(role=Role.HOMEROOM)
    assert (post.staff.username, str(post.school_class.name_on(TODAY))) == ("luo", "四（1）班")

    teacher = open_page(None, js=js)
    log_in(teacher, "luo", code)
    expect(teacher.get_by_role("heading", name="设置您自己的密码")).to_be_visible()
    teacher.goto("/students/")
    expect(teacher.get_by_role("heading", name="设置您自己的密码")).to_be_visible()
    choose_own_password(teacher, code)
    expect(teacher.get_by_role("heading", name="工作台")).to_be_visible()
    expect(teacher.get_by_role("banner")).to_contain_text("班主任")

    again = open_page(None, js=js)
    log_in(again, "luo", code)
    expect(again.get_by_text("登录名或密码不对")).to_be_visible()
    log_in(again, "luo", OWN)
    expect(again.get_by_role("heading", name="工作台")).to_be_visible()


def test_a_slip_of_paper_opens_nothing_after_two_weeks(open_page) -> None:
    admin = open_page(None)
    set_up(admin)
    code = add_account(admin)
    staff = Staff.objects.get(username="luo")
    Staff.objects.filter(pk=staff.pk).update(password_set_at=staff.password_set_at.replace(year=2020))
    teacher = open_page(None)
    log_in(teacher, "luo", code)
    expect(teacher.get_by_text("这张登录条已超过14天")).to_be_visible()


def test_a_wrong_form_keeps_what_was_typed_but_no_password(open_page) -> None:
    page = open_page(None)
    page.goto("/setup/")
    page.get_by_label("学校名称").fill("云禾县青榕镇中心小学")
    page.get_by_label(re.compile("^密码")).fill("123")
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("学校名称")).to_have_value("云禾县青榕镇中心小学")
    expect(page.get_by_label(re.compile("^密码"))).to_have_value("")
    assert not Staff.objects.exists()

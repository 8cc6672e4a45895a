"""Lists other than the roster in a real browser: grants by the registrar, accounts with slips by the administrator."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.models import AidGrant
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff, make_term


@pytest.fixture
def school(stop_at, transactional_db: None) -> School:
    stop_at(TODAY)
    school = make_school()
    make_term(school)
    first, second = make_class(school, 4, 1), make_class(school, 4, 2)
    for name, at in (("李小兰", first), ("张伟", first), ("张伟", first), ("韦小禾", second)):
        make_child(name, at)
    return school


def book(path: Path, *rows: list[Any]) -> Path:
    """An .xlsx with these rows under a title."""
    made = openpyxl.Workbook()
    made.active.append(["青榕镇中心小学2026年秋季名单"])
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize("phone", [False, True], ids=["office", "phone"])
def test_grants_from_the_file_to_the_undo(open_page, picture, school: School, tmp_path: Path, phone: bool) -> None:
    file = book(
        tmp_path / "资助名单.xlsx",
        ["序号", "学生姓名", "就读年级班级", "监护人姓名", "资助时间", "资助项目", "资助金额（元）"],
        [1, "李小兰", "四（1）班", "罗春花", "2026.9.15", "寄宿生生活补助", 625],
        [2, "张伟", "四（1）班", "张有福", "2026.9.15", "寄宿生生活补助", 625],
        [3, "韦小禾", "四（2）班", "韦老根", "2026.9", "社会捐助", "若干"],
        ["合计", None, None, None, None, None, 1250],
    )
    page = open_page(make_staff(Role.REGISTRAR, school, name="岑老师"), phone=phone)
    page.goto("/students/lists/")
    picture(page, "all-lists")
    page.get_by_role("link", name="导入资助名单").click()
    picture(page, "upload")
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    expect(page.get_by_text("“若干”不是金额")).to_be_visible()
    picture(page, "preview")
    page.get_by_label("第4行 张伟").select_option(index=1)
    page.get_by_role("button", name="保存回答并重新核对").click()
    expect(page.get_by_text("新登记 2 笔")).to_be_visible()
    page.get_by_role("navigation", name="预览内容").get_by_role("link", name="新登记").click()
    expect(page.locator("#rows")).to_contain_text("寄宿生生活补助")
    picture(page, "new")
    assert not AidGrant.objects.exists()
    page.get_by_role("button", name="确认导入").dblclick()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    assert AidGrant.objects.count() == 2
    picture(page, "done")
    with page.expect_download() as got:
        page.get_by_role("link", name="下载错误清单（Excel）").click()
    rejected = openpyxl.load_workbook(io.BytesIO(Path(str(got.value.path())).read_bytes())).active
    assert [cell.value for cell in rejected[2]][1] == "韦小禾"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("heading", name="导入已撤销")).to_be_visible()
    assert not AidGrant.objects.exists()


def test_accounts_and_their_slips(open_page, picture, school: School, tmp_path: Path) -> None:
    file = book(
        tmp_path / "教职工.xlsx",
        ["姓名", "性别", "手机号", "岗位", "任教班级"],
        ["马春兰", "女", "13800000031", "班主任", "四（1）班"],
        ["石大山", "男", "13800000032", "任课教师", "四1、四2"],
    )
    page = open_page(make_staff(Role.SYSADMIN, school, name="王老师"))
    page.goto("/students/lists/staff/")
    picture(page, "upload")
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("navigation", name="预览内容").get_by_role("link", name="新登记").click()
    expect(page.locator("#rows")).to_contain_text("machunlan")
    picture(page, "preview")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("button", name="打印 2 张登录条")).to_be_visible()
    picture(page, "done")
    with page.context.expect_page() as paper:
        page.get_by_role("button", name="打印 2 张登录条").click()
    paper.value.wait_for_load_state()
    page.reload()
    assert page.get_by_role("button", name="张登录条").count() == 0
    assert all(person.has_usable_password() for person in Staff.objects.filter(name__in=["马春兰", "石大山"]))


def test_columns_with_strange_titles_are_pointed_out(open_page, picture, school: School, tmp_path: Path) -> None:
    file = book(tmp_path / "名单.xlsx", ["孩子", "哪个班", "项目", "钱"], ["李小兰", "四（1）班", "社会捐助", 500])
    page = open_page(make_staff(Role.REGISTRAR, school, name="岑老师"))
    page.goto("/students/lists/aid/")
    page.get_by_label("表格文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="核对列名")).to_be_visible()
    picture(page, "columns")
    page.get_by_label("姓名").select_option("0")
    page.get_by_label("班级").select_option("1")
    page.get_by_label("资助金额").select_option("3")
    page.get_by_role("button", name="保存并核对").click()
    expect(page.get_by_text("新登记 1 笔")).to_be_visible()

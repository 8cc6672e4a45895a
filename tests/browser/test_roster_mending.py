"""A messy roster from the file to the children and back: questions, cells mended in the page, leavers, undo."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.models import Child, ImportBatch
from tests.support.factories import (
    TODAY,
    id_number,
    make_class,
    make_left_behind,
    make_school,
    make_staff,
    make_term,
)

SHEETS = Path(__file__).parents[1] / "sheets"


@pytest.fixture
def school(stop_at, transactional_db: None) -> School:
    stop_at(TODAY)
    school = make_school()
    make_term(school)
    for grade in range(1, 7):
        make_class(school, grade, 1)
        make_class(school, grade, 2)
    return school


@pytest.fixture
def registrar(school: School) -> Staff:
    return make_staff(Role.REGISTRAR, school, name="岑老师")


def upload(page: Page, file: Path) -> None:
    page.goto("/students/import/")
    page.get_by_label("花名册文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()


def figure(page: Page, label: str) -> int:
    """The number of a figure on the preview or the result; 0 where the page has none."""
    found: Locator = page.locator(".care-figure").filter(has_text=label)
    return int(re.search(r"\d+", found.inner_text())[0]) if found.count() else 0


def box(page: Page, title: str) -> Locator:
    return page.get_by_role("textbox", name=title)


def test_a_messy_roster_is_mended_in_the_page(open_page, picture, registrar: Staff) -> None:
    page = open_page(registrar)
    upload(page, next(SHEETS.glob("a15_*.xlsx")))
    expect(page.get_by_role("heading", name="核对列名")).to_be_visible()
    picture(page, "columns")
    page.get_by_role("button", name="下一步：预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    ready = figure(page, "新学生")
    picture(page, "preview")

    page.get_by_role("link", name="逐行改错").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("第5行")
    picture(page, "row")
    page.get_by_role("button", name="保存，改下一行").click()
    expect(page.get_by_text("还有问题").or_(page.get_by_text("没有改动")).first).to_be_visible()

    page.goto(page.url.replace("/rows/0/5/", "/rows/0/56/").replace("/rows/0/8/", "/rows/0/56/"))
    expect(page.get_by_text("没有姓名")).to_be_visible()
    box(page, "B列 姓名").fill("黎小川")
    page.get_by_role("button", name="保存，回到预览").click()
    expect(page.get_by_text("第56行已改好")).to_be_visible()
    assert figure(page, "新学生") == ready + 1

    batch = ImportBatch.objects.get()
    page.goto(f"/students/import/{batch.pk}/rows/0/55/")
    page.get_by_role("button", name="这一行不导入").click()
    expect(page.get_by_text("第55行").first).to_be_visible()
    page.get_by_role("link", name="改动记录").click()
    expect(page.locator("#rows")).to_contain_text("黎小川")
    expect(page.locator("#rows")).to_contain_text("岑老师")
    picture(page, "mends")

    page.get_by_label("在这些行里查找").fill("黎小川")
    page.get_by_role("button", name="查找").click()
    assert not Child.objects.exists()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    assert Child.objects.count() == ready + 1
    assert Child.objects.filter(name="黎小川").exists()
    picture(page, "done")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("heading", name="导入已撤销")).to_be_visible()
    picture(page, "undone")
    assert not Child.objects.exists()


def roster(tmp_path: Path, *names: str | None) -> Path:
    """A list of one class as somebody keeps it, the last line with a fault."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "性别", "身份证号", "班级", "家庭住址"])
    for number, name in enumerate(names, start=1):
        sheet.append([name, "女", id_number(TODAY.replace(year=2016), number, male=False), "四（1）班", "栗坪村3组"])
    file = tmp_path / "四年级名单.xlsx"
    book.save(file)
    return file


def test_on_a_phone_who_left_is_said_and_rejected_rows_come_back(
    open_page, picture, registrar: Staff, school: School, tmp_path: Path
) -> None:
    gone = make_left_behind("蒙小河", make_class(school, 4, 1))
    page = open_page(registrar, phone=True)
    upload(page, roster(tmp_path, "罗小雨", "韦小兰", None))
    picture(page, "columns")
    page.get_by_role("button", name="下一步：预览").click()
    picture(page, "preview")
    page.get_by_role("link", name="看是哪些学生").click()
    page.get_by_label("蒙小河是什么情况").select_option(label="已转出")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="问题清单").click()
    expect(page.get_by_label("蒙小河是什么情况")).to_have_value("out_transfer")
    assert asked == ["beforeunload"], "a choice that is not saved yet is not lost without a word"
    page.get_by_role("button", name="保存选择").first.click()
    expect(page.get_by_text("将为 1 名学生办理变动")).to_be_visible()
    picture(page, "absent")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    picture(page, "done")
    gone.refresh_from_db()
    assert gone.school_class is None

    with page.expect_download() as download:
        page.get_by_role("link", name="下载未导入的行（Excel）").click()
    content = Path(download.value.path()).read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    head = next(row for row in book.active.iter_rows() if any(cell.value == "姓名" for cell in row))
    name = next(cell for cell in head if cell.value == "姓名")
    book.active.cell(head[0].row + 1, name.column).value = "石小江"
    mended = tmp_path / "改好.xlsx"
    book.save(mended)
    upload(page, mended)
    page.get_by_role("button", name="下一步：预览").click()
    assert figure(page, "新学生") == 1
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    assert Child.objects.filter(name="石小江").exists()


def test_the_list_goes_out_and_comes_back_unchanged(
    open_page, picture, registrar: Staff, school: School, tmp_path: Path
) -> None:
    make_left_behind("蒙小河", make_class(school, 4, 1))
    page = open_page(registrar)
    page.goto("/students/")
    page.get_by_role("link", name="导出").click()
    picture(page, "export")
    page.get_by_role("radio", name="完整（可以再导入）").check()
    page.get_by_role("radio", name="补充更正后再导入").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    file = tmp_path / "学生名单.xlsx"
    file.write_bytes(Path(download.value.path()).read_bytes())
    upload(page, file)
    page.get_by_role("button", name="下一步：预览").click()
    assert (figure(page, "新学生"), figure(page, "有变化"), figure(page, "无变化")) == (0, 0, 1)
    page.goto("/students/import/memory/")
    picture(page, "memory")

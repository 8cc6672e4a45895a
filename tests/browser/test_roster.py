"""The registrar brings real-looking workbooks: recognised, questioned, looked at, confirmed once, taken back."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.models import Child, ImportBatch
from tests.support.factories import TODAY, make_class, make_school, make_staff, make_term

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


def sheet(number: str) -> Path:
    return next(SHEETS.glob(f"{number}_*.xlsx"))


def upload(page: Page, file: Path) -> None:
    page.goto("/students/import/")
    page.get_by_label("花名册文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()


def preview(page: Page) -> None:
    page.get_by_role("button", name="下一步：预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()


def confirm(page: Page, count: int) -> None:
    assert not Child.objects.exists(), "nothing is written before the confirmation"
    page.get_by_role("button", name="确认导入").dblclick()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    expect(figure(page, "新建档案")).to_contain_text(f"{count}人")
    assert Child.objects.count() == count
    assert ImportBatch.objects.count() == 1


def figure(page: Page, label: str) -> Locator:
    return page.locator(".care-figure").filter(has_text=label)


def columns(page: Page) -> Locator:
    return page.get_by_role("table", name="列与项目的对应")


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_our_own_template(open_page, picture, registrar: Staff, js: bool) -> None:
    page = open_page(registrar, js=js)
    upload(page, sheet("a11"))
    expect(page.get_by_text("第 2 行，")).to_be_visible()
    row = columns(page).get_by_role("row", name="姓名").first
    expect(row).to_contain_text("石梓桐")
    picture(page, "columns")
    preview(page)
    expect(figure(page, "新学生")).to_contain_text("20人")
    expect(page.get_by_text("新建 20 名学生的档案")).to_be_visible()
    picture(page, "preview")
    page.get_by_role("link", name="新学生").first.click()
    expect(page.get_by_role("row", name="石梓桐")).to_be_visible()
    confirm(page, 20)
    picture(page, "done")
    page.get_by_role("link", name="一（1）班").click()
    expect(page.get_by_role("link", name="石梓桐")).to_be_visible()
    page.get_by_role("link", name="石梓桐").click()
    expect(page.get_by_role("region", name="家庭成员")).to_contain_text("石成林")

    upload(page, sheet("a11"))
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()  # the header is known by now
    for label, number in (("新学生", 0), ("有变化", 0), ("无变化", 20)):
        expect(figure(page, label)).to_contain_text(f"{number}人")
    expect(page.get_by_text("没有需要写入的内容")).to_be_visible()
    assert page.get_by_role("button", name="确认导入").count() == 0


def test_a_township_list_with_questions(open_page, picture, registrar: Staff) -> None:
    page = open_page(registrar)
    upload(page, sheet("a06"))
    expect(page.get_by_text("认出的表头")).to_be_visible()
    expect(columns(page)).to_contain_text("内容举例")
    picture(page, "columns")
    preview(page)
    expect(figure(page, "新学生")).to_contain_text("0人")
    expect(page.get_by_text("还有关于整列的问题没有回答")).to_be_visible()
    expect(page.get_by_text("现在还没有可以写入的内容")).to_be_visible()
    picture(page, "unanswered")
    page.get_by_role("link", name="去回答").click()
    questions = page.locator(".care-card").filter(has_text="需要您回答").get_by_role("combobox")
    expect(questions).to_have_count(6)
    for question in questions.all():
        question.select_option(index=1)
    preview(page)
    expect(figure(page, "新学生")).to_contain_text("40人")
    expect(page.get_by_role("table").first).to_be_visible()
    picture(page, "preview")
    confirm(page, 40)
    page.get_by_role("link", name="查看学生名单").click()
    expect(page.locator("#rows")).to_contain_text("40")


def test_a_whole_school_list_with_faults(open_page, picture, registrar: Staff) -> None:
    page = open_page(registrar)
    upload(page, sheet("a08"))
    preview(page)
    expect(figure(page, "新学生")).to_contain_text("48人")
    faults = page.get_by_role("row", name="G列 留守类型")
    expect(faults.first).to_contain_text("第")
    picture(page, "preview")
    page.get_by_role("navigation", name="预览内容").get_by_role("link", name="跳过的行").click()
    expect(page.locator("#rows")).to_contain_text("小计行")
    confirm(page, 48)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("heading", name="导入已撤销")).to_be_visible()
    picture(page, "undone")
    assert not Child.objects.exists()


def word_document() -> bytes:
    """The inside of a .docx, as somebody gets who renames it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "word/document.xml",
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>',
        )
    return packed.getvalue()


@pytest.mark.parametrize(
    "content, words", [(word_document(), "Word"), (b"", "空")], ids=["a Word file", "an empty file"]
)
def test_what_is_no_roster_is_told_and_not_kept(
    open_page, registrar: Staff, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "花名册.xlsx"
    file.write_bytes(content)
    page = open_page(registrar)
    upload(page, file)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("花名册文件")
    expect(alert).to_contain_text(words)
    assert not ImportBatch.objects.exists()
    assert not Child.objects.exists()

"""The list of grants, and with it what is the same for every kind of list."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from children.importing import batches as importing_batches
from children.models import AidGrant, ImportBatch
from tests.children.tables.conftest import DAY, Desk
from tests.support.factories import make_class, make_staff

HEAD = ["序号", "学生姓名", "就读年级班级", "监护人姓名", "资助时间", "资助项目", "资助金额（元）"]
LAN = [1, "李小兰", "四（1）班", "罗春花", "2026.3.5", "生活补助", 500]
HE = [2, "韦小禾", "四年级二班", "韦大山", "2026春", "营养餐", "400元"]


@pytest.fixture
def clerk(desk, registrar, pupils) -> Desk:
    return desk(registrar, "aid")


@pytest.mark.data
def test_grants_are_looked_at_then_written_once(clerk: Desk, pupils) -> None:
    clerk.check(HEAD, LAN, [*LAN[:5], "助学金", 800.5], HE, ["合计", None, None, None, None, None, 1700.5])
    assert clerk.counts() == (3, 0, 0, 0)
    assert not AidGrant.objects.exists(), "nothing is written before the confirmation"
    done = clerk.confirm()
    assert "导入完成" in done.content.decode()
    found = {(g.child.name, g.programme): (g.amount, g.on, g.term.season) for g in AidGrant.objects.all()}
    assert found == {
        ("李小兰", "生活补助"): (Decimal(500), dt.date(2026, 3, 5), 2),
        ("李小兰", "助学金"): (Decimal("800.50"), dt.date(2026, 3, 5), 2),
        ("韦小禾", "营养餐"): (Decimal(400), dt.date(2026, 3, 1), 2),
    }
    again = clerk.act("confirm", {"token": "old"})
    assert "没有重复导入" in again.content.decode()
    assert AidGrant.objects.count() == 3


def test_the_same_file_again_changes_nothing(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, HE)
    clerk.confirm()
    clerk.check(HEAD, LAN, HE)
    assert clerk.counts() == (0, 0, 2, 0)
    assert "没有需要写入的内容" in clerk.page("preview").content.decode()


def test_another_amount_changes_the_grant_and_blank_clears_nothing(clerk: Desk, pupils) -> None:
    AidGrant.objects.create(
        child=pupils["lan"], programme="生活补助", amount=300, on=dt.date(2026, 3, 5), source="县教育局"
    )
    clerk.check([*HEAD, "资金来源"], [*LAN, ""])
    assert clerk.counts() == (0, 1, 0, 0)
    page = clerk.page("preview", "?show=changed").content.decode()
    assert "<del>300.00</del>" in page
    assert "<ins>500.00</ins>" in page
    clerk.confirm()
    grant = AidGrant.objects.get()
    assert (grant.amount, grant.source) == (500, "县教育局")


def test_a_term_that_is_stated_goes_before_that_of_the_day_and_is_told(clerk: Desk, school) -> None:
    clerk.check([*HEAD, "学期"], [*LAN, "2026年秋季学期"], [*HE[:4], "2026.4.2", *HE[5:], "2026年春季学期"])
    assert [words for words in clerk.faults() if "学期" in words] == [
        "第2行 H列 写的是2026—2027学年第一学期，发放日期2026年3月5日在2025—2026学年第二学期；按写的学期登记，请核对。"
    ]
    clerk.confirm()
    assert AidGrant.objects.get(programme="生活补助").term == school.terms.get(season=1)
    clerk.check([*HEAD, "学期"], [*LAN, "2026年春季学期"], [*HE[:4], "2026.4.2", *HE[5:], "上学期"])
    assert clerk.counts() == (0, 1, 1, 0)
    assert any("没有找到学期“上学期”" in words for words in clerk.faults())


@pytest.mark.parametrize(
    "change, words",
    [
        ({1: "李小梅"}, "第2行 B列 没有找到“李小梅”"),
        ({1: None}, "第2行 B列 没有写姓名"),
        ({5: ""}, "第2行 F列 没有写资助项目"),
        ({6: "若干"}, "第2行 G列 “若干”不是金额"),
        ({6: None}, "第2行 G列 金额和物资都没有写"),
        ({6: 0}, "第2行 G列 金额要大于 0"),
        ({4: "2026"}, "第2行 E列 只写了 2026 年"),
        ({4: "2027-01-01"}, "第2行 E列 日期 2027-1-1 在今天以后"),
        ({4: "开学时"}, "第2行 E列 “开学时”看不出是哪一天"),
        ({1: "李小兰、韦小禾"}, "第2行 B列 一个格子里写了几名学生"),
    ],
)
def test_a_fault_names_its_cell_and_what_to_do(clerk: Desk, change: dict[int, object], words: str) -> None:
    row = [change.get(place, value) for place, value in enumerate(LAN)]
    clerk.check(HEAD, row, HE)
    assert clerk.counts() == (1, 0, 0, 1)
    assert any(fault.startswith(words) for fault in clerk.faults()), clerk.faults()


def test_an_id_typed_as_a_number_is_refused_even_if_it_looks_right(clerk: Desk, pupils) -> None:
    clerk.check([*HEAD, "身份证号"], [*LAN, int(pupils["lan"].id_no[:-1] + "0")])
    assert clerk.counts() == (0, 0, 0, 1)
    assert "第2行 H列 单元格是数字格式" in clerk.faults()[0]


def test_a_number_that_belongs_to_another_name_is_refused(clerk: Desk, pupils) -> None:
    clerk.check([*HEAD, "身份证号"], [LAN[0], "韦小禾", *LAN[2:], pupils["lan"].id_no])
    assert "这个号码在系统里是李小兰（四（1）班" in clerk.faults()[0]


def test_namesakes_are_asked_about_and_both_are_named(clerk: Desk, pupils) -> None:
    row = [1, "张伟", "四（1）班", "", "2026.3.5", "生活补助", 500]
    clerk.check(HEAD, row)
    assert clerk.counts() == (0, 0, 0, 1)
    page = clerk.page("preview")
    assert "张伟（四（1）班，女，2016-01-02 出生）、张伟（四（1）班，女，2016-08-09 出生）" in page.content.decode()
    question = page.context["questions"].fields["q0"]
    assert [value for value, _ in question.choices] == ["", str(pupils["wei1"].pk), str(pupils["wei2"].pk), "skip"]
    clerk.act("answer", {"q0": str(pupils["wei2"].pk)})
    assert clerk.counts() == (1, 0, 0, 0)
    clerk.confirm()
    assert AidGrant.objects.get().child == pupils["wei2"]


def test_a_birth_date_tells_namesakes_apart(clerk: Desk, pupils) -> None:
    clerk.check([*HEAD, "出生年月"], [1, "张伟", "", "", "2026.3.5", "生活补助", 500, "2015.12"])
    clerk.confirm()
    assert AidGrant.objects.get().child == pupils["wei3"]


def test_a_name_alone_is_confirmed_first_and_may_be_left_out(clerk: Desk) -> None:
    clerk.check(["姓名", "资助项目", "金额"], ["李小兰", "生活补助", 500])
    assert "是李小兰（四（1）班，女，2016-05-04 出生）吗" in clerk.page("preview").content.decode()
    clerk.act("answer", {"q0": "skip"})
    assert clerk.counts() == (0, 0, 0, 1)
    assert "按您的回答不导入" in clerk.page("preview", "?show=waiting").content.decode()


def test_a_class_in_the_title_and_units_in_the_header_count(clerk: Desk) -> None:
    clerk.check(["姓名", "项目", "金额（万元）"], ["李小兰", "助学金", 0.05], title="四年级（1）班资助学生花名册")
    assert clerk.counts() == (1, 0, 0, 0)
    clerk.confirm()
    grant = AidGrant.objects.get()
    assert (grant.amount, grant.on) == (500, DAY)


def test_yuan_under_a_header_of_ten_thousands_is_refused(clerk: Desk) -> None:
    clerk.check(["姓名", "班级", "项目", "金额（万元）"], ["李小兰", "四1", "助学金", 500])
    assert "多半其实是元" in clerk.faults()[0]


def test_twice_the_same_grant_in_one_file_is_refused_naming_the_first_row(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, LAN)
    assert clerk.counts() == (1, 0, 0, 1)
    assert "与第2行是同一名学生、同一天、同一项目" in clerk.faults()[0]


def test_what_is_said_beside_the_file_fills_the_gaps(clerk: Desk) -> None:
    clerk.check(["姓名", "班级", "物资"], ["李小兰", "四1", "书包一个"], programme="六一慰问", on="2026-06-01")
    clerk.confirm()
    grant = AidGrant.objects.get()
    assert (grant.programme, grant.goods, grant.on) == ("六一慰问", "书包一个", dt.date(2026, 6, 1))


def test_the_rejected_rows_come_back_and_can_be_uploaded_mended(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, [*HE[:6], "若干"])
    clerk.confirm()
    book = openpyxl.load_workbook(io.BytesIO(clerk.page("errors").content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[0][-2:] == ["错误列", "错误说明"]
    assert rows[1][1] == "韦小禾"
    assert rows[1][-2] == "资助金额（元）"
    assert "不是金额" in rows[1][-1]
    book.active.cell(2, 7).value = "400"
    again = io.BytesIO()
    book.save(again)
    clerk.send_file(SimpleUploadedFile("改好.xlsx", again.getvalue()))
    assert clerk.counts() == (1, 0, 0, 0)
    assert not any(fault.startswith(("第", "不认识")) and "登记" not in fault for fault in clerk.faults())


@pytest.mark.data
def test_undo_gives_back_what_was_before_and_spares_what_was_edited_since(clerk: Desk, pupils) -> None:
    old = AidGrant.objects.create(child=pupils["he"], programme="营养餐", amount=100, on=dt.date(2026, 3, 1))
    clerk.check(HEAD, LAN, [*LAN[:5], "助学金", 800], HE)
    clerk.confirm()
    edited = AidGrant.objects.get(programme="助学金")
    edited.source = "爱心企业"
    edited.save()
    done = clerk.act("undo").content.decode()
    assert "李小兰 四（1）班" in done
    assert {(g.programme, g.amount) for g in AidGrant.objects.all()} == {("助学金", 800), ("营养餐", 100)}
    assert AidGrant.objects.get(pk=old.pk).amount == 100
    assert "只能撤销一次" in clerk.act("undo").content.decode()


@pytest.mark.data
def test_what_changed_after_the_preview_stops_the_import(clerk: Desk, pupils) -> None:
    clerk.check(HEAD, LAN)
    token = clerk.page("preview").context["token"]
    AidGrant.objects.create(child=pupils["lan"], programme="生活补助", amount=300, on=dt.date(2026, 3, 5))
    page = clerk.act("confirm", {"token": token})
    assert "又有变化" in page.content.decode()
    assert AidGrant.objects.get().amount == 300
    assert clerk.counts() == (0, 1, 0, 0)


def test_a_class_teacher_imports_for_the_own_class_only(desk, school, pupils) -> None:
    teacher = desk(make_staff(Role.HOMEROOM, make_class(school, 4, 1), name="马老师"), "aid")
    teacher.check(HEAD, LAN, HE)
    assert teacher.counts() == (1, 0, 0, 1)
    assert "没有找到“韦小禾”" in teacher.faults()[0]


def test_columns_that_are_not_recognised_are_chosen_once(clerk: Desk) -> None:
    head, row = ["孩子", "哪个班", "项目", "金额"], ["李小兰", "四（1）班", "助学金", 500]
    clerk.check(head, row)
    page = clerk.page("columns")
    assert page.status_code == 200
    assert clerk.page("preview").status_code == 302
    clerk.act("columns", {"0-name": "0", "0-class_name": "1", "0-programme": "2", "0-amount": "3"})
    assert clerk.counts() == (1, 0, 0, 0)
    clerk.check(head, row)
    assert clerk.counts() == (1, 0, 0, 0), "the next file with this header needs no question"


def test_a_name_column_must_be_chosen_and_one_column_is_one_thing(clerk: Desk) -> None:
    clerk.check(["孩子", "项目", "金额"], ["李小兰", "助学金", 500])
    answer = clerk.act("columns", {"0-programme": "1", "0-amount": "1"})
    assert answer.status_code == 422
    words = answer.content.decode()
    assert "请指明哪一列是“姓名”" in words
    assert "已经选作" in words


def test_columns_nobody_asked_for_are_named_and_bank_numbers_refused(clerk: Desk) -> None:
    clerk.check([*HEAD, "银行账号", "座右铭"], [*LAN, "6222", "努力"])
    words = " ".join(clerk.faults())
    assert "H列“银行账号”没有导入：学校不应收集" in words
    assert "6222" not in clerk.last.result
    assert "I列“座右铭”不认识" in words
    assert "D列“监护人姓名”不属于这种名单" in words


def test_another_schools_pupil_in_a_townships_list_is_sent_back(clerk: Desk) -> None:
    clerk.check([*HEAD, "就读学校"], [*LAN, "石门村小学"])
    assert "由那所学校导入" in clerk.faults()[0]


@pytest.mark.parametrize("content, words", [(b"", "空"), (b"%PDF-1.7", "PDF"), ("甲,乙\n1,2\n".encode(), "表头")])
def test_what_is_no_list_is_told_and_not_kept(clerk: Desk, content: bytes, words: str) -> None:
    answer = clerk.send_file(SimpleUploadedFile("名单.xlsx", content))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_the_template_can_be_filled_in_and_uploaded(clerk: Desk) -> None:
    answer = clerk.client.get(reverse("children:table_template", args=["aid"]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[2]]
    assert titles[0] == "姓名*"
    assert sheet.cell(4, titles.index("身份证号") + 1).number_format == "@"
    filled = {"姓名*": "李小兰", "班级": "四（1）班", "资助项目": "助学金", "资助金额（元）": 500}
    for title, value in filled.items():
        sheet.cell(4, titles.index(title) + 1).value = value
    file = io.BytesIO()
    book.save(file)
    clerk.send_file(SimpleUploadedFile("模板.xlsx", file.getvalue()))
    assert clerk.counts() == (1, 0, 0, 0)
    assert clerk.page("preview").context["tabs"][-1].label == "跳过的行"


def test_the_preview_asks_as_often_for_one_row_as_for_twelve(clerk: Desk, pupils) -> None:
    numbers = []
    for count in (1, 12):
        rows = [[1, "李小兰", "四1", "", f"2026.3.{day}", "生活补助", 500] for day in range(1, count + 1)]
        with CaptureQueriesContext(connection) as asked:
            clerk.check(HEAD, *rows)
        with CaptureQueriesContext(connection) as shown:
            clerk.page("preview", "?show=new")
        numbers.append((len(asked), len(shown)))
    assert numbers[0] == numbers[1]


def test_the_overview_offers_what_a_person_may_import(desk, school, registrar, pupils) -> None:
    page = desk(registrar, "aid").client.get(reverse("children:table_list")).content.decode()
    assert "导入资助名单" in page
    admin = desk(make_staff(Role.SYSADMIN, school, name="王老师"), "aid")
    assert "导入资助名单" not in admin.client.get(reverse("children:table_list")).content.decode()
    assert admin.client.get(reverse("children:table_import", args=["aid"])).status_code == 403


def test_a_long_list_is_checked_and_written_in_the_background(clerk: Desk, monkeypatch, pupils) -> None:
    monkeypatch.setattr(importing_batches, "BACKGROUND_ROWS", 3)
    rows = [[1, "李小兰", "四1", "", f"2026.3.{day}", "生活补助", 500] for day in range(1, 9)]
    answer = clerk.send(HEAD, *rows)
    assert answer["Location"].startswith("/jobs/")
    assert clerk.last.state == ImportBatch.State.CHECKING
    run(Job.objects.latest("pk").pk)
    assert clerk.counts() == (8, 0, 0, 0)
    token = clerk.page("preview").context["token"]
    clerk.client.post(clerk.address("confirm"), {"token": token})
    assert not AidGrant.objects.exists()
    job = Job.objects.latest("pk")
    run(job.pk)
    job.refresh_from_db()
    assert job.result == {"next": clerk.address("done")}
    assert AidGrant.objects.count() == 8


def test_nobody_is_chosen_beforehand_and_what_stays_out_stands_on_the_button(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, [2, "韦小禾", "", "", "2026.3.5", "生活补助", 500])
    page = clerk.page("preview")
    questions = page.context["questions"]
    assert [questions[name].value() for name in questions.fields] == [""]
    assert "确认导入（1 行不导入）" in page.content.decode()
    clerk.act("answer", {"only": "1"})
    assert clerk.counts() == (2, 0, 0, 0)


@pytest.mark.parametrize(
    "paid, born, words",
    [
        ("2026-02-30", "2016-05-04", "没有“2026-2-30”这一天，请核对后改正。"),
        ("2026-03-05", "2016-02-30", "没有“2016-2-30”这一天，请对照户口簿改正。"),
    ],
)
def test_only_a_birth_date_is_looked_up_in_the_household_book(clerk: Desk, paid: str, born: str, words: str) -> None:
    clerk.check([*HEAD, "出生年月"], [*LAN[:4], paid, *LAN[5:], born])
    assert clerk.faults()[0].endswith(words)

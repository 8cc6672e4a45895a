"""The workbook of rejected rows says all that was read, and means the same when it is uploaded again (rosters §7)."""

import copy
import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from caretrack.schools.models import School
from children.importing import batches
from children.importing.error_book import error_book_of
from children.importing.mends import Act
from children.importing.parse import Context, parse_roster
from children.importing.records import ChildRow
from children.models import ImportBatch
from tests.children.importing.test_forms import FORM
from tests.support.factories import id_number, make_class, make_school, make_term

DAY = dt.date(2026, 11, 20)
CLASSES = frozenset((grade, number) for grade in range(1, 7) for number in range(1, 3))


@pytest.fixture
def school(db: None) -> School:
    school = make_school(code="990001")
    make_term(school)
    for grade, number in sorted(CLASSES):
        make_class(school, grade, number)
    return school


def checked(school: School, content: bytes, **answers: str) -> ImportBatch:
    batch = batches.take_file(school=school, by=None, name="a.xlsx", content=content, on=DAY)
    batches.check(batch, None)
    if answers:
        batches.answer(batch, answers=answers)
        batches.check(batch, None)
    return batch


def returned(school: School, content: bytes, **answers: str) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(error_book_of(checked(school, content, **answers))))


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def listed(*rows: list[Any], change: Callable[[Workbook, Worksheet], object] = lambda book, sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet: Worksheet = book.active
    for row in rows:
        sheet.append(row)
    change(book, sheet)
    return saved(book)


def read(content: bytes, **answers: str) -> list[ChildRow]:
    return parse_roster(content, Context(2026, DAY, known_classes=CLASSES, answers=answers)).children


def form(name: str, id_no: str, born: str, **more: str) -> list[list[Any]]:
    rows: list[list[Any]] = copy.deepcopy(FORM)
    rows[3][1], rows[3][7], rows[4][1] = name, born, id_no
    rows[8][7] = "1958-06-01"
    rows.insert(9, ["外祖父姓名", "罗老汉", "出生日期", "1956-01-02", "外祖母姓名", more.get("grandmother")])
    rows[11][1] = more.get("mother", "罗春花")
    return rows


def forms(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    return saved(book)


COPIED, OTHER = id_number(dt.date(2015, 10, 11), male=False), id_number(dt.date(2015, 3, 4), 5, male=False)


def test_rejected_forms_come_back_as_a_list_that_gives_the_same_children(school: School) -> None:
    first = form("韦小禾", COPIED, "2015-10-11", grandmother="梁阿婆")
    second, mended = (form("田小雨", number, "2015-03-04", mother="田桂兰") for number in (COPIED, OTHER))
    third = form("岑小月", "", "2016-01-02")
    book = returned(school, forms(first, second, third), class_missing="5-2")
    (sheet,) = book.worksheets
    titles = {cell.value: cell.column for cell in sheet[2]}
    assert [sheet.cell(row, titles["姓名"]).value for row in (3, 4)] == ["韦小禾", "田小雨"]
    assert sheet.max_row == 4, "the third child is no rejected one"
    for title in ("身份证号", "父亲电话", "实际监护人电话"):
        cell = sheet.cell(4, titles[title])
        assert (cell.data_type, cell.number_format) == ("s", "@")
    assert "身份证号" in sheet.cell(4, titles["错误列"]).value
    sheet.cell(4, titles["身份证号"]).value = OTHER

    again, expected = read(saved(book)), read(forms(first, mended), class_missing="5-2")
    assert [child.name for child in again] == ["韦小禾", "田小雨"]
    for child, meant in zip(again, expected, strict=True):
        for part in fields(ChildRow):
            if part.name not in ("sheet", "row"):
                assert getattr(child, part.name) == getattr(meant, part.name), part.name
    assert len(again[0].family) == 4, "all four grandparents"
    assert checked(school, saved(book)).counts["new"] == 2
    assert json.loads(checked(school, saved(book)).result)["questions"] == []


def test_rejected_forms_of_two_classes_come_back_in_their_own(school: School) -> None:
    first, second = form("韦小禾", COPIED, "2015-10-11"), form("田小雨", COPIED, "2015-03-04")
    first[0][0], second[0][0] = "五年级（1）班", "五年级（2）班"
    again = read(saved(returned(school, forms(first, second))))
    assert [(child.name, child.klass and child.klass.number) for child in again] == [("韦小禾", 1), ("田小雨", 2)]


def test_47_54_what_only_a_number_format_tells_is_not_lost(school: School) -> None:
    """The rows lack a name; the second column says October only by its format, the third is asked about."""

    def show(book: Workbook, sheet: Worksheet) -> None:
        sheet["C2"].number_format = "0.00"
        sheet["B3"].number_format = 'm"月"d"日"'

    content = listed(
        ["姓名", "班级", "出生年月", "性别"],
        [None, "四（1）班", 2015.1, "女"],
        [None, dt.date(2026, 3, 2), 2015.1, "女"],
        change=show,
    )
    again, before = read(saved(returned(school, content))), read(content)
    for child, meant in zip(again, before, strict=True):
        assert (child.birth_date, child.klass, child.fate) == (meant.birth_date, meant.klass, meant.fate)
    assert (before[0].birth_date.iso, str(before[1].klass)) == ("2015-10", "三年级（2）班")


def test_13_a_day_number_of_1904_stays_that_day(school: School) -> None:
    def epoch(book: Workbook, sheet: Worksheet) -> None:
        book.epoch = CALENDAR_MAC_1904

    content = listed(["姓名", "性别", "班级", "出生日期"], [None, "男", "四（1）班", 40613], change=epoch)
    (child,) = read(saved(returned(school, content)))
    assert child.birth_date.iso == "2015-03-12"


def test_25_27_what_a_merge_or_a_ditto_mark_stood_for_is_written_out(school: School) -> None:
    content = listed(
        ["班级", "姓名", "性别", "父亲姓名", "父亲电话", "家庭住址"],
        ["四（1）班", "韦小禾", "女", "韦大山", "13800000001", "栗坪村3组"],
        [None, None, "男", "〃", "〃", "同上"],
        [None, "田小雨", "女", "田勇", "13800000002", "大坪组"],
        change=lambda book, sheet: sheet.merge_cells("A2:A4"),
    )
    (child,) = read(saved(returned(school, content)))
    assert (str(child.klass), child.father.name, child.father.phones[0].number, child.address) == (
        "四年级（1）班", "韦大山", "13800000001", "栗坪村3组",
    )  # fmt: skip


def test_a_correction_in_the_page_comes_back_in_a_form_too(school: School) -> None:
    batch = checked(school, forms(form("", OTHER, "2015-03-04"), form("", COPIED, "2015-10-11")))
    act = Act("cell", "表0", 4, "岑老师", "2026-11-20T16:00", 3, "性别", "女", "男")
    batch.mends = batches.Mends([act]).as_text()
    batch.save(update_fields=["mends"])
    batches.check(batch, None)
    assert {child.sex for child in read(error_book_of(batch))} == {"男", "女"}


def test_25_the_lines_of_a_rejected_pupils_family_come_back_with_it(school: School) -> None:
    content = listed(
        ["班级", "姓名", "性别", "身份证号", "家长姓名", "关系", "电话"],
        ["四（1）班", "韦小禾", "女", "", "韦大山", "父", "13800000001"],
        ["四（1）班", "韦小禾、韦小苗", "女", "", "韦大山", "父", "13800000001"],
        [None, None, None, None, "罗春花", "母", "13800000002"],
    )
    (child,) = read(saved(returned(school, content)))
    assert (child.father.name, child.mother.name, child.mother.phones[0].number) == ("韦大山", "罗春花", "13800000002")

"""Workbooks out: digits and texts as they are, nothing that runs, names that Excel and a browser take."""

import io
from urllib.parse import quote

import openpyxl
import pytest

from caretrack.downloads import pdf_response, xlsx_response
from caretrack.sheets import add_remarks, add_table, new_book, offer_words, put_text, saved, table_book


def read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_digits_stay_text_and_figures_stay_numbers():
    sheet = read(table_book("名单", ["身份证号", "人数", "空"], [["999999201503120012", 3, None]])).active
    number, figure, empty = sheet[3]
    assert (number.value, number.data_type, number.number_format) == ("999999201503120012", "s", "@")
    assert (figure.value, figure.data_type) == (3, "n")
    assert empty.value is None


def test_every_cell_of_a_table_is_what_it_is_whatever_stood_before_it():
    rows = [["=1+1", 3, None, "李小兰"], [None, "=2", 4, 5], [6, "0012", True, None]]
    sheet = read(table_book("名单", ["a", "b", "c", "d"], rows)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] == [
        ["=1+1", 3, None, "李小兰"],
        [None, "=2", 4, 5],
        [6, "0012", "True", None],
    ]
    cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row]
    assert {(cell.data_type, cell.number_format) for cell in cells if isinstance(cell.value, str)} == {("s", "@")}
    assert {(cell.data_type, cell.number_format) for cell in cells if cell.value is not None} == {
        ("s", "@"),
        ("n", "General"),
    }
    assert all(cell.border.left.style == "thin" for cell in cells), "empty ones have a frame too"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-2+3", '=HYPERLINK("http://x")'])
def test_a_text_that_looks_like_a_formula_is_shown_and_never_computed(text):
    cell = read(table_book("名单", ["备注"], [[text]])).active["A3"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_control_characters_do_not_keep_the_list_from_leaving():
    sheet = read(table_book("名单", ["备注"], [["坐校车\x0b到校"]])).active
    assert sheet["A3"].value == "坐校车到校"


def test_title_notes_and_header_stay_in_sight():
    sheet = read(table_book("统计表", ["班级"], [["四(1)班"]], notes=["截至2026-11-20"])).active
    assert [row[0].value for row in sheet.iter_rows()] == ["统计表", "截至2026-11-20", "班级", "四(1)班"]
    assert sheet.freeze_panes == "A4"


def test_a_table_without_a_title_begins_with_its_header_as_an_import_likes_it():
    book = new_book()
    add_table(book, "体检", ["姓名", "身高"], [["王芳", "132.5"]], kept=1)
    sheet = read(saved(book)).active
    assert [cell.value for cell in sheet[1]] == ["姓名", "身高"]
    assert sheet.freeze_panes == "B2"


def test_a_sheet_name_that_excel_refuses_is_mended():
    assert read(table_book("四(1)班[变动]：2026/11" + "长" * 40, ["a"], [])).sheetnames == [
        ("四(1)班变动：202611" + "长" * 40)[:31]
    ]
    assert read(table_book("/", ["a"], [])).sheetnames == ["表"]


def test_a_form_offers_words_in_the_rows_to_fill_in_and_says_how():
    book = openpyxl.Workbook()
    offer_words(book, book.active, "代码", [(2, "性别", ["男", "女"])], rows=range(3, 11))
    put_text(book.active, 3, 1, "=机密")
    add_remarks(book, "说明", ["填表说明", "1. 一行一人。"])
    back = read(saved(book))
    (rule,) = back.worksheets[0].data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("B3:B10", "'代码'!$A$2:$A$3")
    assert [cell.value for cell in back["代码"]["A"]] == ["性别", "男", "女"]
    assert back.worksheets[0]["A3"].data_type == "s"
    assert back["说明"]["A2"].value == "1. 一行一人。"


@pytest.mark.parametrize("response_of, way", [(xlsx_response, "attachment"), (pdf_response, "inline")])
def test_a_file_leaves_under_its_chinese_name_and_is_kept_by_nobody(response_of, way):
    answer = response_of(b"x", "甲校名单.xlsx")
    assert answer["Content-Disposition"] == f"{way}; filename*=utf-8''{quote('甲校名单.xlsx')}"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_name_cannot_write_headers_of_its_own():
    answer = xlsx_response(b"x", "名单\r\nSet-Cookie: a=b.xlsx")
    assert "\r" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer

"""The workbook of a kind of list to fill in: text cells where Excel would ruin numbers, drop-downs, an example row."""

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from caretrack.sheets import EXAMPLE, TITLE, add_remarks, offer_words, prepare_text, put_header, saved
from children.tables.kinds import TableKind

CODES, NOTES = "代码", "说明"
PREPARED_ROWS = 1_000
_COMMON = (
    "带 * 的列必须填写；一行一条，不要合并单元格。",
    "号码和日期的列已设为文本格式，请勿改成数字，否则长号码的后几位会丢失。",
    "第 3 行是示例，导入时自动忽略，可以删除。",
    "留空表示“不清楚”，不会清除系统里已有的内容。",
)


def template_workbook(kind: TableKind, school: str) -> bytes:
    """The template of a kind as .xlsx, titled for a school."""
    book = openpyxl.Workbook()
    sheet: Worksheet = book.active
    sheet.title = kind.title
    sheet["A1"], sheet["A1"].font = f"{school}{kind.title}", TITLE
    put_header(sheet, 2, [f"{field.title}*" if field.needed else field.title for field in kind.fields], height=30)
    sheet.freeze_panes = "B3"
    for column, field in enumerate(kind.fields, start=1):
        sheet.cell(3, column, field.example or None).font = EXAMPLE
        sheet.column_dimensions[get_column_letter(column)].width = field.width
        if field.text:
            prepare_text(sheet, column, range(3, PREPARED_ROWS + 3))
    offers = [
        (column, field.title, field.choices) for column, field in enumerate(kind.fields, start=1) if field.choices
    ]
    offer_words(book, sheet, CODES, offers, rows=range(3, PREPARED_ROWS + 3))
    remarks = [f"{number}. {remark}" for number, remark in enumerate((*_COMMON, *kind.hints), start=1)]
    add_remarks(book, NOTES, ["填表说明", *remarks])
    return saved(book)

"""The workbook of a kind of list to fill in: text cells where Excel would ruin numbers, drop-downs, an example row."""

import io

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

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
    sheet["A1"] = f"{school}{kind.title}"
    sheet["A1"].font = Font(bold=True, size=14)
    grey = Font(color="808080", italic=True)
    for column, field in enumerate(kind.fields, start=1):
        head = sheet.cell(2, column, f"{field.title}*" if field.needed else field.title)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8E4")
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.cell(3, column, field.example or None).font = grey
        sheet.column_dimensions[get_column_letter(column)].width = field.width
        if field.text:
            for row in range(3, PREPARED_ROWS + 3):
                sheet.cell(row, column).number_format = "@"
    sheet.row_dimensions[2].height = 30
    sheet.freeze_panes = "B3"
    _choices(book, sheet, kind)
    notes = book.create_sheet(NOTES)
    notes["A1"], notes["A1"].font = "填表说明", Font(bold=True)
    for number, remark in enumerate((*_COMMON, *kind.hints), start=1):
        notes.cell(number + 1, 1, f"{number}. {remark}")
    notes.column_dimensions["A"].width = 90
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _choices(book: openpyxl.Workbook, sheet: Worksheet, kind: TableKind) -> None:
    """Drop-downs, fed from a sheet of code lists; another word may still be typed."""
    listed = [(column, field) for column, field in enumerate(kind.fields, start=1) if field.choices]
    if not listed:
        return
    codes = book.create_sheet(CODES)
    for place, (column, field) in enumerate(listed, start=1):
        codes.cell(1, place, field.title).font = Font(bold=True)
        for row, word in enumerate(field.choices, start=2):
            codes.cell(row, place, word)
        letter, target = get_column_letter(place), get_column_letter(column)
        source = f"'{CODES}'!${letter}$2:${letter}${len(field.choices) + 1}"
        rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
        rule.add(f"{target}3:{target}{PREPARED_ROWS + 2}")
        sheet.add_data_validation(rule)
        codes.column_dimensions[letter].width = 18

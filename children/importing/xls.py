"""Reading the old .xls format with xlrd; formatting is loaded because merges and hidden rows are only known with it."""

import io

import xlrd

from children.importing.guard import LIMITS, Refused
from children.importing.sheets import CellValue, Merge, Sheet, Workbook

_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}


def read_xls(data: bytes) -> Workbook:
    """Read a BIFF workbook. Raises Refused if it is locked, damaged or absurdly large."""
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except Exception as error:  # xlrd raises its own errors, struct errors and assertion errors on damaged files
        if "encrypted" in str(error).lower():
            raise Refused("这个表格设了打开密码，系统读不出来。请取消密码，保存后再上传。") from error
        raise Refused("这个旧格式表格读不出来。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。") from error
    return Workbook("xls", [_read_sheet(book, sheet) for sheet in book.sheets()], date1904=book.datemode == 1)


def _read_sheet(book: xlrd.Book, source: xlrd.sheet.Sheet) -> Sheet:
    if source.nrows * source.ncols > LIMITS.rectangle:
        raise Refused("工作表大得不正常。请把名单复制到一个新表格里，保存后再上传。")
    sheet = Sheet(source.name, [], state=_STATES.get(source.visibility, "hidden"))
    for index in range(source.nrows):
        row: list[CellValue] = []
        for column, cell in enumerate(source.row(index)):
            value = _value(book, cell)
            row.append(value)
            if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
                if number_format not in ("General", "GENERAL"):
                    sheet.formats[index, column] = number_format
        while row and row[-1] is None:
            row.pop()
        sheet.rows.append(row)
    while sheet.rows and not sheet.rows[-1]:
        sheet.rows.pop()
    sheet.merges = [Merge(top, left, bottom - 1, right - 1) for top, bottom, left, right in source.merged_cells]
    sheet.hidden_rows = {number for number, info in source.rowinfo_map.items() if info.hidden}
    sheet.hidden_columns = {number for number, info in source.colinfo_map.items() if info.hidden}
    return sheet


def _value(book: xlrd.Book, cell: xlrd.sheet.Cell) -> CellValue:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (xlrd.XLDateError, OverflowError, ValueError):
            return float(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == xlrd.XL_CELL_NUMBER and float(cell.value).is_integer():
        return int(cell.value)
    return cell.value or None

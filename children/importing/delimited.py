"""Reading text tables: CSV in any of the encodings Chinese systems write, and tab text that calls itself .xls."""

import csv
import io
import re

from children.importing.guard import LIMITS, Refused
from children.importing.sheets import CellValue, Sheet, Workbook

_FORCED_TEXT = re.compile(r'^\s*="([^"]*)"\s*$')
"""A formula that programs write so that Excel keeps a long number as text: ="999999201503120012"."""


def read_text(data: bytes, encoding: str) -> Workbook:
    """
    Read a delimited text whose encoding the guard has found.

    Raises Refused if the text is no table: a line without any separator, or far too many of them.
    """
    text = data.decode(encoding, errors="strict").replace("\0", "")
    first_lines = text[:20_000].splitlines()[:20]
    delimiter = max(",\t;", key=lambda mark: sum(line.count(mark) for line in first_lines))
    if not any(delimiter in line for line in first_lines):
        raise Refused("这个文本文件里没有分列的内容，不像名单。请上传 Excel、WPS 表格，或用逗号分列的 CSV。")
    csv.field_size_limit(LIMITS.text_field)
    rows: list[list[CellValue]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(line) > LIMITS.text_columns:
                raise Refused(f"第{len(rows) + 1}行有 {len(line)} 列，不像名单。请用 Excel 打开检查后再上传。")
            row: list[CellValue] = [_FORCED_TEXT.sub(r"\1", value) if value.strip() else None for value in line]
            while row and row[-1] is None:
                row.pop()
            rows.append(row)
    except csv.Error as error:
        raise Refused("文本里有特别长的内容或引号不成对，读不出来。请用 Excel 打开，另存为 .xlsx 后再上传。") from error
    while rows and not rows[-1]:
        rows.pop()
    return Workbook("tsv" if delimiter == "\t" else "csv", [Sheet(None, rows)], encoding=encoding)

"""
The column of the pupils' names under a title that nobody knows (孩子, 学员) or under none, told by what stands in it.

A guess that the mapping page shows as one; only a header that is a pupil's beyond doubt is completed in this way.
"""

import re

from children.importing.aliases import NOTE, field_label
from children.importing.findings import Finding, Level
from children.importing.further_tables import lists_pupils
from children.importing.header import (
    FROM_CONTEXT,
    LEAST_HITS,
    SAMPLED_ROWS,
    UNKNOWN,
    Column,
    Header,
    find_nameless_header,
)
from children.importing.normalise.names import is_personal
from children.importing.normalise.text import is_nothing
from children.importing.sheets import Sheet, Workbook

LEAST_FILLED = 2
MOST_SHOWN = 8
_OF_OTHERS = re.compile("[人师长工主]$|[人师]姓名|[职教党]员|干部|司机|家长|老师|签名|签字")
"""Titles of columns that hold names too: 接送人, 户主, 教职员, 家长签名."""


def guess_name(sheet: Sheet) -> Header | None:
    """The header of a sheet on which exactly one column without a known title holds names; None where that is open."""
    header = find_nameless_header(sheet)
    if header is None:
        return None
    found = _columns_of_names(sheet, header)
    if len(found) != 1:
        return None
    _take(header, found[0])
    return header if _is_of_pupils(header) else None


def why_no_name(workbook: Workbook) -> str:
    """A sentence for a list of pupils that has everything but one column of names. Empty for any other file."""
    for sheet in workbook.sheets:
        header = find_nameless_header(sheet)
        if header is None:
            continue
        labels = [column.label for column in header.fields.values()]
        known = "、".join(labels[:MOST_SHOWN]) + ("等" if len(labels) > MOST_SHOWN else "")
        found = _columns_of_names(sheet, header)
        _take(header, found[0] if found else Column(len(header.columns), ""))
        if not _is_of_pupils(header):
            continue
        where = "、".join(f"{one.letter}列“{one.label or '无标题'}”" for one in found)
        missing = f"有几列都像姓名（{where}），不知道哪一列是学生" if len(found) > 1 else "没有哪一列像姓名"
        place = f"“{sheet.name}”第 {header.bottom + 1} 行" if sheet.name else f"第 {header.bottom + 1} 行"
        return f"{place}的表头里认出了{known}，{missing}。请在学生姓名那一列的表头写“姓名”后再上传。"
    return ""


def _is_of_pupils(header: Header) -> bool:
    """Beside the name and the note there are three fields, and nothing makes it a list of staff or of events."""
    return len(header.fields.keys() - {"name", NOTE}) >= LEAST_HITS and lists_pupils(header)


def _columns_of_names(sheet: Sheet, header: Header) -> list[Column]:
    """The columns with no title that we know, in most of whose lines another person's name stands."""
    known = [column.index for column in header.fields.values()]
    rows = [
        row
        for row in range(header.bottom + 1, min(header.bottom + 1 + SAMPLED_ROWS, len(sheet.rows)))
        if sum(not is_nothing(sheet.value(row, index)) for index in known) >= LEAST_FILLED
    ]
    untitled = [Column(index, "") for index in range(len(header.columns), sheet.width)]
    candidates = [one for one in header.columns if one.confidence == UNKNOWN and not _OF_OTHERS.search(one.label)]
    return [column for column in (*candidates, *untitled) if _holds_names(sheet, column.index, rows)]


def _holds_names(sheet: Sheet, index: int, rows: list[int]) -> bool:
    """The same few names again and again are those of teachers or hamlets."""
    names = [value for row in rows if is_personal(value := sheet.value(row, index))]
    return len(names) * 2 > len(rows) and len(set(names)) * 2 > len(names)


def _take(header: Header, column: Column) -> None:
    """Makes the column that of the names, and tells so in place of what was told of a column that nobody knows."""
    for index in range(len(header.columns), column.index + 1):
        header.columns.append(column if index == column.index else Column(index, ""))
    column.field, column.confidence = "name", FROM_CONTEXT
    title = f"表头“{column.label}”不认识" if column.label else "这一列没有表头"
    sentence = f"{title}，下面写的像是姓名，已按“{field_label('name')}”读取，请核对；不是的，请在对照页改选。"
    header.findings = [found for found in header.findings if found.column != column.index]
    header.findings.append(
        Finding("name_guess", Level.WARNING, sentence, header.sheet, column=column.index, label=column.label)
    )

"""
Tables of pupils that share a sheet with one whose columns are different: below it (rosters fault 24) or beside it (35).

Each is read as if it had a sheet of its own, whose name tells where it begins: 名册（第25行起）, 名册（H列起）. By that name its
columns, questions and corrections are kept, and by that name its cells are found in the file again.
"""

import re
from copy import copy
from dataclasses import replace

from children.importing.aliases import normal_title
from children.importing.body import Body
from children.importing.header import LEAST_HITS, Column, Header, blocks_of, find_header, header_at, only_columns
from children.importing.lines import HEADING
from children.importing.refusals import other_list
from children.importing.sheets import Sheet, Workbook, column_letter
from children.importing.titles import TitleFacts

MOST_TABLES = 20
"""Tables read from one sheet."""
_PLACE = re.compile(r"（(第\d+行|[A-Z]{1,3}列)起）$")
_OF_A_PUPIL = frozenset(
    {
        "sex", "birth_date", "id_no", "student_no", "grade", "class_name", "school_grade", "boarding", "boarding_tick",
        "lb_flag", "lb_type", "lb_both", "lb_one",
    }
)  # fmt: skip
_OF_STAFF = frozenset({"职务", "职称", "岗位", "工号", "教龄", "学科", "任教学科", "任教班级", "任教年级"})


def holder_of(name: str | None) -> str | None:
    """The name of the sheet in the file that holds the table kept under this name; None for a sheet without a name."""
    return _PLACE.sub("", name or "") or None


def sheet_called(workbook: Workbook, name: str | None) -> Sheet | None:
    """The sheet of this name, or the one that holds the table kept under it."""
    named = {sheet.name or "": sheet for sheet in workbook.sheets}
    return named.get(name or "") or named.get(holder_of(name) or "")


def lists_pupils(header: Header) -> bool:
    """True if a further table lists pupils: neither staff nor events, and it says something that only a pupil has."""
    fields, labels = header.fields, [column.label for column in header.columns]
    of_staff = "mentor.name" not in fields and not _OF_STAFF.isdisjoint(map(normal_title, labels))
    known = "name" in fields and len(fields) >= LEAST_HITS and not _OF_A_PUPIL.isdisjoint(fields)
    return known and not of_staff and not other_list(labels)


def tables_beside(sheet: Sheet, header: Header) -> list[tuple[Sheet, Header]]:
    """
    The tables that stand beside each other under one line of titles, a column without a title between them.

    A sheet with one table comes back as it is, and so do lists with the same titles: those are `blocks_of` a header.
    """
    names = [column.index for column in header.columns if column.field == "name"]
    if len(names) < 2 or len(blocks_of(header)) > 1:
        return [(sheet, header)]
    tables: list[tuple[Sheet, Header]] = []
    for columns in _runs(header):
        part = only_columns(sheet, replace(header, columns=columns))
        if tables:
            part.name = f"{sheet.name or ''}（{column_letter(columns[0].index)}列起）"
        found = find_header(part)
        if found is None or not lists_pupils(found):
            return [(sheet, header)]
        tables.append((part, found))
    return tables


def _runs(header: Header) -> list[list[Column]]:
    """The columns between those without a title."""
    runs: list[list[Column]] = [[]]
    for column in header.columns:
        if column.label:
            runs[-1].append(column)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def table_below(sheet: Sheet, header: Header, body: Body) -> tuple[Sheet, Header] | None:
    """
    The table at whose header the reading of another one above it has ended, if it lists pupils too.

    Its titles are the lines that stand between the last pupil above and its own header.
    """
    row = body.other_table
    if row is None:
        return None
    found = header_at(sheet, row)
    if found is None or not lists_pupils(found):
        return None
    last = body.rows[-1] if body.rows else header.bottom
    headings = {line.row - 1 for line in body.skipped if line.why == HEADING and line.row - 1 > last}
    part = copy(sheet)
    part.name = f"{holder_of(sheet.name) or ''}（第{row + 1}行起）"
    part.rows = [sheet.rows[number] if number in headings else [] for number in range(row)] + sheet.rows[row:]
    return part, replace(found, sheet=part.name, findings=[replace(one, sheet=part.name) for one in found.findings])


def with_titles_above(facts: TitleFacts, above: TitleFacts | None) -> TitleFacts:
    """What the lines above a table say; where they say nothing, what the title of the table above it says."""
    if above is None:
        return facts
    own_class = facts.klass is not None or facts.grade is not None
    return replace(
        facts,
        school=facts.school or above.school,
        klass=facts.klass if own_class else above.klass,
        grade=facts.grade if own_class else above.grade,
        class_place=facts.class_place if own_class else above.class_place,
        term=facts.term or above.term,
        school_year=facts.school_year if facts.term else above.school_year,
        date=facts.date or above.date,
    )

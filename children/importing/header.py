"""Finding the header of a sheet and what each column means (rosters §3; faults 19–23)."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from children.importing.aliases import (
    AGE,
    BARE_PARTS,
    FIELD_OF_TITLE,
    IGNORE,
    KEPT,
    NOTE,
    PART_OF,
    PERSON_OF,
    SENSITIVE,
    field_label,
    normal_title,
    parts_of,
)
from children.importing.findings import Finding, Level
from children.importing.normalise.care import looks_like_rating
from children.importing.normalise.text import tidy
from children.importing.sheets import CellValue, Sheet, column_letter

SEARCHED_ROWS = 20
LEAST_BLOCK = 3
MOST_LEVELS = 3
LEAST_HITS = 3
SAMPLED_ROWS = 200
LENGTH_OF_ID = 18
EXACT, FROM_CONTEXT, UNKNOWN = 1.0, 0.7, 0.0


@dataclass(slots=True)
class Column:
    """
    One column: its own title, the field it was recognised as, how surely, and three samples.

    A column without a field goes into the note; one that is surely without is known and belongs there.
    """

    index: int
    label: str
    field: str = ""
    confidence: float = UNKNOWN
    samples: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """Excel's letters."""
        return column_letter(self.index)

    @property
    def is_unknown(self) -> bool:
        """True for a title that says nothing to us, so that a person has to look at it."""
        return bool(self.label) and not self.field and self.confidence < EXACT

    @property
    def field_label(self) -> str:
        """What it was recognised as, in words."""
        return field_label(self.field)


@dataclass(slots=True)
class Header:
    """The header of a sheet, rows counted from 0, with its columns and what was odd about them."""

    sheet: str | None
    top: int
    bottom: int
    columns: list[Column]
    findings: list[Finding] = field(default_factory=list)
    block: int = 0

    @property
    def doubled(self) -> dict[str, list[Column]]:
        """The second and later columns of each field that several columns mean."""
        first = self.fields
        more: dict[str, list[Column]] = {}
        for column in self.columns:
            if column.field in first and first[column.field] is not column:
                more.setdefault(column.field, []).append(column)
        return more

    @property
    def fields(self) -> dict[str, Column]:
        """The column of each recognised field; a doubled field keeps its first column."""
        found: dict[str, Column] = {}
        for column in self.columns:
            if column.field and column.field not in (IGNORE, AGE, SENSITIVE):
                found.setdefault(column.field, column)
        return found

    @property
    def fingerprint(self) -> str:
        """The titles in order: two files with the same one need the same mapping."""
        return "|".join(normal_title(column.label) for column in self.columns)


def find_header(sheet: Sheet) -> Header | None:
    """
    The best header in the first rows: most recognised titles, a name among them. None if the sheet is no roster.

    Some lines below a header, another one is that of a second table, however good it is.
    """
    tops = range(min(SEARCHED_ROWS, len(sheet.rows)))
    return _best_header(sheet, tops)


def header_at(sheet: Sheet, row: int) -> Header | None:
    """The header that begins in this row (counted from 0). None if there is no roster below it."""
    return _best_header(sheet, range(row, row + 1))


def find_nameless_header(sheet: Sheet) -> Header | None:
    """The best header in the first rows among those of which no title says that the names stand below it, None without."""
    return _best_header(sheet, range(min(SEARCHED_ROWS, len(sheet.rows))), named=False)


def _join_halves(sheet: Sheet, header: Header) -> None:
    """An ID number of which each half has a cell of its own, under one title or two like ones: put into the first."""
    for first, second in pairwise(header.columns):
        if not first.field == second.field == "id_no" or second.index != first.index + 1:
            continue
        pairs = [
            (row, tidy(sheet.value(row, first.index)), tidy(sheet.value(row, second.index)))
            for row in range(header.bottom + 1, len(sheet.rows))
            if sheet.value(row, second.index) is not None
        ]
        if sum(len(start + end) == LENGTH_OF_ID > len(end) for _, start, end in pairs) * 2 <= len(pairs):
            continue
        for row, start, end in pairs:
            if len(start) < LENGTH_OF_ID:
                sheet.rows[row][first.index] = start + end
            sheet.rows[row][second.index] = None
        second.field, second.confidence = IGNORE, EXACT


def _best_header(sheet: Sheet, tops: range, *, named: bool = True) -> Header | None:
    start = tops.start
    zone = _spread_zone(sheet, start, min(tops.stop + 2, len(sheet.rows)))
    best: tuple[float, int, int, list[Column]] | None = None
    last = start + len(zone)
    for top in tops:
        for levels in range(1, min(MOST_LEVELS, last - top) + 1):
            columns = _recognise(zone[top - start : top - start + levels])
            names = {column.field for column in columns if column.field}
            hits = len(names - {IGNORE}) + 0.5 * sum(column.field == IGNORE for column in columns)
            if ("name" in names) is not named or len(names) < LEAST_HITS:
                continue
            last = min(last, top + levels - 1 + MOST_LEVELS)
            score = hits - 0.6 * (levels - 1) - 0.01 * top
            if best is None or score > best[0]:
                best = (score, top, top + levels - 1, columns)
    if best is None:
        return None
    _, top, bottom, columns = best
    header = Header(sheet.name, top, bottom, columns)
    _settle_care_state(sheet, header)
    _join_halves(sheet, header)
    for block in blocks_of(header):
        _drop_twins(sheet, block)
    header.findings = _oddities(header)
    return header


def blocks_of(header: Header) -> list[Header]:
    """The headers of lists that stand side by side; a header without repetition stays alone."""
    titles = [normal_title(column.label) for column in header.columns]
    names = [place for place, column in enumerate(header.columns) if column.field == "name"]
    if len(names) < 2:
        return [header]
    starts = [0]
    for name in names[1:]:
        start = name - names[0]
        width = min(start - starts[-1], len(titles) - start)
        if start <= starts[-1] or width < LEAST_BLOCK or titles[start : start + width] != titles[:width]:
            return [header]
        starts.append(start)
    ends = [*starts[1:], len(titles)]
    return [
        replace(header, columns=header.columns[start:end], findings=_of_columns(header, start, end), block=number)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def only_columns(sheet: Sheet, header: Header) -> Sheet:
    """The sheet with nothing outside the header's columns, so that the other list's cells do not disturb."""
    first, last = header.columns[0].index, header.columns[-1].index
    rows = [[None] * first + row[first : last + 1] if len(row) > first else [] for row in sheet.rows]
    part = copy(sheet)
    part.rows = rows
    part.merges = [merge for merge in sheet.merges if merge.left >= first and merge.right <= last]
    part.comments = {place: text for place, text in sheet.comments.items() if first <= place[1] <= last}
    part.unsolved = {place for place in sheet.unsolved if first <= place[1] <= last}
    return part


def _of_columns(header: Header, start: int, end: int) -> list[Finding]:
    return [
        found
        for found in header.findings
        if found.what != "column_doubled" and (found.column is None or start <= found.column < end)
    ]


def _spread_zone(sheet: Sheet, start: int, end: int) -> list[list[CellValue]]:
    """The rows from start to end with merged cells filled, so that a group title stands above each of its columns."""
    width = sheet.width
    zone = [list(row) + [None] * (width - len(row)) for row in sheet.rows[start:end]]
    for merge in sheet.merges:
        if merge.top >= end or merge.bottom < start or merge.left >= width:
            continue
        value = sheet.value(merge.top, merge.left)
        for row in range(max(merge.top, start), min(merge.bottom + 1, end)):
            for column in range(merge.left, min(merge.right + 1, width)):
                zone[row - start][column] = value
    return zone


def _recognise(levels: list[list[CellValue]]) -> list[Column]:
    columns = []
    person = ""
    for index in range(len(levels[0])):
        titles: list[str] = []
        shown: list[str] = []
        for level in levels:
            title = normal_title(level[index])
            if title and (not titles or titles[-1] != title):
                titles.append(title)
                shown.append(tidy(level[index]).replace(" ", ""))
        field_name, confidence, person = _meaning(titles, person)
        if field_name == KEPT:
            field_name = ""
        columns.append(
            Column(index, "·".join(shown[-2:]) if len(shown) > 1 else "".join(shown), field_name, confidence)
        )
    while columns and not columns[-1].label:
        columns.pop()
    return columns


def _meaning(titles: list[str], person: str) -> tuple[str, float, str]:
    """The field of a column, how sure that is, and the person whose columns go on to the right."""
    if not titles:
        return "", UNKNOWN, person
    leaf = titles[-1]
    owner = next((PERSON_OF[title] for title in titles[:-1] if title in PERSON_OF), "")
    if owner:
        part = PART_OF.get(leaf)
        if leaf == "监护情况":
            return "care_state", EXACT, owner
        if part in parts_of(owner):
            return f"{owner}.{part}", EXACT, owner
    if len(titles) > 1 and (joined := FIELD_OF_TITLE.get("".join(titles[-2:]))):
        return joined, EXACT, joined.split(".")[0] if "." in joined else ""
    part = PART_OF.get(leaf)
    bare = bool(person) and part in BARE_PARTS and part in parts_of(person) and leaf not in PERSON_OF
    if bare and (part != "relation" or person.startswith("member")):
        return f"{person}.{part}", FROM_CONTEXT, person
    found = FIELD_OF_TITLE.get(leaf, "")
    if found:
        return found, EXACT, found.split(".")[0] if "." in found else ""
    return "", UNKNOWN, "" if len(titles) == 1 else person


def add_samples(sheet: Sheet, header: Header, rows: Iterable[int]) -> None:
    """Three different values of every column from these rows (counted from 0), which are pupils and no totals."""
    looked_at = list(rows)[:SAMPLED_ROWS]
    for column in header.columns:
        samples: list[str] = []
        for row in looked_at:
            text = tidy(sheet.value(row, column.index))
            if text and text not in samples:
                samples.append(text)
            if len(samples) == 3:
                break
        column.samples = tuple(samples)


def _settle_care_state(sheet: Sheet, header: Header) -> None:
    for column in header.columns:
        if column.field == "care_state":
            body = range(header.bottom + 1, min(header.bottom + 60, len(sheet.rows)))
            values = [sheet.value(row, column.index) for row in body]
            column.field = "care_rating" if looks_like_rating(values) else "care_type"


def _drop_twins(sheet: Sheet, header: Header) -> None:
    """A second column of a field that repeats the first cell by cell (现住址, 家庭地址) is no question."""
    first: dict[str, int] = {}
    for column in header.columns:
        if not column.field or column.field in (IGNORE, "note"):
            continue
        kept = first.setdefault(column.field, column.index)
        if kept != column.index and all(
            sheet.value(row, column.index) in (None, sheet.value(row, kept))
            for row in range(header.bottom + 1, len(sheet.rows))
        ):
            column.field = IGNORE


def _oddities(header: Header) -> list[Finding]:
    findings = []
    if header.bottom > header.top:
        sentence = f"表头有 {header.bottom - header.top + 1} 层，已按“上层＋下层”认列。"
        findings.append(Finding("two_level_header", Level.FIXED, sentence, header.sheet))
    seen: dict[str, Column] = {}
    for column in header.columns:
        place: dict[str, Any] = {"sheet": header.sheet, "column": column.index, "label": column.label}
        if column.field == AGE:
            findings.append(Finding("age_ignored", Level.FIXED, "年龄由出生日期算出，这一列不保存。", **place))
        elif column.field == SENSITIVE:
            sentence = "这类信息学校不应收集，这一列没有导入。"
            findings.append(Finding("sensitive_column", Level.WARNING, sentence, **place))
        elif column.field == "carer.phone" and column.confidence < EXACT:
            sentence = "“联系电话”紧跟监护人，按监护人的电话处理。"
            findings.append(Finding("bare_phone_column", Level.FIXED, sentence, **place))
        elif column.field.endswith("place_phone"):
            sentence = "务工地和电话写在一列，已分开保存。"
            findings.append(Finding("place_and_phone", Level.FIXED, sentence, **place))
        elif column.is_unknown:
            sentence = "不认识这一列，内容会以“列名：值”的形式写进备注（身份证号只留首尾）；也可以在对照页改选。"
            findings.append(Finding("column_unknown", Level.WARNING, sentence, **place))
        elif column.field and column.field not in (IGNORE, NOTE) and not is_joined(column.field):
            if column.field in seen:
                first = seen[column.field]
                sentence = (
                    f"与{first.letter}列“{first.label}”都认作“{column.field_label}”，请指明用哪一列；"
                    "两列内容不同的行，指明前不导入。"
                )
                findings.append(Finding("column_doubled", Level.QUESTION, sentence, **place))
            else:
                seen[column.field] = column
    return findings


def is_joined(name: str) -> bool:
    """True for fields that may hold several values, so that two columns of them do not contradict: phones."""
    return name.endswith("phone")


def remapped(header: Header, mapping: dict[int, str]) -> Header:
    """The header with columns that a person has mapped by hand; keys are column indexes from 0."""
    columns = [
        Column(
            column.index,
            column.label,
            mapping.get(column.index, column.field),
            EXACT if column.index in mapping else column.confidence,
            column.samples,
        )
        for column in header.columns
    ]
    changed = Header(header.sheet, header.top, header.bottom, columns)
    changed.findings = _oddities(changed)
    return changed

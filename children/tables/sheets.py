"""A file read as a list of one kind: header, columns, rows; nothing is known about the register yet."""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from children.importing.aliases import (
    COLUMN_OF_FAULT,
    FIELD_OF_TITLE,
    IGNORE,
    KEPT,
    SENSITIVE,
    WORDS_OF_FAULT,
    normal_title,
)
from children.importing.body import SkippedRow, read_body, tell_other_table
from children.importing.findings import Finding, Level
from children.importing.guard import Refused
from children.importing.header import MOST_LEVELS, SEARCHED_ROWS, Column, Header
from children.importing.lines import LEFT_OUT
from children.importing.mends import Mends
from children.importing.normalise.dates import BIRTH, PartialDate, read_date
from children.importing.normalise.reading import Reading
from children.importing.normalise.text import fold, is_nothing, read_text, tidy
from children.importing.sheets import CellValue, Sheet
from children.importing.titles import TitleFacts, class_in, nearest, read_titles
from children.importing.workroom import read_apart
from children.tables.fields import Field

OWN_SHEETS = frozenset({"说明", "代码", "填表说明"})
T = TypeVar("T")
FormPlace = tuple[int, int, str, str]
"""A cell of a form: its line as Excel numbers it, its column from 0, its label and its field."""
_NEVER_TOLD = frozenset({normal_title(COLUMN_OF_FAULT), normal_title(WORDS_OF_FAULT)})


@dataclass(slots=True)
class TableRow:
    """One line of the list: cells by field, and what is wrong with them."""

    sheet: str | None
    number: int
    values: dict[str, CellValue]
    columns: dict[str, Column]
    titles: TitleFacts
    formats: dict[str, str] = field(default_factory=dict)
    date1904: bool = False
    findings: list[Finding] = field(default_factory=list)
    part: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    """Where the cells of a form stand, which goes over many lines."""

    @property
    def key(self) -> str:
        """Names the row's question; the same while the file is the same. ``part`` counts the names of one cell."""
        return f"{self.sheet or ''}:{self.number}{f'.{self.part}' if self.part else ''}"

    @property
    def failed(self) -> bool:
        """True if a cell cannot be taken; such a row is left out as a whole."""
        return any(found.level == Level.ERROR for found in self.findings)

    def places(self) -> list[FormPlace]:
        """Where the cells of a form stand, in reading order."""
        cells = [(self.lines[name], found.index, found.label, name) for name, found in self.columns.items()]
        return sorted(cells)

    def has(self, name: str) -> bool:
        """Whether the cell says anything."""
        return not is_nothing(self.values.get(name))

    def title(self, name: str) -> str:
        """The column's own title, units and all; empty without the column."""
        return self.columns[name].label if name in self.columns else ""

    def text(self, name: str, limit: int = 0) -> str:
        """A free text; a text that is too long fails the row."""
        text = self.take(name, read_text) or ""
        if limit and len(text) > limit:
            self.fail(name, f"最多 {limit} 个字，现在有 {len(text)} 个，请删减。")
            return ""
        return text

    def take(self, name: str, reader: Callable[..., Reading[T]], **given: Any) -> T | None:
        """Read a cell with a normaliser; its remarks become findings, what needs an answer fails the row."""
        reading = reader(self.values.get(name), **given)
        for remark in reading.remarks:
            level = Level.ERROR if remark.level == Level.QUESTION else remark.level
            self.note(name, remark.sentence, level, remark.what, remark.offer)
        return reading.value

    def date(self, name: str, on: dt.date | None = None) -> PartialDate | None:
        """A date as far as the cell states it; nothing may lie after `on`."""
        given = {"number_format": self.formats.get(name, ""), "date1904": self.date1904}
        what = BIRTH if name == "birth_date" else "date"
        return self.take(name, read_date, **given, what=what, on=on) if self.has(name) else None

    def fail(self, name: str, sentence: str) -> None:
        """A cell that cannot be taken."""
        self.note(name, sentence, Level.ERROR)

    def warn(self, name: str, sentence: str) -> None:
        """A cell that is taken and should be looked at."""
        self.note(name, sentence, Level.WARNING)

    def note(self, name: str, sentence: str, level: Level, what: str = "cell", offer: str = "") -> None:
        """A finding at the cell of a field, or at the row if the list has no such column."""
        column = self.columns.get(name)
        place = (column.index, column.label) if column else (None, "")
        line = self.lines.get(name)
        self.findings.append(Finding(what, level, sentence, self.sheet, self.number, *place, offer=offer, line=line))


@dataclass(slots=True)
class Table:
    """The list as read: rows of all sheets, headers, what was skipped, what is odd about columns and sheets."""

    rows: list[TableRow] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    titles: dict[str | None, TitleFacts] = field(default_factory=dict)
    skipped: list[SkippedRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    missing: dict[str, list[Field]] = field(default_factory=dict)
    forms: dict[str | None, dict[int, list[FormPlace]]] = field(default_factory=dict)
    """The sheets of forms: where the cells of each form stand, by the line on which it begins."""

    @property
    def readable(self) -> bool:
        """False while a person must say which column is which."""
        return not self.missing


@dataclass(slots=True)
class Form:
    """What a sheet of forms holds: a row for each form, and the line (from 0) on which the first begins."""

    rows: list[TableRow]
    top: int
    findings: list[Finding] = field(default_factory=list)


class Titles:
    """
    The titles of one kind of list.

    ``fallback`` may recognise columns that have no fixed name (subjects); ``split_names`` makes a row for each pupil
    named in one cell (lists of mentors, L10); ``refused`` are titles never taken, with the reason; ``form`` reads a
    sheet on which labels and values alternate, and returns None for any other.
    """

    def __init__(
        self,
        fields: tuple[Field, ...],
        fallback: Callable[[str], str] | None = None,
        *,
        split_names: bool = False,
        refused: dict[re.Pattern[str], str] | None = None,
        form: "Callable[[Sheet], Form | None] | None" = None,
    ) -> None:
        self.fields, self.split_names, self.refused, self.form = fields, split_names, refused or {}, form
        self.needed = [field for field in fields if field.needed]
        self._names = {title: field.name for field in reversed(fields) for title in field.titles()}
        self._fallback = fallback or (lambda title: "")

    def meaning(self, titles: list[str]) -> str:
        """The field of a column from its titles, outermost first; an empty string if it is none of this list."""
        if not titles:
            return ""
        for candidate in ("".join(titles[-2:]), titles[-1]):
            if candidate in self._names:
                return self._names[candidate]
        return self._fallback(titles[-1])


def read_table(content: bytes, titles: Titles, mapping: dict[str, dict[int, str]], mends: Mends) -> Table:
    """
    Read the bytes of an uploaded list.

    ``mapping`` is what a person said about columns, by sheet; ``mends`` are laid over the cells. Raises Refused for a file that holds no such list.
    """
    workbook = read_apart(content)
    mends.lay_over(workbook)
    table = Table()
    incomplete: list[tuple[Sheet, Header]] = []
    for sheet in workbook.sheets:
        if sheet.state != "visible" or (sheet.name or "") in OWN_SHEETS or not sheet.rows:
            continue
        if titles.form and (form := titles.form(sheet)):
            _add_forms(table, sheet, form, mends)
            continue
        header = find_header(sheet, titles, mapping.get(sheet.name or "", {}))
        if header is None:
            _pass_over(table, sheet)
        elif _lacking(header, titles):
            incomplete.append((sheet, header))
        else:
            _add(table, sheet, header, workbook.date1904, titles, mends)
    if not table.headers and incomplete:
        sheet, header = max(incomplete, key=lambda pair: len(pair[1].fields))
        table.headers = [header]
        table.missing = {sheet.name or "": _lacking(header, titles)}
    elif not table.headers:
        wanted = "、".join(found.title for found in titles.needed)
        raise Refused(f"表格里找不到表头。表头至少要有“{wanted}”这样的列，请对照模板检查后再上传。")
    else:
        for sheet, _ in incomplete:
            _pass_over(table, sheet)
    if table.readable and not table.rows and not mends.left_out:
        raise Refused("认出了表头，但表头下面没有内容。请检查是不是选错了文件或工作表。")
    return table


def _add_forms(table: Table, sheet: Sheet, form: Form, mends: Mends) -> None:
    """Take the forms of a sheet except those that a person has left out."""
    unwanted = {row for name, row in mends.left_out if name == (sheet.name or "")}
    table.headers.append(Header(sheet.name, form.top, form.top, []))
    table.findings += form.findings
    table.forms[sheet.name] = {row.number: row.places() for row in form.rows}
    table.rows += [row for row in form.rows if row.number not in unwanted]
    table.skipped += [SkippedRow(sheet.name, row.number, LEFT_OUT) for row in form.rows if row.number in unwanted]


def _lacking(header: Header, titles: Titles) -> list[Field]:
    return [found for found in titles.needed if found.name not in header.fields]


def _pass_over(table: Table, sheet: Sheet) -> None:
    sentence = "这张工作表不像这种名单，没有导入。"
    table.findings.append(Finding("sheet_passed_over", Level.WARNING, sentence, sheet.name))


def find_header(sheet: Sheet, titles: Titles, mapping: dict[int, str]) -> Header | None:
    """
    The line with the most known titles among the first twenty; at least one must be known.

    Some lines below one that has all that is needed, another one is that of a second table.
    """
    zone = _with_merges(sheet, min(SEARCHED_ROWS + MOST_LEVELS, len(sheet.rows)))
    best: tuple[float, Header] | None = None
    last = len(zone)
    for top in range(min(SEARCHED_ROWS, len(zone))):
        for levels in range(1, min(MOST_LEVELS, last - top) + 1):
            columns = _columns(zone[top : top + levels], titles, mapping)
            hits = len({column.field for column in columns if column.field})
            if not hits:
                continue
            score = hits - 0.6 * (levels - 1) - 0.01 * top
            if best is None or score > best[0]:
                best = (score, Header(sheet.name, top, top + levels - 1, columns))
                last = last if _lacking(best[1], titles) else min(last, best[1].bottom + MOST_LEVELS)
    if best is None:
        return None
    header = best[1]
    for column in header.columns:
        column.samples = _samples(sheet, header, column)
    return header


def _with_merges(sheet: Sheet, upto: int) -> list[list[CellValue]]:
    """The first lines with merged titles repeated over their columns and rows."""
    zone = [row + [None] * (sheet.width - len(row)) for row in sheet.rows[:upto]]
    for merge in sheet.merges:
        if merge.top < upto and merge.left < sheet.width:
            value = sheet.value(merge.top, merge.left)
            for row in zone[merge.top : merge.bottom + 1]:
                row[merge.left : merge.right + 1] = [value] * (min(merge.right + 1, sheet.width) - merge.left)
    return zone


def _columns(levels: list[list[CellValue]], titles: Titles, mapping: dict[int, str]) -> list[Column]:
    columns: list[Column] = []
    taken: set[str] = set()
    for index in range(len(levels[0])):
        stacked: list[str] = []
        shown: list[str] = []
        for level in levels:
            title = normal_title(level[index])
            if title and title not in stacked[-1:]:
                stacked.append(title)
                shown.append(tidy(level[index]).replace(" ", ""))
        found = mapping.get(index, titles.meaning(stacked))
        if found in taken:
            found = ""
        taken |= {found} - {""}
        columns.append(Column(index, "·".join(shown[-2:]), found))
    while columns and not columns[-1].label:
        columns.pop()
    return columns


def _samples(sheet: Sheet, header: Header, column: Column) -> tuple[str, ...]:
    below = range(header.bottom + 1, min(header.bottom + 40, len(sheet.rows)))
    found = dict.fromkeys(text for row in below if (text := tidy(sheet.value(row, column.index))))
    return tuple(found)[:3]


def fingerprint(slug: str, header: Header) -> str:
    """Names a header of one kind of list, so that what was said about its columns is remembered."""
    return hashlib.sha256(f"{slug}\n{header.fingerprint}".encode()).hexdigest()


def _add(table: Table, sheet: Sheet, header: Header, date1904: bool, titles: Titles, mends: Mends) -> None:
    body = read_body(sheet, header, split_names=titles.split_names)
    tell_other_table(sheet, body)
    mends.take_out(sheet, body)
    facts = read_titles(sheet, header.top)
    fields = header.fields
    by_line: dict[int, list[TableRow]] = defaultdict(list)
    above = _Above([field for field in titles.fields if field.above and field.name not in fields], sheet, facts)
    for line, values in zip(body.rows, body.values, strict=True):
        headings = body.headings.get(line, ())
        klass = nearest(headings, class_in)
        row = TableRow(
            sheet.name,
            line + 1,
            {name: value for name, value in values.items() if name in fields} | above.values(headings),
            fields,
            replace(facts, klass=klass) if klass else facts,
            {name: sheet.formats.get((line, column.index), "") for name, column in fields.items()},
            date1904,
            part=len(by_line[line]),
        )
        if any(row.has(name) for name in fields):
            by_line[line].append(row)
    table.headers.append(header)
    table.titles[sheet.name] = facts
    table.skipped += body.skipped
    for found in body.findings:
        holders = by_line.get((found.row or 0) - 1)
        (holders[0].findings if holders else table.findings).append(found)
    table.rows += [row for rows in by_line.values() for row in rows]
    table.findings += above.findings() + _unused(header, titles)


class _Above:
    """What lines above the rows say about fields that have no column: the room, the vehicle and its driver."""

    def __init__(self, fields: list[Field], sheet: Sheet, facts: TitleFacts) -> None:
        self.fields, self.sheet, self.title = fields, sheet, " ".join(facts.lines)
        self.known: dict[tuple[str, ...], dict[str, CellValue]] = {}

    def values(self, headings: tuple[str, ...]) -> dict[str, CellValue]:
        """The values for rows below these headings; the nearest line that says something counts."""
        if headings not in self.known:
            lines = [self.sheet.name or "", self.title, *headings]
            found = {field.name: nearest(lines, field.above) for field in self.fields if field.above}
            self.known[headings] = {name: value for name, value in found.items() if value}
        return self.known[headings]

    def findings(self) -> list[Finding]:
        """Each value is told once."""
        labels = {field.name: field.title for field in self.fields}
        told = dict.fromkeys((name, value) for values in self.known.values() for name, value in values.items())
        return [
            Finding(
                "from_title",
                Level.WARNING,
                f"表里没有“{labels[name]}”一列，按表上方写的“{value}”登记，请核对。",
                self.sheet.name,
            )
            for name, value in told
        ]


def _unused(header: Header, titles: Titles) -> list[Finding]:
    """No column goes without a word: those of a roster are simply not part of this list, others are unknown."""
    groups: dict[tuple[str, Level, str], list[str]] = defaultdict(list)
    for column in header.columns:
        leaf = normal_title(column.label.split("·")[-1])
        if column.field or not leaf or leaf in _NEVER_TOLD:
            continue
        known = FIELD_OF_TITLE.get(leaf) or FIELD_OF_TITLE.get(normal_title(column.label.replace("·", "")))
        reason = next((words for pattern, words in titles.refused.items() if pattern.search(leaf)), "")
        if reason:
            told = ("column_refused", Level.WARNING, f"没有导入：{reason}。")
        elif known == SENSITIVE:
            told = ("column_private", Level.WARNING, "没有导入：学校不应收集这类信息。")
        elif known is None:
            told = ("column_unknown", Level.WARNING, "不认识，没有导入；需要的话请照模板改列名后再上传。")
        elif known in (IGNORE, KEPT):
            continue
        else:
            told = ("column_unused", Level.FIXED, "不属于这种名单，没有用到。")
        groups[told].append(f"{column.letter}列“{column.label}”")
    return [
        Finding(what, level, f"{'、'.join(columns)}{words}", header.sheet)
        for (what, level, words), columns in groups.items()
    ]


def same_words(one: object, other: object) -> bool:
    """Whether two texts say the same, blanks, width and case aside."""
    return fold(str(one or "")) == fold(str(other or ""))

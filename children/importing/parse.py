"""The whole way from the bytes of a file to typed pupils, findings and questions. No database, no writing."""

from dataclasses import dataclass, field, replace

from children.importing.assemble import RowReader, Settings
from children.importing.body import Body, read_body, tell_other_table
from children.importing.class_questions import CLASS_FIELDS, ClassSettler
from children.importing.column_questions import (
    ask_about_blocks,
    drop_pictures,
    fill_down,
    guess_titles,
)
from children.importing.crosscheck import Checker, gathered, without_consequences
from children.importing.family_lines import gather_family_lines
from children.importing.findings import Fate, Finding, Level
from children.importing.form_sheets import is_form, located, read_form
from children.importing.further_tables import MOST_TABLES, holder_of, table_below, tables_beside, with_titles_above
from children.importing.guard import Refused
from children.importing.header import Header, add_samples, blocks_of, find_header, only_columns, remapped
from children.importing.listed_twice import settle_twice_listed
from children.importing.mentors import is_mentor_list
from children.importing.name_column import guess_name, why_no_name
from children.importing.parsed import MENTORS, ROSTER, Context, ControlTotal, ParsedRoster, SheetInfo
from children.importing.questions import Choice, Question, as_answered, question_key
from children.importing.reader import read_workbook
from children.importing.records import ChildRow
from children.importing.refusals import NO_HEADER, other_list, why_no_roster
from children.importing.row_cells import SheetCells
from children.importing.row_questions import ask_about_rows
from children.importing.sheet_checks import check_sheet
from children.importing.sheets import Sheet, Workbook
from children.importing.titles import TitleFacts, class_in, nearest, read_titles
from children.importing.value_questions import ColumnMeanings

__all__ = ["Context", "ControlTotal", "ParsedRoster", "SheetInfo", "parse_roster", "parse_workbook"]

DATA, NOTES, CODES, EMPTY = "data", "notes", "codes", "empty"


def parse_roster(data: bytes, context: Context) -> ParsedRoster:
    """
    Read an uploaded file.

    Raises Refused, with a sentence for the user, if it is no table or holds no pupils.
    """
    return parse_workbook(read_workbook(data), context)


def parse_workbook(workbook: Workbook, context: Context) -> ParsedRoster:
    """Read a workbook that is already in memory. Raises Refused if no sheet holds pupils."""
    context.mends.lay_over(workbook)
    roster = ParsedRoster(ROSTER, [], [], {}, [], _file_findings(workbook), [], [], [])
    found = [pair for sheet in workbook.sheets for pair in _tables_of(sheet)]
    others = {id(sheet): other_list([column.label for column in header.columns]) for sheet, header in found if header}
    rosters = [(sheet, header) for sheet, header in found if header is not None and not others[id(sheet)]]
    taken = {id(sheet) for sheet, _ in [pair for pair in rosters if pair[0].state == "visible"] or rosters}
    for sheet, header in found:
        role = DATA if id(sheet) in taken else _role(sheet)
        roster.sheets.append(SheetInfo(sheet.name, role, sheet.state, len(sheet.rows)))
        if header is not None and id(sheet) in taken:
            _read_tables(roster, workbook, sheet, header, context)
    forms = [sheet for sheet, header in found if header is None and is_form(sheet)]
    if forms and not roster.headers:
        _read_forms(roster, workbook, forms, context)
    if not roster.headers:
        why = next(filter(None, others.values()), "") or why_no_roster(workbook)
        raise Refused(why or why_no_name(workbook) or NO_HEADER)
    if not roster.children and not context.mends.left_out:
        raise Refused("认出了表头，但下面没有学生。请检查是不是选错了文件，或名单在另一张工作表里。")
    _hidden_sheets(roster, [sheet for sheet, _ in rosters if id(sheet) not in taken])
    _several_sheets(roster, context)
    headers = {(header.sheet, header.block): header for header in roster.headers}
    settle_twice_listed(roster, workbook, context.answers)
    roster.findings += Checker(roster.children, headers, context).check()
    if roster.from_forms:
        roster.findings = [_in_form(roster, headers, finding) for finding in roster.findings]
        roster.questions = [
            replace(asked, finding=_in_form(roster, headers, asked.finding)) for asked in roster.questions
        ]
    ask_about_rows(roster, context.answers)
    for child in roster.children:
        if (child.sheet, child.block, child.row) in roster.held:
            child.settle(Fate.ASK)
    roster.findings = gathered(without_consequences(roster.findings))
    return roster


def _file_findings(workbook: Workbook) -> list[Finding]:
    findings = []
    if workbook.kind in ("csv", "tsv") and workbook.encoding == "gb18030":
        what = "text_in_xls" if workbook.kind == "tsv" else "encoding_gbk"
        findings.append(Finding(what, Level.FIXED, "文本是国标编码（GBK），已正确读取。"))
    if workbook.encoding == "utf-8-sig":
        findings.append(Finding("encoding_utf8_bom", Level.FIXED, "文本是带标记的 UTF-8 编码，已正确读取。"))
    if workbook.kind in ("html", "xml"):
        findings.append(Finding("html_in_xls", Level.FIXED, "文件其实是网页格式，只是名字像表格，已正确读取。"))
    if workbook.date1904:
        findings.append(Finding("date1904", Level.FIXED, "这个表格从 1904 年起算日期，已换算。"))
    if workbook.repaired:
        findings.append(Finding("empty_fill", Level.FIXED, "表格的样式有缺损，已按原内容读取。"))
    findings += [Finding("file_note", Level.WARNING, note) for note in workbook.notes]
    return findings


def _role(sheet: Sheet) -> str:
    if not sheet.rows:
        return EMPTY
    return CODES if "代码" in (sheet.name or "") else NOTES


def _tables_of(sheet: Sheet) -> list[tuple[Sheet, Header | None]]:
    """The tables beside each other on a sheet with their headers; a sheet without a roster has none."""
    header = None if is_form(sheet) else find_header(sheet) or guess_name(sheet)
    return [*tables_beside(sheet, header)] if header else [(sheet, None)]


def _read_tables(roster: ParsedRoster, workbook: Workbook, sheet: Sheet, header: Header, context: Context) -> None:
    """A table, its lists side by side, and the tables of pupils below it, each by its own header."""
    first = sheet.name
    for number in range(MOST_TABLES):
        by_hand = context.mapping.get(sheet.name or "")
        header = remapped(header, dict(by_hand)) if by_hand else header
        blocks = blocks_of(header)
        alone = len(blocks) == 1
        below = None
        for block in ask_about_blocks(roster, blocks, context.answers):
            part = sheet if alone else only_columns(sheet, block)
            above = roster.titles[first] if number else None
            below = _read_sheet(roster, workbook, part, block, context, above, go_on=alone and number + 1 < MOST_TABLES)
        if below is None:
            return
        sheet, header = below
        roster.sheets.append(SheetInfo(sheet.name, DATA, sheet.state, len(sheet.rows)))


def _read_sheet(
    roster: ParsedRoster,
    workbook: Workbook,
    sheet: Sheet,
    header: Header,
    context: Context,
    above: TitleFacts | None,
    *,
    go_on: bool,
) -> tuple[Sheet, Header] | None:
    """Read one list; returns the table of pupils below it if it is to `go_on` there."""
    guessed = guess_titles(roster, header, context.answers)
    drop_pictures(roster, sheet, header)
    titles = with_titles_above(read_titles(sheet, header.top), above)
    mentors = is_mentor_list(header, titles)
    body = read_body(sheet, header, split_names=mentors)
    below = table_below(sheet, header, body) if go_on else None
    if below is None:
        tell_other_table(sheet, body)
    fields = header.fields | gather_family_lines(sheet, header, body)
    context.mends.take_out(sheet, body)
    add_samples(sheet, header, body.rows)
    waiting = fill_down(roster, sheet, header, body, context.answers) | set(body.differing)
    settings = Settings(context.school_year, context.cut_off, context.first_grade)
    columns = ColumnMeanings(header, body, context, "".join(titles.lines))
    reader = RowReader(sheet, header, settings, SheetCells(sheet, fields, workbook.date1904, columns.find()))
    children = reader.read(body)
    headed = {row: klass for row, above in body.headings.items() if (klass := nearest(above, class_in))}
    settler = ClassSettler(header, titles, context, reader.findings, waiting, headed)
    if guessed.isdisjoint(CLASS_FIELDS):
        settler.settle(children)
    else:  # Until it is said whether that column is the class, no question about classes can be put truly.
        waiting |= {row + 1 for row in body.rows}
    roster.held |= {(sheet.name, header.block, row) for row in waiting}
    roster.kind = MENTORS if mentors else ROSTER
    roster.headers.append(header)
    roster.titles[sheet.name] = titles
    roster.children += children
    roster.skipped += body.skipped
    roster.findings += header.findings + body.findings + columns.findings + reader.findings + settler.findings
    roster.questions += columns.questions + settler.questions
    roster.classes_to_create += settler.to_create
    check_sheet(roster, sheet, header, body, children, titles, context)
    return below


@dataclass(slots=True)
class _Settled:
    """Forms whose titles name the same class: the first of their sheets, its titles, the children and their findings."""

    sheet: str | None
    titles: TitleFacts
    children: list[ChildRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def _read_forms(roster: ParsedRoster, workbook: Workbook, forms: list[Sheet], context: Context) -> None:
    """Registration forms, one child each (L6): their words are asked once for the file, a class once for all its forms."""
    read: list[tuple[Sheet, Header, Body]] = []
    for sheet in forms:
        header, body, places = read_form(sheet)
        roster.places |= {(sheet.name, row + 1): cells for row, cells in zip(body.rows, places, strict=True)}
        context.mends.take_out(sheet, body)
        roster.headers.append(header)
        roster.titles[sheet.name] = read_titles(sheet, header.top)
        roster.skipped += body.skipped
        read.append((sheet, header, body))
    first = roster.headers[0]
    columns = {column.index: column for header in roster.headers for column in header.columns}
    whole = Header(None if len(forms) > 1 else first.sheet, first.top, first.bottom, list(columns.values()))
    words = ColumnMeanings(whole, Body(values=[values for _, _, body in read for values in body.values]), context)
    meanings = words.find()
    settings = Settings(context.school_year, context.cut_off, context.first_grade)
    settled: dict[tuple[object, ...], _Settled] = {}
    for sheet, header, body in read:
        reader = RowReader(sheet, header, settings, SheetCells(sheet, header.fields, workbook.date1904, meanings))
        titles = roster.titles[sheet.name]
        group = settled.setdefault((titles.klass, titles.grade), _Settled(sheet.name, titles))
        children = reader.read(body)
        roster.children += children
        group.children += children
        group.findings += reader.findings
    roster.findings += words.findings
    roster.questions += words.questions
    for group in settled.values():
        asked_of = replace(whole, sheet=group.sheet) if len(settled) > 1 else whole
        settler = ClassSettler(asked_of, group.titles, context, group.findings)
        settler.settle(group.children)
        roster.findings += group.findings + settler.findings
        roster.questions += settler.questions
        roster.classes_to_create += settler.to_create
    roster.from_forms = True
    names = {sheet.name for sheet in forms}
    roster.sheets = [replace(info, role=DATA) if info.name in names else info for info in roster.sheets]


def _in_form(roster: ParsedRoster, headers: dict[tuple[str | None, int], Header], finding: Finding) -> Finding:
    """A finding about forms with its cell; what is asked once for all of them points to none."""
    places = roster.places.get((finding.sheet, finding.row or 0), {})
    return located(finding, headers.get((finding.sheet, 0), roster.headers[0]), places)


def _hidden_sheets(roster: ParsedRoster, hidden: list[Sheet]) -> None:
    for sheet in hidden:
        sentence = f"隐藏的工作表“{sheet.name}”里也有学生，没有读取；如需导入，请取消隐藏后重新上传。"
        roster.findings.append(Finding("hidden_sheet", Level.WARNING, sentence, sheet.name))


def _several_sheets(roster: ParsedRoster, context: Context) -> None:
    names = list(dict.fromkeys(header.sheet for header in roster.headers))
    if len(names) < 2 or roster.from_forms:
        return
    shown = "、".join(f"“{name}”" for name in names)
    what = "工作表里" if all(name == holder_of(name) for name in names) else "表里都"
    sentence = f"有 {len(names)} 张{what}有学生：{shown}，全部导入吗？"
    finding = Finding("sheets_to_choose", Level.QUESTION, sentence)
    key = question_key("sheets_to_choose", None)
    choices = (
        Choice("all", "全部导入"),
        *(Choice(str(name), f"只导入“{name}”") for name in names),
    )
    answer = context.answers.get(key, "")
    roster.findings.append(as_answered(finding) if answer else finding)
    roster.questions.append(Question(key, finding, sentence, choices, "all", answer))
    if answer and answer != "all":
        roster.children = [child for child in roster.children if child.sheet == answer]
        roster.skipped = [row for row in roster.skipped if row.sheet == answer]
        roster.findings = [finding for finding in roster.findings if finding.sheet in (None, answer)]

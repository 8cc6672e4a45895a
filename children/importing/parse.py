"""The whole way from the bytes of a file to typed pupils, findings and questions. No database, no writing."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from children.importing.assemble import RowReader, Settings
from children.importing.body import Body, SkippedRow, read_body
from children.importing.class_questions import ClassSettler
from children.importing.crosscheck import Checker, gathered
from children.importing.findings import Finding, Level
from children.importing.guard import Refused
from children.importing.header import Header, find_header, remapped
from children.importing.mends import Mends
from children.importing.normalise.classes import ClassRef
from children.importing.normalise.left_behind import BOTH, ONE
from children.importing.normalise.sex import FEMALE, MALE
from children.importing.normalise.text import fold
from children.importing.questions import Choice, Question, column_question, question_key
from children.importing.reader import read_workbook
from children.importing.records import ChildRow
from children.importing.row_questions import ask_about_rows
from children.importing.sheets import Sheet, Workbook
from children.importing.titles import TitleFacts, read_titles

DATA, NOTES, CODES, EMPTY, UNUSED = "data", "notes", "codes", "empty", "unused"
LEAST_COLUMNS_OF_EVENTS = 2


@dataclass(frozen=True, slots=True)
class Context:
    """
    What the reader knows beforehand.

    ``known_classes`` are (grade, number) of the school in that year, ``mapping`` the columns mapped by hand
    ({sheet: {column index: field}}), ``answers`` what a person has answered so far (question key: value), ``mends`` the
    cells corrected and rows left out by hand.
    """

    school_year: int
    cut_off: dt.date
    school_name: str = ""
    first_grade: int = 1
    known_classes: frozenset[tuple[int | str, int]] = frozenset()
    mapping: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    mends: Mends = field(default_factory=Mends)


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of the file and what it was taken for."""

    name: str | None
    role: str
    state: str
    rows: int


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A total stated in the file beside what the rows add up to."""

    sheet: str | None
    row: int
    stated: dict[str, int]
    counted: dict[str, int]

    @property
    def agrees(self) -> bool:
        """True if every stated figure is also the counted one."""
        return all(self.counted.get(name) == number for name, number in self.stated.items())


@dataclass(slots=True)
class ParsedRoster:
    """Everything read from a file; nothing of it is in the database."""

    kind: str
    sheets: list[SheetInfo]
    headers: list[Header]
    titles: dict[str | None, TitleFacts]
    children: list[ChildRow]
    findings: list[Finding]
    skipped: list[SkippedRow]
    questions: list[Question]
    totals: list[ControlTotal]
    classes_to_create: list[ClassRef] = field(default_factory=list)

    @property
    def open_questions(self) -> list[Question]:
        """Questions without an answer."""
        return [question for question in self.questions if not question.answer]


def parse_roster(data: bytes, context: Context) -> ParsedRoster:
    """
    Read an uploaded file.

    Raises Refused, with a sentence for the user, if it is no table or holds no pupils.
    """
    return parse_workbook(read_workbook(data), context)


def parse_workbook(workbook: Workbook, context: Context) -> ParsedRoster:
    """Read a workbook that is already in memory. Raises Refused if no sheet holds pupils."""
    context.mends.lay_over(workbook)
    roster = ParsedRoster("roster", [], [], {}, [], _file_findings(workbook), [], [], [])
    found = [(sheet, find_header(sheet)) for sheet in workbook.sheets]
    visible = [pair for pair in found if pair[1] is not None and pair[0].state == "visible"]
    taken = {id(sheet) for sheet, _ in visible or [pair for pair in found if pair[1] is not None]}
    for sheet, header in found:
        role = DATA if id(sheet) in taken else _role(sheet)
        roster.sheets.append(SheetInfo(sheet.name, role, sheet.state, len(sheet.rows)))
        if header is not None and id(sheet) in taken:
            by_hand = context.mapping.get(sheet.name or "")
            _read_sheet(roster, workbook, sheet, remapped(header, dict(by_hand)) if by_hand else header, context)
    if not roster.headers:
        raise Refused(_why_no_roster(workbook))
    if not roster.children and not context.mends.left_out:
        raise Refused("认出了表头，但下面没有学生。请检查是不是选错了文件，或名单在另一张工作表里。")
    _several_sheets(roster, context)
    headers = {header.sheet: header for header in roster.headers}
    roster.findings += Checker(roster.children, headers, context.school_year).check()
    ask_about_rows(roster, context.answers)
    roster.findings = gathered(roster.findings)
    return roster


def _file_findings(workbook: Workbook) -> list[Finding]:
    findings = []
    if workbook.kind in ("csv", "tsv") and workbook.encoding == "gb18030":
        what = "text_in_xls" if workbook.kind == "tsv" else "encoding_gbk"
        findings.append(Finding(what, Level.FIXED, "文本是国标编码（GBK），已正确读取。"))
    if workbook.encoding == "utf-8-sig":
        findings.append(Finding("encoding_utf8_bom", Level.FIXED, "文本是带标记的 UTF-8 编码，已正确读取。"))
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


def _read_sheet(roster: ParsedRoster, workbook: Workbook, sheet: Sheet, header: Header, context: Context) -> None:
    body = read_body(sheet, header)
    context.mends.take_out(sheet, body)
    titles = read_titles(sheet, header.top)
    settings = Settings(context.school_year, context.cut_off, context.first_grade)
    reader = RowReader(sheet, header, settings, workbook.date1904)
    children = reader.read(body)
    settler = ClassSettler(header, titles, context.known_classes, context.answers)
    settler.settle(children)
    roster.headers.append(header)
    roster.titles[sheet.name] = titles
    roster.children += children
    roster.skipped += body.skipped
    roster.findings += header.findings + body.findings + reader.findings + settler.findings
    roster.questions += settler.questions
    roster.classes_to_create += settler.to_create
    _hidden_parts(roster, sheet, header, children, context)
    _struck_rows(roster, sheet, header, children)
    _comments(roster, sheet, header, children)
    _examples(roster, header, body)
    _schools(roster, header, children, titles, context)
    _control_totals(roster, sheet, body, children, titles)


def _examples(roster: ParsedRoster, header: Header, body: Body) -> None:
    name = header.fields["name"]
    for skipped in body.skipped:
        if skipped.why == "example":
            sentence = "这是示例行，没有导入。"
            roster.findings.append(
                Finding("example_row", Level.FIXED, sentence, skipped.sheet, skipped.row, name.index, name.label)
            )


def _hidden_parts(
    roster: ParsedRoster, sheet: Sheet, header: Header, children: list[ChildRow], context: Context
) -> None:
    hidden = [child for child in children if child.hidden]
    if hidden:
        shown = "、".join(str(child.row) for child in hidden[:10])
        sentence = f"有 {len(hidden)} 名学生在隐藏的行里（第 {shown} 行），要一起导入吗？"
        finding = column_question("hidden_rows", sentence, sheet.name)
        key = question_key("hidden_rows", sheet.name)
        choices = (Choice("yes", "一起导入"), Choice("no", "不导入隐藏的行"))
        answer = context.answers.get(key, "")
        roster.findings.append(
            Finding("hidden_rows", Level.QUESTION, sentence, sheet.name, rows=tuple(child.row for child in hidden))
        )
        roster.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        if answer == "no":
            for child in hidden:
                roster.skipped.append(SkippedRow(child.sheet, child.row, "hidden"))
                children.remove(child)
                roster.children.remove(child)
    for column in header.columns:
        if column.index in sheet.hidden_columns and column.samples:
            sentence = "这一列在表里是隐藏的，内容也已读取，请核对。"
            roster.findings.append(
                Finding("hidden_columns", Level.WARNING, sentence, sheet.name, None, column.index, column.label)
            )
            break


def _struck_rows(roster: ParsedRoster, sheet: Sheet, header: Header, children: list[ChildRow]) -> None:
    name = header.fields["name"]
    for child in children:
        if child.row - 1 in sheet.struck_rows:
            sentence = "这一行画了删除线，仍按正常学生处理；如已转走，请在导入后办理变动。"
            roster.findings.append(
                Finding("strike_through", Level.WARNING, sentence, sheet.name, child.row, name.index, name.label)
            )


def _comments(roster: ParsedRoster, sheet: Sheet, header: Header, children: list[ChildRow]) -> None:
    rows = {child.row for child in children}
    for (row, column), comment in sorted(sheet.comments.items()):
        if row + 1 in rows and comment.strip():
            label = header.columns[column].label if column < len(header.columns) else ""
            sentence = "单元格带有批注，批注内容没有导入，请查看原表。"
            roster.findings.append(Finding("comment", Level.WARNING, sentence, sheet.name, row + 1, column, label))


def _schools(
    roster: ParsedRoster, header: Header, children: list[ChildRow], titles: TitleFacts, context: Context
) -> None:
    """Another school's name in the title or the rows is told: the file may be the wrong one."""
    own = fold(context.school_name)
    if not own:
        return

    def foreign(name: str | None) -> bool:
        other = fold(name)
        return bool(other) and not other.isdigit() and other not in own and own not in other

    if foreign(titles.school):
        sentence = f"标题里写的是“{titles.school}”，正在导入的是{context.school_name}，请确认没有选错文件。"
        roster.findings.append(Finding("school_differs", Level.WARNING, sentence, header.sheet))
    column = header.fields.get("school") or header.fields.get("school_grade")
    for child in children:
        if foreign(child.school) and column:
            sentence = f"学校写的是“{child.school}”，正在导入的是{context.school_name}，请核对。"
            roster.findings.append(
                Finding("school_differs", Level.WARNING, sentence, child.sheet, child.row, column.index, column.label)
            )


def _control_totals(
    roster: ParsedRoster, sheet: Sheet, body: Body, children: list[ChildRow], titles: TitleFacts
) -> None:
    counted = {
        "children": len(children),
        MALE: sum(child.sex == MALE for child in children),
        FEMALE: sum(child.sex == FEMALE for child in children),
        "双亲": sum(child.left_behind == BOTH for child in children),
        "单亲": sum(child.left_behind == ONE for child in children),
    }
    for row, stated in body.totals:
        if stated:
            roster.totals.append(ControlTotal(sheet.name, row + 1, stated, counted))
    stated_above = titles.totals.get("留守儿童数") or titles.totals.get("留守儿童总数")
    if stated_above:
        roster.totals.append(ControlTotal(sheet.name, 1, {"children": stated_above}, counted))
    for total in roster.totals:
        if total.sheet == sheet.name and not total.agrees:
            words = {"children": "总数"}
            differing = "，".join(
                f"{words.get(name, name)}写的是 {number}，实有 {counted.get(name, 0)}"
                for name, number in total.stated.items()
                if counted.get(name) != number
            )
            sentence = f"表里的合计与名单不符：{differing}。请核对有没有漏行。"
            roster.findings.append(Finding("control_total", Level.WARNING, sentence, sheet.name, total.row))


def _several_sheets(roster: ParsedRoster, context: Context) -> None:
    names = [header.sheet for header in roster.headers]
    if len(names) < 2:
        return
    shown = "、".join(f"“{name}”" for name in names)
    sentence = f"有 {len(names)} 张工作表里有学生：{shown}，全部导入吗？"
    finding = Finding("sheets_to_choose", Level.QUESTION, sentence)
    key = question_key("sheets_to_choose", None)
    choices = (
        Choice("all", "全部导入"),
        *(Choice(str(name), f"只导入“{name}”") for name in names),
    )
    answer = context.answers.get(key, "")
    roster.findings.append(finding)
    roster.questions.append(Question(key, finding, sentence, choices, "all", answer))
    if answer and answer != "all":
        roster.children = [child for child in roster.children if child.sheet == answer]
        roster.skipped = [row for row in roster.skipped if row.sheet == answer]
        roster.findings = [finding for finding in roster.findings if finding.sheet in (None, answer)]


def _why_no_roster(workbook: Workbook) -> str:
    """A sentence that says what the file seems to be (faults 17, 18, 36; L6, L22–L24)."""
    first = next((sheet for sheet in workbook.sheets if sheet.rows), None)
    words = [fold(value) for row in (first.rows[:15] if first else []) for value in row if isinstance(value, str)]
    text = "".join(words)
    if "变动类别" in text or "变动类型" in text:
        return "这是变动登记表，不是学生名册。变动请在“变动登记”里办理。"
    if "结对" in text and "姓名" not in text:
        return "没有找到学生姓名一列，不能作为名册导入。"
    if "登记表" in text and sum(word == "姓名" for word in words) == 1 and "公民身份证号码" in text:
        return "这是一人一张的登记表，不是名册。请把学生填进名册模板后再导入。"
    if any(_consecutive(row) for sheet in workbook.sheets for row in sheet.rows[:15]):
        return "这是统计汇总表，里面没有学生名单。请导入按学生逐行填写的名册。"
    return (
        "没有找到名册的表头（至少要有“姓名”和另外两列，如性别、班级、身份证号）。"
        "请检查是不是选错了文件，或下载名册模板填写。"
    )


def _consecutive(row: list) -> bool:
    numbers = [value for value in row if isinstance(value, int | float)]
    return len(numbers) >= 8 and numbers == list(range(int(numbers[0]), int(numbers[0]) + len(numbers)))

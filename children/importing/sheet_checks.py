"""What a sheet says beside its cells: hidden parts, lines struck through, comments, another school, totals."""

import datetime as dt
import re
from dataclasses import replace

from children.importing.beside import read_comments, tell_gaps
from children.importing.body import Body, SkippedRow
from children.importing.findings import Fate, Finding, Level
from children.importing.header import Header
from children.importing.lines import HEADING
from children.importing.normalise.left_behind import BOTH, ONE
from children.importing.normalise.names import SEVERAL_PUPILS
from children.importing.normalise.sex import FEMALE, MALE
from children.importing.normalise.text import fold, is_nothing
from children.importing.parsed import Context, ControlTotal, ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.records import ChildRow
from children.importing.sheets import Sheet
from children.importing.titles import CLASS_TOTAL, TitleFacts

OLD_AFTER = dt.timedelta(days=200)
_TOTAL_WORDS = {"children": "总数", "mentors": "结对教师"}
_NEXT_SIBLING = re.compile("(老[二三四五]|二孩|三孩|第[二三四]个?孩子|孩子[二三23])(姓名|名字)?$")
_KIND_OF_SCHOOL = re.compile(
    "中心小学|中心学校|完全小学|完小|小学|九年一贯制学校|初级中学|中学|学校|幼儿园|教学点|盖章"
)


def check_sheet(
    roster: ParsedRoster,
    sheet: Sheet,
    header: Header,
    body: Body,
    children: list[ChildRow],
    titles: TitleFacts,
    context: Context,
) -> None:
    """Add findings, questions and control totals of one sheet to the roster; hidden rows may be left out."""
    _old_copy(roster, header, children, titles, context)
    _hidden_rows(roster, sheet, children, context)
    _hidden_columns(roster, sheet, header)
    _struck_rows(roster, sheet, header, children)
    _siblings_beside(roster, sheet, header, children)
    read_comments(roster, sheet, header, children, context.answers)
    tell_gaps(roster, sheet, header, body, children)
    _examples(roster, header, body)
    _schools(roster, header, children, titles, context)
    _control_totals(roster, sheet, body, children, titles, context)


def _hidden_rows(roster: ParsedRoster, sheet: Sheet, children: list[ChildRow], context: Context) -> None:
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


def _hidden_columns(roster: ParsedRoster, sheet: Sheet, header: Header) -> None:
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


def _siblings_beside(roster: ParsedRoster, sheet: Sheet, header: Header, children: list[ChildRow]) -> None:
    """A row with the next sibling in a column of its own (老二姓名) goes back: that pupil would be lost (fault 37)."""
    columns = [column for column in header.columns if not column.field and _NEXT_SIBLING.match(column.label)]
    for child in children if columns else ():
        for column in columns:
            if is_nothing(sheet.value(child.row - 1, column.index)):
                continue
            sentence = "这一行还写了第二名学生，请每名学生单独写一行。"
            place = (sheet.name, child.row, column.index, column.label, Fate.REJECT)
            roster.findings.append(Finding(SEVERAL_PUPILS, Level.ERROR, sentence, *place))
            child.settle(Fate.REJECT)
            break


def _examples(roster: ParsedRoster, header: Header, body: Body) -> None:
    name = header.fields["name"]
    for skipped in body.skipped:
        if skipped.why == "example":
            sentence = "这是示例行，没有导入。"
            roster.findings.append(
                Finding("example_row", Level.FIXED, sentence, skipped.sheet, skipped.row, name.index, name.label)
            )


def _old_copy(
    roster: ParsedRoster, header: Header, children: list[ChildRow], titles: TitleFacts, context: Context
) -> None:
    """A title of an earlier term or of months ago: the rows wait until a person has said that it is meant (fault 17)."""
    stated = titles.school_year
    old_day = titles.date is not None and titles.date < context.cut_off - OLD_AFTER
    if not (stated is not None and stated < context.school_year) and not (stated is None and old_day):
        return
    when = titles.term or (f"{titles.date:%Y-%m-%d}" if titles.date else "")
    sentence = f"标题写的是“{when}”，像是以前的名册，要按现在的情况导入吗？确认前不导入。"
    finding = column_question("old_file", sentence, header.sheet)
    key = question_key(finding.what, header.sheet)
    answer = context.answers.get(key, "")
    choices = (Choice("yes", "是，按现在的情况导入"), Choice("no", "不导入"))
    roster.questions.append(Question(key, finding, sentence, choices, "", answer))
    roster.findings.append(as_answered(finding) if answer else finding)
    if answer != "yes":
        roster.held |= {(header.sheet, header.block, child.row) for child in children}


def same_school(one: str, other: str) -> bool:
    """
    True if two names may mean one school: 青榕镇中心小学, 青榕小学 and 青榕镇中心学校 may all be 云禾县青榕镇中心小学.

    A kindergarten is never a school. What is no school's name at all (a village committee) says nothing against it.
    """
    first, second = fold(one), fold(other)
    if not first or not second or first.isdigit() or second.isdigit():
        return True
    if not (_KIND_OF_SCHOOL.search(first) and _KIND_OF_SCHOOL.search(second)):
        return True
    if ("幼儿园" in first) != ("幼儿园" in second):
        return False
    short, long = sorted((_KIND_OF_SCHOOL.sub("", first), _KIND_OF_SCHOOL.sub("", second)), key=len)
    return _runs_through(short, long)


def _runs_through(short: str, long: str) -> bool:
    """True if the characters of the shorter text stand in the longer one in the same order."""
    rest = iter(long)
    return all(char in rest for char in short)


def _schools(
    roster: ParsedRoster, header: Header, children: list[ChildRow], titles: TitleFacts, context: Context
) -> None:
    """Another school's name in the title or the rows is told: the file may be the wrong one."""
    own = context.school_name
    if not own:
        return
    if not same_school(titles.school, own):
        sentence = f"标题里写的是“{titles.school}”，正在导入的是{own}，请确认没有选错文件。"
        roster.findings.append(Finding("school_differs", Level.WARNING, sentence, header.sheet))
    column = header.fields.get("school") or header.fields.get("school_grade")
    known: dict[str, bool] = {}
    for child in children:
        name = child.school or ""
        if name not in known:
            known[name] = same_school(name, own)
        if column and not known[name]:
            sentence = f"学校写的是“{name}”，正在导入的是{own}，请核对。"
            roster.findings.append(
                Finding("school_differs", Level.WARNING, sentence, child.sheet, child.row, column.index, column.label)
            )


def _counted(children: list[ChildRow], body: Body) -> dict[str, int]:
    return {
        "children": len({child.row for child in children}) if not body.split else len(children),
        "mentors": len({(mentor.name, mentor.job) for child in children for mentor in child.mentors}),
        MALE: sum(child.sex == MALE for child in children),
        FEMALE: sum(child.sex == FEMALE for child in children),
        "双亲": sum(child.left_behind == BOTH for child in children),
        "单亲": sum(child.left_behind == ONE for child in children),
    }


def _group(row: int, children: list[ChildRow], body: Body) -> list[ChildRow]:
    """
    The pupils that a total in this row may count, all of them unless lines between the pupils head groups: those from
    the last such line to a 合计, those down to the next one under a title.
    """
    headings = [skipped.row for skipped in body.skipped if skipped.why == HEADING]
    start = max((heading for heading in headings if heading < row), default=0)
    end = row if body.rows and row > body.rows[0] else min(headings, default=row)
    return [child for child in children if start < child.row < end] if headings else children


def _control_totals(
    roster: ParsedRoster,
    sheet: Sheet,
    body: Body,
    children: list[ChildRow],
    titles: TitleFacts,
    context: Context,
) -> None:
    """
    Totals stated in the title or in a 合计 line against what the rows add up to (fault 28).

    The pupils of the whole class are not in a list of left-behind children: they are compared with the system's class.
    """
    counted = _counted(children, body)
    totals = [ControlTotal(sheet.name, row + 1, stated, counted) for row, stated in body.totals if stated]
    if titles.totals:
        klass = titles.klass
        named = (klass.grade, klass.number) if klass else None
        size = next((number for known, number in context.class_sizes.items() if known == named), 0)
        known = counted | {CLASS_TOTAL: size} if size else counted
        totals.insert(0, ControlTotal(sheet.name, (titles.totals_row or 0) + 1, titles.totals, known))
    for place, total in enumerate(totals):
        if not total.agrees and (group := _group(total.row, children, body)) != children:
            totals[place] = replace(total, counted=total.counted | _counted(group, body))
    roster.totals += totals
    for total in totals:
        if total.agrees:
            continue
        differing = "，".join(
            f"{_TOTAL_WORDS.get(name, name)}写的是 {number}，实有 {total.counted[name]}"
            for name, number in total.stated.items()
            if name != CLASS_TOTAL and total.counted.get(name, number) != number
        )
        if differing:
            sentence = f"表里的合计与名单不符：{differing}。请核对有没有漏行。"
            roster.findings.append(Finding("control_total", Level.WARNING, sentence, sheet.name, total.row))
        pupils = total.counted.get(CLASS_TOTAL)
        if pupils and total.stated.get(CLASS_TOTAL, pupils) != pupils:
            sentence = (
                f"标题写的学生总数是 {total.stated[CLASS_TOTAL]}，系统里{titles.klass}现有 {pupils} 人（导入前），请核对是"
                "不是选错了班，或系统里还有学生没有登记。"
            )
            roster.findings.append(Finding("class_total", Level.WARNING, sentence, sheet.name, total.row))

"""
What has to be said about columns before rows are read: titles with a slip (fault 22), blanks that stand for the value
above (26), two lists side by side (35), pictures in cells (10). Asked once for the column or the sheet.
"""

from collections.abc import Mapping

from children.importing.aliases import FIELD_OF_TITLE, IGNORE, KEPT, NOTE, field_label, normal_title
from children.importing.body import Body
from children.importing.findings import Finding, Level
from children.importing.header import Header
from children.importing.normalise.names import one_apart
from children.importing.normalise.text import is_nothing
from children.importing.parsed import ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.sheets import Sheet

LEAST_TITLE, MOST_TITLE = 3, 9
FILLED_DOWN = ("class_name", "grade", "school_grade", "mentor.name")
WITH_MENTOR = ("mentor.phone", "mentor.job")
_PICTURE = ("=DISPIMG(", "=_xlfn.DISPIMG(", "=_xlfn._xlws.DISPIMG(")
_YES_NO = (Choice("yes", "是"), Choice("no", "不是"))


def guess_titles(roster: ParsedRoster, header: Header, answers: Mapping[str, str]) -> set[str]:
    """
    Ask whether an unknown title that differs from a known one by one character means it; never taken unasked.

    Returns the fields that such a column would be and of which nobody has said it yet.
    """
    still_open: set[str] = set()
    used = {column.field for column in header.columns}
    for column in header.columns:
        if not column.is_unknown:
            continue
        meant = _nearest(normal_title(column.label.rsplit("·", 1)[-1]), used)
        if not meant:
            continue
        sentence = f"不认识“{column.label}”，是“{field_label(meant)}”吗？"
        finding = column_question("column_guess", sentence, header.sheet, column.index, column.label)
        key = question_key(finding.what, header.sheet, finding.letter)
        answer = answers.get(key, "")
        roster.questions.append(Question(key, finding, sentence, _YES_NO, "yes", answer))
        roster.findings.append(as_answered(finding) if answer else finding)
        if answer == "yes":
            column.field = meant
            used.add(meant)
            header.findings = [found for found in header.findings if found.column != column.index]
        elif not answer:
            still_open.add(meant)
    return still_open


def _nearest(title: str, used: set[str]) -> str:
    if not LEAST_TITLE <= len(title) <= MOST_TITLE:
        return ""
    found = {
        name
        for known, name in FIELD_OF_TITLE.items()
        if len(known) >= LEAST_TITLE
        and name not in used
        and name not in (IGNORE, KEPT, NOTE)
        and one_apart(title, known)
    }
    return found.pop() if len(found) == 1 else ""


def ask_about_blocks(roster: ParsedRoster, blocks: list[Header], answers: Mapping[str, str]) -> list[Header]:
    """Two lists side by side are both read unless a person wants the left one only (fault 35)."""
    if len(blocks) < 2:
        return blocks
    sheet = blocks[0].sheet
    sentence = f"这张表左右并排写了 {len(blocks)} 份名单，都导入吗？"
    finding = column_question("side_by_side", sentence, sheet)
    key = question_key(finding.what, sheet)
    answer = answers.get(key, "")
    choices = (Choice("yes", "都导入"), Choice("no", "只导入最左边的"))
    roster.questions.append(Question(key, finding, sentence, choices, "yes", answer))
    roster.findings.append(as_answered(finding) if answer else finding)
    return blocks[:1] if answer == "no" else blocks


def drop_pictures(roster: ParsedRoster, sheet: Sheet, header: Header) -> None:
    """Pictures in cells give nothing; told once for a column (fault 10)."""
    told: dict[int, int] = {}
    for number in range(header.bottom + 1, len(sheet.rows)):
        row = sheet.rows[number]
        for index, value in enumerate(row):
            if value.__class__ is str and value[:1] == "=" and value.startswith(_PICTURE):  # type: ignore[union-attr, index]
                row[index] = None
                told[index] = told.get(index, 0) + 1
    for index, number in sorted(told.items()):
        label = next((column.label for column in header.columns if column.index == index), "")
        sentence = f"有 {number} 个单元格里是图片，名册导入不收图片；照片请到学生档案里上传。"
        roster.findings.append(Finding("picture", Level.WARNING, sentence, sheet.name, None, index, label))


def fill_down(roster: ParsedRoster, sheet: Sheet, header: Header, body: Body, answers: Mapping[str, str]) -> set[int]:
    """
    Ask whether blanks under a class or mentor stand for the one above; only an answer fills them (fault 26).

    Returns the rows that have to wait for the answer.
    """
    waiting: set[int] = set()
    merged = {merge.left for merge in sheet.merges if merge.top > header.bottom}
    for name in FILLED_DOWN:
        column = header.fields.get(name)
        if column is None or column.index in merged or not _grouped(body, name):
            continue
        blank = [place for place, values in enumerate(body.values) if is_nothing(values.get(name))]
        sentence = f"“{column.label}”只写在每组的第一行，下面 {len(blank)} 行空着，要按上一行填写吗？"
        finding = column_question("fill_down", sentence, header.sheet, column.index, column.label)
        key = question_key(finding.what, header.sheet, finding.letter)
        answer = answers.get(key, "")
        choices = (Choice("yes", "按上一行填写"), Choice("no", "空着就是没有"))
        roster.questions.append(Question(key, finding, sentence, choices, "yes", answer))
        roster.findings.append(as_answered(finding) if answer else finding)
        if answer == "yes":
            _fill(body, (name, *(WITH_MENTOR if name == "mentor.name" else ())), blank)
        elif not answer and name != "mentor.name":
            waiting |= {body.rows[place] + 1 for place in blank}
    return waiting


def _grouped(body: Body, name: str) -> bool:
    """The first row of each group is filled, the others are blank: more blanks than values, the first row has one."""
    filled = [not is_nothing(values.get(name)) for values in body.values]
    if len(filled) < 3 or not filled[0] or all(filled):
        return False
    values = [str(values[name]) for values, there in zip(body.values, filled, strict=True) if there]
    return filled.count(False) >= len(values) and len(set(values)) == len(values)


def _fill(body: Body, names: tuple[str, ...], blank: list[int]) -> None:
    for place in blank:
        for name in names:
            if is_nothing(body.values[place].get(name)):
                body.values[place][name] = body.values[place - 1].get(name)
                body.copied[place] |= {name}

"""What stands beside the cells of a list: comments (rosters fault 34) and the running numbers of its lines (29)."""

import re
from collections.abc import Mapping

from children.importing.aliases import normal_title
from children.importing.body import Body
from children.importing.findings import Finding, Level
from children.importing.header import Column, Header
from children.importing.parsed import ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.records import ChildRow
from children.importing.sheets import CellValue, Sheet

WHAT = "comments_to_note"
GAPS_SHOWN = 5
_CHOICES = (Choice("yes", "写进这名学生的备注"), Choice("no", "不导入批注"))
_AUTHOR = re.compile(r"^[^\n:：]{1,20}[:：]\s*\n")
"""Excel begins a comment with a line that names who wrote it."""


def read_comments(
    roster: ParsedRoster, sheet: Sheet, header: Header, children: list[ChildRow], answers: Mapping[str, str]
) -> None:
    """
    Tell where a pupil's line carries a comment; asked once for the file, comments go into the pupils' notes.

    What a comment says of violence, abuse or crime goes where such notes go (fault 73).
    """
    owners = {child.row: child for child in children}
    told = [
        (row + 1, column, words)
        for (row, column), comment in sorted(sheet.comments.items())
        if row + 1 in owners and (words := " ".join(_AUTHOR.sub("", comment.strip()).split()))
    ]
    if not told:
        return
    answer = _ask(roster, answers)
    for row, index, words in told:
        if answer == "yes":
            owners[row].notes.append(words)
            owners[row].guard_notes()
        sentence = {
            "yes": "批注已写进这名学生的备注。",
            "no": "单元格带有批注，按您的选择没有导入。",
        }.get(answer, "单元格带有批注，批注内容没有导入，请查看原表；要写进学生备注的，请在“改列名和回答”里选。")
        label = next((column.label for column in header.columns if column.index == index), "")
        level = Level.FIXED if answer else Level.WARNING
        roster.findings.append(Finding("comment", level, sentence, sheet.name, row, index, label))


def _ask(roster: ParsedRoster, answers: Mapping[str, str]) -> str:
    """The answer to the one question about comments, which is asked with the first sheet that has any."""
    key = question_key(WHAT, None)
    known = next((question for question in roster.questions if question.key == key), None)
    if known is not None:
        return known.answer
    sentence = "有的单元格带有批注，要把批注写进学生的备注吗？"
    finding, answer = column_question(WHAT, sentence, None), answers.get(key, "")
    roster.questions.append(Question(key, finding, sentence, _CHOICES, "no", answer))
    if answer:
        roster.findings.append(as_answered(finding))
    return answer


def tell_gaps(roster: ParsedRoster, sheet: Sheet, header: Header, body: Body, children: list[ChildRow]) -> None:
    """Numbers that are missing among the running numbers: lines may have been deleted. A new 1 begins a new count."""
    column = next((found for found in header.columns if normal_title(found.label) == "序号"), None)
    if column is None:
        return
    skipped = {line.row for line in body.skipped}
    lines = sorted({child.row for child in children} | skipped)
    missing, rows = _missing(sheet, column, lines)
    if missing:
        shown = "、".join(missing[:GAPS_SHOWN]) + ("等" if len(missing) > GAPS_SHOWN else "")
        sentence = f"序号不连续，缺 {shown}。可能删过行，请核对有没有漏写学生。"
        roster.findings.append(
            Finding("serial_gap", Level.FIXED, sentence, sheet.name, None, column.index, column.label, rows=rows)
        )


def _missing(sheet: Sheet, column: Column, lines: list[int]) -> tuple[list[str], tuple[int, ...]]:
    """The missing numbers in words, and the lines behind the gaps."""
    missing, rows = [], []
    last: int | None = None
    for line in lines:
        number = _whole(sheet.value(line - 1, column.index))
        if number is None:
            continue
        if last is not None and number > last + 1:
            missing.append(str(last + 1) if number == last + 2 else f"{last + 1}–{number - 1}")
            rows.append(line)
        last = number
    return missing, tuple(rows)


def _whole(value: CellValue) -> int | None:
    if isinstance(value, str):
        return int(value) if value.strip().isdecimal() else None
    if isinstance(value, int | float) and value == int(value):
        return int(value)
    return None

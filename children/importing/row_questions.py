"""Rows that wait for a decision, and what becomes of a row in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from children.importing.findings import Fate, Finding
from children.importing.questions import Choice, Question, as_answered, question_key
from children.importing.records import ChildRow

if TYPE_CHECKING:
    from children.importing.parse import ParsedRoster

IMPORT, LEAVE_OUT = "import", "skip"
_TAKE = Choice(IMPORT, "按表里写的导入")
LISTED_TWICE = "listed_twice"
_ASKED_ELSEWHERE = frozenset(
    {"class_unknown", "class_as_date", "class_as_negative", "class_unclear", "column_doubled", LISTED_TWICE}
)
_LEAVE = Choice(LEAVE_OUT, "这一行不导入")


def ask_about_rows(roster: ParsedRoster, answers: Mapping[str, str]) -> None:
    """
    Settle the fate of every row from its findings; each finding that holds a row becomes a question.

    An answered question no longer holds its row. What is asked once for a column or a class is not asked again.
    """
    children: dict[tuple[str | None, int], list[ChildRow]] = defaultdict(list)
    for child in roster.children:
        child.fate = Fate.IMPORT
        children[child.sheet, child.row].append(child)
    for place, finding in enumerate(roster.findings):
        if finding.fate is Fate.IMPORT or finding.row is None:
            continue
        held = children.get((finding.sheet, finding.row))
        if not held:
            continue
        fate: Fate
        if finding.fate is Fate.REJECT or finding.what in _ASKED_ELSEWHERE:
            fate = finding.fate
        else:
            fate = _asked(roster, held[0], finding, answers)
        for child in held:
            child.settle(fate)
        if finding.what in _ASKED_ELSEWHERE:
            continue
        if fate is Fate.IMPORT or (fate is Fate.REJECT and finding.fate is Fate.ASK):
            roster.findings[place] = as_answered(finding)


def _asked(roster: ParsedRoster, child: ChildRow, finding: Finding, answers: Mapping[str, str]) -> Fate:
    key = question_key(finding.what, child.sheet, str(child.row))
    answer = answers.get(key, "")
    choices = _choices(finding)
    roster.questions.append(Question(key, finding, f"{child.name}：{finding.text}", choices, "", answer))
    if answer not in {choice.value for choice in choices}:
        return Fate.ASK
    if answer == LEAVE_OUT:
        return Fate.REJECT
    if answer.startswith("month-") and child.birth_date is not None:
        child.birth_date = child.birth_date._replace(month=int(answer.removeprefix("month-")))
    return Fate.IMPORT


def _choices(finding: Finding) -> tuple[Choice, ...]:
    if finding.what == "birth_month_ambiguous":
        return (Choice("month-1", "1 月"), Choice("month-10", "10 月"), _LEAVE)
    if finding.what == "example_row":
        return (Choice(LEAVE_OUT, "是示例，不导入"), Choice(IMPORT, "是真实的学生，导入"))
    return (_TAKE, _LEAVE)

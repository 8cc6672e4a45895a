"""A known pupil whose 学籍号 is another one in the roster: an earlier one, a temporary one made formal, or a contradiction
(rosters fault 46)."""

from collections.abc import Mapping
from enum import Enum, auto

from children.importing.findings import Finding, Level
from children.importing.parsed import ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.records import ChildRow
from children.models import Child

WHAT = "student_no_formal"
KEY = question_key(WHAT, None)
_TAKE, _LEAVE = "yes", "no"
_CHOICES = (Choice(_TAKE, "换成名册里的正式学籍号，原号留作历史"), Choice(_LEAVE, "学籍号不改，其余照名册导入"))


class NumberChange(Enum):
    """How the number of a row stands to the stored one."""

    NONE = auto()
    EARLIER = auto()
    FORMAL = auto()
    OTHER = auto()


def number_change(row: ChildRow, child: Child, *, former: bool) -> NumberChange:
    """
    Compare the number of a row with that of the child it leads to; `former` says that it is one of her earlier numbers.

    A temporary number (L) becomes formal when the roster has G with the child's ID number behind it.
    """
    stated, stored = row.student_no, child.student_no
    if not stated or not stored or stated == stored:
        return NumberChange.NONE
    if former:
        return NumberChange.EARLIER
    id_no = child.id_no or row.id_no
    if stored.startswith("L") and stated.startswith("G") and id_no in ("", None, stated[1:]):
        return NumberChange.FORMAL
    return NumberChange.OTHER


def keeps_stored(change: NumberChange, answers: Mapping[str, str]) -> str:
    """Why the stored number is not replaced by this import, for the line of the row; empty if it is."""
    if change is NumberChange.EARLIER:
        return "表里是以前的学籍号，系统里仍用现在的学籍号。"
    if change is NumberChange.FORMAL and answers.get(KEY) != _TAKE:
        return "表里的正式学籍号与系统里的临时学籍号不同，这次没有改学籍号。"
    return ""


def ask_about_formal(roster: ParsedRoster, number: int, answers: Mapping[str, str]) -> None:
    """Ask once for the file whether temporary numbers are to be replaced; until then the stored ones stay."""
    if not number:
        return
    sentence = f"有 {number} 名学生在系统里是临时学籍号（L 开头），名册里是正式学籍号（G 开头）。要换成正式学籍号吗？"
    answer = answers.get(KEY, "")
    about = column_question(WHAT, sentence, None)
    roster.questions.append(Question(KEY, about, sentence, _CHOICES, "", answer, waits=False))
    finding = Finding(WHAT, Level.QUESTION, sentence)
    roster.findings.append(as_answered(finding) if answer else finding)

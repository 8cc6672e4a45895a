"""A roster most of whose known pupils have left is an old copy, whatever its title says (rosters fault 17)."""

from collections.abc import Mapping

from children.importing.findings import Finding, Level
from children.importing.parsed import ParsedRoster
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.resource import RosterResult

MOST_GONE = 0.3
WHAT = "old_register"
_CHOICES = (Choice("yes", "是现在的名册，继续（已离校的逐个确认）"), Choice("no", "是以前的名册，不导入"))


def ask_if_old(roster: ParsedRoster, result: RosterResult, answers: Mapping[str, str]) -> bool:
    """
    Ask once for the file if more than three in ten of the pupils have left; tells whether its rows have to wait.

    A file whose title has been asked about already is not asked about twice.
    """
    if not roster.children or result.gone <= MOST_GONE * len(roster.children):
        return False
    if any(question.finding.what == "old_file" for question in roster.questions):
        return False
    sentence = (
        f"名册里 {len(roster.children)} 人中有 {result.gone} 人在系统里已离校（毕业、转出等），像是以前的名册。"
        "要按现在的情况导入吗？确认前不导入。"
    )
    key = question_key(WHAT, None)
    answer = answers.get(key, "")
    finding: Finding = column_question(WHAT, sentence, None)
    roster.questions.append(Question(key, finding, sentence, _CHOICES, "", answer))
    roster.findings.append(as_answered(finding) if answer else Finding(WHAT, Level.QUESTION, sentence))
    return answer != "yes"

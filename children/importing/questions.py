"""What the importer asks: once per column, sheet or file, with the choices a person has."""

from dataclasses import dataclass, replace

from children.importing.findings import Fate, Finding, Level
from children.importing.normalise.classes import ClassRef


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: what is stored and what is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """
    A question about a file. ``key`` is what an answers file names, e.g. class_number_missing/花名册/G/五年级.

    ``default`` is offered but never taken by itself. While it is open its rows wait, or with ``waits`` False only the
    fact stays open.
    """

    key: str
    finding: Finding
    sentence: str
    choices: tuple[Choice, ...]
    default: str = ""
    answer: str = ""
    waits: bool = True

    def as_json(self) -> dict[str, object]:
        """For the shell command."""
        return {
            "key": self.key,
            "what": self.finding.what,
            "sheet": self.finding.sheet,
            "column": self.finding.letter or None,
            "sentence": self.sentence,
            "choices": {choice.value: choice.label for choice in self.choices},
            "default": self.default or None,
            "answer": self.answer or None,
        }


def question_key(what: str, sheet: str | None, letter: str = "", detail: str = "") -> str:
    """The key of a question, stable for the same file."""
    return "/".join(part for part in (what, sheet or "", letter, detail) if part)


def as_answered(finding: Finding) -> Finding:
    """The finding of a question that has been answered: told as settled, no longer asked."""
    return replace(finding, level=Level.FIXED, fate=Fate.IMPORT, sentence="已按您的回答处理。")


def column_question(what: str, sentence: str, sheet: str | None, column: int | None = None, label: str = "") -> Finding:
    """The finding that stands for a question on a whole column or sheet."""
    return Finding(what, Level.QUESTION, sentence, sheet, None, column, label)


def class_of_answer(answer: str) -> ClassRef | None:
    """The class of an answer such as 3-2; None for an open or refused answer."""
    grade, dash, number = answer.rpartition("-")
    if not dash or not number.isdigit():
        return None
    return ClassRef(int(grade) if grade.isdigit() else grade, int(number))

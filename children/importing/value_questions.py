"""
What a column's values mean where words alone do not tell: asked once for the column, then applied to every row.

Digits for 留守 (fault 65), 单亲留守 beside 父母一方外出 (fault 64), 1 and 2 in a tick column, dialect words for relations;
`unit_questions` and `unread_words` have the rest. Until it is answered the fact stays open; the rest of the row is
imported.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from children.importing.aliases import MEMBERS
from children.importing.body import Body
from children.importing.findings import Finding
from children.importing.header import Column, Header
from children.importing.normalise import left_behind as lb
from children.importing.normalise.reading import Reading
from children.importing.normalise.relations import DIALECT
from children.importing.normalise.text import as_text, fold
from children.importing.parsed import Context
from children.importing.questions import Choice, Question, as_answered, column_question, question_key
from children.importing.sheets import CellValue
from children.importing.unit_questions import SKIP, settle_units
from children.importing.unread_words import LEFT_BEHIND_FIELDS, YES_NO_FIELDS, keep_unread

Meanings = dict[tuple[str, str], Reading]
"""What a folded value of a field reads as, in place of the field's own reader."""

_LEGENDS = {
    "012": ("0 非留守，1 单亲留守，2 双亲留守（学籍系统）", {"0": lb.NOBODY, "1": lb.ONE, "2": lb.BOTH}),
    "123": ("1 非留守，2 单亲留守，3 双亲留守", {"1": lb.NOBODY, "2": lb.ONE, "3": lb.BOTH}),
    "321": ("1 双亲留守，2 单亲留守，3 非留守", {"1": lb.BOTH, "2": lb.ONE, "3": lb.NOBODY}),
    "10": ("1 是，0 否", {"1": lb.YES, "0": lb.NOBODY}),
    "12": ("1 是，2 否", {"1": lb.YES, "2": lb.NOBODY}),
}
_LEGEND_TEXT = re.compile(r"(\d)\s*[-—:：.、=]?\s*(非留守|不是|否|单亲|一方|双亲|双方|是)")
_LEGEND_WORDS = {
    "非留守": lb.NOBODY, "不是": lb.NOBODY, "否": lb.NOBODY, "单亲": lb.ONE, "一方": lb.ONE, "双亲": lb.BOTH,
    "双方": lb.BOTH, "是": lb.YES,
}  # fmt: skip
_SINGLE = frozenset({"单亲留守", "单亲留守儿童", "单亲"})
_ONE_AWAY = frozenset({"父母一方外出", "一方外出", "单方外出", "父亲外出", "母亲外出", "父外出", "母外出"})
_RELATIONS = (
    ("61", "祖父"), ("62", "祖母"), ("63", "外祖父"), ("64", "外祖母"), ("66", "曾祖父"), ("67", "曾祖母"),
    ("81", "伯父"), ("82", "伯母"), ("83", "叔父"), ("84", "婶母"), ("88", "姨母"), ("90", "姑母"),
    ("99", "其他"),
)  # fmt: skip


@dataclass(slots=True)
class ColumnMeanings:
    """Looks through the columns of a sheet; gives meanings for what is settled and questions for what is not."""

    header: Header
    body: Body
    context: Context
    legend: str = ""
    meanings: Meanings = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def find(self) -> Meanings:
        """All meanings that differ from the readers' own; findings and questions are collected on the way."""
        fields = self.header.fields
        for name in LEFT_BEHIND_FIELDS:
            if name in fields:
                words = self.words(name)
                self._left_behind_digits(name, fields[name], words)
                self._single_parent(name, fields[name], words)
        for name in (*YES_NO_FIELDS, "boarding_tick"):
            if name in fields:
                self._ticks(name, fields[name])
        for name in ("carer.relation", *(f"{member}.relation" for member in MEMBERS)):
            if name in fields:
                self._dialect(name, fields[name])
        settle_units(self)
        keep_unread(self)
        return self.meanings

    def words(self, name: str) -> set[str]:
        """The different cells of a field, folded."""
        return {fold(value) for values in self.body.values if (value := values.get(name)) is not None}

    def ask(
        self, what: str, column: Column, sentence: str, choices: Iterable[Choice], default: str = "", detail: str = ""
    ) -> str:
        """Put the question, `detail` making it one of several of its column; returns the answer, or an empty string."""
        finding = column_question(what, sentence, self.header.sheet, column.index, column.label)
        key = question_key(what, self.header.sheet, finding.letter, detail)
        answer = self.context.answers.get(key, "")
        self.findings.append(as_answered(finding) if answer else finding)
        self.questions.append(Question(key, finding, sentence, tuple(choices), default, answer, waits=False))
        return answer

    def _left_behind_digits(self, name: str, column: Column, words: set[str]) -> None:
        digits = {word for word in words if word in ("0", "1", "2", "3")}
        if not digits:
            return
        stated = {digit: _LEGEND_WORDS[word] for digit, word in _LEGEND_TEXT.findall(column.label + self.legend)}
        if digits <= set(stated):
            self._set(name, stated)
            return
        fitting = [key for key, (_, meaning) in _LEGENDS.items() if digits <= set(meaning)]
        sentence = f"“{column.label}”只写了数字 {'、'.join(sorted(digits))}，各系统的含义不同，这里是什么意思？"
        answer = self.ask("lb_digits", column, sentence, (*(Choice(k, _LEGENDS[k][0]) for k in fitting), SKIP))
        meaning = _LEGENDS[answer][1] if answer in fitting else {}
        self._set(name, {digit: meaning.get(digit) for digit in digits})

    def _set(self, name: str, meaning: Mapping[str, str | None]) -> None:
        for word, value in meaning.items():
            self.meanings[name, word] = Reading(value)

    def _single_parent(self, name: str, column: Column, words: set[str]) -> None:
        single = words & _SINGLE
        if not single or not words & _ONE_AWAY:
            return
        word = sorted(single)[0]
        sentence = f"“{word}”与“一方外出”写在同一列，这里指单亲家庭的孩子，还是父母一方外出？"
        choices = (Choice(lb.SINGLE_PARENT, "单亲家庭的孩子"), Choice(lb.ONE, "父母一方外出"))
        answer = self.ask("lb_single_meaning", column, sentence, choices, lb.SINGLE_PARENT)
        self._set(name, dict.fromkeys(single, answer or None))

    def _ticks(self, name: str, column: Column) -> None:
        words = self.words(name)
        if not {"1", "2"} <= words or words - {"1", "2", ""}:
            return
        sentence = f"“{column.label}”只写了 1 和 2，是“1 是，2 否”吗？"
        answer = self.ask("yes_no_digits", column, sentence, (Choice("12", "1 是，2 否"), SKIP), "12")
        known = {"1": True, "2": False} if answer == "12" else {"1": None, "2": None}
        for word, value in known.items():
            self.meanings[name, word] = Reading(_boarding(value) if name == "boarding_tick" else value)

    def _dialect(self, name: str, column: Column) -> None:
        for word in sorted(self.words(name) & DIALECT):
            sentence = f"“{word}”各地叫法不同，这里指孩子的什么人？"
            finding = column_question("relation_dialect", sentence, self.header.sheet, column.index, column.label)
            key = question_key("relation_dialect", self.header.sheet, word)
            answer = self.context.answers.get(key, "")
            self.findings.append(as_answered(finding) if answer else finding)
            choices = tuple(Choice(code, label) for code, label in _RELATIONS)
            self.questions.append(Question(key, finding, sentence, choices, "", answer, waits=False))
            self.meanings[name, word] = Reading(answer or None, word if answer == "99" else "")


def _boarding(value: bool | None) -> str | None:
    return None if value is None else "住校" if value else "走读"


def meaning_of(meanings: Meanings, name: str, value: CellValue) -> Reading | None:
    """The settled meaning of a cell, None if the field's own reader has to read it."""
    return meanings.get((name, fold(value))) if isinstance(value, str) else meanings.get((name, as_text(value)))

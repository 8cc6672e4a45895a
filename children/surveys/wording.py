"""A questionnaire as text, the way it stands in a Word file: numbered questions, lettered answers (system 22)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError

ONE, SEVERAL, SCORE, WORDS = "one", "several", "score", "words"
MARKS = {ONE: "单选", SEVERAL: "多选", SCORE: "打分", WORDS: "填写"}
SCORES = (1, 2, 3, 4, 5)
QUESTIONS_AT_MOST = 40
LONGEST_QUESTION, LONGEST_OPTION = 120, 40
LETTERS = "ABCDEFGHIJ"
#: Behind an answer that must not be filed away: whoever enters it is told to report it at once.
ALARM = "★"

_QUESTION = re.compile(r"(\d{1,2})\s*[.、．)]\s*(.*)")
_OPTION = re.compile(r"([A-Za-z])\s*[.、．)]\s*(.*)")
_MARK = re.compile(r"\s*[(（]\s*(单选|多选|打分|填写)[^()（）]*[)）]\s*$")


@dataclass(frozen=True)
class Question:
    """One question; `kind` says what an answer looks like, `options` are there for one and several choices."""

    text: str
    kind: str
    options: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """单选, 多选, 打分, 填写."""
        return MARKS[self.kind]

    @property
    def lettered(self) -> list[tuple[str, str]]:
        """(A, 每天), (B, 每周) …; the figures 1 to 5 for a score."""
        if self.kind == SCORE:
            return [(str(score), str(score)) for score in SCORES]
        return [(letter, words.rstrip(ALARM)) for letter, words in zip(LETTERS, self.options, strict=False)]

    def alarms_in(self, answer: Any) -> list[str]:
        """The chosen answers that must be reported, as words; `answer` is a place, a list of places or anything else."""
        places = answer if isinstance(answer, list) else [answer]
        chosen = [self.options[place] for place in places if isinstance(place, int) and place < len(self.options)]
        return [words.rstrip(ALARM) for words in chosen if words.endswith(ALARM)]


def stored(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """As `Survey.questions` keeps them."""
    return [asdict(one) | {"options": list(one.options)} for one in questions]


def questions_of(kept: Iterable[dict[str, Any]]) -> list[Question]:
    """The questions that `Survey.questions` keeps."""
    return [Question(one["text"], one["kind"], tuple(one["options"])) for one in kept]


def written(questions: Sequence[Question]) -> str:
    """The text that `read` takes, to be edited."""
    blocks = []
    for number, one in enumerate(questions, start=1):
        lines = [f"{number}. {one.text}（{one.mark}）"]
        lines += [f"{letter}. {words}" for letter, words in zip(LETTERS, one.options, strict=False)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def read(text: str) -> list[Question]:
    """
    The questions of a typed or pasted text.

    A line that begins with a number is a question, one that begins with a letter an answer to choose; （单选）, （多选）,
    （打分） or （填写） at the end of a question says its kind, else answers make it 单选 and none make it 填写.
    A ★ behind an answer makes it one that must be reported. Raises ValidationError with every fault, each naming its line.
    """
    found: list[tuple[int, str, str, list[str]]] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = unicodedata.normalize("NFC", line).strip().lstrip("\ufeff")
        if not line:
            continue
        if option := _OPTION.fullmatch(line):
            if not found:
                faults.append(f"第{number}行：选项前面还没有题目。题目请以“1.”开头。")
            else:
                found[-1][3].append(option[2].strip())
        elif question := _QUESTION.fullmatch(line):
            words = question[2].strip()
            mark = _MARK.search(words)
            kind = next((kind for kind, name in MARKS.items() if mark and mark[1] == name), "")
            found.append((number, _MARK.sub("", words), kind, []))
        else:
            faults.append(f"第{number}行“{line[:12]}”：看不出是题目还是选项。题目以“1.”开头，选项以“A.”开头。")
    questions = [_checked(number, words, kind, options, faults) for number, words, kind, options in found]
    if not questions and not faults:
        faults.append("还没有题目。")
    if len(questions) > QUESTIONS_AT_MOST:
        faults.append(f"共 {len(questions)} 题，最多 {QUESTIONS_AT_MOST} 题。")
    if faults:
        raise ValidationError(faults)
    return questions


def _checked(number: int, words: str, kind: str, options: list[str], faults: list[str]) -> Question:
    kind = kind or (ONE if options else WORDS)
    if not words or len(words) > LONGEST_QUESTION:
        faults.append(f"第{number}行：题目要有内容，最多 {LONGEST_QUESTION} 个字。")
    if kind in (ONE, SEVERAL):
        if not 2 <= len(options) <= len(LETTERS):
            faults.append(f"第{number}行“{words[:12]}”：{MARKS[kind]}题要有2至{len(LETTERS)}个选项。")
        elif any(not one or len(one) > LONGEST_OPTION for one in options):
            faults.append(f"第{number}行“{words[:12]}”：每个选项要有内容，最多 {LONGEST_OPTION} 个字。")
        elif len(set(options)) < len(options):
            faults.append(f"第{number}行“{words[:12]}”：有两个选项一样。")
    elif options:
        faults.append(f"第{number}行“{words[:12]}”：{MARKS[kind]}题不要写选项。")
    return Question(words, kind, tuple(options))

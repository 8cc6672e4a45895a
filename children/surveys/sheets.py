"""Sheets that come back: one at a time, or a pile typed line by line from paper."""

import json
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from caretrack.access.history import save_if_unchanged
from caretrack.schools.models import SchoolClass
from children.importing.normalise.text import fold
from children.left_behind import Definition, statuses
from children.models import Child, Survey, SurveySheet
from children.name_search import typed
from children.surveys.wording import LETTERS, ONE, SCORE, SCORES, SEVERAL, WORDS, Question, questions_of

Answer = str | int | list[int] | None
BLANK = "-"
GROUP_MARKS = {
    "留": SurveySheet.Group.LEFT_BEHIND,
    "留守": SurveySheet.Group.LEFT_BEHIND,
    "非": SurveySheet.Group.OTHER,
    "其他": SurveySheet.Group.OTHER,
    BLANK: SurveySheet.Group.UNSTATED,
}
_DASHES = re.compile("[—–−]+")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def waiting_pupils(survey: Survey, school_class: SchoolClass, sent: Sequence[uuid.UUID] = ()) -> Any:
    """
    Pupils of the class whose sheet of a survey by name is not in yet, in the order of the roll.

    `sent`: the keys of the sheets of a form that may come a second time; for it their pupils still wait.
    """
    entered = survey.sheets.filter(child__isnull=False).exclude(client_key__in=sent).order_by().values("child")
    return Child.objects.filter(school_class=school_class).exclude(pk__in=entered).by_name()


@dataclass(frozen=True)
class Entry:
    """
    One sheet to keep: a place in `answers` for every question (see `Answer`), the pupil or what was ticked without one.

    `client_key` is made with the form; a sheet with it that is there already is not kept twice.
    """

    answers: Sequence[Answer]
    client_key: uuid.UUID
    child: Child | None = None
    group: str = SurveySheet.Group.UNSTATED


@transaction.atomic
def enter(*, survey: Survey, school_class: SchoolClass, entries: Sequence[Entry], on: date) -> int:
    """
    Keep the sheets of a class, all or none; returns how many are new. A fixed number of statements.

    By name the pupil's group is that of `on` under the school's own definition. Raises ValidationError if the survey is
    not running, nothing is answered on a sheet, a pupil's sheet is in already, or a form that was sent names somebody else.
    """
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    there = survey.sheets.filter(client_key__in=[one.client_key for one in entries])
    kept = dict(there.values_list("client_key", "child"))
    if any(one.child and kept.get(one.client_key, one.child.pk) != one.child.pk for one in entries):
        raise ValidationError("这一页已经保存过别的学生的答卷，请回到班级页面重新打开再录。")
    new = [one for one in entries if one.client_key not in kept]
    if not new:
        return 0
    if not survey.running:
        raise ValidationError("这份问卷不在发放期间，不能录入。")
    named = [one.child for one in new if one.child is not None]
    if len(named) != (0 if survey.anonymous else len(new)):
        raise ValidationError("这份问卷不记名，不要选择学生。" if survey.anonymous else "请选择学生。")
    ids = [child.pk for child in named]
    if entered := survey.sheets.filter(child__in=ids).select_related("child").first():
        raise ValidationError(f"{entered.child}的答卷已经录入过；要改请打开那一份。")
    if any(all(answer in (None, "", []) for answer in one.answers) for one in new):
        raise ValidationError("有答卷一题也没有填写。")
    away = {pk for pk, answer in statuses(ids, on).items() if answer.under(Definition.SEED)}
    SurveySheet.objects.bulk_create(
        SurveySheet(
            survey=survey,
            school_class=school_class,
            child=one.child,
            group=_group(one, away),
            answers=json.dumps(list(one.answers), ensure_ascii=False),
            entered_on=on,
            client_key=one.client_key,
        )
        for one in new
    )
    return len(new)


def _group(one: Entry, away: set[int]) -> str:
    if one.child is None:
        return one.group
    return SurveySheet.Group.LEFT_BEHIND if one.child.pk in away else SurveySheet.Group.OTHER


def alarms_of(survey: Survey, answers: Sequence[Answer]) -> list[str]:
    """第9题“…”答了“有” for every answer of a sheet that must be reported."""
    asked = enumerate(zip(questions_of(survey.questions), answers, strict=True), start=1)
    return [f"第{n}题“{one.text}”答了“{words}”" for n, (one, given) in asked for words in one.alarms_in(given)]


def line_keys(client_key: uuid.UUID, text: str) -> dict[int, uuid.UUID]:
    """The key of the sheet on each line of a pile with something in it, by the number of the line."""
    lines = enumerate(text.splitlines(), start=1)
    return {number: uuid.uuid5(client_key, str(number)) for number, line in lines if line.strip()}


def read_lines(
    survey: Survey,
    text: str,
    pupils: Mapping[str, Sequence[Child]],
    client_key: uuid.UUID,
    entered: Collection[str] = (),
) -> list[Entry]:
    """
    A pile of sheets, one a line: who (a name, or 留 / 非 / -), then an answer for each question that is not words.

    A letter for one choice, letters together for several, a figure for a score, - for none; what a Chinese keyboard
    makes of them is read likewise. `pupils` are those who may be named, by their names as `typed` reads them, `entered`
    such names whose sheet is in. Raises ValidationError at `lines` with every fault, each naming its line.
    """
    asked = questions_of(survey.questions)
    faults: list[str] = []
    found: list[Entry] = []
    seen: set[int] = set()
    keys = line_keys(client_key, text)
    for number, line in enumerate(text.splitlines(), start=1):
        words = [_DASHES.sub(BLANK, fold(word)) for word in _BETWEEN.split(line) if word]
        if not words:
            continue
        try:
            child, group = _who(survey, words[0], pupils, seen, entered)
            found.append(Entry(_answers(asked, words[1:]), keys[number], child, group))
        except ValidationError as refusal:
            faults += [f"第{number}行：{fault}" for fault in refusal.messages]
    if not found and not faults:
        faults.append("请至少录入一行。")
    if faults:
        raise ValidationError({"lines": faults})
    return found


def _who(
    survey: Survey, word: str, pupils: Mapping[str, Sequence[Child]], seen: set[int], entered: Collection[str]
) -> tuple[Child | None, str]:
    if survey.anonymous:
        if word not in GROUP_MARKS:
            raise ValidationError(f"开头请写 留、非 或 -，现在是“{word[:8]}”。")
        return None, GROUP_MARKS[word]
    named = pupils.get(typed(word), ())
    if not named and typed(word) in entered:
        raise ValidationError(f"{word}的答卷已经录入；要改请打开那一份。")
    if not named:
        raise ValidationError(f"本班没有等待录入的学生“{word[:8]}”。")
    if len(named) > 1:
        raise ValidationError(f"本班有几名{word}，请逐份录入。")
    if named[0].pk in seen:
        raise ValidationError(f"{word}在上面已有一行。")
    seen.add(named[0].pk)
    return named[0], ""


def _answers(asked: Sequence[Question], given: list[str]) -> list[Answer]:
    wanted = sum(one.kind != WORDS for one in asked)
    if len(given) == 1 and len(given[0]) == wanted:
        given = list(given[0])
    if len(given) != wanted:
        raise ValidationError(f"有 {len(given)} 个答案，应有 {wanted} 个（没有回答的写 -，填写题不录）。")
    answers: list[Answer] = []
    faults: list[str] = []
    left = iter(given)
    for number, question in enumerate(asked, start=1):
        if question.kind == WORDS:
            answers.append(None)
            continue
        word = next(left).upper()
        try:
            answers.append(None if word == BLANK else _answer(question, word))
        except ValueError:
            choices = f"1至{SCORES[-1]}" if question.kind == SCORE else f"A至{LETTERS[len(question.options) - 1]}"
            faults.append(f"第{number}题应是{choices}，现在是“{word[:8]}”。")
    if faults:
        raise ValidationError(faults)
    return answers


def _answer(question: Question, word: str) -> Answer:
    if question.kind == SCORE:
        if word not in {str(score) for score in SCORES}:
            raise ValueError(word)
        return int(word)
    places = sorted({LETTERS.index(letter) for letter in word})
    if places[-1] >= len(question.options) or (question.kind == ONE and len(places) != 1):
        raise ValueError(word)
    return places if question.kind == SEVERAL else places[0]


@transaction.atomic
def change(*, sheet: SurveySheet, answers: Sequence[Answer], version: int) -> None:
    """Put a sheet right that was typed wrongly. Raises ValidationError when nothing is left on it, Stale if overtaken."""
    if not Survey.objects.select_for_update().get(pk=sheet.survey_id).running:
        raise ValidationError("这份问卷不在发放期间，不能修改答卷。")
    if all(answer in (None, "", []) for answer in answers):
        raise ValidationError("这份答卷一题也没有填写。")
    sheet.answers = json.dumps(list(answers), ensure_ascii=False)
    save_if_unchanged(sheet, version=version)


def answers_of(sheet: SurveySheet) -> list[Answer]:
    """What stands on a sheet, a place for every question."""
    found: list[Answer] = json.loads(sheet.answers)
    return found

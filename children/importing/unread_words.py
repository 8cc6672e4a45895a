"""
Words in a column of a short list that are none of its words: asked once each, and never lost (rosters §4).

What a cell says beyond the value that was read of it (住校(周一至周五), 陪读, circled numbers) goes into the pupil's note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from children.importing import guesses
from children.importing.body import put_beside
from children.importing.cell_readers import PLAIN, READERS
from children.importing.header import Column
from children.importing.normalise import boarding, care, left_behind, places, yesno
from children.importing.normalise.reading import Reading
from children.importing.normalise.text import fold, is_cell_error, is_nothing, tidy
from children.importing.questions import Choice
from children.importing.sheets import CellValue

if TYPE_CHECKING:
    from children.importing.value_questions import ColumnMeanings

ASKED_AT_MOST = 8
"""A column with more such words is free text: its words stand in the notes, and nobody answers question by question."""
_SKIP = Choice(guesses.SKIP, "先空着，只写进备注")
_BOARDING = {boarding.DAY: boarding.DAY, boarding.BOARDER: boarding.BOARDER}
_YES, _NO = "yes", "no"
LEFT_BEHIND_FIELDS = ("lb_type", "lb_flag")
YES_NO_FIELDS = tuple(name for name, reader in READERS.items() if reader is yesno.read_yes_no)
"""Columns of ticks, of yes and no."""


def no_guess(word: str) -> None:
    """Nobody knows what it means."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a column's words are asked about: the finding, the reader, the answers, what an answer reads as, the guess."""

    what: str
    reader: Callable[[CellValue], Reading]
    choices: Mapping[str, str]
    means: Callable[[str], object] = str
    guess: Callable[[str], guesses.Guess | None] = no_guess


_STATUS = _Asked(
    "parent_status_unclear",
    places.read_status,
    places.STATUS_IN_TEMPLATE,
    guess=partial(guesses.first_of, guesses.STATUS),
)
_WORK_PLACE = _Asked(
    "parent_status_unclear",
    places.read_whereabouts,
    places.STATUS_IN_TEMPLATE,
    places.Whereabouts,
    partial(guesses.first_of, guesses.WORK_PLACE),
)
_TICK = _Asked(
    "yes_no_unclear",
    yesno.read_yes_no,
    {_YES: "是", _NO: "否"},
    lambda answer: answer == _YES,
    partial(guesses.first_of, guesses.TICK),
)
_AWAY = _Asked(
    "lb_unclear",
    left_behind.read_left_behind,
    {
        left_behind.BOTH: "父母双方外出",
        left_behind.FATHER: "父亲外出",
        left_behind.MOTHER: "母亲外出",
        left_behind.ONE: "一方外出，不知是哪一方",
        left_behind.NOBODY: "没有人外出",
    },
    guess=partial(guesses.first_of, guesses.AWAY),
)
_ASKED = {
    **dict.fromkeys(LEFT_BEHIND_FIELDS, _AWAY),
    "boarding": _Asked(
        "boarding_unclear",
        boarding.read_boarding,
        _BOARDING,
        guess=partial(guesses.first_of, guesses.BOARDING),
    ),
    "boarding_tick": _Asked("boarding_unclear", boarding.read_boarding_tick, _BOARDING),
    "father.status": _STATUS,
    "mother.status": _STATUS,
    "father.work_place": _WORK_PLACE,
    "mother.work_place": _WORK_PLACE,
    "care_type": _Asked("care_type_unknown", care.read_care_type, care.WORDS, guess=guesses.care_type),
    **dict.fromkeys(YES_NO_FIELDS, _TICK),
}
_WRITTEN = (str, int, float)
_KEPT = ("commute", "income_sources", "aid", "id_type", "blood_type")
_NUMBERED = ("income_sources", "aid")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
_LEGEND = re.compile(rf"([{_CIRCLED}])\s*([^{_CIRCLED}、，,;；()（）\s]+)")
_ONLY_NUMBERS = re.compile(rf"[{_CIRCLED}、，,;；/\s]+")


def keep_unread(columns: ColumnMeanings) -> None:
    """Look through the columns that have such words; the sheet's rows get what is to be kept beside their cells."""
    for name, column in columns.header.fields.items():
        if name in _ASKED:
            _keep(columns, name, column, _ask_words(columns, name, column, _ASKED[name]))
        elif name in _KEPT:
            if name in _NUMBERED:
                _by_legend(columns, name, column)
            _keep(columns, name, column, _unread(columns, name, PLAIN[name]))


def _unread(columns: ColumnMeanings, name: str, reader: Callable[[CellValue], Reading]) -> list[CellValue]:
    """The different texts and numbers of a column that say more than is read of them, in the order of the rows."""
    cells = dict.fromkeys(value for values in columns.body.values if isinstance(value := values.get(name), _WRITTEN))
    return [
        cell
        for cell in cells
        if not is_nothing(cell) and not is_cell_error(cell) and _says_more(columns, name, cell, reader)
    ]


def _says_more(columns: ColumnMeanings, name: str, cell: CellValue, reader: Callable[[CellValue], Reading]) -> bool:
    if name.endswith(".work_place"):
        return places.leaves_open(fold(cell))
    reading = columns.meanings.get((name, fold(cell))) or reader(cell)
    if name.endswith(".status") or name in LEFT_BEHIND_FIELDS:
        return any(remark.what.endswith("_unclear") for remark in reading.remarks)
    return bool(reading.detail) or (reading.value is None and bool(reading.remarks))


def _ask_words(columns: ColumnMeanings, name: str, column: Column, asked: _Asked) -> list[CellValue]:
    """Put a question for each word that has no meaning; returns the cells to keep."""
    kept = _unread(columns, name, asked.reader)
    unknown = list(dict.fromkeys(fold(cell) for cell in kept if asked.reader(cell).value is None))
    if len(unknown) > ASKED_AT_MOST:
        return kept
    for word in unknown:
        sentence = f"“{column.label}”里的“{word}”不在选项里，按哪一种登记？原话会写进备注。"
        offered = (*(Choice(value, label) for value, label in asked.choices.items()), _SKIP)
        guess = asked.guess(word)
        if guess is not None:
            chosen = next(choice.label for choice in offered if choice.value == guess.answer)
            sentence += f"已先选“{chosen}”：{guess.why}；不对请改选。"
        answer = columns.ask(asked.what, column, sentence, offered, guess.answer if guess else "", word)
        columns.meanings[name, word] = Reading(asked.means(answer) if answer in asked.choices else None)
    return kept


def _by_legend(columns: ColumnMeanings, name: str, column: Column) -> None:
    """①③ under a title that says what ① and ③ are: those words (L20)."""
    legend = dict(_LEGEND.findall(column.label))
    if not legend:
        return
    for values in columns.body.values:
        text = values.get(name)
        if isinstance(text, str) and _ONLY_NUMBERS.fullmatch(text):
            marks = [char for char in text if char in _CIRCLED]
            if marks and legend.keys() >= set(marks):
                columns.meanings[name, fold(text)] = Reading(tuple(legend[mark] for mark in marks))


def _keep(columns: ColumnMeanings, name: str, column: Column, cells: list[CellValue]) -> None:
    """Put the cells beside the unknown columns of their rows, which the notes take over."""
    kept = {cell: f"{column.label}：{tidy(cell)}" for cell in cells}
    if not kept:
        return
    for values in columns.body.values:
        if (words := kept.get(values.get(name))) is not None:
            put_beside(values, words)

"""
Words in a column of a short list that are none of its words: asked once each, and never lost (rosters §4).

What a cell says beyond the value that was read of it (住校(周一至周五), 陪读, circled numbers) goes into the pupil's note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from children.importing.cell_readers import PLAIN
from children.importing.header import Column
from children.importing.normalise import boarding, care, places
from children.importing.normalise.reading import Reading
from children.importing.normalise.text import fold, is_cell_error, is_nothing, tidy
from children.importing.questions import Choice
from children.importing.sheets import CellValue

if TYPE_CHECKING:
    from children.importing.value_questions import ColumnMeanings

ASKED_AT_MOST = 8
"""A column with more such words is free text: its words stand in the notes, and nobody answers question by question."""
_SKIP = Choice("skip", "先空着，只写进备注")
_BOARDING = {boarding.DAY: boarding.DAY, boarding.BOARDER: boarding.BOARDER}
_ASKED: dict[str, tuple[str, Callable[[CellValue], Reading], Mapping[str, str]]] = {
    "boarding": ("boarding_unclear", boarding.read_boarding, _BOARDING),
    "boarding_tick": ("boarding_unclear", boarding.read_boarding_tick, _BOARDING),
    "father.status": ("parent_status_unclear", places.read_status, places.STATUS_IN_TEMPLATE),
    "mother.status": ("parent_status_unclear", places.read_status, places.STATUS_IN_TEMPLATE),
    "father.work_place": ("parent_status_unclear", places.read_whereabouts, places.STATUS_IN_TEMPLATE),
    "mother.work_place": ("parent_status_unclear", places.read_whereabouts, places.STATUS_IN_TEMPLATE),
    "care_type": ("care_type_unknown", care.read_care_type, care.WORDS),
}
_KEPT = ("commute", "income_sources", "aid", "id_type", "blood_type")
_NUMBERED = ("income_sources", "aid")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
_LEGEND = re.compile(rf"([{_CIRCLED}])\s*([^{_CIRCLED}、，,;；()（）\s]+)")
_ONLY_NUMBERS = re.compile(rf"[{_CIRCLED}、，,;；/\s]+")


def keep_unread(columns: ColumnMeanings) -> None:
    """Look through the columns that have such words; the sheet's rows get what is to be kept beside their cells."""
    for name, column in columns.header.fields.items():
        if name in _ASKED:
            what, reader, choices = _ASKED[name]
            _keep(columns, name, column, _ask_words(columns, name, column, what, reader, choices))
        elif name in _KEPT:
            if name in _NUMBERED:
                _by_legend(columns, name, column)
            _keep(columns, name, column, _unread(columns, name, PLAIN[name]))


def _unread(columns: ColumnMeanings, name: str, reader: Callable[[CellValue], Reading]) -> list[str]:
    """The different texts of a column that say more than is read of them, in the order of the rows."""
    texts = dict.fromkeys(value for values in columns.body.values if isinstance(value := values.get(name), str))
    return [
        text
        for text in texts
        if not is_nothing(text) and not is_cell_error(text) and _says_more(columns, name, text, reader)
    ]


def _says_more(columns: ColumnMeanings, name: str, text: str, reader: Callable[[CellValue], Reading]) -> bool:
    if name.endswith(".work_place"):
        return places.leaves_open(fold(text))
    reading = columns.meanings.get((name, fold(text))) or reader(text)
    if name.endswith(".status"):
        return any(remark.what == "parent_status_unclear" for remark in reading.remarks)
    return bool(reading.detail) or (reading.value is None and bool(reading.remarks))


def _ask_words(
    columns: ColumnMeanings,
    name: str,
    column: Column,
    what: str,
    reader: Callable[[CellValue], Reading],
    choices: Mapping[str, str],
) -> list[str]:
    """Put a question for each word that has no meaning; returns the texts to keep."""
    kept = _unread(columns, name, reader)
    unknown = list(dict.fromkeys(fold(text) for text in kept if reader(text).value is None))
    if len(unknown) > ASKED_AT_MOST:
        return kept
    for word in unknown:
        sentence = f"“{column.label}”里的“{word}”不在选项里，按哪一种登记？原话会写进备注。"
        offered = (*(Choice(value, label) for value, label in choices.items()), _SKIP)
        answer = columns.ask(what, column, sentence, offered, detail=word)
        value = answer if answer in choices else None
        columns.meanings[name, word] = Reading(
            places.Whereabouts(value) if value and name.endswith(".work_place") else value
        )
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


def _keep(columns: ColumnMeanings, name: str, column: Column, texts: list[str]) -> None:
    """Put the texts beside the unknown columns of their rows, which the notes take over."""
    kept = {text: f"{column.label}：{tidy(text)}" for text in texts}
    if not kept:
        return
    for values in columns.body.values:
        if (words := kept.get(values.get(name))) is not None:  # type: ignore[arg-type]
            beside = values.get("_unknown")
            values["_unknown"] = f"{beside}；{words}" if beside else words

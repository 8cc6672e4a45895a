"""Columns of amounts whose numbers stand alone: the unit of the title, else asked once for the column (fault 72)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from children.importing.header import Column
from children.importing.normalise import amounts
from children.importing.normalise.reading import Reading
from children.importing.normalise.text import fold
from children.importing.questions import Choice

if TYPE_CHECKING:
    from children.importing.value_questions import ColumnMeanings

_KILOMETRES = {"km": ("公里", 1.0), "li": ("里（华里）", 0.5), "m": ("米", 0.001)}
_YUAN = {"1": ("元", 1), "10000": ("万元", 10_000)}
_SMALL = 100
"""Below this many yuan nobody lives for a year: the column is more likely in 万元."""
SKIP = Choice("skip", "不采用这一列的数字")


def settle_units(columns: ColumnMeanings) -> None:
    """Give the bare numbers of the distance and the income column their meaning, or put the question."""
    fields = columns.header.fields
    if column := fields.get("commute_km"):
        _distance(columns, column)
    if column := fields.get("income_per_head"):
        _income(columns, column)


def _distance(columns: ColumnMeanings, column: Column) -> None:
    label, numbers = fold(column.label), _numbers(columns, "commute_km")
    if re.search("分钟|小时", label):
        for word in numbers:
            columns.meanings["commute_km", word] = amounts.no_distance(word + _unit_in(label))
        return
    factor = 1.0 if re.search("公里|千米|km", label) else 0.5 if re.search(r"[(（]华?里", label) else None
    factor = factor or (0.001 if "米" in label else None)
    if factor is None:
        if not any(number > amounts.FAR for number in numbers.values()):
            return
        sentence = f"“{column.label}”里有大于 {amounts.FAR} 的数，没写单位。这一列的单位是什么？"
        factor = _asked(columns, "distance_unit", column, sentence, _KILOMETRES)
    _take(columns, "commute_km", numbers, factor, amounts.checked_distance)


def _unit_in(label: str) -> str:
    return "小时" if "小时" in label else "分钟"


def _income(columns: ColumnMeanings, column: Column) -> None:
    numbers = _numbers(columns, "income_per_head")
    factor: float | None = 10_000 if "万" in column.label else 1 if "元" in column.label else None
    if factor is None:
        if not any(0 < number < _SMALL for number in numbers.values()):
            return
        sentence = f"“{column.label}”里有小于 {_SMALL} 的数，没写单位。这一列的单位是什么？"
        factor = _asked(columns, "income_unit", column, sentence, _YUAN)
    _take(columns, "income_per_head", numbers, factor, amounts.checked_income)


def _numbers(columns: ColumnMeanings, name: str) -> dict[str, float]:
    return {word: float(word) for word in columns.words(name) if amounts.BARE.fullmatch(word)}


def _asked(
    columns: ColumnMeanings, what: str, column: Column, sentence: str, units: Mapping[str, tuple[str, float]]
) -> float | None:
    """The factor of the unit that a person has named; None while it is open or the numbers are not to be taken."""
    choices = (*(Choice(key, label) for key, (label, _) in units.items()), SKIP)
    answer = columns.ask(what, column, sentence, choices)
    return units[answer][1] if answer in units else None


def _take(
    columns: ColumnMeanings,
    name: str,
    numbers: Mapping[str, float],
    factor: float | None,
    checked: Callable[[float, str], Reading],
) -> None:
    for word, number in numbers.items():
        columns.meanings[name, word] = checked(number * factor, word) if factor else Reading(None)

"""就读方式: day pupil or boarder."""

import re

from children.importing.normalise.reading import Reading, question
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

DAY, BOARDER = "走读", "住校"
_WORDS = {DAY: "走读 通学 1 走读生", BOARDER: "住校 寄宿 住读 内宿 2 住校生 寄宿生 住宿"}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_BRACKET = re.compile(r"\([^()]*\)$")
_TICKS = frozenset({"是", "√", "✓", "✔", "y", "yes"})
_NOT = frozenset({"否", "×", "n", "no", "不是"})


def read_boarding(value: CellValue, *, tick: bool = False) -> Reading[str]:
    """
    走读 or 住校. In a tick column (住校, 是否寄宿) a tick means boarder, an empty cell says nothing.

    ``detail`` is the whole text of a cell that explains itself in brackets: 住校(周一至周五).
    """
    word = fold(value)
    if tick and word in _TICKS:
        return Reading(BOARDER)
    if tick and word in _NOT:
        return Reading(DAY)
    if word in _MEANING:
        return Reading(_MEANING[word])
    if meaning := _MEANING.get(_BRACKET.sub("", word)):
        return Reading(meaning, as_text(value))
    if is_nothing(value):
        return Reading(None)
    return Reading(
        None,
        remarks=(
            question(
                "boarding_unclear",
                f"“{as_text(value)}”不是走读或住校，请改填其中一种；借宿、租房、陪读等另写在备注里。",
            ),
        ),
    )


def read_boarding_tick(value: CellValue) -> Reading[str]:
    """The reading of a tick column."""
    return read_boarding(value, tick=True)

"""就读方式: day pupil or boarder."""

from children.importing.normalise.reading import Reading, question
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

DAY, BOARDER = "走读", "住校"
_WORDS = {DAY: "走读 通学 1 走读生", BOARDER: "住校 寄宿 住读 内宿 2 住校生 寄宿生 住宿"}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_TICKS = frozenset({"是", "√", "✓", "✔", "y", "yes"})
_NOT = frozenset({"否", "×", "n", "no", "不是"})


def read_boarding(value: CellValue, *, tick: bool = False) -> Reading[str]:
    """走读 or 住校. In a tick column (住校, 是否寄宿) a tick means boarder, an empty cell says nothing."""
    word = fold(value)
    if tick and word in _TICKS:
        return Reading(BOARDER)
    if tick and word in _NOT:
        return Reading(DAY)
    if word in _MEANING:
        return Reading(_MEANING[word])
    if is_nothing(value):
        return Reading(None)
    return Reading(
        None, remarks=(question("boarding_unclear", f"“{as_text(value)}”请改填走读或住校；借宿、租房请写在备注里。"),)
    )

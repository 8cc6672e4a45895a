"""Yes, no and ticks. An empty cell is not a no (rosters §4 "Yes/no")."""

from children.importing.normalise.reading import Reading, question
from children.importing.normalise.text import as_text, fold
from children.importing.sheets import CellValue

_YES = frozenset({"是", "有", "√", "✓", "✔", "☑", "v", "y", "yes", "1", "true", "对", "在", "需要", "已签", "已"})
_NO = frozenset({"否", "无", "×", "✗", "✘", "x", "n", "no", "0", "false", "不是", "没有", "非", "不需要", "未签", "不"})


def read_yes_no(value: CellValue) -> Reading[bool]:
    """True, False, or None for a blank. A number above 1 is asked about."""
    word = fold(value)
    if not word:
        return Reading(None)
    if word in _YES:
        return Reading(True)
    if word in _NO or as_text(value).strip() == "×":
        return Reading(False)
    return Reading(
        None, remarks=(question("yes_no_unclear", f"“{as_text(value)}”看不出是“是”还是“否”，请改填是或否。"),)
    )

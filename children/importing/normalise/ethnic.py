"""民族 (GB 3304-91, domain A.5): name with or without 族, code, or an old name."""

from children.importing.normalise.reading import Reading, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue
from children.models import codes

OTHER = "97"
_NAMES: dict[str, str] = dict(codes.ETHNIC)
_CODES = {name.removesuffix("族"): code for code, name in codes.ETHNIC} | {"毛难": "36", "崩龙": "46"}


def ethnic_name(code: str) -> str:
    """汉族 for 01; 其他 for a code outside the list."""
    return _NAMES.get(code, _NAMES[OTHER])


def read_ethnic(value: CellValue) -> Reading[str]:
    """The two-digit code; ``detail`` is the name to show (for 97 the words of the cell, e.g. 穿青人)."""
    if is_nothing(value):
        return Reading(None)
    word = fold(value)
    code = f"{int(word):02d}" if word.isdigit() and len(word) < 3 else _CODES.get(word.removesuffix("族"), OTHER)
    if code not in _NAMES or code == OTHER:
        text = as_text(value).strip()
        return Reading(OTHER, text, (warning("ethnic_unknown", f"“{text}”不在民族名称表里，按“其他”保存并保留原文。"),))
    return Reading(code, ethnic_name(code))

"""Plain text: padding, invisible characters, full-width digits, words that mean "nothing here"."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from children.importing.findings import Remark
from children.importing.normalise.reading import Reading, fixed, warning
from children.importing.sheets import CellValue

MEMORY = 8_192
"""Cells repeat themselves: most columns of a roster hold a handful of words."""
CLEAR = "【清空】"
DITTO_SIGNS = frozenset({"〃", "″", "”", "“", "''", '"', "＂", "、、", "，，", ",,"})
DITTO_MARKS = DITTO_SIGNS | {"同上", "同左", "同前", "同上行", "同上一行", "ditto"}
EMPTY_WORDS = frozenset(
    {"null", "none", "-", "--", "/", "\\", "无", "暂无", "n/a", "不详", "未知", "不清楚", "不明", "没有", "空"}
)

_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]+")
"""Text that no rule of this module changes: most cells of a roster are plain."""
_LONGEST_EMPTY_WORD = max(map(len, EMPTY_WORDS))
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_WIDE = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_BLANKS = re.compile(r"[ \t\u00a0\u3000\r\n]+")
_SPACE = re.compile(r"\s+")
_CELL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)", re.IGNORECASE)
_PICTURE = re.compile(r"=?(_xlfn\.)?DISPIMG\(", re.IGNORECASE)
_APOSTROPHE = re.compile(r"^['’‘`](?=[0-9A-Za-z])")


def as_text(value: CellValue) -> str:
    """A cell's content as a person would read it aloud: whole floats without .0, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(value)


@lru_cache(maxsize=MEMORY, typed=True)
def tidy(value: CellValue) -> str:
    """
    Text to keep: invisible characters and outer blanks gone, inner blanks single, full-width digits and letters plain.

    Chinese brackets and rare characters stay as they are: a full compatibility folding would change them.
    """
    if value.__class__ is str and _PLAIN.fullmatch(value):  # type: ignore[arg-type]
        return value  # type: ignore[return-value]
    text = _INVISIBLE.sub("", as_text(value)).translate(_WIDE)
    text = _APOSTROPHE.sub("", text.strip())
    return _BLANKS.sub(" ", text).strip()


@lru_cache(maxsize=MEMORY, typed=True)
def fold(value: CellValue) -> str:
    """Text to compare with a word list: compatibility forms folded, no white space at all, lower case."""
    if value.__class__ is str and _PLAIN.fullmatch(value):  # type: ignore[arg-type]
        return value.lower()  # type: ignore[union-attr]
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", as_text(value)))
    return _SPACE.sub("", _APOSTROPHE.sub("", text.strip())).lower()


def is_ditto(value: CellValue) -> bool:
    """True for a mark that stands for the value above or beside it (rosters §2, L7 and L8)."""
    if not isinstance(value, str) or len(value) >= 12:
        return False
    return (value if value.isalnum() else "".join(value.split()).lower()) in DITTO_MARKS


@lru_cache(maxsize=MEMORY, typed=True)
def is_nothing(value: CellValue) -> bool:
    """True for an empty cell and for words such as 无 or NULL (rosters fault 67)."""
    if value is None:
        return True
    if value.__class__ is str and len(value) > _LONGEST_EMPTY_WORD and _PLAIN.fullmatch(value):  # type: ignore[arg-type]
        return False
    word = fold(value)
    return not word or word in EMPTY_WORDS


def is_clear(value: CellValue) -> bool:
    """True for the explicit wish to empty a stored field (rosters §7, step 10)."""
    return isinstance(value, str) and value.strip() == CLEAR


def read_text(value: CellValue) -> Reading[str]:
    """A free text; empty words give nothing, spreadsheet errors and pictures are reported."""
    if value is None:
        return Reading(None)
    text = tidy(value)
    if text is value and not is_nothing(value):
        return Reading(text)
    if _CELL_ERROR.fullmatch(text):
        return Reading(None, remarks=(cell_error(text),))
    if _PICTURE.match(text):
        return Reading(None, remarks=(warning("picture", "单元格里是图片，名册导入不收图片，请到学生档案里上传。"),))
    if is_nothing(value):
        return Reading(None, remarks=(fixed("empty_word", f"“{text}”按空白处理。"),) if text else ())
    return Reading(text)


def cell_error(text: str) -> Remark:
    """The remark for a cell that shows a spreadsheet error."""
    return warning("cell_error", f"单元格是公式错误“{text}”，这一格没有采用，请填上内容后再导入。")


def is_cell_error(value: CellValue) -> bool:
    """True for #N/A and its kin."""
    return isinstance(value, str) and bool(_CELL_ERROR.fullmatch(value.strip()))

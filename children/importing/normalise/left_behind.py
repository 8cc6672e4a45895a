"""留守 columns: words that say who is away. Facts are taken, the label itself is not (domain §3.2)."""

import re

from children.importing.normalise import places
from children.importing.normalise.reading import Reading, question
from children.importing.normalise.text import fold, is_nothing
from children.importing.sheets import CellValue

BOTH, ONE, FATHER, MOTHER, YES, NOBODY, SINGLE_PARENT = (
    "both",
    "one",
    "father",
    "mother",
    "yes",
    "nobody",
    "single_parent",
)
_WORDS = {
    BOTH: (
        "双亲留守 双亲留守儿童 双亲外出 父母双方外出 父母均外出 父母都外出 父母双方 双方 双方外出 双留守 双亲 父母外出 "
        "均外出 都外出"
    ),
    ONE: "单亲留守 单亲留守儿童 父母一方外出 一方 一方外出 单留守 单亲 单方外出 单方",
    FATHER: "父亲外出 父外出 父 父亲 爸爸外出 仅父亲外出",
    MOTHER: "母亲外出 母外出 母 母亲 妈妈外出 仅母亲外出",
    YES: "是 √ ✓ ✔ 有 留守 留守儿童 y yes 对",
    NOBODY: "非留守 非留守儿童 否 不是 × 无外出 均在家 都在家 不留守 n no",
    SINGLE_PARENT: "单亲家庭",
}
IN_WORDS = "in_words"
"""The cell tells each parent's fate by itself (父亡母外出): see `parents_in_words`."""
_FATES = (
    (places.DECEASED, "亡|去世|病故|已故|过世|死"),
    (places.MISSING, "失踪|下落不明"),
    (places.IMPRISONED, "服刑|坐牢|戒毒|在押"),
    (places.OUT_OF_TOUCH, "改嫁|失联|出走|弃养"),
    (places.AWAY_WORK, "外出|务工|打工|在外"),
    (places.AT_HOME, "在家|务农"),
)
_PARENT = re.compile(r"(父母|双亲|父亲?|母亲?|爸爸?|妈妈?)(?:已|都|均)?([^父母爸妈，,、；;双]*)")
_DENIED = "(不|没有?|未|非|曾)[再是经]?"
"""In front of a fate: a word such as 父亲不在外地 says what is not, and not where the parent is."""
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}


def parents_in_words(text: str) -> dict[str, str]:
    """The status of father and mother in words such as 父亡母外出 or 父服刑、母改嫁; empty if the words tell nothing."""
    found: dict[str, str] = {}
    for who, what in _PARENT.findall(text):
        status = next((status for status, words in _FATES if _says(words, what)), "")
        if not status:
            continue
        names = ("father", "mother") if who in ("父母", "双亲") else ("father",) if who[0] in "父爸" else ("mother",)
        for name in names:
            found.setdefault(name, status)
    return found


def _says(words: str, what: str) -> bool:
    return bool(re.search(words, what)) and not re.search(f"{_DENIED}({words})", what)


def read_left_behind(value: CellValue) -> Reading[str]:
    """
    Who is away according to the cell: one of the constants above.

    Digits mean different things in different systems (domain §3.2) and are asked about, never taken.
    """
    word = fold(value)
    if word in _MEANING:
        return Reading(_MEANING[word])
    if is_nothing(value):
        return Reading(None)
    if word.isdigit():
        sentence = f"只写了数字“{word}”，各系统的含义不同，请改写成“双亲留守”“单亲留守”或“非留守”。"
        return Reading(None, remarks=(question("lb_digits", sentence),))
    if parents_in_words(word):
        return Reading(IN_WORDS, word)
    return Reading(None, word, (question("lb_unclear", "看不出是父母哪一方外出，请到学生档案里核实父母情况。"),))

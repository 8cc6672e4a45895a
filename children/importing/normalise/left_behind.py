"""留守 columns: words that say who is away. Facts are taken, the label itself is not (domain §3.2)."""

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
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}


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
    return Reading(None, word, (question("lb_unclear", "看不出是父母哪一方外出，请到学生档案里核实父母情况。"),))

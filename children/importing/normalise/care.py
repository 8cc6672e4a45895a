"""监护类型 and 监护情况评估 (domain §3.3 E), and the words for both that stand in one column."""

from children.importing.normalise.reading import Reading, question, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

GOOD, FAIR, POOR = "较好", "一般", "差"
_RATINGS = {"较好": GOOD, "好": GOOD, "良好": GOOD, "一般": FAIR, "中": FAIR, "差": POOR, "较差": POOR, "不好": POOR}
_TYPES = {
    "one_parent": "单方 单亲监护 母亲监护 父亲监护 单方监护 父母一方 父亲 母亲 一方监护 单亲",
    "grandparent": "祖辈 隔代 隔代监护 祖父母 爷爷奶奶 外祖父母 外公外婆 祖辈监护 爷爷 奶奶 外公 外婆",
    "kin_friend": "亲朋 亲友 亲戚 上辈 寄养 亲属 亲戚监护 亲友监护 上代监护",
    "sibling": "同辈 兄姐 哥哥姐姐 同辈监护",
    "self": "独居 自我 自我监护 独自",
    "none": "无人 无人监护",
    "institution": "托管寄宿 托管 寄宿 机构 托管机构 寄宿托管",
}
WORDS = {code: words.split()[0] for code, words in _TYPES.items()}
"""The words of the template's list, by code."""
_CODES = {word: code for code, words in _TYPES.items() for word in words.split()}
_NOBODY = {word: code for word, code in _CODES.items() if code in ("self", "none")}
_NOBODY |= dict.fromkeys(("本人", "自己", "学生本人"), "self") | dict.fromkeys(
    ("无监护人", "无人照看", "无人照顾"), "none"
)

PARENT_CODES = frozenset({"51", "52", "57", "58"})
GRANDPARENT_CODES = frozenset({"60", "61", "62", "63", "64", "66", "67"})


def without_adult(value: CellValue) -> str:
    """The code of who cares where 本人, 独居 or 无人 stands in the place of a carer; empty for everything else."""
    if not isinstance(value, str):
        return ""
    return _NOBODY.get(value if value.isalpha() else fold(value), "")


def read_care_type(value: CellValue) -> Reading[str]:
    """The code of who cares, by the generation and number of carers."""
    word = fold(value)
    if word in _CODES:
        return Reading(_CODES[word])
    if is_nothing(value):
        return Reading(None)
    return Reading(
        None, remarks=(question("care_type_unknown", f"不认识监护类型“{as_text(value)}”，请从下拉选项里选。"),)
    )


def read_care_rating(value: CellValue) -> Reading[str]:
    """较好, 一般 or 差 (domain §11.1)."""
    if is_nothing(value):
        return Reading(None)
    rating = _RATINGS.get(fold(value))
    if rating is None:
        return Reading(
            None, remarks=(warning("care_rating_unknown", "监护情况评估应填较好、一般或差，这一格没有采用。"),)
        )
    return Reading(rating)


def looks_like_rating(values: list[CellValue]) -> bool:
    """监护情况 may mean type or rating: the values decide (rosters §3)."""
    words = [fold(value) for value in values if not is_nothing(value)]
    return bool(words) and sum(word in _RATINGS for word in words) * 2 > len(words)


def contradicts(care_type: str, relation_code: str) -> bool:
    """True if the type of care cannot be what the named carer gives."""
    if care_type == "one_parent":
        return relation_code not in PARENT_CODES | {"50"}
    if care_type == "grandparent":
        return relation_code not in GRANDPARENT_CODES
    return care_type == "kin_friend" and relation_code in PARENT_CODES | GRANDPARENT_CODES

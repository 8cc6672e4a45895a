"""
Relation of an adult to the child (GB/T 4761, domain A.4; words of rosters §4 "Relation").

The stored code always says what the adult is to the child. Columns that state the child's side (孙子) are turned round,
dialect words are asked about.
"""

import re

from children.importing.findings import Remark
from children.importing.normalise.reading import Reading, question, warning
from children.importing.normalise.sex import FEMALE, MALE
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

_WORDS = {
    "50": "父母 父母亲 双亲 爸爸妈妈",
    "51": "父 父亲 爸爸 爸 爹 父子 父女",
    "52": "母 母亲 妈妈 妈 娘 母子 母女",
    "57": "继父 养父",
    "58": "继母 养母 后妈",
    "60": "祖父母 爷爷奶奶 老人 老人带 家里老人 隔代 祖孙 爷孙 婆孙 外祖孙 外祖父母 外公外婆",
    "61": "祖父 爷爷 阿爷 爷",
    "62": "祖母 奶奶 阿奶 奶",
    "63": "外祖父 外公 姥爷 家公 嘎公",
    "64": "外祖母 外婆 姥姥 家婆 嘎婆",
    "66": "曾祖父 太爷 太爷爷 老太爷",
    "67": "曾祖母 太奶 太奶奶",
    "71": "兄 哥哥 哥",
    "73": "弟 弟弟",
    "75": "姐 姐姐",
    "77": "妹 妹妹",
    "81": "伯父 大伯 伯伯 伯",
    "82": "伯母 大妈",
    "83": "叔 叔叔 叔父 小叔 幺叔",
    "84": "婶 婶婶 婶母 婶娘",
    "85": "舅 舅舅 舅父 大舅 小舅",
    "86": "舅妈 舅娘 舅母",
    "87": "姨父 姨爹 姨夫",
    "88": "姨 姨妈 姨母 姨娘 小姨 大姨",
    "89": "姑父 姑爹 姑夫",
    "90": "姑 姑妈 姑母 姑姑 姑娘娘",
    "91": "堂兄 堂姐 堂哥",
    "92": "表兄 表姐 表哥",
    "97": "亲戚 亲属 其他亲属",
    "99": "邻居 朋友 老师 托管 干妈 同乡 其他 保姆",
}
_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}
_MATERNAL = frozenset({"外祖孙", "外祖父母", "外公外婆", "外孙", "外孙女", "外孙子"})
_REVERSED = {
    "孙子": "60",
    "孙女": "60",
    "孙": "60",
    "外孙": "60",
    "外孙女": "60",
    "外孙子": "60",
    "之孙": "60",
    "孙儿": "60",
    "儿子": "50",
    "女儿": "50",
    "之子": "50",
    "之女": "50",
    "长子": "50",
    "次子": "50",
    "长女": "50",
    "次女": "50",
    "侄子": "97",
    "侄女": "97",
    "侄儿": "97",
    "外甥": "97",
    "外甥女": "97",
}
_BY_SEX = {("60", MALE): "61", ("60", FEMALE): "62", ("50", MALE): "51", ("50", FEMALE): "52"}
DIALECT = frozenset({"婆婆", "公公", "爹爹", "阿婆", "孃孃", "大爹", "干爹", "公", "婆", "阿公"})
GENERAL = frozenset({"50", "60", "97", "99"})
"""Relations that another statement, if it is more exact, may sharpen."""
_NOT_OF_ONE = frozenset({"父子", "父女", "母子", "母女"})
_TITLES = {
    word: code for word, code in _CODES.items() if len(word) > 1 and code not in GENERAL and word not in _NOT_OF_ONE
}
_TITLE_ENDS = frozenset(word[-1] for word in _TITLES)
_TITLE_STARTS = frozenset(word[0] for word in _TITLES)
_BETWEEN = " :：、，,-—"
_ONE_BESIDE = re.compile(r"^([父母爸妈爹娘爷奶姑姨叔伯舅])(?:\s*[:：]\s*|\s+)([\u3400-\u9fff·]{2,})$")
"""母 韦丽, 母：韦丽; a name of three characters that is padded has a blank before each."""
_ONE_CHARACTER = re.compile("(?<![师岳干大外太舅叔伯姑姨表])[父母爸妈爷奶]")
_OF_OTHERS = re.compile("邻居|同学|朋友|同事|工友|老板|老乡|房东|老师|村[长干委支医主书]")
_SELF = frozenset({"本人", "自己"})
_COUPLES = {
    "爷爷奶奶": ("61", "62"),
    "祖父母": ("61", "62"),
    "爷爷、奶奶": ("61", "62"),
    "外公外婆": ("63", "64"),
    "外祖父母": ("63", "64"),
    "外公、外婆": ("63", "64"),
    "父母": ("51", "52"),
    "爸爸妈妈": ("51", "52"),
}
#: Words that stand for one person or a couple inside a text.
_NAMED: dict[str, tuple[str, ...]] = {**{word: (code,) for word, code in _TITLES.items()}, **_COUPLES}
_MALE_ODD = frozenset({"51", "57", "61", "63", "66", "81", "83", "85", "87", "89"})
_FEMALE_CODES = frozenset({"52", "58", "62", "64", "67", "82", "84", "86", "88", "90"})

_CALLED = {"50": ("51", "52"), "57": ("51",), "58": ("52",), "60": ("61", "62", "63", "64")}
RELATIVE = "97"
PARENTS = {"51": "father", "52": "mother"}
MATERNAL = "maternal"


def read_relation(value: CellValue, *, carer_sex: str | None = None) -> Reading[str]:
    """
    The two-digit code of what the adult is to the child; ``detail`` is "maternal" for 外 without a certain code.

    ``carer_sex`` (男 or 女) tells grandfather from grandmother where the column says only 祖孙.
    """
    if is_nothing(value):
        return Reading(None)
    word = fold(value)
    maternal = MATERNAL if word in _MATERNAL else ""
    if word in _REVERSED:
        code = _with_sex(_REVERSED[word], carer_sex, bool(maternal))
        sentence = f"“{as_text(value)}”说的是孩子的身份，已换成监护人的身份保存，请核对。"
        return Reading(code, maternal, (warning("relation_reversed", sentence),))
    if word in _CODES:
        return Reading(_with_sex(_CODES[word], carer_sex, bool(maternal)), maternal)
    if word in _SELF:
        return Reading(None, remarks=(warning("no_adult_carer", "写的是“本人”，没有大人照顾，请尽快核实。"),))
    if word in DIALECT:
        sentence = f"“{as_text(value)}”各地叫法不同，请改写成祖父、祖母、外祖父、外祖母等。"
        return Reading(None, remarks=(question("relation_dialect", sentence),))
    return Reading(
        "99", as_text(value).strip(), (warning("relation_unknown", f"不认识关系“{as_text(value)}”，按“其他”保存。"),)
    )


def _with_sex(code: str, carer_sex: str | None, maternal: bool) -> str:
    if code == "60" and maternal:
        return {MALE: "63", FEMALE: "64"}.get(carer_sex or "", code)
    return _BY_SEX.get((code, carer_sex or ""), code)


def title_in_name(name: str) -> tuple[str, str]:
    """
    The name and the relation that it tells: 爷爷田老根 is 田老根 and 61, 王奶奶 stays 王奶奶 and is 62.

    The relation is empty for a plain name.
    """
    if name[0] in _TITLE_STARTS:
        for size in (3, 2):
            rest = name[size:].lstrip(_BETWEEN)
            if (code := _TITLES.get(name[:size])) and len(rest) > 1:
                return rest, code
    if name[-1] in _TITLE_ENDS:
        for size in (3, 2):
            if len(name) > size and (code := _TITLES.get(name[-size:])):
                return name, code
    return name, ""


def beside_names(parts: list[str]) -> list[str]:
    """
    The people of a cell that was split at blanks and marks, a relation that stands beside a name in brackets behind it.

    祖父, 李大山 and 李大山, 祖父 are one person 李大山（祖父）; 祖父, 李大山, 祖母, 王秀英 and 爷爷奶奶, 李大山, 王秀英 are two.
    A word beside a name that tells something else is a person of its own: 爷爷, 李奶奶.
    """
    if len(parts) == 1:
        return [_ONE_BESIDE.sub(r"\2（\1）", parts[0])]
    first, second = couple(parts[0]) if len(parts) == 3 else ("", "")
    if first and not any(map(_stands_for_one, parts[1:])):
        return [f"{parts[1]}（{_WORDS[first].split()[0]}）", f"{parts[2]}（{_WORDS[second].split()[0]}）"]
    if len(parts) % 2 == 0:
        before, behind = parts[::2], parts[1::2]
        for words, people in ((before, behind), (behind, before)):
            if all(map(_belongs, words, people)):
                return [f"{name}（{word}）" for word, name in zip(words, people, strict=True)]
    return [_ONE_BESIDE.sub(r"\2（\1）", part) for part in parts]


def _stands_for_one(word: str) -> bool:
    return is_relation_word(word) or fold(word) in DIALECT


def _belongs(word: str, name: str) -> bool:
    """Whether a relation and the name beside it are one person."""
    if not _stands_for_one(word) or _stands_for_one(name):
        return False
    stated, told = _CODES.get(fold(word), ""), title_in_name(name)[1]
    return not (stated and told) or may_be(stated, told)


def sharpened(stated: str, told: str, *, maternal: bool, sex: str | None) -> str:
    """
    What the relation column states made exact by what the carer's name tells and by her or his sex.

    An exact word of the column stands; 祖孙 beside 奶奶 is 62, 外祖孙 beside a man is 63 (rosters §5, row 47).
    """
    if stated not in GENERAL:
        return stated
    exact = _with_sex(stated, (sex_of_relation(told) if told else None) or sex, maternal)
    return exact if maternal or not told else told


def relations_named(text: str) -> frozenset[str]:
    """The codes of everybody whom a free text names by relation: 给奶奶和外公 is 62 and 63, 王奶奶 62, 爸爸妈妈 51 and 52."""
    word, found, at = fold(text), set(), 0
    while at < len(word):
        size = next((size for size in (4, 3, 2) if word[at : at + size] in _NAMED), 0)
        found |= set(_NAMED.get(word[at : at + size], ()))
        at += size or 1
    return frozenset(found)


def owner_named(text: str) -> str:
    """
    Whose a number is by the words beside it: 父, （妈 晚上打）, 外公 is 51, 52, 63.

    Empty for words that name nobody, more than one person, or somebody outside the family: 同学妈妈, 爸爸的工友.
    """
    word = fold(text)
    if _OF_OTHERS.search(word):
        return ""
    if word in _CODES:
        return _CODES[word] if _CODES[word] not in GENERAL else ""
    named = relations_named(word) or {_CODES[found] for found in _ONE_CHARACTER.findall(word)}
    return next(iter(named)) if len(named) == 1 else ""


def may_be(stated: str, owner: str) -> bool:
    """Whether somebody of the stated relation is also called by that of `owner`: 祖孙 by 奶奶, a stepmother by 妈."""
    return owner == stated or owner in _CALLED.get(stated, ())


def is_relation_word(value: CellValue) -> bool:
    """True if a name cell really holds a relation (rosters fault 61)."""
    return fold(value) in _CODES and len(fold(value)) > 1


def is_relation(value: CellValue) -> bool:
    """True for a relation where no name is to be expected, one character as well: 韦丽（母）."""
    return fold(value) in _CODES


def names_two_people(value: CellValue) -> bool:
    """True for 爷爷奶奶 and the like (rosters fault 60)."""
    return fold(value) in _COUPLES


def couple(value: CellValue) -> tuple[str, str]:
    """The codes of 爷爷奶奶, 外公外婆 and 父母; two empty strings for anything else."""
    return _COUPLES.get(fold(value), ("", ""))


def two_people_remark(value: CellValue) -> Remark:
    """The question for a carer cell that names a couple without names."""
    sentence = f"监护人写的是“{as_text(value)}”，先以前一位为主要照顾人，后一位记作其他亲属；请写出两人的姓名。"
    return question("carer_two_people", sentence)


def sex_of_relation(code: str) -> str | None:
    """男 or 女 where the code tells."""
    return MALE if code in _MALE_ODD else FEMALE if code in _FEMALE_CODES else None

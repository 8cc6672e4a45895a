"""Kind of identity paper and blood group: words of the 学籍 and kindergarten templates (rosters §2, L1–L3)."""

import re

from children.importing.normalise.reading import Reading, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

_PAPERS = {
    "居民身份证": "居民身份证 身份证 二代身份证 1-居民身份证",
    "户口簿": "户口簿 户口本 居民户口簿",
    "香港特区身份证": "香港特区身份证 香港特区护照/身份证明 香港身份证",
    "澳门特区身份证": "澳门特区身份证 澳门特区护照/身份证明 澳门身份证",
    "台湾居民来往大陆通行证": "台湾居民来往大陆通行证 台胞证",
    "境外永久居住证": "境外永久居住证 外国人永久居留证",
    "护照": "护照",
    "其他": "其他 无证件 出生医学证明 出生证",
}
_KIND = {word: kind for kind, words in _PAPERS.items() for word in words.split()}
_BLOOD = re.compile(r"(AB|A|B|O)型?(?:血|血型)?", re.IGNORECASE)
_NOT_TESTED = re.compile("未知|未定|未查|不详|不清")


def read_id_type(value: CellValue) -> Reading[str]:
    """The kind of paper in the words of the code list."""
    if is_nothing(value):
        return Reading(None)
    kind = _KIND.get(fold(value))
    if kind is None:
        sentence = f"不认识证件类型“{as_text(value)}”，原话已写进备注，请到学生档案里选。"
        return Reading(None, remarks=(warning("id_type_unknown", sentence),))
    return Reading(kind)


def read_blood_type(value: CellValue) -> Reading[str]:
    """A型, B型, AB型 or O型; what is more exact stays in the note."""
    if is_nothing(value) or _NOT_TESTED.match(fold(value)):
        return Reading(None)
    found = _BLOOD.fullmatch(fold(value))
    if found is None:
        sentence = f"血型“{as_text(value)}”不是 A、B、AB、O 型，原话已写进备注，请核对。"
        return Reading(None, remarks=(warning("blood_type_unknown", sentence),))
    return Reading(f"{found[1].upper()}型")

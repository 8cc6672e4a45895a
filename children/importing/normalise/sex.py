"""性别 (GB/T 2261.1), by the words and signs schools write."""

from children.importing.normalise.reading import Reading, error
from children.importing.normalise.text import fold, is_nothing
from children.importing.sheets import CellValue

MALE, FEMALE = "男", "女"
_WORDS = {
    MALE: ("男", "男性", "男孩", "男生", "1", "1-男", "1男", "m", "male", "♂"),
    FEMALE: ("女", "女性", "女孩", "女生", "2", "2-女", "2女", "f", "female", "♀"),
}
_SEX = {word: sex for sex, words in _WORDS.items() for word in words}
_UNKNOWN = frozenset({"0", "9"})


def read_sex(value: CellValue) -> Reading[str]:
    """男 or 女; 0 and 9 mean unknown and give nothing."""
    if is_nothing(value) or fold(value) in _UNKNOWN:
        return Reading(None)
    sex = _SEX.get(fold(value))
    if sex is None:
        return Reading(None, remarks=(error("sex_unknown", "看不出性别，请填“男”或“女”。"),))
    return Reading(sex)

"""上下学方式 (domain §3.3 B). Unlicensed vans and tricycles are a safety matter, not only a value."""

from children.importing.normalise.reading import Reading, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

_WORDS = {
    "步行": "步行 走路 徒步",
    "自行车": "自行车 骑车 电动自行车 骑自行车 摩托车 电动车",
    "公共交通": "公共交通 公交 公交车 班车 客车 农村客运 地铁",
    "家长自行接送": "家长自行接送 家长接送 接送 摩托(家长) 家长",
    "校车": "校车",
    "其他": "其他",
}
UNSAFE = "非营运车"
_MEANING = {word: way for way, words in _WORDS.items() for word in words.split()} | {UNSAFE: UNSAFE}
_UNSAFE_WORDS = ("面包车", "三轮", "包车", "拼车", "黑车", "农用车", "货车")


def read_commute(value: CellValue) -> Reading[str]:
    """One of the ways of the code list; a bracketed explanation behind it is ignored."""
    word = fold(value)
    short = word.split("(")[0]
    way = _MEANING.get(word) or _MEANING.get(short)
    if way:
        return Reading(way)
    if is_nothing(value):
        return Reading(None)
    text = as_text(value).strip()
    if any(vehicle in word for vehicle in _UNSAFE_WORDS):
        return Reading(
            UNSAFE, text, (warning("commute_unsafe", f"“{text}”可能是无证车辆接送，请登记车辆并核实安全。"),)
        )
    return Reading("其他", text)

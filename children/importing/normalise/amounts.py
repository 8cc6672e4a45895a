"""Amounts with the unit that stands beside them: the way to school, income, people in the house (rosters fault 72)."""

import re

from children.importing.normalise.classes import to_number
from children.importing.normalise.reading import Reading, error, warning
from children.importing.normalise.text import as_text, fold, is_nothing
from children.importing.sheets import CellValue

FAR, TOO_FAR = 30, 100
"""Kilometres: more than a child's daily way, more than any."""
MOST_INCOME = 1_000_000
MOST_PEOPLE = 30
KILOMETRES = {"km": 1.0, "公里": 1.0, "千米": 1.0, "里": 0.5, "华里": 0.5, "米": 0.001, "m": 0.001}
YUAN = {"元": 1, "块": 1, "千元": 1_000, "千": 1_000, "万元": 10_000, "万": 10_000}
_NUMBER = r"\d+(?:\.\d+)?"
BARE = re.compile(_NUMBER)
_WITH_UNIT = re.compile(
    rf"({_NUMBER}|[半一二两三四五六七八九十])(?:[-~—至到]{_NUMBER})?[多来]?(公里|千米|km|华里|里|米|m)(半?)"
)
_TIME = re.compile("分钟|小时|钟头|[0-9]分|[0-9]min")
_ABOUT = re.compile("^(大约|大概|约|近)|(左右|多|余)$")
_MONEY = re.compile(rf"({_NUMBER})(万元|万|千元|千|元|块)?(?:/年|每年|/人|每人|一年)*")
_PEOPLE = re.compile(r"(\d{1,2}|[一二两三四五六七八九十])(?:\.0)?(?:口人?|人|个人)?")


def read_distance(value: CellValue) -> Reading[float]:
    """Kilometres; 6里 is 3, 1500米 is 1.5, a number alone counts as kilometres. A time is no distance."""
    if is_nothing(value):
        return Reading(None)
    word = fold(value)
    if found := _WITH_UNIT.search(word):
        number = 0.5 if found[1] == "半" else _number(found[1])
        return checked_distance((number + (0.5 if found[3] else 0)) * KILOMETRES[found[2]], value)
    if _TIME.search(word):
        return no_distance(value)
    if BARE.fullmatch(bare := _ABOUT.sub("", word)):
        return checked_distance(float(bare), value)
    sentence = f"“{as_text(value)}”里看不出有多远，没有采用，请填公里数，如 1.5。"
    return Reading(None, remarks=(error("distance_unclear", sentence),))


def no_distance(value: CellValue) -> Reading[float]:
    """The refusal of minutes and hours."""
    sentence = f"“{as_text(value)}”是路上的时间，不是距离，没有采用，请填公里数，如 1.5。"
    return Reading(None, remarks=(error("distance_is_time", sentence),))


def checked_distance(kilometres: float, value: CellValue) -> Reading[float]:
    """The distance; a far one is told, an impossible one refused."""
    kilometres = round(kilometres, 2)
    if kilometres > TOO_FAR:
        sentence = f"“{as_text(value)}”合 {kilometres:g} 公里，不像上学的距离，没有采用，请核对单位。"
        return Reading(None, remarks=(error("distance_too_far", sentence),))
    if kilometres > FAR:
        sentence = f"上下学距离 {kilometres:g} 公里较远，请核对单位是不是写错了。"
        return Reading(kilometres, remarks=(warning("distance_far", sentence),))
    return Reading(kilometres)


def read_income(value: CellValue) -> Reading[int]:
    """Yuan a head and year: 0.8万 is 8,000. A number alone counts as yuan, an income by the month is refused."""
    if is_nothing(value):
        return Reading(None)
    word = fold(value).replace(",", "")
    found = _MONEY.fullmatch(_ABOUT.sub("", word))
    if found is None:
        sentence = f"“{as_text(value)}”看不出一年人均多少元，没有采用，请填一年的元数，如 8000。"
        return Reading(None, remarks=(error("income_unclear", sentence),))
    return checked_income(float(found[1]) * YUAN.get(found[2] or "元", 1), value)


def checked_income(yuan: float, value: CellValue) -> Reading[int]:
    """The income in whole yuan; what nobody earns is refused."""
    if yuan > MOST_INCOME:
        sentence = f"“{as_text(value)}”合一年 {yuan:.0f} 元，不像人均收入，没有采用，请核对单位。"
        return Reading(None, remarks=(error("income_too_high", sentence),))
    return Reading(round(yuan))


def read_people(value: CellValue) -> Reading[int]:
    """How many live in the house: 5, 5人, 五口人."""
    if is_nothing(value):
        return Reading(None)
    found = _PEOPLE.fullmatch(fold(value))
    if found and 0 < (people := round(_number(found[1]))) <= MOST_PEOPLE:
        return Reading(people)
    sentence = f"“{as_text(value)}”看不出有几口人，没有采用，请填人数。"
    return Reading(None, remarks=(error("people_unclear", sentence),))


def _number(text: str) -> float:
    return float(text) if text[0].isdigit() else float(to_number(text) or 0)

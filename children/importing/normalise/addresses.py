"""
An address of a list beside the stored one: what the list leaves out is not cleared (rosters §1.8).

An address goes from the province down to the house. Left out at the top, in the middle or at the end, a part stays as
it is stored, unless a part above it has become another one. Nothing is put above another city: a county alone may well
have become another one of the same city, a city alone need not lie in the same province.
"""

import re
from collections.abc import Mapping

from children.importing.normalise.classes import to_number
from children.importing.normalise.text import fold
from children.places import PROVINCES

_COMPARED = re.compile(r"[\s,，.。、;；:：()（）]")
_DIGIT = "[0-9一二三四五六七八九十百]"
_NO_DIGIT_BEFORE = f"(?:(?<!{_DIGIT})|(?!{_DIGIT}))"
_NO_DIGIT_BEHIND = f"(?:(?!{_DIGIT})|(?<!{_DIGIT}))"
_BETWEEN = re.compile(r"[\s,，、]")
_NAME = "[^省市县区镇乡村社组,，、]"
_PARTS = re.compile(
    rf"(?P<province>.{_NAME}{{0,6}}?(?:自治区|省))?"
    rf"(?P<city>.{_NAME}{{0,8}}?(?:自治州|地区|市(?!场)|(?<=..)州(?![市省区县村组])|盟(?![村组镇乡社街路])))?"
    rf"(?P<county>.{_NAME}{{0,10}}?(?:自治县|县(?!城(?!关|厢|郊))|市(?!场)|(?<![社小自治])区|自治旗|旗(?![村组街路社小])))?"
    rf"(?P<town>.{_NAME}{{0,8}}?(?:镇|乡|街道|苏木)(?![村组]))?"
    r"(?P<village>.[^省市县镇乡组号]{0,10}?(?:村民委员会|村委会|村(?!民|小组|组)|社区|居委会|嘎查))?"
    r"(?P<group>[^号]{1,10}?(?:村民小组|小组|组|屯|寨|队|社))?"
    r"(?P<rest>.*)"
)
_LEVELS = ("province", "city", "county", "town", "village", "group")
_SAME_ENDING = re.compile("(?:民委员会|委会)$|(?:村民小组|小组)$")
_NUMBER = re.compile("第?([0-9]+|[〇一二三四五六七八九十百两]+)(?=组$|队$|社$)")
_PROVINCE = re.compile("|".join(PROVINCES))
_ENDING = re.compile("(?:(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟)$")
_HOUSE = re.compile(r"第?[0-9一二三四五六七八九十百\-—–附之号栋幢座楼单元室层门牌]+")


def is_part_of(stated: str, stored: str) -> bool:
    """
    True if an address is the beginning or another part of a longer one, so that it says less: 大沙坝村 of 大沙坝村柳林组52号.

    A number must be whole: 2号 is no part of 52号, 一组 none of 十一组.
    """
    short, long = _plain(stated), _plain(stored)
    if not short or len(short) >= len(long):
        return False
    return re.search(f"{_NO_DIGIT_BEFORE}{re.escape(short)}{_NO_DIGIT_BEHIND}", long) is not None


def completed(stated: str, stored: str) -> str:
    """
    The stated address with the parts it leaves out as they are stored: 大沙坝村三组 beside 青榕镇大沙坝村柳林组52号 is
    青榕镇大沙坝村三组.

    The stored one itself where nothing in it would change, the stated one where their parts cannot be told.
    """
    said, known = _parts(stated), _parts(stored)
    if "city" in said and "county" not in said and said["city"] == known.get("county"):
        said["county"] = said.pop("city")
    _take_apart(said, known)
    named = [level for level in _LEVELS if level in said]
    if not named or not any(level in known for level in _LEVELS):
        return stated
    if _begins_with_a_province(named[0], said[named[0]]):
        return stated
    lowest, house = _LEVELS.index(named[-1]), not said["rest"] or _is_house(said["rest"])
    shared = any(_same(said[level], known.get(level, "")) for level in named)
    moved = False
    found: list[str] = []
    for place, level in enumerate(_LEVELS):
        part = said.get(level, "")
        if part:
            same = _same(part, known.get(level, ""))
            moved = moved or not (same or (shared and level not in known))
            if moved and level == "city" and "province" not in said:
                found.clear()
            found.append(known[level] if same else part)
        elif not moved and (house or place < lowest):
            found.append(known.get(level, ""))
    finer = any(level not in known for level in named) and not _is_house(known["rest"])
    found.append(said["rest"] or ("" if moved or finer else known["rest"]))
    text = "".join(found)
    return next((whole for whole in (stored, stated) if _plain(whole) == _plain(text)), text)


def _plain(text: str) -> str:
    return _COMPARED.sub("", fold(text))


def _parts(text: str) -> dict[str, str]:
    """The parts of an address by level; what stands behind the last one recognised is its ``rest``."""
    match = _PARTS.fullmatch(_BETWEEN.sub("", text))
    found = match.groupdict() if match else {"rest": text}
    return {level: part for level, part in found.items() if part or level == "rest"}


def _take_apart(said: dict[str, str], known: Mapping[str, str]) -> None:
    """Find the stored province and city before a city or county also without their last characters: 贵州遵义播州区."""
    for level, above in (("city", "province"), ("county", "province"), ("county", "city")):
        stem, part = _ENDING.sub("", known.get(above, "")), said.get(level, "")
        if stem and above not in said and part.startswith(stem) and len(part) > len(stem) + 1:
            said[above], said[level] = known[above], part.removeprefix(stem)


def _begins_with_a_province(level: str, part: str) -> bool:
    """True for a county or a place in it behind a bare province, 重庆万州区 or 广东东莞长安镇; 河南村 is a village."""
    province = _PROVINCE.match(part)
    return province is not None and len(part) - province.end() >= (2 if level == "county" else 5)


def _same(one: str, other: str) -> bool:
    return _spelled(one) == _spelled(other)


def _spelled(part: str) -> str:
    """A part in one spelling: 第三村民小组 and 3组 are the same, 大沙坝村委会 is 大沙坝村."""
    plain = _SAME_ENDING.sub(lambda ending: "" if "委" in ending[0] else "组", fold(part))
    return _NUMBER.sub(lambda number: str(to_number(number[1]) or number[1]), plain)


def _is_house(rest: str) -> bool:
    """True for the number of a house or flat, which says nothing about where in the village it stands."""
    return _HOUSE.fullmatch(rest) is not None

"""
How exactly an anonymous paper says when and where: the day and no hour, the own province or another, no name of one.

With the hour or the province in which the parents work a family can be found by whoever knows the region (domain P-17).
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from children.places import PROVINCES

SOME_TIME, HOME, AWAY, SOME_PROVINCE = "某时", "省内", "外省", "某省"
#: 在河南边玩 is by the river; 省、自治区 are part of the name.
_PROVINCE = re.compile(rf"({'|'.join(PROVINCES)})(?![岸边面侧])(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?")
_NUMBER = r"(?:\d{1,2}|[零〇一二三四五六七八九十两]{1,3})"
_PART = r"(?:凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜里|夜间|半夜|深夜)"
_MINUTES = rf"(?:{_NUMBER}分钟?(?!之)|半|[一三]刻)"
_ABOUT = r"(?:多|许|左右)?"
#: 24小时, 两点要求 and 有一点疼 tell no time of the day.
_CLOCK = re.compile(
    rf"(?P<day>[日号]\s*)?(?:{_PART}\s*{_NUMBER}\s*(?:时|点钟?){_MINUTES}?|(?<![\d.]){_NUMBER}\s*[时点]钟?{_MINUTES}"
    rf"|(?<![\d.])\d{{1,2}}\s*时(?![间候期])|(?<![\d.])\d{{1,2}}\s*点钟?(?![意要建说问内措注\d])"
    rf"|{_PART}?\s*(?<!\d)\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?!\d)){_ABOUT}"
)


def day(at: datetime | None) -> str:
    """2026年11月20日, or nothing."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日"


def province_in(texts: Iterable[str]) -> str:
    """The province that the first of these addresses to name one names; empty if none does."""
    return next((hit.group(1) for text in texts if (hit := _PROVINCE.match(text.strip()))), "")


def of_province(province: str, home: str) -> str:
    """What stands for a province: whether it is the own one; 某省 while nobody knows which is."""
    if not home:
        return SOME_PROVINCE
    return HOME if province == home else AWAY


def blurred(text: str, home: str) -> str:
    """A text without hours and without names of provinces; a day keeps standing."""
    told = _CLOCK.sub(lambda hit: hit.group("day").strip() if hit.group("day") else SOME_TIME, text)
    return _PROVINCE.sub(lambda hit: of_province(hit.group(1), home), told)

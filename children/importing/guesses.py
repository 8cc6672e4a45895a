"""
What a word outside the list most likely means, with the reason: chosen beforehand in its question, taken only when a
person sends the form (rosters §4).

Words on the parents' marriage say nothing of where a parent is: 离异 is left open, and 单亲留守 is nowhere read as a
single-parent family.
"""

import re
from dataclasses import dataclass

from children.importing.normalise import boarding, left_behind, places


@dataclass(frozen=True, slots=True)
class Guess:
    """The answer that is chosen beforehand, and why."""

    answer: str
    why: str


Guesses = tuple[tuple[re.Pattern[str], Guess | None], ...]
"""Patterns in the order they are tried, each with its guess; None where nothing can be guessed of such a word."""
SKIP = "skip"


def _table(*rows: tuple[str, str, str] | str) -> Guesses:
    """The rows of a table: pattern, answer and reason, or only a pattern of words that leave everything open."""
    return tuple(
        (re.compile(row), None) if isinstance(row, str) else (re.compile(row[0]), Guess(*row[1:])) for row in rows
    )


_DENIED = "不|没|未|非|曾|以前|去世|过世|病故|死|亡|改嫁"
"""A word with one of these turns round what the rest of it says: 没有出国, 父亲在外省去世."""
_MARRIAGE = "离异|离婚|再婚|分居|单亲家庭"
_ON_THE_ROAD = "跑车|跑运输|跑长途|跑货|开大?货车|开挂车|跑船|出海|海员"
_FAR = f"{_ON_THE_ROAD}|在外|外地|外省|省外|国外|出国"
STATUS = _table(
    (_MARRIAGE, SKIP, "只说了父母的婚姻，没有说人在哪里"),
    (
        f"^(?!.*({_FAR}|去世|过世|病故|死|亡|改嫁)).*(没有?打工|没有?务工|没有?外出|未外出|不打工)",
        places.AT_HOME,
        "没有说外出",
    ),
    _DENIED,
    (_ON_THE_ROAD, places.AWAY_WORK, "跑车、出海一般长期不在家"),
    ("出国|国外|境外|劳务输出", places.AWAY_WORK, "在国外做工不在家"),
    ("当兵|参军|部队|上学|读书|进修", places.AWAY_OTHER, "不在家，但不是务工"),
    ("无业|待业|种地|种田|养殖|养猪|带孩子|带小孩", places.AT_HOME, "没有说外出"),
)
WORK_PLACE = _table((_MARRIAGE, SKIP, "只说了父母的婚姻，没有说人在哪里"))
AWAY = _table(
    (_MARRIAGE, SKIP, "说的是父母的婚姻，不是谁外出；单亲家庭登记在家庭结构里"),
    _DENIED,
    (f"^(父母|双方|双亲|爸妈|都|均).*({_FAR})", left_behind.BOTH, "说的是父母双方"),
    (f"^(父亲?|爸爸?)[^母妈]*({_FAR})[^母妈]*$", left_behind.FATHER, "只说了父亲不在家"),
    (f"^(母亲?|妈妈?)[^父爸]*({_FAR})[^父爸]*$", left_behind.MOTHER, "只说了母亲不在家"),
)
BOARDING = _table(
    ("^(不|没有?|未|非)(住校|寄宿|住宿|住读)", boarding.DAY, "说的是不住校"),
    _DENIED,
    ("陪读|租房|借宿|投亲|寄住", boarding.DAY, "不住学校宿舍"),
    ("半托|午托|午餐|午休|中午", boarding.DAY, "晚上不在学校住"),
    ("周末回|每周回|全托", boarding.BOARDER, "平时住在学校"),
)
TICK = _table(
    ("申请中|在申请|待批|审批中|正在办", "no", "还没有批下来"),
    ("未签|没签|未办|没办", "no", "还没有办"),
    ("(未|没有?|不|无|非)(曾|再|能|是)*(享受|领|在保|纳入|办|签|符合|属于)", "no", "说的是没有"),
    ("^[^不没未非]*(取消|停止|停发|停保|停领|退出|退保|曾)", "no", "说的是现在没有"),
    f"{_DENIED}|无|停|取消|退|原",
    ("享受|已领|领取|在保|已办|已签", "yes", "已经办好或享受"),
)
_CARERS = _table(
    ("老人|爷|奶|祖|外公|外婆|姥|公婆", "grandparent", "老人一般是祖父母或外祖父母"),
    ("爸|妈|父|母", "one_parent", "父母一方在带"),
    ("伯|叔|婶|舅|姨|姑|干|亲戚|亲属|邻居|朋友", "kin_friend", "亲戚朋友在带"),
    ("哥|姐|兄", "sibling", "哥哥姐姐在带"),
    ("托管|晚托|小饭桌|福利院", "institution", "在托管的地方"),
)  # fmt: skip
# 奶奶带，父母外出 names the grandmother; 姑妈 and 祖父 are no parents.
_NOT_THERE = re.compile(
    "(父母|爸妈|双亲|父亲?|爸爸?|母亲?|妈妈?)(都|均|已|常年|长期)*(离异|离婚|改嫁|外出|在外|打工|务工|双亡|去世|不在家?)"
)
_NO_PARENT = re.compile("([伯叔婶舅姨姑祖干])[父母爸妈]+")
_BOTH = "父母|爸妈|双亲"


def first_of(table: Guesses, word: str) -> Guess | None:
    """The guess of the first row of a table that fits the folded word; None too where that row leaves it open."""
    return next((guess for pattern, guess in table if pattern.search(word)), None)


def care_type(word: str) -> Guess | None:
    """Who cares, where the word names one kind of person only: 老人带, 跟爷爷奶奶, 姑姑家."""
    told = _NO_PARENT.sub(r"\1", _NOT_THERE.sub("", word))
    found = [guess for pattern, guess in _CARERS if pattern.search(told)]
    if len(found) == 1 and not re.search(f"{_BOTH}|{_DENIED}", told):
        return found[0]
    return Guess(SKIP, "说的是父母的婚姻，没有说谁在带") if not found and re.search(_MARRIAGE, word) else None

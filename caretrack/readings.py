"""How a name is read: full pinyin and initials for search and order, kept by the columns themselves."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any

from django.db import models

# Surnames read otherwise than the same character in ordinary words: as a surname, and as people also type it.
SURNAME_READINGS = {
    "单": ("shan", "dan"), "解": ("xie", "jie"), "仇": ("qiu", "chou"), "曾": ("zeng", "ceng"), "盖": ("ge", "gai"),
    "区": ("ou", "qu"), "查": ("zha", "cha"), "朴": ("piao", "pu"), "任": ("ren", ""), "华": ("hua", ""),
    "覃": ("qin", "tan"), "冼": ("xian", ""), "尉": ("wei", "yu"), "令": ("ling", ""), "缪": ("miao", "mou"),
    "翟": ("zhai", "di"), "员": ("yun", "yuan"), "种": ("chong", "zhong"), "乐": ("yue", "le"), "召": ("shao", "zhao"),
    "折": ("she", "zhe"), "繁": ("po", "fan"), "秘": ("bi", "mi"), "黑": ("he", "hei"), "重": ("chong", "zhong"),
    "隗": ("wei", "kui"), "宓": ("mi", "fu"), "燕": ("yan", ""), "晟": ("cheng", "sheng"), "洗": ("xian", "xi"),
    "柏": ("bai", "bo"), "郗": ("xi", "chi"), "阚": ("kan", ""), "逄": ("pang", ""), "牟": ("mou", "mu"),
    "万": ("wan", "mo"), "那": ("na", "nuo"), "贾": ("jia", "gu"), "车": ("che", "ju"), "卜": ("bu", "bo"),
    "哈": ("ha", ""), "俞": ("yu", "shu"), "长": ("zhang", "chang"), "石": ("shi", "dan"), "於": ("yu", "wu"),
}  # fmt: skip
# The same from the second character on: as parents mean it in a name, and as it is read elsewhere.
GIVEN_NAME_READINGS = {
    "长": ("chang", "zhang"), "朝": ("chao", "zhao"), "厦": ("xia", "sha"), "晟": ("sheng", "cheng"),
    "茜": ("qian", "xi"), "乐": ("le", "yue"), "重": ("chong", "zhong"), "行": ("xing", "hang"), "柏": ("bai", "bo"),
    "莞": ("wan", "guan"), "莘": ("xin", "shen"), "靓": ("liang", "jing"), "隽": ("jun", "juan"), "炅": ("jiong", "gui"),
    "珩": ("heng", "hang"), "崴": ("wei", "wai"), "筠": ("yun", "jun"), "颉": ("jie", "xie"), "菀": ("wan", "yu"),
    "曾": ("zeng", "ceng"), "伽": ("jia", "ga"), "都": ("du", "dou"), "藏": ("cang", "zang"),
}  # fmt: skip
LONGEST = 120
MOST_READINGS = 8
"""All that three characters of two readings have together; names with more are read in so many ways only."""


@dataclass(frozen=True, slots=True)
class Readings:
    """
    "weixiaohe" and "wxh"; for a name that can be read otherwise these readings too, parted by blanks, else empty.

    The first reading is the one that orders lists. Where the surname (曾 zeng, ceng) and the given name (长 chang,
    zhang) have two, the other ones are all combinations, that of the surname first.
    """

    pinyin: str
    initials: str
    pinyin_other: str = ""
    initials_other: str = ""


def _letters(rest: str) -> Any:
    """What is no Han character: its letters and digits, one by one."""
    return [c.lower() for c in rest if c.isalnum()]


@lru_cache(maxsize=8192)
def _syllables(character: str) -> tuple[str, ...]:
    """How one character is read: a syllable, a letter or digit itself, nothing for a mark."""
    # Loaded with the first name that is written. Its dictionary of phrases would take 50 MB and knows no names.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(character, style=Style.NORMAL, errors=_letters))


@lru_cache(maxsize=4096)
def readings(name: str) -> Readings:
    """Pinyin without tones and initials of a name, its surname read as a surname."""
    # Without phrases no character changes how another one is read, and names share a few thousand characters.
    read = [(character, syllable) for character in name for syllable in _syllables(character)]
    if not read:
        return Readings("", "")
    (surname, ordinary), *rest = read
    first, other = SURNAME_READINGS.get(surname, (ordinary, ""))
    if not other and first != ordinary:
        other = ordinary
    given = [GIVEN_NAME_READINGS.get(character, (syllable,)) for character, syllable in rest]
    found = _joined((first, *(meant for meant, *_ in given)))
    if not other and all(len(ways) == 1 for ways in given):
        return Readings(*found)
    surnames = (first, other) if other else (first,)
    # The surname turns fastest: its other reading is typed more often than that of a given name.
    ways = ((surname, *reversed(others)) for *others, surname in product(*reversed(given), surnames))
    others = [_joined(way) for way in islice(ways, 1, MOST_READINGS)]
    return Readings(*found, _listed(pinyin for pinyin, _ in others), _listed(initials for _, initials in others))


def _joined(syllables: tuple[str, ...]) -> tuple[str, str]:
    return "".join(syllables)[:LONGEST], "".join(s[:1] for s in syllables)[:40]


def _listed(readings: Iterable[str]) -> str:
    """Each reading once, parted by blanks, as many as the column holds."""
    told = ""
    for reading in dict.fromkeys(readings):
        longer = f"{told} {reading}".lstrip()
        told = longer if len(longer) <= LONGEST else told
    return told


class ReadingField(models.CharField):
    """One of the readings of another column of the same row, kept by the field itself on save and bulk_create."""

    def __init__(self, *args: Any, source: str, part: str, **kwargs: Any) -> None:
        self.source, self.part = source, part
        kwargs |= {"max_length": LONGEST, "editable": False, "blank": True, "default": ""}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for given in ("max_length", "editable", "blank", "default"):
            kwargs.pop(given, None)
        return name, path, args, kwargs | {"source": self.source, "part": self.part}

    def made_of(self, name: str) -> str:
        """What the field holds where its source holds `name`."""
        return getattr(readings(name), self.part)  # type: ignore[no-any-return]

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.made_of(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, value)
        return value


def refill(rows: Any) -> None:
    """
    Read the stored names of a queryset again: for migrations, after the tables above have changed.

    One row at a time, and the version follows, as the history triggers demand.
    """
    fields = [field for field in rows.model._meta.local_fields if isinstance(field, ReadingField)]
    names = [field.attname for field in fields]
    listed = rows.only("pk", *{field.source for field in fields}, *names).order_by("pk")
    for row in listed.iterator(chunk_size=500):
        before = {name: getattr(row, name) for name in names}
        after = {field.attname: field.pre_save(row, False) for field in fields}
        if after != before:
            rows.filter(pk=row.pk).update(**after, version=models.F("version") + 1)

"""Grade and class as schools write them (rosters §4 "Class"); the target is entry year and class number."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from children.importing.findings import Fate
from children.importing.normalise.reading import Reading, question
from children.importing.normalise.text import DITTO_SIGNS, as_text, is_nothing
from children.importing.sheets import CellValue

_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")} | {"两": 2, "零": 0}
_CHINESE = "〇零一二两三四五六七八九十"
_NUMBER = rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})"
_GRADE_WORDS = {"初一": 7, "初二": 8, "初三": 9, "高一": 10, "高二": 11, "高三": 12}
_KINDERGARTEN = re.compile(r"(小|中|大|托)班?[(（]?(\d{1,2}|[一二三四五六七八九])?[)）]?班?$|学前班?")
_GRADE_CLASS = re.compile(rf"({_NUMBER})(?:年级|年)?[(（]({_NUMBER})[)）]班?$|({_NUMBER})年级?({_NUMBER})班?$")
_ENTRY = re.compile(rf"(20\d\d)[级届]?[(（]?({_NUMBER})[)）]?班?$")
_PRIMARY = re.compile(rf"小([一二三四五六])(年级)?(?:[(（]?({_NUMBER})[)）]?班)?")
_SHORT = re.compile(rf"([{_CHINESE[2:]}])[-—.、·]?({_NUMBER})班?$|(\d)[-—.](\d{{1,2}})班?$")
_PACKED_YEAR = re.compile(r"(\d{2})(\d{2})班?$")
_PACKED = re.compile(r"0?(\d)(\d{2})班?$")
_CLASS_ONLY = re.compile(rf"[(（]?({_NUMBER})[)）]?班?$")
_GRADE_ONLY = re.compile(rf"(?:小学)?({_NUMBER})年级$|({_NUMBER})年$")

KINDERGARTEN = "kindergarten"
LAST_GRADE = 12


@dataclass(frozen=True, slots=True)
class ClassRef:
    """What a roster says about the class: grade (1–12, or 小 中 大 in a kindergarten), number, entry year, stage."""

    grade: int | str | None = None
    number: int | None = None
    entry_year: int | None = None
    stage: str = ""

    @property
    def complete(self) -> bool:
        """True if grade and number are both known."""
        return self.grade is not None and self.number is not None

    def __str__(self) -> str:
        if isinstance(self.grade, str):
            return f"{self.grade}（{self.number}）班" if self.number else f"{self.grade}班"
        grade = f"{chinese_number(int(self.grade))}年级" if self.grade else ""
        return f"{grade}（{self.number}）班" if self.number else grade


def chinese_number(number: int) -> str:
    """1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (
        digits[ones] if ones or not tens else ""
    )


def to_number(text: str) -> int | None:
    """The number written in digits or Chinese, up to 99."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(text)


def grade_of_entry(entry_year: int, school_year: int, *, first_grade: int = 1) -> int:
    """The grade in a school year (2026 is 2026/27) of those who entered in ``entry_year``."""
    return school_year - entry_year + first_grade


def read_grade(value: CellValue) -> Reading[ClassRef]:
    """A 年级 column: 三年级, 3, 七年级, 初一, 大班."""
    return _read(value, "", prefer_grade=True)


def read_class(value: CellValue, *, number_format: str = "") -> Reading[ClassRef]:
    """A 班级 column: 三年级（2）班, 三2, 302, 2022级2班, 2班; a class that Excel took for a date is asked about."""
    return _read(value, number_format, prefer_grade=False)


def _read(value: CellValue, number_format: str, *, prefer_grade: bool) -> Reading[ClassRef]:
    if is_nothing(value):
        return Reading(None)
    if isinstance(value, dt.datetime | dt.date):
        ref = ClassRef(value.month, value.day)
        sentence = f"班级“{value.month}-{value.day}”被 Excel 当成了日期，应是{ref}吗？请确认；确认前这一行不导入。"
        return Reading(ref, remarks=(question("class_as_date", sentence, fate=Fate.ASK),))
    if isinstance(value, float) and not value.is_integer():
        return _decimal(value, number_format)
    if isinstance(value, int | float) and value < 0:
        ref = ClassRef(None, int(-value))
        sentence = f"班级是负数 {value:g}，应是（{-value:g}）班吗？请确认。"
        return Reading(ref, remarks=(question("class_as_negative", sentence, fate=Fate.ASK),))
    return _from_text(as_text(value), prefer_grade)


def _decimal(value: float, number_format: str) -> Reading[ClassRef]:
    grade, hundredths = divmod(round(value * 100), 100)
    two_decimals = "0.00" in number_format
    number = hundredths if two_decimals or hundredths % 10 else hundredths // 10
    ref = ClassRef(grade, number)
    if two_decimals and hundredths % 10 == 0:
        sentence = f"单元格显示为 {value:.2f}，读作{ref}，请确认。"
        return Reading(ref, remarks=(question("class_decimal", sentence, offer=f"{value:.2f}|shown"),))
    if hundredths == 10:
        sentence = f"{value:g} 分不清是 1 班还是 10 班，请确认。"
        return Reading(ref, remarks=(question("class_decimal", sentence, offer=f"{value:g}"),))
    return Reading(ref)


def _from_text(raw: str, prefer_grade: bool) -> Reading[ClassRef]:
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw)).strip("".join(DITTO_SIGNS))
    text = text.replace("小学部", "").replace("初中部", "")
    for word, grade in _GRADE_WORDS.items():
        if text.startswith(word):
            rest = re.sub(r"[年级()（）班]", "", text[len(word) :])
            return Reading(ClassRef(grade, to_number(rest) if rest else None))
    if found := _ENTRY.search(text):
        return Reading(ClassRef(None, to_number(found[2]), int(found[1])))
    if found := _GRADE_ONLY.search(text):
        return Reading(ClassRef(to_number(found[1] or found[2])))
    if found := _GRADE_CLASS.search(text):
        return Reading(ClassRef(to_number(found[1] or found[3]), to_number(found[2] or found[4])))
    if (found := _PRIMARY.fullmatch(text)) and (prefer_grade or found[2] or found[3]):
        return Reading(ClassRef(to_number(found[1]), to_number(found[3]) if found[3] else None))
    if (found := _KINDERGARTEN.search(text)) and not prefer_grade_number(text):
        number = found[2] if found[1] else None
        return Reading(ClassRef(found[1] or "学前", to_number(number) if number else None, stage=KINDERGARTEN))
    if prefer_grade and (found := re.fullmatch(rf"({_NUMBER})(?:级|班)?", text)):
        return Reading(ClassRef(to_number(found[1])))
    if found := _SHORT.fullmatch(text):
        return Reading(ClassRef(to_number(found[1] or found[3]), to_number(found[2] or found[4])))
    if found := _CLASS_ONLY.fullmatch(text):
        return Reading(ClassRef(None, to_number(found[1])))
    if found := _PACKED_YEAR.fullmatch(text):
        first, number = int(found[1]), int(found[2])
        if first > LAST_GRADE or first == 0:
            return Reading(ClassRef(None, number, 2000 + first))
        ref = ClassRef(first, number)
        sentence = f"“{text}”可能是 {2000 + first} 年入学的 {number} 班，也可能是{ref}，请确认。"
        return Reading(ref, remarks=(question("class_entry_or_grade", sentence, offer=f"{text}|entry"),))
    if found := _PACKED.fullmatch(text):
        return Reading(ClassRef(int(found[1]), int(found[2])))
    sentence = f"看不出“{raw.strip()}”是哪个班，请写成“三年级（2）班”这样。"
    return Reading(None, remarks=(question("class_unclear", sentence, fate=Fate.ASK, offer=text),))


def prefer_grade_number(text: str) -> bool:
    """True if a text that ends like a kindergarten class names a school grade first."""
    return bool(re.search(rf"{_NUMBER}年级", text))


def combine(
    grade: ClassRef | None, klass: ClassRef | None, *, school_year: int, first_grade: int = 1
) -> ClassRef | None:
    """The class that a grade column and a class column state together; an entry year is turned into a grade."""
    if grade is None and klass is None:
        return None
    entry_year = (klass.entry_year if klass else None) or (grade.entry_year if grade else None)
    level = (klass.grade if klass else None) or (grade.grade if grade else None)
    number = klass.number if klass else grade.number if grade else None
    stage = (klass.stage if klass else "") or (grade.stage if grade else "")
    if level is None and entry_year is not None:
        level = grade_of_entry(entry_year, school_year, first_grade=first_grade)
    return ClassRef(level, number, entry_year, stage)

"""Dates as people type them, with the precision they really state (rosters §4 "Date", golden rows 16–25)."""

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from children.importing.findings import Fate, Remark
from children.importing.normalise.classes import to_number
from children.importing.normalise.reading import Reading, error, fixed, question, warning
from children.importing.normalise.text import as_text, is_nothing
from children.importing.sheets import CellValue

DAY, MONTH, YEAR = "day", "month", "year"
BIRTH = "birth"
SERIAL_RANGE = range(20_000, 60_000)
DAYS_1904_BEHIND = 1462
_IN_CHINESE = re.compile(
    "([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号])?"
)
"""二〇一六年五月四日; without 日 behind it a day in these figures is a lunar one."""
_LUNAR = re.compile(
    "农历|阴历|腊月|冬月|正月|初[一二三四五六七八九十]|[〇零一二三四五六七八九十]月[〇一二三四五六七八九十廿]+"
)
_FULL = re.compile(r"^(\d{4})[-/.。、,年](\d{1,2})[-/.。、,月](\d{1,2})[日号]?(?:00:00(?::00)?)?$")
_MONTH = re.compile(r"^(\d{4})[-/.。、,年](\d{1,2})月?$")
_APART = re.compile(r"(\d{4})\s+(\d{1,2})(?:\s+(\d{1,2}))?")
_SHORT_FULL = re.compile(r"^(\d{2})[-/.。年](\d{1,2})[-/.。月](\d{1,2})日?$")
_SHORT_MONTH = re.compile(r"^(\d{2})[-/.。年](\d{1,2})月?$")
_TWO_DECIMALS = re.compile(r'^"?0\.00"?(_[ )])?$|^0\.00')


class PartialDate(NamedTuple):
    """A date of which the day, or the month too, may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> str:
        """day, month or year."""
        return DAY if self.day else MONTH if self.month else YEAR

    @property
    def iso(self) -> str:
        """2015-03-12, 2015-03 or 2015."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)

    @property
    def first_day(self) -> dt.date:
        """The first day that fits, for a column that can only hold a full date."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    def agrees_with(self, other: dt.date) -> bool:
        """True if the full date lies within what this date states."""
        return (
            self.year == other.year
            and self.month in (None, other.month)
            and (self.day is None or self.day == other.day)
        )


def from_date(day: dt.date) -> PartialDate:
    """A full date."""
    return PartialDate(day.year, day.month, day.day)


def read_date(
    value: CellValue, *, number_format: str = "", date1904: bool = False, what: str = "date", on: dt.date | None = None
) -> Reading[PartialDate]:
    """
    A date with its precision; ``detail`` is the text of a lunar date.

    ``number_format`` settles what a number such as 2015.1 was shown as; ``on`` is the cut-off date after which
    nothing can lie. ``what`` is the first part of the finding keys (birth, date).
    """
    if is_nothing(value):
        return Reading(None)
    if isinstance(value, dt.datetime):
        return _checked(value.year, value.month, value.day, what, on)
    if isinstance(value, dt.date):
        return _checked(value.year, value.month, value.day, what, on)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(float(value), number_format, date1904, what, on)
    return _from_text(as_text(value), date1904, what, on)


def _from_number(
    number: float, number_format: str, date1904: bool, what: str, on: dt.date | None
) -> Reading[PartialDate]:
    if number.is_integer():
        whole = int(number)
        if whole in SERIAL_RANGE:
            day = dt.date(1899, 12, 30) + dt.timedelta(days=whole + (DAYS_1904_BEHIND if date1904 else 0))
            reading = _checked(day.year, day.month, day.day, what, on)
            return Reading(
                reading.value,
                reading.detail,
                (*reading.remarks, fixed(f"{what}_serial", f"数字 {whole} 按日期读作 {day}。")),
            )
        return _from_text(str(whole), date1904, what, on)
    year, fraction = divmod(round(number * 100), 100)
    if not 1900 <= year <= 2100:
        return Reading(None, remarks=(_impossible(what, f"{number:g}"),))
    if fraction % 10 == 0 and fraction > 10:
        return _checked(year, fraction // 10, None, what, on)
    if fraction == 10 and not _TWO_DECIMALS.match(number_format):
        sentence = f"数字 {year}.1 分不清是 1 月还是 10 月，请选择，或在表里改写成“{year}年1月”或“{year}年10月”。"
        return Reading(PartialDate(year), remarks=(question(f"{what}_month_ambiguous", sentence, fate=Fate.ASK),))
    reading = _checked(year, fraction, None, what, on)
    if fraction == 10 and reading.value:
        shown = fixed(f"{what}_month_from_format", f"按单元格显示的 {year}.10 读作 10 月。")
        return Reading(reading.value, remarks=(*reading.remarks, shown))
    return reading


def _from_text(raw: str, date1904: bool, what: str, on: dt.date | None) -> Reading[PartialDate]:
    if found := _IN_CHINESE.fullmatch(re.sub(r"\s+", "", raw)):
        year = int("".join(str(to_number(digit)) for digit in found[1]))
        return _checked(year, to_number(found[2]), to_number(found[3]) if found[3] else None, what, on)
    if _LUNAR.search(raw):
        sentence = f"“{raw.strip()}”是农历日期，已作为农历生日保存，公历出生日期请按户口簿填写。"
        return Reading(None, raw.strip(), (warning(f"{what}_lunar", sentence),))
    if found := _APART.fullmatch(raw.strip()):
        raw = "-".join(part for part in found.groups() if part)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw)).strip("'’`").rstrip(".。生")
    if re.fullmatch(r"\d{8}", text):
        return _checked(int(text[:4]), int(text[4:6]), int(text[6:]), what, on)
    if re.fullmatch(r"\d{6}", text):
        return _checked(int(text[:4]), int(text[4:]), None, what, on)
    if re.fullmatch(r"\d{5}", text):
        return _from_number(float(text), "", date1904, what, on)
    if re.fullmatch(r"\d{4}年?", text):
        return _checked(int(text[:4]), None, None, what, on)
    if found := _FULL.match(text):
        return _checked(int(found[1]), int(found[2]), int(found[3]), what, on)
    if found := _MONTH.match(text):
        return _checked(int(found[1]), int(found[2]), None, what, on)
    if found := _SHORT_FULL.match(text):
        return _two_digit_year(_checked(2000 + int(found[1]), int(found[2]), int(found[3]), what, on), what)
    if found := _SHORT_MONTH.match(text):
        return _two_digit_year(_checked(2000 + int(found[1]), int(found[2]), None, what, on), what)
    return Reading(
        None, remarks=(error(f"{what}_invalid", f"“{raw.strip()}”看不出是哪一天，请写成 2015-03-12 这样。"),)
    )


def _two_digit_year(reading: Reading[PartialDate], what: str) -> Reading[PartialDate]:
    if reading.value is None:
        return reading
    return Reading(
        reading.value,
        remarks=(warning(f"{what}_short_year", f"年份只写了两位，读作 {reading.value.year} 年，请核对。"),),
    )


def _checked(year: int, month: int | None, day: int | None, what: str, on: dt.date | None) -> Reading[PartialDate]:
    written = "-".join(str(part) for part in (year, month, day) if part is not None)
    try:
        first = dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return Reading(None, remarks=(_impossible(what, written),))
    if not 1900 <= year <= 2100:
        return Reading(None, remarks=(_impossible(what, written),))
    if on is not None and first > on:
        return Reading(None, remarks=(error(f"{what}_invalid", f"日期 {written} 在今天以后，请核对后改正。"),))
    date = PartialDate(year, month, day)
    if date.precision == YEAR:
        return Reading(date, remarks=(warning(f"{what}_year_only", f"只写了 {year} 年，月和日请补上。"),))
    return Reading(date)


def _impossible(what: str, written: str) -> Remark:
    source = "请对照户口簿改正" if what == BIRTH else "请核对后改正"
    return error(f"{what}_invalid", f"没有“{written}”这一天，{source}。")

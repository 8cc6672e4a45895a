"""Excel's day numbers and number formats: which formats show a date, and which date a number stands for."""

import datetime as dt
import re

EPOCH_1900, EPOCH_1904 = dt.datetime.fromisoformat("1899-12-30"), dt.datetime.fromisoformat("1904-01-01")
GENERAL = "General"
_DAY_SECONDS = 86_400
_LEAP_ERROR_DAYS = 60
"""Below this number Excel counts a 29 February 1900 that never was."""
BUILTIN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)', 7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)', 9: "0%",
    10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)', 42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_)_("$"* \(#,##0.00\)_("$"* "-"??_)_(@_)', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Formats that a file names by number only (ECMA-376 part 1, 18.8.30)."""

_NOT_SHOWN = re.compile(r'"[^"]*"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_DATE_LETTER = re.compile(r"(?<![_\\])[dmhys]", re.IGNORECASE)
_SPAN = re.compile(r"\[hh?\](?::mm(?::ss(?:\.0*)?)?)?|\[mm?\](?::ss(?:\.0*)?)?|\[ss?\](?:\.0*)?", re.IGNORECASE)


def shows_date(number_format: str) -> bool:
    """True if the format shows a date or a time of day."""
    shown = _NOT_SHOWN.sub("", number_format.split(";")[0])
    return _DATE_LETTER.search(shown) is not None


def shows_span(number_format: str) -> bool:
    """True if the format shows a length of time, e.g. [h]:mm."""
    return _SPAN.search(number_format.split(";")[0]) is not None


def date_of(serial: float, *, date1904: bool = False, span: bool = False) -> dt.datetime | dt.time | dt.timedelta:
    """
    The moment a day number stands for: a time below 1, else date and time.

    Raises OverflowError or ValueError outside the calendar.
    """
    if span:
        return dt.timedelta(milliseconds=round(serial * _DAY_SECONDS * 1000))
    day, fraction = divmod(serial, 1)
    rest = dt.timedelta(milliseconds=round(fraction * _DAY_SECONDS * 1000))
    if 0 <= serial < 1 and not rest.days:
        return (EPOCH_1900 + rest).time()
    if 0 < serial < _LEAP_ERROR_DAYS and not date1904:
        day += 1
    return (EPOCH_1904 if date1904 else EPOCH_1900) + dt.timedelta(days=day) + rest

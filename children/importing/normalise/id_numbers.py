"""公民身份号码 (GB 11643, domain A.1). A wrong digit is never repaired and a number cell is never trusted."""

import datetime as dt
import re
import unicodedata
from operator import mul

from children.importing.findings import Remark
from children.importing.normalise.reading import Reading, error, fixed
from children.importing.normalise.sex import FEMALE, MALE
from children.importing.normalise.text import is_nothing
from children.importing.sheets import CellValue

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
OLDEST_PUPIL = 20
_X_LOOKALIKES = str.maketrans({"x": "X", "×": "X", "Х": "X", "х": "X", "ㄨ": "X", "＊": "*"})
_SOUND_FORM = re.compile(r"\d{17}[\dX]")
_EXPONENT = re.compile(r"\d(\.\d+)?E\+?\d+")
_STUDENT_NO = re.compile(r"[GJL]\d{17}[\dX]")
_TEMPORARY = re.compile(r"999\d{15}")
_PLACEHOLDER = re.compile(r"(\d)\1{5,}|1234567\d*")
_NOISE = re.compile("[\\s'’‘`\"“”\u200b-\u200f\ufeff\u00a0\u3000]+")


def check_digit(first17: str) -> str:
    """The last character that belongs to the first seventeen digits."""
    return CHECK_DIGITS[sum(map(mul, WEIGHTS, map(int, first17))) % 11]


def birth_of(id_no: str) -> dt.date | None:
    """The birth date in digits 7 to 14, None if no such day exists."""
    try:
        return dt.date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))
    except ValueError:
        return None


def sex_of(id_no: str) -> str:
    """男 for an odd seventeenth digit, 女 for an even one."""
    return MALE if int(id_no[16]) % 2 else FEMALE


def clean_id(value: str) -> str:
    """The number without padding, quotes and full-width forms, X in capitals."""
    if value.isalnum() and value.isascii():
        return value.upper()
    text = unicodedata.normalize("NFKC", value.translate(_X_LOOKALIKES))
    return _NOISE.sub("", text).upper()


def read_id(value: CellValue, *, on: dt.date | None = None, pupil: bool = True) -> Reading[str]:
    """
    An 18-character ID number.

    ``on`` is the cut-off date that a pupil's age is counted to; ``pupil`` False reads an adult's number.
    A cell stored as a number has lost its last digits for good (rosters §1.2): it is refused by its type,
    and only the birth date is offered.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(float(value))
    if is_nothing(value) or not isinstance(value, str):
        return Reading(None, remarks=_empty_word(value))
    number = clean_id(value)
    remarks = (fixed("id_cleaned", "身份证号里的空格、引号或全角数字已整理。"),) if number != value else ()
    if refusal := _refusal(number, pupil, on):
        return Reading(None, remarks=(refusal,))
    return Reading(number, remarks=remarks)


def _empty_word(value: CellValue) -> tuple[Remark, ...]:
    return (fixed("empty_word", f"“{value}”按空白处理。"),) if isinstance(value, str) and value.strip() else ()


def _from_number(number: float) -> Reading[str]:
    digits = f"{number:.0f}"
    offer = ""
    if len(digits) == 18:
        born = birth_of(digits)
        offer = born.isoformat() if born else ""
    sentence = "单元格是数字格式，身份证号后几位已丢失，没有采用。请把这一列设为“文本”格式后重新输入身份证号。"
    return Reading(None, remarks=(error("id_numeric_cell", sentence, offer=offer),))


def _refusal(number: str, pupil: bool, on: dt.date | None) -> Remark | None:
    if _SOUND_FORM.fullmatch(number) and check_digit(number[:17]) == number[17]:
        return _unlikely(number, pupil, on)
    if _EXPONENT.fullmatch(number):
        sentence = "身份证号已变成科学计数（如 9.99E+17），数字找不回来了。请按户口簿重新输入。"
        return error("id_exponent_text", sentence)
    if _STUDENT_NO.fullmatch(number):
        return error("id_is_student_no", "这是学籍号，不是身份证号。请填到学籍号一列。")
    temporary = _TEMPORARY.fullmatch(number) and birth_of(number) is None and check_digit(number[:17]) != number[17]
    if temporary or _PLACEHOLDER.fullmatch(number):
        return fixed("id_placeholder", "这是占位用的号码，按没有身份证号处理。")
    if len(number) != 18:
        return error("id_length", f"身份证号有 {len(number)} 位，应为 18 位。请对照户口簿改正。")
    if not _SOUND_FORM.fullmatch(number):
        return error("id_length", "身份证号里有不该有的字。请对照户口簿改正。")
    return error("id_check_digit", "身份证号校验不通过，至少有一位写错。请对照户口簿改正。")


def _unlikely(number: str, pupil: bool, on: dt.date | None) -> Remark | None:
    """What speaks against a number whose check digit is right: a day that does not exist, an adult's age."""
    born = birth_of(number)
    if born is None or (on is not None and born > on):
        return error("id_date_invalid", "身份证号里的出生日期不存在。请对照户口簿改正。")
    if pupil and on is not None and on.year - born.year > OLDEST_PUPIL:
        return error("id_of_adult", f"按这个号码已有 {on.year - born.year} 岁，像是家长的身份证号，没有采用。")
    return None


def is_sound(number: str) -> bool:
    """True if length, check digit and date fit, whoever it belongs to."""
    return (
        bool(re.fullmatch(r"\d{17}[\dX]", number))
        and check_digit(number[:17]) == number[17]
        and birth_of(number) is not None
    )


def dragged(values: list[CellValue]) -> set[int]:
    """
    Positions whose IDs were dragged down with the mouse: three or more in a row, each one more than the one above.

    Most of them fail the check digit, but what they need is another cure (rosters fault 41).
    """
    numbers = [clean_id(value) if isinstance(value, str) else "" for value in values]
    found: set[int] = set()
    start = 0
    for position in range(1, len(numbers) + 1):
        if position < len(numbers) and _is_one_more(numbers[position - 1], numbers[position]):
            continue
        if position - start >= 3:
            found.update(range(start, position))
        start = position
    return found


def _is_one_more(before: str, after: str) -> bool:
    whole = len(before) == len(after) == 18 and before.isdigit() and after.isdigit()
    return whole and int(after) - int(before) == 1

"""Phone numbers, several in a cell, with the words people write beside them (rosters §4 "Phone")."""

import re
import unicodedata
from typing import NamedTuple

from children.importing.findings import Remark
from children.importing.normalise.reading import Reading, error, fixed, warning
from children.importing.normalise.relations import owner_named
from children.importing.normalise.text import as_text, cell_error, is_cell_error, is_nothing
from children.importing.sheets import CellValue

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?[2-9]?\d{6,8}")
_DEAD = re.compile("空号|停机|打不通|无法接通|已换号|欠费")
FEWEST_DIGITS, LIKE_A_NUMBER = 7, 4
"""Fewer digits behind a number belong to it (分机 8012); under words already four are a number, and a wrong one is told."""
_SEVERAL = re.compile(r"1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
"""Numbers that are found in the midst of others."""
_SEPARATOR = re.compile(r"[/、，,;；\n]+|或|\s{2,}")
_EXPONENT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_NUMBER = re.compile(r"(?:\+?86[- ]?(?=1[3-9]))?\d[\d\- ]{5,}\d")


class Phone(NamedTuple):
    """A number of digits (a landline keeps its hyphen), the relation code of whose it is if the cell says so, the words."""

    number: str
    owner: str = ""
    dead: bool = False
    note: str = ""


def digits(number: str) -> str:
    """A phone number as it is compared: hyphens and blanks do not count."""
    return number if number.isdigit() else "".join(char for char in number if char.isdigit())


def read_phones(value: CellValue) -> Reading[tuple[Phone, ...]]:
    """
    All numbers of a cell in their order.

    Numbers that Excel has ruined, and mobiles that are too long or too short, are refused with the cure;
    a dead number is kept with that status, because it tells whom to ask for a new one.
    """
    if value.__class__ is str and _MOBILE.fullmatch(value):  # type: ignore[arg-type]
        return Reading((Phone(value),))  # type: ignore[arg-type]
    if is_cell_error(value):
        return Reading(None, remarks=(cell_error(as_text(value)),))
    if is_nothing(value):
        return Reading(None)
    text = unicodedata.normalize("NFKC", as_text(value)).strip().lstrip("'’`")
    if _EXPONENT.fullmatch(text):
        sentence = "电话已变成科学计数（如 1.38E+10），数字找不回来了。请把这一列设为“文本”后重新输入。"
        return Reading(None, remarks=(error("phone_exponent", sentence),))
    if _MOBILE.fullmatch(broken := re.sub(r"\s", "", text)):
        return Reading((Phone(broken),))
    phones: list[Phone] = []
    remarks: list[Remark] = []
    for piece in _pieces(text):
        phone, remark = _read_one(piece)
        if phone and phone.number not in {known.number for known in phones}:
            phones.append(phone)
        if remark:
            remarks.append(remark)
    if len(phones) > 1:
        remarks.append(fixed("phone_two", f"一个格子里有 {len(phones)} 个号码，已分开保存。"))
    if not phones and not remarks:
        remarks.append(error("phone_invalid", f"“{text}”里没有电话号码，请填 11 位手机号或带区号的座机号。"))
    return Reading(tuple(phones) or None, remarks=tuple(remarks))


def _pieces(text: str) -> list[str]:
    """The cell cut into one number each, words staying with the number they belong to."""
    parts = [part for part in _SEPARATOR.split(text) if part and part.strip()]
    return [piece for part in _joined(parts) for piece in _cut(part)]


def _joined(parts: list[str]) -> list[str]:
    """
    Parts that are words joined to the number that they tell of.

    That is the next number where the cell begins with words (爸爸 above its number, then 妈妈), else the one before, and
    always so for 打不通.
    """
    in_front = not any(char.isdigit() for part in parts[:1] for char in part)
    joined: list[str] = []
    waiting = ""
    for part in parts:
        digits = sum(char.isdigit() for char in part)
        if digits >= (LIKE_A_NUMBER if in_front else FEWEST_DIGITS) or not (joined or in_front):
            joined.append(f"{waiting} {part}".strip())
            waiting = ""
        elif joined and (not in_front or _DEAD.search(part)):
            joined[-1] += f" {part}"
        else:
            waiting = f"{waiting} {part}".strip()
    if waiting:
        joined[-1:] = [" ".join([*joined[-1:], waiting])]
    return joined


def _cut(part: str) -> list[str]:
    """A part with several numbers cut in front of the words that each follows; behind them where it begins with a number."""
    found = list(_SEVERAL.finditer(part))
    if len(found) < 2:
        return [part.strip()]
    behind = not part[: found[0].start()].strip() and part[found[-1].end() :].strip()
    starts = [0, *(each.start() if behind else _label_start(part, each.start()) for each in found[1:])]
    return [part[start:end].strip() for start, end in zip(starts, [*starts[1:], len(part)], strict=True)]


def _label_start(part: str, start: int) -> int:
    """Where the words in front of a number begin, so that 妈13800000008 stays together; 打不通 belongs to the one before."""
    begins = start
    while begins > 0 and not part[begins - 1].isdigit() and part[begins - 1] not in ")）":
        begins -= 1
    return max((dead.end() for dead in _DEAD.finditer(part, begins, start)), default=begins)


def _read_one(piece: str) -> tuple[Phone | None, Remark | None]:
    found = _NUMBER.search(piece)
    if found is None:
        return None, error("phone_invalid", f"“{piece}”不是完整的电话号码，请填 11 位手机号或带区号的座机号。")
    digits = re.sub(r"\D", "", found[0])
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    around = (piece[: found.start()] + " " + piece[found.end() :]).strip(" :：()（）-")
    dead = bool(_DEAD.search(around))
    owner = owner_named(around) if around else ""
    note = re.sub(r"^[:：\s]+|[:：\s]+$", "", around)
    remark: Remark | None = None
    if _MOBILE.fullmatch(digits):
        number = digits
    elif _LANDLINE.fullmatch(digits):
        number = re.sub(r"\s", "", found[0])
    elif digits.startswith("1") or len(digits) > 12:
        sentence = f"手机号有 {len(digits)} 位，应为 11 位，没有采用。请核对后改正。"
        return None, error("phone_length", sentence)
    elif len(digits) in (7, 8, 9, 10, 11):
        number = digits
        remark = warning("phone_area_code", f"座机号 {digits} 像是少了区号，请补全。")
    else:
        return None, error("phone_length", f"电话 {digits} 位数不对，没有采用。请核对后改正。")
    if dead:
        remark = warning("phone_dead", f"号码后面写着“{note}”，已保存并标为打不通，请问到新号码。")
    return Phone(number, owner, dead, note), remark

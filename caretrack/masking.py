"""How confidential numbers look in lists: enough to tell two apart, not enough to use."""

import re

MASK = "*"


def mask_id_number(number: str) -> str:
    """Keep the area code's first three and the last four characters: ``520***********0012``.

    Takes any text; a text of fewer than 12 characters is hidden whole, because its ends would tell most of it.
    """
    number = number.strip()
    if len(number) < 12:
        return MASK * len(number)
    return number[:3] + MASK * (len(number) - 7) + number[-4:]


def mask_phone(number: str) -> str:
    """Keep the first three and last four digits of a phone number: ``138****0001``.

    Takes any text; a text of fewer than 9 characters keeps only its last two.
    """
    number = number.strip()
    if len(number) < 9:
        return MASK * max(len(number) - 2, 0) + number[-2:] if len(number) > 2 else MASK * len(number)
    return number[:3] + MASK * (len(number) - 7) + number[-4:]


def mask_text(text: str) -> str:
    """Keep the first character only, for an address or a health remark in a list."""
    text = text.strip()
    return text[:1] + MASK * 3 if text else ""


_LONG_NUMBER = re.compile(r"(?<!\d)[GJL]?\d{14,17}[\dXx]?(?!\d)")
_RUINED = re.compile(r"(?<![\d.])\d\.\d{5,}[eE]\+?\d\d(?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def mask_id_numbers(text: str) -> str:
    """Any text with the ID numbers and 学籍号 in it masked, also those that Excel made a power of ten: 4.512226E+17."""
    return _RUINED.sub(_masked, _LONG_NUMBER.sub(_masked, text))


def _masked(found: re.Match[str]) -> str:
    return mask_id_number(found[0])


def mask_numbers(text: str) -> str:
    """Any text with the ID numbers, 学籍号 and mobile numbers in it masked, for samples of a foreign file."""
    return _MOBILE.sub(lambda found: mask_phone(re.sub(r"[ -]", "", found[0])), mask_id_numbers(text))

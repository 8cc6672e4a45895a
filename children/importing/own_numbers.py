"""What stands beside a pupil's name in its cell: 张小雨 9999…, 张小雨（9999…）. The name keeps no digits."""

import re

from children.importing.normalise import names
from children.importing.normalise.id_numbers import clean_id
from children.importing.normalise.phones import digits, read_phones
from children.importing.normalise.reading import fixed, warning
from children.importing.normalise.student_numbers import read_student_no
from children.importing.normalise.text import as_text
from children.importing.row_cells import RowCells

_ID, _STUDENT_NO, _PHONE = "id_no", "student_no", "contact_phone"
_WORDS = {_ID: "身份证号", _STUDENT_NO: "学籍号", _PHONE: "电话"}
READ_BESIDE = {**{f"name_{field}": word for field, word in _WORDS.items()}, "name_phone": "电话"}
"""The findings that tell of a number in the cell of a name, the pupil's or an adult's, with what it is."""
_STUDENT_NUMBER = re.compile(r"[GJL]\d{17}[\dX]")
_IDENTITY = re.compile(r"\d{15,}X?")
"""Also one with a digit too many or too few: it is refused with the cure."""
SHORTEST_PHONE = 10
"""Eight digits may as well be a date; a phone that can be called from elsewhere has ten or more."""


def take_own_numbers(one: RowCells) -> None:
    """
    Put the ID number, 学籍号 or phone beside a pupil's name where it belongs, before the name is read.

    A number in the column of its own stands; another one beside the name is told, and a phone is kept as a further one.
    """
    name, numbers = names.name_and_numbers(one.values.get("name"))
    if not numbers:
        return
    one.values["name"] = name
    for number in numbers:
        field = _field_of(number)
        if not field:
            sentence = f"姓名旁边的一串数字（{len(digits(number))} 位）没有采用，请核对后填到对应的栏。"
            one.remark("name", warning("name_number", sentence))
        elif one.empty(field):
            one.values[field], one.alias[field] = number, "name"
            one.remark("name", fixed(f"name_{field}", f"姓名和{_WORDS[field]}写在一个格子里，已分开读取。"))
        else:
            _beside_stated(one, field, number)
    if _STUDENT_NO in one.alias:
        one.child.student_no = one.take(_STUDENT_NO, read_student_no)


def _field_of(number: str) -> str:
    """The field of a number; empty for one that is none of a pupil's."""
    cleaned = clean_id(number)
    if _STUDENT_NUMBER.fullmatch(cleaned):
        return _STUDENT_NO
    if _IDENTITY.fullmatch(cleaned):
        return _ID
    is_phone = len(digits(number)) >= SHORTEST_PHONE and read_phones(number).value
    return _PHONE if is_phone else ""


def _beside_stated(one: RowCells, field: str, number: str) -> None:
    stated, word = as_text(one.values[field]), _WORDS[field]
    if clean_id(stated) == clean_id(number):
        one.remark("name", fixed(f"name_{field}", f"姓名旁边的{word}与{word}一栏相同，姓名里不再保留。"))
    elif field == _PHONE:
        one.values[field] = f"{stated}/{number}"
        one.remark("name", fixed(f"name_{field}", "姓名旁边的电话已和电话一栏一起保存。"))
    else:
        sentence = f"姓名旁边写着另一个{word}，已按{word}一栏保存，没有采用它，请核对。"
        one.remark("name", warning(f"name_{field}", sentence))

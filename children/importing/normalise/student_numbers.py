"""全国学籍号 (domain A.2): G, J or L and eighteen characters; a G number contains the ID number."""

import re

from children.importing.normalise.id_numbers import clean_id
from children.importing.normalise.reading import Reading, error
from children.importing.normalise.text import is_nothing
from children.importing.sheets import CellValue

_NUMBER = re.compile(r"(?:国网)?([GJL]\d{17}[\dX])$")


def read_student_no(value: CellValue) -> Reading[str]:
    """The number without padding or a school's prefix."""
    if is_nothing(value):
        return Reading(None)
    if not isinstance(value, str):
        sentence = "学籍号是数字格式，没有采用。学籍号应是字母 G、J 或 L 加 18 位，请设为“文本”后重新输入。"
        return Reading(None, remarks=(error("student_no_invalid", sentence),))
    found = _NUMBER.search(clean_id(value))
    if found is None:
        sentence = "学籍号应是字母 G、J 或 L 加 18 位，请核对后改正。"
        return Reading(None, remarks=(error("student_no_invalid", sentence),))
    return Reading(found[1])

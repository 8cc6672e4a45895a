"""Merge fields of letters: {{学生}} and the like. What a letter may name is listed here and nowhere else."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError

#: Name → what stands for it when the letter is shown without a child.
FIELDS = {
    "学生": "学生姓名",
    "班级": "所在班级",
    "学校": "学校全称",
    "家长": "外出父母的姓名，没有登记的写“家长”",
    "监护人": "实际照料孩子的人",
    "老师": "发信的老师",
    "学期": "现在的学期",
    "日期": "打印的日期",
    "谈心次数": "本学期谈心几次",
    "活动次数": "本学期参加活动几次",
}
_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES = re.compile(r"[{}]")


def check(text: str) -> None:
    """Raise ValidationError for fields that do not exist and for braces that do not close."""
    unknown = [name for name in _FIELD.findall(text) if name not in FIELDS]
    if unknown:
        wrong = "、".join(f"{{{{{name}}}}}" for name in dict.fromkeys(unknown))
        known = "、".join(f"{{{{{name}}}}}" for name in FIELDS)
        raise ValidationError(f"没有这些字段：{wrong}。可以用的是：{known}。")
    if _BRACES.search(_FIELD.sub("", text)):
        raise ValidationError("有没写完整的括号：字段要写成 {{学生}}，前后各两个花括号。")


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled in."""
    return _FIELD.sub(lambda found: values.get(found[1], ""), text)

"""
Texts with fields such as {{学生}}: checked when they are written, filled in when they are printed.

One pair of braces is read as well: pledges of earlier versions are written so, and a person may mean it.
"""

import re
from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}|\{\s*([^{}]*?)\s*\}")
_BRACES = re.compile(r"[{}]")


def field(name: str) -> str:
    """How a field is written in a text."""
    return f"{{{{{name}}}}}"


def check(text: str, fields: Collection[str]) -> None:
    """Raise ValidationError for fields that do not exist, naming those that do, and for braces that do not close."""
    unknown = [name for found in _FIELD.finditer(text) if (name := _name(found)) not in fields]
    if unknown:
        wrong, known = "、".join(map(field, dict.fromkeys(unknown))), "、".join(map(field, fields))
        raise ValidationError(f"没有这些字段：{wrong}。可以用的是：{known}。")
    if _BRACES.search(_FIELD.sub("", text)):
        raise ValidationError("有没写完整的括号：字段要写成 {{学生}}，前后各两个花括号。")


def filled(text: str, values: Mapping[str, str], *, unknown: str = "") -> str:
    """The text with its fields filled in; `unknown` stands where a fact is empty or not known."""
    return _FIELD.sub(lambda found: values.get(_name(found)) or unknown, text)


def _name(found: "re.Match[str]") -> str:
    return found[1] or found[2] or ""

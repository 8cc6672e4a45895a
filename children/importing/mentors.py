"""Lists of mentors and their children (L10): merged mentor blocks, several children in one cell, or the reverse."""

import re

from children.importing.header import Header
from children.importing.normalise.names import without_list_marks
from children.importing.sheets import CellValue
from children.importing.titles import TitleFacts

_TITLE = re.compile("结对|帮扶|代理家长|包保|爱心妈妈")
_BETWEEN = re.compile(r"[、，,/／;；\n]+|(?<=\S)\s+(?=\S)")
_BROKEN_NAME = re.compile(r"^\s*([\u3400-\u9fff]{1,2})\n([\u3400-\u9fff])\s*$")
"""王腊⏎梅: the cell was too narrow; nobody has a name of one character."""
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f·〇]{2,}")
_OWN_FIELDS = frozenset(
    {
        "name", "former_name", "sex", "birth_date", "id_no", "student_no", "class_name", "grade", "school_grade",
        "address", "contact_phone", "carer.name", "carer.phone", "carer.relation", "note",
    }
)  # fmt: skip
"""What belongs to one child alone: distributed if the cell has a part for each child, else left to nobody."""
_SHARED_IF_SINGLE = frozenset({"class_name", "grade", "school_grade", "address"})


def is_mentor_list(header: Header, titles: TitleFacts) -> bool:
    """True if the sheet is about mentors: their column comes first or the title says so, and no parents are listed."""
    fields = header.fields
    mentor, name = fields.get("mentor.name"), fields.get("name")
    if mentor is None or name is None or any(field in fields for field in ("father.name", "mother.name", "id_no")):
        return False
    return mentor.index < name.index or any(_TITLE.search(line) for line in titles.lines)


def split_names(value: CellValue) -> list[str]:
    """
    The people named in one cell, without the numbers of a list within it; a name that is only padded with a blank
    (张 三) stays whole.
    """
    if not isinstance(value, str):
        return []
    if _HAN_NAME.fullmatch(value):  # as nearly all
        return [value]
    text = without_list_marks(_BROKEN_NAME.sub(r"\1\2", value))
    parts = [part.strip() for part in _BETWEEN.split(text) if part and part.strip()]
    if len(parts) > 1 and all(_HAN_NAME.match(part) for part in parts):
        return parts
    marked = [part.strip() for part in re.split(r"[、，,/／;；\n]+", text) if part.strip()]
    return marked if len(marked) > 1 else [text] if text else []


def split_row(values: dict[str, CellValue]) -> list[dict[str, CellValue]]:
    """One set of values for each child that the row's name cell holds; a row with one child stays as it is."""
    names = split_names(values.get("name"))
    if len(names) < 2:
        return [values]
    rows = []
    for number, name in enumerate(names):
        own = dict(values)
        own["name"] = name
        for field, value in values.items():
            if field in _OWN_FIELDS and field != "name":
                own[field] = _part(field, value, number, len(names))
        rows.append(own)
    return rows


def _part(field: str, value: CellValue, number: int, count: int) -> CellValue:
    if not isinstance(value, str):
        return value if field in _SHARED_IF_SINGLE else None
    parts = [part.strip() for part in re.split(r"[、，,/／;；\n]+", value) if part.strip()]
    if len(parts) == count:
        return parts[number]
    return value if len(parts) == 1 and field in _SHARED_IF_SINGLE else None

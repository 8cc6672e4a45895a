"""
The registration form of 2016, one child a form (L6): labels and values alternate in a merged grid.

A second reading mode. A label is found, the next cell to the right is its value (below it where the right one is a
label again); choices are the words in front of a ticked bracket. A sheet may hold one form or several below each other.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from children.importing.aliases import WORDS_OF_FAULT, normal_title
from children.importing.body import Body
from children.importing.findings import Finding
from children.importing.header import EXACT, Column, Header
from children.importing.normalise.text import is_ditto, tidy
from children.importing.sheets import CellValue, Sheet

LEAST_ROWS, LEAST_LABELS = 4, 8
_START = frozenset({"姓名", "儿童姓名", "学生姓名", "留守儿童姓名"})
_LABELS = {
    **dict.fromkeys(_START, "name"),
    "性别": "sex",
    "民族": "ethnic",
    "出生日期": "birth_date",
    "公民身份证号码": "id_no",
    "公民身份号码": "id_no",
    "身份证号码": "id_no",
    "学籍号": "student_no",
    "年级": "grade",
    "班级": "class_name",
    "就读学校": "school",
    "是否登记户口": "-",
    "户籍所在地": "hukou_place",
    "现居住地": "address",
    "家庭住址": "address",
    "身体情况": "health",
    "残疾类别及等级": "disability",
    "患病类型": "illness",
    "是否学校寄宿": "boarding_tick",
    "就学情况": "-",
    "父亲公民身份证号码": "father.id_no",
    "母亲公民身份证号码": "mother.id_no",
    "父母双方同时外出": "lb_both",
    "父母一方外出、另一方无监护能力": "lb_one",
    "无监护能力": "unable",
    "父母外出有无委托其他监护人": "entrusted",
    "委托监护人姓名": "carer.name",
    "受委托监护人姓名": "carer.name",
    "受委托监护人电话": "carer.phone",
    "委托监护人电话": "carer.phone",
    "与被监护人关系": "carer.relation",
    "居住地地址": "carer.address",
    "监护类型": "care",
    "家庭经济来源": "income_sources",
    "救助帮扶情况": "aid",
    "备注": "note",
}
_PEOPLE = {
    "父亲": "father", "母亲": "mother", "祖父": "member1", "祖母": "member2", "外祖父": "member3", "外祖母": "member4",
}  # fmt: skip
_PARTS = {
    "姓名": "name", "出生日期": "birth_date", "当前务工地点": "work_place", "务工地点": "work_place",
    "联系电话": "phone", "电话": "phone", "公民身份证号码": "id_no",
}  # fmt: skip
_WHOSE = {**{person: word for word, person in _PEOPLE.items()}, "carer": "委托监护人"}
_WHOSE_FIELDS = (*_PEOPLE.values(), "carer")
_RELATION = {"member1": "祖父", "member2": "祖母", "member3": "外祖父", "member4": "外祖母"}
_TICKED = re.compile(r"([^\s()（）;；:：]+?)\s*[(（]\s*[√✓✔☑vV]\s*[)）]")
_CHOICES = re.compile(r"[(（]\s*[√✓✔☑vV]?\s*[)）]")
_CARE = {
    "无人监护": ("care_type", "无人"),
    "父或母无监护能力": ("care_rating", "差"),
    "受委托监护人监护能力不足": ("care_rating", "差"),
    "监护情况一般": ("care_rating", "一般"),
    "监护情况较好": ("care_rating", "较好"),
}
_ONLY_HAN_NAME = re.compile(r"[\u3400-\u9fff·]{2,6}$")


def is_form(sheet: Sheet) -> bool:
    """True if the labels of the form stand in several rows: a list has them all in its header."""
    if any(value == WORDS_OF_FAULT for cells in sheet.rows[:20] for value in cells):
        return False  # our own list of rejected rows names columns in every line
    rows: dict[int, int] = {}
    persons = False
    for row, cells in enumerate(sheet.rows[:80]):
        labels = [name for value in cells if (name := _label(value))]
        if labels:
            rows[row] = len(labels)
        persons = persons or any(name.startswith(("父亲", "母亲")) for name in labels)
    start = any(_label(value) in _START for cells in sheet.rows[:80] for value in cells)
    return start and persons and len(rows) >= LEAST_ROWS and sum(rows.values()) >= LEAST_LABELS


def _label(value: CellValue) -> str:
    """The label a cell holds, an empty string for a value."""
    if not isinstance(value, str):
        return ""
    title = normal_title(value)
    if title in _LABELS or title in _PARTS:
        return title
    person, part = title[:-2], title[-2:]
    return title if part == "姓名" and person in _PEOPLE else ""


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell that belongs to a label: its place (counted from 0), the label with its person, field and content."""

    row: int
    column: int
    label: str
    field: str
    value: CellValue


FormPlaces = dict[str, FormCell]
"""The cells of one form by field."""
_CARE_FIELDS = ("care_type", "care_rating")
_FIELDS = sorted(
    {*_LABELS.values(), *_CARE_FIELDS, *(f"{who}.{part}" for who in _WHOSE_FIELDS for part in _PARTS.values())}
)
SYNTHETIC = 1_000
"""
Columns of a form are numbered from here, each field the same in every form: several fields stand in one column of the
sheet, and findings must tell them apart.
"""


def is_of_forms(header: Header) -> bool:
    """True for the header that `read_form` makes."""
    return bool(header.columns) and header.columns[0].index >= SYNTHETIC


def read_form(sheet: Sheet) -> tuple[Header, Body, list[FormPlaces]]:
    """The children of all forms on a sheet, a header of its fields, and for each child where each field stands."""
    body = Body()
    columns: dict[str, Column] = {}
    places: list[FormPlaces] = []
    for cell, person in _pairs(sheet):
        if cell.field == "name":
            body.rows.append(cell.row)
            body.values.append({})
            body.copied.append(frozenset())
            places.append({})
        if not body.rows:
            continue
        _take(body.values[-1], cell.field, cell.value)
        for known in _CARE_FIELDS if cell.field == "care" else (cell.field,):
            columns.setdefault(known, Column(SYNTHETIC + _FIELDS.index(known), cell.label, known, EXACT))
            places[-1].setdefault(known, cell)
        if person in _RELATION and cell.value is not None:
            body.values[-1][f"{person}.relation"] = _RELATION[person]
    for values in body.values:
        values.setdefault("name", None)
        for name in [name for name, value in values.items() if name.startswith("mother.") and is_ditto(value)]:
            values[name] = values.get(name.replace("mother.", "father.", 1))
    if len(body.rows) == 1 and body.values[0]["name"] is None and _ONLY_HAN_NAME.match(sheet.name or ""):
        body.values[0]["name"] = sheet.name
    first = body.rows[0] if body.rows else 0
    return Header(sheet.name, first, first, list(columns.values())), body, places


def form_cells(sheet: Sheet, row: int) -> list[FormCell]:
    """The cells of the form whose 姓名 stands in that line (counted from 0), in reading order."""
    cells: list[FormCell] = []
    name_row = -1
    for cell, _ in _pairs(sheet):
        name_row = cell.row if cell.field == "name" else name_row
        if name_row == row:
            cells.append(cell)
    return cells


def located(finding: Finding, header: Header, places: FormPlaces) -> Finding:
    """A finding about a form with the cell in which its field stands; one about no single field stays as it is."""
    if finding.column is None or finding.column < SYNTHETIC:
        return finding
    name = next((column.field for column in header.columns if column.index == finding.column), "")
    cell = places.get(name)
    if cell is None:
        return replace(finding, column=None)
    return replace(finding, line=cell.row + 1, column=cell.column, label=cell.label)


def _pairs(sheet: Sheet) -> Iterator[tuple[FormCell, str]]:
    """Every label that means something with the cell beside or below it, and whose it is, in reading order."""
    for row, column, title, at in beside_labels(sheet, _label):
        name, person = _field(sheet, row, column, title)
        if name:
            whose = _WHOSE.get(person, "") if title in _PARTS else ""
            yield FormCell(*at, f"{whose}{title}", name, sheet.value(*at)), person


def beside_labels(sheet: Sheet, label: Callable[[CellValue], str]) -> Iterator[tuple[int, int, str, tuple[int, int]]]:
    """
    The labels of a grid in reading order: row, column (from 0), title, and the place of the value.

    That is the next cell to the right, or the one below where the right one is a label again. `label` tells the title
    of a cell that is a label, else an empty string.
    """
    anchors = {(merge.top, merge.left): merge for merge in sheet.merges}
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            title = label(cell)
            if not title:
                continue
            merge = anchors.get((row, column))
            right, below = (merge.right + 1, merge.bottom + 1) if merge else (column + 1, row + 1)
            at = (row, right)
            if label(sheet.value(row, right)):
                at = (below, column)
            if not label(sheet.value(*at)):
                yield row, column, title, at


def _field(sheet: Sheet, row: int, column: int, title: str) -> tuple[str, str]:
    """The field of a label and whose it is: in a person's row 出生日期 and 联系电话 belong to that person."""
    person = ""
    for before in sheet.rows[row][:column]:
        label = _label(before)
        if label in _START:
            person = ""
        elif label.endswith("姓名") and label[:-2] in _PEOPLE:
            person = _PEOPLE[label[:-2]]
        elif _LABELS.get(label, "").startswith("carer."):
            person = "carer"
    if title.endswith("姓名") and title[:-2] in _PEOPLE:
        person = _PEOPLE[title[:-2]]
        return f"{person}.name", person
    if person and title in _PARTS and title not in _START:
        return f"{person}.{_PARTS[title]}", person
    name = _LABELS.get(title, "")
    return ("", "") if name == "-" else (name, "")


def _take(values: dict[str, CellValue], name: str, value: CellValue) -> None:
    """Put a value into its field; ticked choices become words."""
    if value is None:
        return
    ticked = _TICKED.findall(str(value)) if isinstance(value, str) else []
    if isinstance(value, str) and _CHOICES.search(value) and not ticked:
        return
    if name == "care":
        for word in ticked:
            if word in _CARE:
                field, meaning = _CARE[word]
                values[field] = meaning
        return
    if name == "unable":
        if ticked:
            _note(values, f"无监护能力：{'、'.join(ticked)}")
        return
    if name == "illness":
        _note(values, f"患病类型：{tidy(value)}")
        return
    if name == "aid":
        ticked = [word.removeprefix("享受") for word in ticked]
    values[name] = "、".join(ticked) if ticked else value


def _note(values: dict[str, CellValue], text: str) -> None:
    known = values.get("note")
    values["note"] = f"{known}；{text}" if known else text

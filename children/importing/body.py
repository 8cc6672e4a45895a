"""Which lines below the header are pupils, and what merges and ditto marks fill in (rosters §2; faults 24–32)."""

import re
from dataclasses import dataclass, field

from children.importing.aliases import NOTE, normal_title
from children.importing.findings import Fate, Finding, Level, column_letter
from children.importing.header import Column, Header, is_joined
from children.importing.mentors import split_row
from children.importing.normalise.text import as_text, fold, is_ditto, is_nothing, tidy
from children.importing.sheets import CellValue, Sheet

EXAMPLE, SUBTOTAL, TOTAL, FOOTER, REPEATED_HEADER, BLANK = (
    "example",
    "subtotal",
    "total",
    "footer",
    "repeated_header",
    "blank",
)
LEFT_OUT = "left_out"
"""A line that a person does not want imported."""
SKIP_REASONS = {
    EXAMPLE: "示例行",
    SUBTOTAL: "小计行",
    TOTAL: "合计行",
    FOOTER: "表尾说明",
    REPEATED_HEADER: "重复的表头",
    BLANK: "只有序号的空行",
    LEFT_OUT: "您选择了不导入",
}
BLANK_ROWS_END = 200
SHORTEST_ID = 15
_TOTAL_WORDS = re.compile(r"^(合计|总计|共计|总人数)([:：]|\d|$)")
_SUBTOTAL_WORDS = re.compile(r"^(小计|班计|本页小计)([:：]|\d|$)|小计$")
_STATED = re.compile(r"(男|女|双亲|单亲|结对教师|帮扶教师|教师|留守儿童|学生)(?:共|数|总数)?[:：]?(\d+)")
_STATED_NAMES = {
    "结对教师": "mentors",
    "帮扶教师": "mentors",
    "教师": "mentors",
    "留守儿童": "children",
    "学生": "children",
}
_FOOTER_WORDS = re.compile(
    r"^(制表|审核|复核|填表|单位负责人|(负责人|校长|经办人?|联系人)[^:：(（签]{0,4}[:：(（签]|注[:：]|注\d|备注[:：]|说明[:：]|填报说明|附[:：]|以上|本表)"
)
_EXAMPLE_WORDS = ("示例", "样例", "例:", "填写样式")
_EXAMPLE_NAMES = frozenset({"张三", "李四", "王五", "小明", "某某", "某某某", "张某某", "李某某", "xxx", "×××"})
PROBABLE_EXAMPLE = "probable_example"
NEVER_COPIED = frozenset({"name", "former_name", "id_no", "student_no", "birth_date", "birth_lunar"})
"""Fields that a ditto mark or a merge must never fill: they belong to one child alone (rosters §4, fault 27)."""
SHARED_ADULTS = ("father", "mother", "carer", "family", "neighbour")


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A line below the header that is no pupil."""

    sheet: str | None
    row: int
    why: str

    def as_json(self) -> dict[str, object]:
        """In the shape of ``rosters/README.md``."""
        return {"sheet": self.sheet, "row": self.row, "why": self.why}


@dataclass(slots=True)
class Body:
    """Values by field for every pupil row (rows counted from 0), skipped lines, stated totals and findings."""

    rows: list[int] = field(default_factory=list)
    values: list[dict[str, CellValue]] = field(default_factory=list)
    copied: list[set[str]] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    totals: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    split: bool = False
    differing: list[int] = field(default_factory=list)


def read_body(sheet: Sheet, header: Header, *, split_names: bool = False) -> Body:
    """Take the pupils out of a sheet whose header is known; ``split_names`` makes a row for each name of a cell."""
    body = Body()
    fields = header.fields
    doubled = header.doubled
    spread = _spread_merges(sheet, header, body)
    blank_run = 0
    for row in range(header.bottom + 1, len(sheet.rows)):
        stored = sheet.rows[row]
        if not any(value is not None and value != "" for value in stored):
            blank_run += 1
            if blank_run >= BLANK_ROWS_END:
                break
            continue
        blank_run = 0
        why = _no_pupil(sheet, header, row, fields)
        if why == TOTAL:
            body.totals.append((row, _stated_totals(stored)))
        if why == PROBABLE_EXAMPLE:
            body.findings.append(_ask_example(sheet, header, row))
            why = ""
        if why:
            if why != BLANK:
                body.skipped.append(SkippedRow(sheet.name, row + 1, why))
            continue
        values = {
            name: spread.get((row, column.index), sheet.value(row, column.index)) for name, column in fields.items()
        }
        if doubled and _join_doubled(sheet, row, doubled, values):
            body.differing.append(row + 1)
        if unknown := _unknown_columns(sheet, header, row):
            values["_unknown"] = unknown
        copied = {name for name, column in fields.items() if (row, column.index) in spread}
        parts = split_row(values) if split_names else [values]
        if len(parts) > 1:
            body.findings.append(_told_split(sheet, header, row, len(parts)))
        for part in parts:
            body.rows.append(row)
            body.values.append(part)
            body.copied.append(set(copied))
    _resolve_dittos(sheet, header, body)
    body.split = split_names
    return body


def _join_doubled(sheet: Sheet, row: int, doubled: dict[str, list[Column]], values: dict[str, CellValue]) -> bool:
    """
    Lay the second column of a field beside the first: phones and notes are joined, a blank is filled.

    Returns True if two columns contradict each other, which only a person can settle (fault 23).
    """
    differs = False
    for name, columns in doubled.items():
        for column in columns:
            value, first = sheet.value(row, column.index), values.get(name)
            if is_nothing(value) or value == first:
                continue
            if is_nothing(first):
                values[name] = value
            elif name == NOTE:
                values[name] = f"{tidy(first)}；{column.label}：{tidy(value)}"
            elif is_joined(name):
                values[name] = f"{as_text(first)}/{as_text(value)}"
            else:
                differs = True
    return differs


def _ask_example(sheet: Sheet, header: Header, row: int) -> Finding:
    column = header.fields["name"]
    sentence = f"第一行的“{tidy(sheet.value(row, column.index))}”像是填表示例，是真实的学生吗？确认前这一行不导入。"
    return Finding("example_row", Level.QUESTION, sentence, sheet.name, row + 1, column.index, column.label, Fate.ASK)


def _told_split(sheet: Sheet, header: Header, row: int, number: int) -> Finding:
    column = header.fields["name"]
    sentence = f"一个格子里写了 {number} 名学生，已分开。"
    return Finding("several_children_split", Level.FIXED, sentence, sheet.name, row + 1, column.index, column.label)


def _unknown_columns(sheet: Sheet, header: Header, row: int) -> str:
    """Columns nobody recognised, kept as 列名：值 so that nothing is dropped without a word."""
    parts = []
    for column in header.columns:
        if column.label and not column.field:
            value = sheet.value(row, column.index)
            if not is_nothing(value) and not is_ditto(value):
                parts.append(f"{column.label}：{tidy(value)}")
    return "；".join(parts)


def _spread_merges(sheet: Sheet, header: Header, body: Body) -> dict[tuple[int, int], CellValue]:
    """Values of merged cells for the rows under their first one: inside the merge, never beyond it (fault 25)."""
    spread: dict[tuple[int, int], CellValue] = {}
    by_index = {column.index: (name, column) for name, column in header.fields.items()}
    filled: dict[int, Column] = {}
    for merge in sheet.merges:
        known = by_index.get(merge.left)
        if known is None or merge.left != merge.right or merge.top <= header.bottom or merge.top == merge.bottom:
            continue
        name, column = known
        if name in NEVER_COPIED:
            continue
        value = sheet.value(merge.top, merge.left)
        if value is None:
            continue
        for row in range(merge.top + 1, merge.bottom + 1):
            spread[row, merge.left] = value
        filled[merge.left] = column
    for index, column in sorted(filled.items()):
        sentence = "合并单元格的内容已填到合并范围内的每一行。"
        body.findings.append(Finding("merged_value", Level.FIXED, sentence, sheet.name, None, index, column.label))
    return spread


def _repeats_header(header: Header, filled: list[tuple[int, CellValue]]) -> bool:
    """True if three cells and more than half of the row say what stands above them in the header."""
    same = other = 0
    for index, value in filled:
        title = header.columns[index].label.split("·")[-1] if index < len(header.columns) else None
        if title is not None and isinstance(value, str) and normal_title(value) == normal_title(title):
            same += 1
        else:
            other += 1
            if other * 2 >= len(filled):
                return False
    return same >= 3


def _no_pupil(sheet: Sheet, header: Header, row: int, fields: dict[str, Column]) -> str:
    """Why a line is no pupil, an empty string if it is one."""
    stored = sheet.rows[row]
    filled = [(index, value) for index, value in enumerate(stored) if value is not None and str(value).strip()]
    first_words = [fold(value) for _, value in filled[:3] if isinstance(value, str)]
    if _repeats_header(header, filled):
        return REPEATED_HEADER
    name = fields["name"].index
    has_id = "id_no" in fields and len(fold(sheet.value(row, fields["id_no"].index))) >= SHORTEST_ID
    if not has_id:
        if any(_SUBTOTAL_WORDS.search(word) for word in first_words):
            return SUBTOTAL
        if any(_TOTAL_WORDS.match(word) for word in first_words):
            return TOTAL
        if first_words and len(filled) <= 4 and _FOOTER_WORDS.match(first_words[0]):
            return FOOTER
    name_text = fold(sheet.value(row, name))
    if any(word in name_text for word in _EXAMPLE_WORDS) or (
        row <= header.bottom + 2
        and any(fold(value).startswith(_EXAMPLE_WORDS) for _, value in filled if isinstance(value, str))
    ):
        return EXAMPLE
    if row == header.bottom + 1 and name_text in _EXAMPLE_NAMES:
        return PROBABLE_EXAMPLE
    if all(header_field(header, index) in ("-", "") and not isinstance(value, str) for index, value in filled):
        return BLANK
    return ""


def header_field(header: Header, index: int) -> str:
    """The field of the column with this index, an empty string outside the header."""
    return header.columns[index].field if index < len(header.columns) else ""


def _stated_totals(stored: list[CellValue]) -> dict[str, int]:
    """Control totals of a 合计 line: 48, 40人, 男27女21, 双亲24单亲24."""
    totals: dict[str, int] = {}
    for value in stored:
        if isinstance(value, int | float) and not isinstance(value, bool):
            totals.setdefault("children", int(value))
            continue
        text = fold(value)
        if found := re.fullmatch(r"(?:共)?(\d+)(?:人|名)?", text):
            totals.setdefault("children", int(found[1]))
            continue
        for word, number in _STATED.findall(text):
            totals.setdefault(_STATED_NAMES.get(word, word), int(number))
    return totals


def _resolve_dittos(sheet: Sheet, header: Header, body: Body) -> None:
    """Replace ditto marks: across from the father to the mother, else down from the pupil above (L7, L8)."""
    _same_as_named(body)
    above: dict[str, CellValue] = {}
    for position, (row, values) in enumerate(zip(body.rows, body.values, strict=True)):
        marked = {name for name, value in values.items() if is_ditto(value)}
        across, down = set(), set()
        for name in sorted(marked, key=lambda item: not item.startswith("father.")):
            twin = name.replace("mother.", "father.", 1)
            if name.startswith("mother.") and "mother.name" not in marked and twin in values and twin not in marked:
                values[name] = values[twin]
                across.add(name)
            elif name in NEVER_COPIED:
                _break(
                    body,
                    sheet,
                    header,
                    row,
                    name,
                    "ditto_not_allowed",
                    "姓名、身份证号、出生日期不能写“同上”，请写出内容。",
                )
                values[name] = None
            elif name not in above or above[name] is None:
                what = "ditto_first_row" if position == 0 else "ditto_nothing_above"
                _break(body, sheet, header, row, name, what, "写的是“同上”，但上面没有内容可以照抄，请写出内容。")
                values[name] = None
            else:
                values[name] = above[name]
                down.add(name)
        _tell_dittos(sheet, header, body, row, across, down)
        body.copied[position] |= across | down
        above = values


def _same_as_named(body: Body) -> None:
    """同田雨欣 stands for that pupil's cell, if the list has one pupil of that name (L15)."""
    places: dict[str, int | None] = {}
    for position, values in enumerate(body.values):
        name = tidy(values.get("name"))
        places[name] = None if name in places else position
    for position, values in enumerate(body.values):
        for name, value in values.items():
            if isinstance(value, str) and value[:1] == "同" and name not in NEVER_COPIED:
                other = places.get(tidy(value)[1:])
                if other is not None and other != position:
                    values[name] = body.values[other].get(name)
                    body.copied[position].add(name)


def _break(body: Body, sheet: Sheet, header: Header, row: int, name: str, what: str, sentence: str) -> None:
    column = header.fields[name]
    body.findings.append(
        Finding(what, Level.ERROR, sentence, sheet.name, row + 1, column.index, column.label, Fate.REJECT)
    )


def _tell_dittos(sheet: Sheet, header: Header, body: Body, row: int, across: set[str], down: set[str]) -> None:
    fields = header.fields
    for name in sorted(across, key=lambda item: fields[item].index):
        column = fields[name]
        sentence = f"写的是“同上”，已照父亲一栏填写（{tidy(body.values[body.rows.index(row)][name])}），请核对。"
        body.findings.append(
            Finding("ditto_across", Level.WARNING, sentence, sheet.name, row + 1, column.index, column.label)
        )
    adults = sorted((fields[name] for name in down if name.startswith(SHARED_ADULTS)), key=lambda column: column.index)
    rest = sorted(
        (fields[name] for name in down if not name.startswith(SHARED_ADULTS)), key=lambda column: column.index
    )
    if adults:
        letters = _letters(sorted(column.index for column in (*adults, *rest)))
        sentence = f"写的是“同上”，{letters}列已照上一名学生填写。请核对两人是否同一家。"
        first = adults[0]
        body.findings.append(
            Finding("ditto_down", Level.WARNING, sentence, sheet.name, row + 1, first.index, first.label)
        )
    elif rest:
        for column in rest:
            body.findings.append(
                Finding(
                    "ditto_down", Level.FIXED, "“同上”已照上一行填写。", sheet.name, row + 1, column.index, column.label
                )
            )


def _letters(columns: list[int]) -> str:
    """Columns as a person names them: D、H–Q、T."""
    runs: list[list[int]] = []
    for column in columns:
        if runs and column == runs[-1][-1] + 1:
            runs[-1].append(column)
        else:
            runs.append([column])
    return "、".join(
        column_letter(run[0]) if len(run) == 1 else f"{column_letter(run[0])}–{column_letter(run[-1])}" for run in runs
    )

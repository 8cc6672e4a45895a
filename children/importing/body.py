"""Which lines below the header are pupils, and what merges and ditto marks fill in (rosters §2; faults 24–32)."""

from dataclasses import dataclass, field

from caretrack.masking import mask_id_numbers, mask_numbers
from children.importing.aliases import NOTE
from children.importing.findings import Fate, Finding, Level
from children.importing.header import Column, Header, is_joined
from children.importing.lines import BLANK, HEADING, OTHER_TABLE, PROBABLE_EXAMPLE, TOTAL, LineJudge, stated_totals
from children.importing.mentors import split_row
from children.importing.normalise.text import as_text, is_ditto, is_nothing, tidy
from children.importing.sheets import CellValue, Sheet, column_letter

BLANK_ROWS_END = 200
NEVER_COPIED = frozenset({"name", "former_name", "id_no", "student_no", "birth_date", "birth_lunar"})
"""Fields that a ditto mark or a merge must never fill: they belong to one child alone (rosters §4, fault 27)."""
_PARENT_WORDS = dict.fromkeys(("父", "父亲", "爸爸"), "father") | dict.fromkeys(("母", "母亲", "妈妈"), "mother")
_SIBLINGS = frozenset({"哥哥", "姐姐", "弟弟", "妹妹", "哥", "姐", "弟", "妹"})
_PART_OF_FIELD = {"contact_phone": "phone", "address": "address", "away_place": "work_place"}
"""The part of a parent that 同父亲 means in a column of nobody's."""
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
    copied: list[frozenset[str]] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    totals: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    split: bool = False
    differing: list[int] = field(default_factory=list)
    headings: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The lines between the pupils that stand above a row, the nearest last."""
    other_table: int | None = None
    """The header of a table with other columns, which cannot be read by the first header: the reading ends above it."""


def read_body(sheet: Sheet, header: Header, *, split_names: bool = False) -> Body:
    """Take the pupils out of a sheet whose header is known; ``split_names`` makes a row for each name of a cell."""
    body = Body()
    fields = header.fields
    doubled = header.doubled
    judge = LineJudge(sheet, header)
    indexes = [(name, column.index) for name, column in fields.items()]
    unknown_columns = [column for column in header.columns if column.label and not column.field]
    spread = _spread_merges(sheet, header, body)
    blank_run = 0
    headings: tuple[str, ...] = ()
    for row in range(header.bottom + 1, len(sheet.rows)):
        stored = sheet.rows[row]
        if not any(value is not None and value != "" for value in stored):
            blank_run += 1
            if blank_run >= BLANK_ROWS_END:
                break
            continue
        blank_run = 0
        why = judge.why(row, stored)
        if why == TOTAL:
            body.totals.append((row, stated_totals(stored)))
        if why == HEADING:
            headings = (*headings, " ".join(tidy(value) for value in stored if value is not None))
        if why == OTHER_TABLE:
            body.other_table = row
            break
        if why == PROBABLE_EXAMPLE:
            body.findings.append(_ask_example(sheet, header, row))
            why = ""
        if why:
            if why != BLANK:
                body.skipped.append(SkippedRow(sheet.name, row + 1, why))
            continue
        width = len(stored)
        values = {name: stored[index] if index < width else None for name, index in indexes}
        copied: set[str] = set()
        if spread:
            for name, index in indexes:
                if (row, index) in spread:
                    values[name] = spread[row, index]
                    copied.add(name)
        if doubled and _join_doubled(sheet, row, doubled, values):
            body.differing.append(row + 1)
        if unknown_columns and (unknown := _unknown_columns(sheet, unknown_columns, row)):
            values["_unknown"] = unknown
        if headings:
            body.headings[row] = headings
        parts = split_row(values) if split_names else [values]
        if len(parts) > 1:
            body.findings.append(_told_split(sheet, header, row, len(parts)))
        for part in parts:
            body.rows.append(row)
            body.values.append(part)
            body.copied.append(frozenset(copied))
    _resolve_dittos(sheet, header, body)
    body.split = split_names
    return body


def tell_other_table(sheet: Sheet, body: Body) -> None:
    """Say that the table with other columns, at whose header the reading has ended, is not read."""
    row = body.other_table
    if row is None:
        return
    left = [number for number in range(row, len(sheet.rows)) if any(value for value in sheet.rows[number])]
    body.skipped += [SkippedRow(sheet.name, number + 1, OTHER_TABLE) for number in left]
    sentence = (
        f"第{row + 1}行起是另一张表，列名和上面的不同，这 {len(left)} 行没有读取。"
        "请把它复制到另一张工作表，表头放在最上面，再上传一次。"
    )
    body.findings.append(Finding("second_table", Level.ERROR, sentence, sheet.name))


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


def _unknown_columns(sheet: Sheet, columns: list[Column], row: int) -> str:
    """Columns nobody recognised, kept as 列名：值 so that nothing is dropped; a note is no place for an ID number."""
    parts = []
    for column in columns:
        value = sheet.value(row, column.index)
        if not is_nothing(value) and not is_ditto(value):
            parts.append(f"{column.label}：{mask_id_numbers(tidy(value))}")
    return "；".join(parts)


def put_beside(values: dict[str, CellValue], words: str) -> None:
    """Put words for which a pupil's row has no field beside its unknown columns, which the note takes over."""
    beside = values.get("_unknown")
    values["_unknown"] = f"{beside}；{words}" if beside else words


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


def _resolve_dittos(sheet: Sheet, header: Header, body: Body) -> None:
    """What 同田雨欣, a ditto mark and 同父亲 stand for, in this order: the later ones may copy what the former gave."""
    written: set[CellValue] = set()
    for values in body.values:
        written.update(values.values())
    same_as = {value for value in written if isinstance(value, str) and value[:1] == "同"}
    if same_as:
        _same_as_named(body, same_as)
    if marks := {value for value in written if is_ditto(value)}:
        _copy_above(sheet, header, body, marks)
    if same_as:
        _same_as_family(sheet, header, body, same_as)


def _copy_above(sheet: Sheet, header: Header, body: Body, marks: set[CellValue]) -> None:
    """Replace ditto marks: across from the father to the mother, else down from the pupil above (L7, L8)."""
    above: dict[str, CellValue] = {}
    for position, (row, values) in enumerate(zip(body.rows, body.values, strict=True)):
        marked = {name for name, value in values.items() if value in marks}
        if not marked:
            above = values
            continue
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


def _same_as_named(body: Body, same_as: set[str]) -> None:
    """Of the values in `same_as` 同田雨欣 stands for that pupil's cell, if the list has one of that name (L15)."""
    places: dict[str, int | None] = {}
    for position, values in enumerate(body.values):
        name = tidy(values.get("name"))
        places[name] = None if name in places else position
    for position, values in enumerate(body.values):
        for name, value in values.items():
            if value in same_as and name not in NEVER_COPIED:
                other = places.get(tidy(value)[1:])
                if other is not None and other != position:
                    values[name] = body.values[other].get(name)
                    body.copied[position] |= {name}


def _same_as_family(sheet: Sheet, header: Header, body: Body, same_as: set[str]) -> None:
    """同父亲 is what the father's cell says; whose 同哥哥 is nobody can know, so that cell is not taken."""
    for position, values in enumerate(body.values):
        for name, value in values.items():
            if value not in same_as or name in NEVER_COPIED:
                continue
            meant = tidy(value)[1:]
            part = _PART_OF_FIELD.get(name, name.rpartition(".")[2])
            if twin := values.get(f"{_PARENT_WORDS.get(meant)}.{part}"):
                values[name] = twin
                body.copied[position] |= {name}
            elif meant in _SIBLINGS:
                sentence = f"写的是“{tidy(value)}”，不知道照抄哪一名学生。请写出内容，或写“同”加那名学生的姓名。"
                _break(body, sheet, header, body.rows[position], name, "ditto_whose", sentence, Fate.IMPORT)
                values[name] = None


def _break(
    body: Body,
    sheet: Sheet,
    header: Header,
    row: int,
    name: str,
    what: str,
    sentence: str,
    fate: Fate = Fate.REJECT,
) -> None:
    column = header.fields[name]
    body.findings.append(Finding(what, Level.ERROR, sentence, sheet.name, row + 1, column.index, column.label, fate))


def _tell_dittos(sheet: Sheet, header: Header, body: Body, row: int, across: set[str], down: set[str]) -> None:
    fields = header.fields
    for name in sorted(across, key=lambda item: fields[item].index):
        column = fields[name]
        filled = mask_numbers(tidy(body.values[body.rows.index(row)][name]))
        sentence = f"写的是“同上”，已照父亲一栏填写（{filled}），请核对。"
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

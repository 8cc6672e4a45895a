"""
A seeded maker of rosters: fictional pupils with parents and carers, clean or as untidy as they arrive.

Written as Excel and WPS write them (shared strings, styled dates), because files made by openpyxl read differently.
"""

import datetime as dt
import random
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

SURNAMES = "韦罗石岑莫蒙覃陆黄梁李王张刘陈杨赵周吴徐孙胡朱高林何郭马"
GIVEN = "梓桐晓兰小河春花大山雨欣子涵思远雅静俊杰海燕玉珍明辉文博佳怡浩然诗琪志强秀英"
PLACES = ["广东东莞", "浙江温州", "福建晋江", "江苏苏州", "上海松江", "广东佛山", "浙江义乌", "县城"]
VILLAGES = ["栗坪村", "青榕村", "石门村", "云寨村", "龙潭村", "岩脚村", "大湾村", "水井村"]
GRADES = "一二三四五六"
HEADER = [
    "序号", "学籍号", "姓名", "性别", "出生日期", "民族", "身份证号", "年级", "班级", "就读方式", "上下学方式", "家庭住址",
    "父亲姓名", "父亲状况", "父亲外出时间", "父亲务工地", "父亲电话", "母亲姓名", "母亲状况", "母亲外出时间", "母亲务工地",
    "母亲电话", "实际监护人", "与学生关系", "监护人电话", "监护类型", "监护情况评估", "备注",
]  # fmt: skip
SCHOOL_YEAR = 2026
PER_CLASS = 45


@dataclass(frozen=True, slots=True)
class Parent:
    """One parent as the roster states it."""

    name: str
    away: bool
    since: str
    place: str
    phone: str


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil of the roster, before it is written in any style."""

    number: int
    name: str
    male: bool
    born: dt.date
    id_no: str
    grade: int
    class_number: int
    boards: bool
    address: str
    father: Parent
    mother: Parent
    carer: str
    carer_phone: str
    note: str


def id_number(born: dt.date, sequence: int) -> str:
    """A valid number of nobody: the area code 999999 does not exist."""
    body = f"999999{born:%Y%m%d}{sequence:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def classes(size: int) -> int:
    """How many classes a grade needs for so many pupils; rosters number classes up to 99."""
    return max(1, min(60, -(-size // (len(GRADES) * PER_CLASS))))


def pupils(size: int, seed: int = 1, *, changed: float = 0.0) -> Iterator[Pupil]:
    """`size` pupils, the same for the same seed; `changed` is the share whose father has another phone number."""
    dice, later = random.Random(seed), random.Random(seed + 1)
    per_grade = classes(size)
    for number in range(size):
        grade = number % len(GRADES) + 1
        born = dt.date(SCHOOL_YEAR - 6 - grade, 9, 1) + dt.timedelta(days=(number // 6) % 364)
        male = dice.random() < 0.5
        sequence = (number // (6 * 364)) * 2 + male
        surname = dice.choice(SURNAMES)
        father = _parent(dice, surname, number * 3)
        if later.random() < changed:
            father = Parent(father.name, father.away, father.since, father.place, _phone(number * 3 + 50_000_000))
        mother = _parent(dice, dice.choice(SURNAMES), number * 3 + 1)
        yield Pupil(
            number, surname + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2)))), male, born,
            id_number(born, sequence), grade, number // 6 % per_grade + 1, dice.random() < 0.4,
            f"{dice.choice(VILLAGES)}{dice.randint(1, 12)}组{dice.randint(1, 400)}号", father, mother,
            dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=2)), _phone(number * 3 + 2),
            "" if dice.random() < 0.9 else "父母轮流回家",
        )  # fmt: skip


def _parent(dice: random.Random, surname: str, number: int) -> Parent:
    away = dice.random() < 0.7
    since = f"{dice.randint(2016, 2025)}-{dice.randint(1, 12):02}" if away else ""
    name = surname + "".join(dice.choices(GIVEN, k=2))
    return Parent(name, away, since, dice.choice(PLACES) if away else "", _phone(number))


def _phone(number: int) -> str:
    return f"13{number // 10_000 % 10}0000{number % 10_000:04}" if number < 100_000 else f"1{3_0000_00000 + number:010}"


def clean_row(pupil: Pupil) -> list[Any]:
    """The row as a careful clerk writes it."""
    row: list[Any] = [
        pupil.number + 1, "G" + pupil.id_no, pupil.name, "男" if pupil.male else "女", pupil.born, "汉族", pupil.id_no,
        f"{GRADES[pupil.grade - 1]}年级", f"{pupil.class_number}班", "住校" if pupil.boards else "走读", "步行", pupil.address,
    ]  # fmt: skip
    for parent in (pupil.father, pupil.mother):
        status = "外出务工" if parent.away else "在家"
        row += [parent.name, status, parent.since, parent.place, parent.phone]
    return [*row, pupil.carer, "祖母", pupil.carer_phone, "祖辈", "较好", pupil.note]


def messy_row(pupil: Pupil, dice: random.Random) -> list[Any]:
    """The same facts as they arrive: numbers for phones, five ways of dates, stray blanks and full-width digits."""
    row = clean_row(pupil)
    row[2] = pupil.name[0] + "　" + pupil.name[1:] if len(pupil.name) == 2 else pupil.name + " "
    style = dice.randrange(5)
    born = pupil.born
    row[4] = (
        born,
        f"{born.year}.{born.month}.{born.day}",
        f"{born.year}年{born.month}月{born.day}日",
        int(f"{born:%Y%m%d}"),
        f"{born:%Y/%m/%d}",
    )[style]
    for place in (16, 21, 24):
        row[place] = (int(row[place]), f"{row[place][:3]}-{row[place][3:7]}-{row[place][7:]}", row[place])[
            dice.randrange(3)
        ]
    row[6] = (
        row[6].translate(str.maketrans("0123456789", "０１２３４５６７８９")) if dice.random() < 0.1 else row[6] + " "
    )
    row[11] = row[11].replace("号", "号 ")
    for place in (14, 19):
        if row[place]:
            year, month = row[place].split("-")
            row[place] = (f"{year}年{int(month)}月", f"{year}.{month}", row[place])[dice.randrange(3)]
    return row


def write_clean(path: Path, found: Iterable[Pupil]) -> None:
    """One sheet with a title, a header and one line a pupil."""
    title = ["云禾县青榕镇中心小学学生花名册"]
    _write(path, [title, HEADER, *(clean_row(pupil) for pupil in found)])


def write_messy(path: Path, found: Iterable[Pupil], seed: int = 1) -> None:
    """Two title lines, repeated headers and the untidy rows."""
    dice = random.Random(seed)
    rows: list[list[Any]] = [["云禾县青榕镇中心小学学生花名册"], ["填表日期：2026年11月20日"], HEADER]
    for number, pupil in enumerate(found):
        if number and number % 500 == 0:
            rows += [HEADER, []]
        rows.append(messy_row(pupil, dice))
    _write(path, rows)


def write_stock(path: Path, found: Iterable[Pupil]) -> None:
    """What a stock resource can read: headers in the first line, ISO dates, entry year and number of the class."""
    rows: list[list[Any]] = [[*HEADER, "入学年"]]
    for pupil in found:
        row = clean_row(pupil)
        row[4], row[8] = pupil.born.isoformat(), str(pupil.class_number)
        rows.append([*row, SCHOOL_YEAR - pupil.grade + 1])
    _write(path, rows)


_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="花名册" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0"/></cellXfs></styleSheet>',
}  # fmt: skip
_EPOCH = dt.date(1899, 12, 30)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _write(path: Path, rows: Iterable[list[Any]]) -> None:
    strings: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, _DECLARATION + text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"{_DECLARATION}<worksheet {_MAIN}><sheetData>".encode())
            for number, row in enumerate(rows, start=1):
                sheet.write(_row(number, row, strings).encode())
            sheet.write(b"</sheetData></worksheet>")
        items = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
        counts = f'count="{len(strings)}" uniqueCount="{len(strings)}"'
        archive.writestr("xl/sharedStrings.xml", f"{_DECLARATION}<sst {_MAIN} {counts}>{items}</sst>")


def _row(number: int, row: list[Any], strings: dict[str, int]) -> str:
    cells = []
    for column, value in enumerate(row):
        place = f"{_letter(column)}{number}"
        if isinstance(value, dt.date):
            cells.append(f'<c r="{place}" s="1"><v>{(value - _EPOCH).days}</v></c>')
        elif isinstance(value, int):
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
        elif value:
            cells.append(f'<c r="{place}" s="2" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letter(column: int) -> str:
    return chr(65 + column) if column < 26 else "A" + chr(39 + column)

"""
The golden table of rosters §5, one test a row, numbered as there. Finer variants stand in test_golden.py.

Cut-off 2026-03-31, school year 2025/26, a primary school of six grades.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from caretrack.schools.models import School
from children.importing.normalise.boarding import read_boarding
from children.importing.normalise.classes import combine, read_class
from children.importing.normalise.dates import read_date
from children.importing.normalise.ethnic import read_ethnic
from children.importing.normalise.id_numbers import birth_of, read_id, sex_of
from children.importing.normalise.left_behind import read_left_behind
from children.importing.normalise.names import read_name
from children.importing.normalise.phones import read_phones
from children.importing.normalise.relations import read_relation
from children.importing.normalise.sex import read_sex
from children.importing.normalise.yesno import read_yes_no
from children.importing.parse import Context, ParsedRoster, parse_workbook
from children.importing.sheets import CellValue, Sheet, Workbook
from children.models import Child, Phone
from tests.children.importing.small_sheets import imported
from tests.support.factories import make_class, make_school, make_term

CUT_OFF = dt.date(2026, 3, 31)
CLASSES = frozenset((grade, number) for grade in range(1, 7) for number in range(1, 6))


def id_of(cell: CellValue, *, pupil: bool = True) -> tuple[Any, ...]:
    reading = read_id(cell, on=CUT_OFF, pupil=pupil)
    if reading.value is None:
        return tuple(remark.what for remark in reading.remarks)
    return reading.value, sex_of(reading.value), str(birth_of(reading.value))


def date_of(cell: CellValue, shown: str = "", *, date1904: bool = False) -> tuple[Any, ...]:
    reading = read_date(cell, number_format=shown, date1904=date1904, what="birth", on=CUT_OFF)
    level = {remark.level.value for remark in reading.remarks} - {"fixed"}
    return (reading.value.iso if reading.value else reading.detail or None, *sorted(level))


def class_of(cell: CellValue, shown: str = "") -> tuple[Any, ...]:
    reading = read_class(cell, number_format=shown)
    ref = combine(None, reading.value, school_year=2025)
    asked = tuple(remark.fate.value for remark in reading.remarks)
    return (ref.grade, ref.number, *asked) if ref else asked


def phones_of(cell: CellValue) -> tuple[Any, ...]:
    reading = read_phones(cell)
    if reading.value is None:
        return tuple(remark.level.value for remark in reading.remarks)
    return tuple(phone.number for phone in reading.value)


def roster(*rows: list[Any], **parts: Any) -> ParsedRoster:
    return parse_workbook(
        Workbook("xlsx", [Sheet("名册", [list(row) for row in rows], **parts)]),
        Context(2025, CUT_OFF, known_classes=CLASSES),
    )


HEADER = ["姓名", "性别", "班级", "监护人电话"]
FIRST = ["韦小禾", "女", "三（2）班", "138-0000-0004 / 0859-0000005"]


def copied_phone() -> tuple[Any, ...]:
    child = roster(HEADER, FIRST, ["韦小苗", "男", "三（2）班", "同上"]).children[1]
    return tuple(phone.number for phone in child.carer.phones), "carer.phone" in child.copied


def only_number() -> tuple[Any, ...]:
    found = roster(HEADER, ["韦小禾", "女", "八班", None])
    return class_of("八班"), [question.key for question in found.questions]


def first_ditto() -> tuple[Any, ...]:
    found = roster([*HEADER, "家庭住址"], [*FIRST, "〃"])
    return found.children[0].fate.value, [finding.what for finding in found.findings if finding.level == "error"]


def footers() -> list[str]:
    tail = [["小计", "1人"], ["合计", "1人"], ["制表人：罗老师"], ["注：1.双方外出指父母均外出务工"]]
    return [row.why for row in roster(HEADER, FIRST, *tail).skipped]


def example() -> tuple[Any, ...]:
    found = roster(HEADER, ["张三", "男", "三（2）班", "13800000000"], FIRST)
    return found.children[0].fate.value, found.questions[0].key, found.questions[0].choices[0].label


def picture() -> tuple[Any, ...]:
    found = roster([*HEADER, "家庭住址"], [*FIRST, '=DISPIMG("ID_0123",1)'])
    return found.children[0].address, [finding.what for finding in found.findings if finding.level == "warning"]


def formula() -> tuple[Any, ...]:
    found = roster([*HEADER, "家庭住址"], [*FIRST, None], unsolved={(1, 4)})
    return found.children[0].address, [finding.what for finding in found.findings if finding.level == "error"]


def cell_errors() -> tuple[Any, ...]:
    found = roster([*HEADER, "家庭住址"], [*FIRST, "#REF!"], ["罗小花", "女", "三（1）班", "#N/A", None])
    whats = [finding.what for finding in found.findings if finding.level == "warning"]
    return found.children[0].address, found.children[1].carer.phones, whats


OK = "999999201503120012"
ROWS: list[tuple[int, Callable[[], Any], Any]] = [
    (1, lambda: id_of(f"'{OK}"), (OK, "男", "2015-03-12")),
    (2, lambda: id_of("99999920151011020x"), ("99999920151011020X", "女", "2015-10-11")),
    (3, lambda: id_of("９９９９９９201410050131"), ("999999201410050131", "男", "2014-10-05")),
    (4, lambda: id_of("999999 20161122 1048"), ("999999201611221048", "女", "2016-11-22")),
    (5, lambda: (id_of(9.9999920150312e17), read_id(9.9999920150312e17).remarks[0].offer),
        (("id_numeric_cell",), "2015-03-12")),
    (6, lambda: id_of(999999201503120000), ("id_numeric_cell",)),
    (7, lambda: (id_of("9.99999E+17"), read_id("9.99999E+17").remarks[0].offer), (("id_exponent_text",), "")),
    (8, lambda: id_of("999999201503120013"), ("id_check_digit",)),
    (9, lambda: id_of("99999920150229001X"), ("id_date_invalid",)),
    (10, lambda: id_of("999999202602300013"), ("id_date_invalid",)),
    (11, lambda: id_of("999999150312001"), ("id_length",)),
    (12, lambda: id_of(f"G{OK}"), ("id_is_student_no",)),
    (13, lambda: id_of("999999201202290034"), ("999999201202290034", "男", "2012-02-29")),
    (14, lambda: id_of("440524188001010014"), ("id_of_adult",)),
    (15, lambda: [id_of(number, pupil=False)[0] for number in ("11010519491231002X", "34052419800101001X")],
        ["11010519491231002X", "34052419800101001X"]),
    (16, lambda: (date_of("2015.3"), date_of(2015.3)), (("2015-03",), ("2015-03",))),
    (17, lambda: date_of(2015.1), ("2015", "question")),
    (18, lambda: date_of(2015.1, "0.00"), ("2015-10",)),
    (19, lambda: date_of("2015.10"), ("2015-10",)),
    (20, lambda: date_of(42075), ("2015-03-12",)),
    (21, lambda: date_of(40613, date1904=True), ("2015-03-12",)),
    (22, lambda: {date_of(cell) for cell in (
        20150312, "20150312", "2015-3-12", "2015/3/12", "2015年3月12日", "2015．3．12")}, {("2015-03-12",)}),
    (23, lambda: date_of("201503"), ("2015-03",)),
    (24, lambda: date_of("农历二〇一五年八月十五"), ("农历二〇一五年八月十五", "warning")),
    (25, lambda: (date_of("2015-13-01"), date_of("2027-01-01")), ((None, "error"), (None, "error"))),
    (26, lambda: class_of(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 'm"月"d"日"'), (3, 2, "ask")),
    (27, lambda: class_of(-2), (None, 2, "ask")),
    (28, lambda: {class_of(cell) for cell in ("六（5）班", "六(5)班", "6（5）", "605", "六年级五班")}, {(6, 5)}),
    (29, lambda: class_of("2022级1班"), (4, 1)),
    (30, only_number, ((None, 8), ["class_missing/名册"])),
    (31, lambda: phones_of(13800000001.0), ("13800000001",)),
    (32, lambda: phones_of("1.38E+10"), ("error",)),
    (33, lambda: phones_of("138-0000-0004 / 0859-0000005"), ("13800000004", "0859-0000005")),
    (34, lambda: [(phone.number, phone.owner, "晚上" in phone.note) for phone in
                  read_phones("爸13800000004 妈13800000008（晚上打）").value or ()],
        [("13800000004", "51", False), ("13800000008", "52", True)]),
    (35, copied_phone, (("13800000004", "0859-0000005"), True)),
    (36, lambda: [(phone.number, phone.dead) for phone in read_phones("13800000001空号").value or ()],
        [("13800000001", True)]),
    (37, lambda: {read_sex(cell).value for cell in ("男", "1", "1-男", "M", 1.0)}, {"男"}),
    (38, lambda: {read_yes_no(cell).value for cell in ("不是", "×", "否", "0", "无")}, {False}),
    (39, lambda: {read_yes_no(cell).value for cell in ("√", "是", "有", True, "TRUE")}, {True}),
    (40, lambda: (read_yes_no(None).value, read_yes_no("").value, read_boarding(None, tick=True).value),
        (None, None, None)),
    (41, lambda: {read_name(cell).value for cell in ("张　三", "张 三")}, {"张三"}),
    (42, lambda: {read_name(cell).value for cell in ("麦麦提.艾力", "麦麦提•艾力", "麦麦提·艾力")}, {"麦麦提·艾力"}),
    (43, lambda: (read_name("李四（转走）").value, read_name("李四（转走）").detail), ("李四", "转走")),
    (44, lambda: (read_name("张伟2").value, read_name("张伟2").remarks[0].what), ("张伟", "name_namesake_mark")),
    (45, lambda: {read_ethnic(cell).value for cell in ("汉", "汉族", "01", 1)}, {"01"}),
    (46, lambda: [read_ethnic(cell).value for cell in ("毛难族", "崩龙")], ["36", "46"]),
    (47, lambda: read_relation("祖孙", carer_sex="女").value, "62"),
    (48, lambda: (read_relation("孙子", carer_sex="男").value, read_relation("孙子").remarks[0].what),
        ("61", "relation_reversed")),
    (49, lambda: (read_relation("婆婆").value, read_relation("婆婆").remarks[0].level.value), (None, "question")),
    (50, lambda: read_left_behind("双亲留守儿童").value, "both"),
    (51, lambda: (read_left_behind("1").value, read_left_behind("1").remarks[0].level.value), (None, "question")),
    (52, lambda: read_left_behind("是").value, "yes"),
    (53, first_ditto, ("reject", ["ditto_first_row"])),
    (54, footers, ["subtotal", "total", "footer", "footer"]),
    (55, example, ("ask", "example_row/名册/2", "是示例，不导入")),
    (56, picture, (None, ["picture"])),
    (57, formula, (None, ["formula_no_value"])),
    (58, cell_errors, (None, (), ["cell_error", "cell_error"])),
]  # fmt: skip


@pytest.mark.parametrize("number, actual, expected", ROWS, ids=[f"row{number}" for number, _, _ in ROWS])
def test_row(number: int, actual: Callable[[], Any], expected: Any) -> None:
    assert actual() == expected


@pytest.fixture
def school(db: None) -> School:
    school = make_school(code="990001")
    make_term(school)
    make_class(school, 3, 2)
    return school


COLUMNS = ["姓名", "性别", "出生日期", "班级", "家长电话"]
PUPIL = ["韦小禾", "女", "2018-03-12", "三（2）班", "13800000001"]


@pytest.mark.data
def test_row59_the_same_file_twice_is_no_change(school: School) -> None:
    assert imported(school, COLUMNS, PUPIL)["new"] == 1
    again = imported(school, COLUMNS, PUPIL)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 1)


@pytest.mark.data
def test_row60_a_blank_cell_leaves_what_is_stored(school: School) -> None:
    imported(school, COLUMNS, PUPIL)
    assert imported(school, COLUMNS, [*PUPIL[:4], ""])["same"] == 1
    assert Phone.objects.get(child=Child.objects.get()).number == "13800000001"


def test_every_row_of_the_table_is_here() -> None:
    assert [number for number, _, _ in ROWS] == list(range(1, 59))

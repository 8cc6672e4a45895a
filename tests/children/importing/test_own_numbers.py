"""A pupil's name and number in one cell: each is read for itself, and the check says so."""

import datetime as dt
from typing import Any

import pytest

from caretrack.schools.models import School
from children.importing.parse import ParsedRoster
from children.importing.records import ChildRow
from children.models import Child
from tests.children.importing.small_sheets import ID, OTHER_ID, imported, lines, read, told
from tests.support.factories import make_class, make_school, make_term

NUMBER = "L999999201603120099"


def pupil(written: Any, title: str = "姓名", **cells: Any) -> tuple[ChildRow, ParsedRoster]:
    roster = read(lines([title, "性别", "班级", *cells], [written, "女", "四（1）班", *cells.values()]))
    return roster.children[0], roster


@pytest.mark.parametrize(
    "written",
    [
        f"韦小禾 {ID}",
        f"韦小禾（{ID}）",
        f"韦小禾{ID}",
        f"韦小禾\n身份证号：{ID}",
        f"{ID} 韦小禾",
        f"韦小禾/{ID[:6]} {ID[6:14]} {ID[14:]}",
        f"1.韦小禾 {ID}",
    ],
)
def test_name_and_id_are_told_apart(written: str) -> None:
    child, roster = pupil(written)
    assert (child.name, child.id_no, child.sex) == ("韦小禾", ID, "女")
    assert child.birth_date is not None
    assert child.birth_date.iso == "2016-03-12"
    assert told(roster, "name_id_no") == [("fixed", 2, "A")]


@pytest.mark.parametrize("title", ["姓名及身份证号", "学生姓名/身份证号码", "姓名（身份证号）", "姓名身份证号"])
def test_the_title_may_name_both(title: str) -> None:
    child, roster = pupil(f"韦小禾 {ID}", title)
    assert (child.name, child.id_no, roster.headers[0].columns[0].field) == ("韦小禾", ID, "name")


def test_the_line_stands_once_for_the_column() -> None:
    rows = [[f"韦小{word} {ID[:14]}{number:03}0", "四（1）班", ""] for number, word in enumerate("禾花山水石云林雨")]
    roster = read(lines(["姓名及身份证号", "班级", "家庭住址"], *rows))
    (said,) = [found.text for found in roster.findings if found.what == "name_id_no"]
    assert said == "A列“姓名及身份证号”：姓名和身份证号写在一个格子里，已分开读取。（共 8 行）"


def test_a_wrong_number_is_refused_in_the_column_of_the_name() -> None:
    child, roster = pupil(f"韦小禾 {ID[:-1]}")
    assert (child.name, child.id_no) == ("韦小禾", None)
    assert told(roster, "id_length") == [("error", 2, "A")]


def test_the_column_of_its_own_stands() -> None:
    child, roster = pupil(f"韦小禾{OTHER_ID}", 身份证号=ID)
    assert (child.name, child.id_no, told(roster, "name_id_no")) == ("韦小禾", ID, [("warning", 2, "A")])
    assert OTHER_ID not in "".join(found.sentence for found in roster.findings)
    child, roster = pupil(f"韦小禾{ID}", 身份证号=ID)
    assert (child.id_no, told(roster, "name_id_no")) == (ID, [("fixed", 2, "A")])


def test_a_student_number_and_a_phone_go_where_they_belong() -> None:
    child, _ = pupil(f"韦小禾{NUMBER}")
    assert (child.name, child.student_no, child.id_no) == ("韦小禾", NUMBER, None)
    child, _ = pupil("韦小禾13800001111", 联系电话="13800002222")
    assert (child.name, [phone.number for phone in child.contact_phones]) == ("韦小禾", ["13800002222", "13800001111"])
    child, _ = pupil("韦小禾（13800001111）")
    assert (child.name, [phone.number for phone in child.contact_phones]) == ("韦小禾", ["13800001111"])


def test_digits_that_are_neither_are_told() -> None:
    child, roster = pupil("韦小禾20160312")
    assert (child.name, told(roster, "name_number")) == ("韦小禾", [("warning", 2, "A")])


@pytest.mark.data
@pytest.mark.django_db
def test_what_is_stored_comes_once() -> None:
    school: School = make_school(code="990001")
    make_term(school)
    make_class(school, 4, 1)
    rows = ["姓名及身份证号", "班级", "母亲姓名"], [f"韦小禾（{ID}）", "四（1）班", "罗春花"]
    assert imported(school, *rows)["new"] == 1
    child = Child.objects.get()
    assert (child.name, child.id_no, child.birth_date) == ("韦小禾", ID, dt.date(2016, 3, 12))
    assert imported(school, *rows)["same"] == 1

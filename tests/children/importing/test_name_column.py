"""A list of pupils whose names stand under a title that nobody knows, or under none."""

from typing import Any

import pytest

from children.importing.guard import Refused
from tests.children.importing.small_sheets import ID, OTHER_ID, lines, read, told

PUPILS = [["韦小禾", "女", ID, "四（1）班"], ["罗思远", "女", OTHER_ID, "四（1）班"]]
TITLE = ["青榕小学四（1）班留守儿童名册"]


def roll(title: str, *more: str) -> list[str]:
    return [title, "性别", "身份证号码", "班级", *more]


@pytest.mark.parametrize("title", ["孩子", "学员", "娃娃名", ""])
def test_the_column_of_names_is_told_by_what_stands_in_it(title: str) -> None:
    roster = read(lines(TITLE, roll(title), *PUPILS))
    assert [child.name for child in roster.children] == ["韦小禾", "罗思远"]
    assert roster.headers[0].fields["name"].confidence < 1, "the mapping page shows it as a guess"
    assert told(roster, "name_guess") == [("warning", None, "A")]
    assert told(roster, "column_unknown") == []


def test_names_behind_the_last_title_are_found() -> None:
    rows = [[*pupil[1:], pupil[0]] for pupil in PUPILS]
    roster = read(lines(TITLE, ["性别", "身份证号码", "班级"], *rows))
    assert [child.name for child in roster.children] == ["韦小禾", "罗思远"]
    assert told(roster, "name_guess") == [("warning", None, "D")]


def test_a_known_title_of_the_name_needs_no_guess() -> None:
    roster = read(lines(TITLE, roll("姓名", "队友"), [*PUPILS[0], "岑浩然"], [*PUPILS[1], "石静"]))
    assert [child.name for child in roster.children] == ["韦小禾", "罗思远"]
    assert told(roster, "name_guess") == []


@pytest.mark.parametrize(
    "title, values",
    [
        ("编排", ["甲", "乙"]),
        ("寨子", ["罗家寨", "石头寨"]),
        ("接送人", ["韦老大", "罗有福"]),
        ("户主", ["韦大山", "罗有福"]),
        ("家长签名", ["韦大山", "罗有福"]),
    ],
)
def test_where_no_column_holds_the_pupils_names_the_refusal_says_what_was_read(title: str, values: list[str]) -> None:
    rows = [[value, *pupil[1:]] for value, pupil in zip(values, PUPILS, strict=True)]
    with pytest.raises(Refused) as refusal:
        read(lines(TITLE, roll(title), *rows))
    assert "“名册”第 2 行的表头里认出了性别、身份证号码、班级，没有哪一列像姓名" in str(refusal.value)
    assert "表头写“姓名”后再上传" in str(refusal.value)


def test_two_columns_of_names_are_not_chosen_between() -> None:
    with pytest.raises(Refused, match="有几列都像姓名（A列“孩子”、E列“伙伴”）"):
        read(lines(TITLE, roll("孩子", "伙伴"), [*PUPILS[0], "岑浩然"], [*PUPILS[1], "石静"]))


def test_the_same_few_names_again_and_again_are_not_those_of_pupils() -> None:
    rows = [["韦兰" if place % 2 else "罗勇", "女", "", f"四（{place}）班", "水族"] for place in range(1, 7)]
    with pytest.raises(Refused, match="没有哪一列像姓名"):
        read(lines(roll("带队", "民族"), *rows))


@pytest.mark.parametrize(
    "rows",
    [
        [["教工", "性别", "身份证号码", "民族", "职务"], ["韦小禾", "女", ID, "汉族", "教师"]],
        [["物主", "数量", "单价", "家庭住址"], ["韦小禾", 3, 1, "河湾"]],
        [["孩子", "性别", "班级", "备注"], ["韦小禾", "女", "四（1）班", "借读"]],
    ],
)
def test_what_is_no_list_of_pupils_beyond_doubt_stays_refused(rows: list[list[Any]]) -> None:
    with pytest.raises(Refused, match="没有找到名册的表头"):
        read(lines(*rows))


def test_a_sheet_of_a_file_with_another_title_is_read_with_the_others() -> None:
    first = lines(roll("姓名"), PUPILS[0], name="一班")
    roster = read(first, lines(roll("孩子"), PUPILS[1], name="二班"))
    assert [child.name for child in roster.children] == ["韦小禾", "罗思远"]

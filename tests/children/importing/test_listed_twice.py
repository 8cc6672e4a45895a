"""A pupil who stands in the file twice (rosters fault 77), and the same number under two names, which is another fault (42)."""

import datetime as dt
from typing import Any

import pytest

from children.importing.parsed import ParsedRoster
from children.importing.same_pupil import FACTS, label_of
from children.importing.sheets import Sheet
from tests.children.importing.small_sheets import ID, OTHER_ID, keys, lines, read, told
from tests.support.factories import id_number

HEADER = ["姓名", "身份证号", "班级", "父亲电话", "家庭住址"]
FULL = ["韦小禾", ID, "四（1）班", "13800000001", "栗坪村3组"]
OTHERS = ["罗小花", OTHER_ID, "四（1）班", "", ""]
KEY = "listed_twice/名册/2"


def changed(**cells: str) -> list[str]:
    return [cells.get(title, value) for title, value in zip(HEADER, FULL, strict=True)]


def listed(*rows: list[Any], **known: Any) -> ParsedRoster:
    return read(lines(HEADER, *rows), **known)


def test_rows_that_say_the_same_count_once_and_name_the_other_row() -> None:
    roster = listed(FULL, OTHERS, FULL)
    assert [(child.row, child.fate) for child in roster.children] == [(2, "import"), (3, "import")]
    assert told(roster, "listed_once") == [("warning", 2, "B")]
    (said,) = [found.text for found in roster.findings if found.what == "listed_once"]
    assert said == "第2行 B列“身份证号”：第4行写的也是这名学生，内容一致，只算一名。"
    assert [(line.row, line.why) for line in roster.skipped] == [(4, "same_pupil")]
    assert keys(roster) == []


def test_what_one_row_says_beyond_the_other_is_joined() -> None:
    roster = listed(changed(家庭住址=""), OTHERS, changed(父亲电话="", 班级="四（1）班"))
    (child, _) = roster.children
    assert child.address == "栗坪村3组"
    assert [phone.number for phone in child.father.phones] == ["13800000001"]
    (said,) = [found.sentence for found in roster.findings if found.what == "listed_once"]
    assert "多写的家庭住址已并入这一行" in said


def test_what_was_said_of_the_row_that_is_left_out_goes_with_it() -> None:
    roster = listed(FULL, changed(身份证号=f"{ID[:6]} {ID[6:]}", 家庭住址="3组"), changed(家庭住址=""))
    assert keys(roster) == [KEY]
    roster = listed(changed(家庭住址=""), changed(身份证号=f"{ID[:6]} {ID[6:]}", 父亲电话=""), OTHERS)
    assert {found.row for found in roster.findings} == {2}


def test_rows_of_two_classes_are_asked_about_once_with_what_differs() -> None:
    roster = listed(FULL, OTHERS, changed(班级="四（2）班", 父亲电话="13800000009"))
    (question,) = roster.open_questions
    assert question.key == KEY
    assert question.sentence == (
        "韦小禾：第2行（四年级（1）班）与第4行（四年级（2）班）是同一名学生，以哪一行为准？"
        "不同的内容：班级：四年级（1）班／四年级（2）班；父亲电话：138****0001／138****0009"
    )
    assert [(choice.value, choice.label) for choice in question.choices] == [
        ("row/名册/2", "以第2行（四年级（1）班）为准"),
        ("row/名册/4", "以第4行（四年级（2）班）为准"),
        ("skip", "都不导入"),
    ]
    assert [child.fate for child in roster.children] == ["ask", "import", "ask"]
    assert told(roster, "listed_twice") == [("question", 2, "B"), ("question", 4, "B")]
    assert told(roster, "id_duplicate") == []


@pytest.mark.parametrize(
    "answer, rows",
    [
        ("row/名册/2", {2: "import", 3: "import"}),
        ("row/名册/4", {3: "import", 4: "import"}),
        ("skip", {2: "reject", 3: "import", 4: "reject"}),
        ("row/名册/9", {2: "ask", 3: "import", 4: "ask"}),
    ],
)
def test_the_answer_says_which_row_counts(answer: str, rows: dict[int, str]) -> None:
    roster = listed(FULL, OTHERS, changed(班级="四（2）班"), answers={KEY: answer})
    assert {child.row: child.fate for child in roster.children} == rows
    assert (keys(roster) == []) is (answer != "row/名册/9")


def test_a_pupil_on_two_sheets_is_named_with_the_sheets() -> None:
    sheets: list[Sheet] = [lines(HEADER, FULL, name="四1班"), lines(HEADER, changed(班级="四（2）班"), name="四2班")]
    (question,) = [asked for asked in read(*sheets).open_questions if asked.finding.what == "listed_twice"]
    assert "工作表“四1班”第2行（四年级（1）班）与工作表“四2班”第2行（四年级（2）班）" in question.sentence
    chosen = read(*sheets, answers={"listed_twice/四1班/2": "row/四2班/2"})
    assert [(child.sheet, child.fate) for child in chosen.children] == [("四2班", "import")]


@pytest.mark.parametrize(
    "answer, expected",
    [
        ("", {("全校", "ask"), ("留守", "ask")}),
        ("留守", {("留守", "import")}),
        ("each", {("全校", "ask"), ("留守", "ask")}),
    ],
)
def test_many_pupils_of_two_sheets_are_asked_about_at_once(answer: str, expected: set[tuple[str, str]]) -> None:
    born = dt.date(2016, 3, 12)
    rows = [[f"韦小{word}", id_number(born, place), "四（1）班", "", ""] for place, word in enumerate("禾花山水石", 1)]
    moved = [[*row[:2], "四（2）班", *row[3:]] for row in rows]
    sheets = [lines(HEADER, *rows, name="全校"), lines(HEADER, *moved, name="留守")]
    key = "listed_twice/sheets/全校、留守"
    roster = read(*sheets, answers={key: answer})
    (asked,) = [question for question in roster.questions if question.key == key]
    assert asked.sentence == (
        "有 5 名学生（韦小禾、韦小花、韦小山等）在工作表“全校”和“留守”里都有，内容不同：以哪张表为准？"
    )
    assert [choice.value for choice in asked.choices] == ["全校", "留守", "each"]
    assert {(child.sheet, str(child.fate)) for child in roster.children} == expected
    one_by_one = [one for one in keys(roster) if one.startswith("listed_twice/全校/")]
    assert len(one_by_one) == (5 if answer == "each" else 0)


def test_three_rows_are_one_question_and_those_that_agree_are_one_choice() -> None:
    roster = listed(FULL, changed(班级="四（2）班"), FULL)
    (question,) = roster.open_questions
    assert [choice.value for choice in question.choices] == ["row/名册/2", "row/名册/3", "skip"]


def test_the_same_student_number_is_the_same_pupil_unless_the_id_differs() -> None:
    header = ["姓名", "学籍号", "身份证号", "班级"]
    number = "L999999201603120099"
    one = read(lines(header, ["韦小禾", number, ID, "四（1）班"], ["韦小禾", number, "", "四（1）班"]))
    assert [child.row for child in one.children] == [2]
    two = read(lines(header, ["韦小禾", number, ID, "四（1）班"], ["韦小禾", number, OTHER_ID, "四（1）班"]))
    assert [child.fate for child in two.children] == ["reject", "reject"]


def test_42_one_number_under_two_names_sends_both_rows_back() -> None:
    roster = listed(FULL, changed(姓名="韦小穗"))
    assert [child.fate for child in roster.children] == ["reject", "reject"]
    assert told(roster, "id_duplicate") == [("error", 2, "B"), ("error", 3, "B")]
    three = listed(FULL, FULL, changed(姓名="韦小穗"))
    assert [child.fate for child in three.children] == ["reject"] * 3


def test_a_row_that_is_refused_for_another_reason_does_not_keep_the_other_one_out() -> None:
    roster = listed(FULL, changed(家庭住址="同上"), OTHERS, changed(姓名="同上"))
    assert [child.row for child in roster.children if child.fate == "import"] == [2, 4]


def test_a_row_without_a_number_is_asked_about_if_another_row_has_name_and_birth_date() -> None:
    header = ["姓名", "出生日期", "身份证号", "班级"]
    bare, full = ["韦小禾", "2016-03-12", "", "四（1）班"], ["韦小禾", "", ID, "四（1）班"]
    for rows, asked in (((full, bare), 3), ((bare, full), 2)):
        roster = read(lines(header, *rows))
        assert {child.row: child.fate for child in roster.children} == {5 - asked: "import", asked: "ask"}
        assert keys(roster) == [f"same_child/名册/{asked}"]
    twins = [
        ["韦小禾", "", ID, "四（1）班"],
        ["韦小禾", "", id_number(dt.date(2016, 3, 12), 2, male=False), "四（1）班"],
    ]
    assert [child.fate for child in read(lines(header, *twins)).children] == ["import", "import"]


def test_every_fact_has_words() -> None:
    assert [fact for fact in FACTS if not label_of(fact)] == []

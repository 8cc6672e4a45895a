"""The faults of rosters §6, one small sheet each, with exactly the action they ask for: values of one child: numbers, days, classes, phones (6.3)."""

import datetime as dt
from typing import Any

import pytest

from children.importing.parse import Context, parse_workbook
from children.importing.sheets import Workbook
from tests.children.importing.small_sheets import CLASSES, HEADER, ID, OTHER_ID, keys, lines, one, read, told
from tests.support.factories import id_number


@pytest.mark.parametrize(
    "value, what, level",
    [
        (999999201603120000, "id_numeric_cell", "error"),
        (9.99999201603120e17, "id_numeric_cell", "error"),
        ("9.99999E+17", "id_exponent_text", "error"),
        (ID[:-1] + ("0" if ID[-1] != "0" else "1"), "id_check_digit", "error"),
        (ID[:17], "id_length", "error"),
        ("999999198503120012", "id_of_adult", "error"),
        ("000000000000000000", "id_placeholder", "fixed"),
        (f"G{ID}", "id_is_student_no", "error"),
    ],
)
def test_38_to_46_a_wrong_id_costs_only_its_cell(value: Any, what: str, level: str) -> None:
    if what == "id_of_adult":
        value = id_number(dt.date(1985, 3, 12))
    child, roster = one("身份证号", value)
    assert (child.id_no, child.fate, told(roster, what)) == (None, "import", [(level, 2, "D")])


def test_39_an_id_is_cleaned_without_a_word() -> None:
    child, roster = one("身份证号", f" '{ID[:6]} {ID[6:14]} {ID[14:].lower()}")
    assert (child.id_no, [found.level for found in roster.findings]) == (ID, ["fixed"])


def test_41_ids_dragged_down_are_all_refused() -> None:
    start = int(ID[:17] + "0")
    rows = [[name, "女", "四（1）班", str(start + step)] for step, name in enumerate(("甲一", "乙二", "丙三"))]
    roster = read(lines([*HEADER, "身份证号"], *rows))
    assert told(roster, "id_series") == [("error", 2, "D"), ("error", 3, "D"), ("error", 4, "D")]


def test_42_the_same_id_on_two_children_sends_both_back() -> None:
    roster = read(lines([*HEADER, "身份证号"], ["韦小禾", "女", "四（1）班", ID], ["韦小苗", "女", "四（1）班", ID]))
    assert [child.fate for child in roster.children] == ["reject", "reject"]


def test_44_sex_and_birth_date_against_the_id_are_told_and_kept() -> None:
    roster = read(lines([*HEADER, "身份证号", "出生日期"], ["韦小禾", "男", "四（1）班", ID, "2016-03-13"]))
    child = roster.children[0]
    assert (child.sex, child.birth_date.iso, child.id_no) == ("男", "2016-03-13", ID)
    assert told(roster, "id_sex_conflict") == [("warning", 2, "B")]
    assert told(roster, "id_birth_conflict") == [("warning", 2, "E")]


def test_40_a_day_that_does_not_exist_offers_that_of_the_id() -> None:
    titles = [*HEADER, "身份证号", "出生日期"]
    roster = read(
        lines(titles, ["韦小禾", "女", "四（1）班", ID, "2016-13-2"], ["罗大五", "女", "四（1）班", "", "2016-13-2"])
    )
    assert [child.birth_date for child in roster.children] == [None, None], "a wrong cell is not mended by itself"
    found = [(fault.row, fault.offer) for fault in roster.findings if fault.what == "birth_invalid"]
    assert found == [(2, "2016-03-12"), (3, "")]


def test_46_a_g_number_that_contains_another_id_is_asked_about() -> None:
    roster = read(lines([*HEADER, "身份证号", "学籍号"], ["韦小禾", "女", "四（1）班", ID, f"G{OTHER_ID}"]))
    assert (keys(roster), roster.children[0].fate) == (["student_no_conflict/名册/2"], "ask")


def test_47_january_or_october_comes_from_the_id_or_is_asked() -> None:
    child, roster = one("出生年月", 2016.1)
    assert (child.fate, keys(roster)) == ("ask", ["birth_month_ambiguous/名册/2"])
    child, _ = one("出生年月", 2016.1, answers={"birth_month_ambiguous/名册/2": "month-10"})
    assert (child.birth_date.iso, child.fate) == ("2016-10", "import")
    october = id_number(dt.date(2016, 10, 3), male=False)
    roster = read(lines([*HEADER, "身份证号", "出生年月"], ["韦小禾", "女", "四（1）班", october, 2016.1]))
    assert (roster.children[0].birth_date.iso, roster.open_questions) == ("2016-10-03", [])


def test_48_to_50_serials_short_years_and_lunar_dates() -> None:
    assert one("出生日期", 42441)[0].birth_date.iso == "2016-03-12"
    child, roster = one("出生日期", "16.3.12")
    assert (child.birth_date.iso, told(roster, "birth_short_year")) == ("2016-03-12", [("warning", 2, "D")])
    child, roster = one("出生日期", "农历八月十五")
    assert (child.birth_date, child.birth_lunar) == (None, "农历八月十五")


def test_51_an_age_is_never_stored() -> None:
    child, roster = one("年龄（岁）", 10)
    assert (child.birth_date, told(roster, "age_ignored")) == (None, [("fixed", None, "D")])


def test_52_and_53_an_age_that_does_not_fit_is_told() -> None:
    child, roster = one("出生日期", "2010-05-01")
    assert told(roster, "age_grade_mismatch") == [("warning", 2, "C")]
    assert told(roster, "age_over_16") == [("warning", 2, "D")]
    assert child.fate == "import"


@pytest.mark.parametrize(
    "value, shown, key, answer, number",
    [
        (dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 'm"月"d"日"', "class_as_date/名册/C", "yes", 2),
        (3.1, "", "class_decimal/名册/C/3.1", "3-10", 10),
        (3.1, "0.00", "class_decimal/名册/C/3.10", "3-10", 10),
        ("2402班", "", "", "", 2),
        ("0302", "", "", "", 2),
        (3.2, "", "", "", 2),
    ],
)
def test_54_classes_that_excel_changed_are_asked_once(
    value: Any, shown: str, key: str, answer: str, number: int
) -> None:
    known = CLASSES | {(3, 10)}
    rows = [HEADER, ["韦小禾", "女", value], ["罗小花", "女", value]]
    formats = {(1, 2): shown, (2, 2): shown} if shown else {}
    roster = read(lines(*rows, formats=formats), known_classes=known)
    assert keys(roster) == ([key] if key else [])
    answered = read(lines(*rows, formats=formats), known_classes=known, answers={key: answer})
    assert [(child.klass.grade, child.klass.number, child.fate) for child in answered.children] == [
        (3, number, "import")
    ] * 2


def test_54_the_school_s_own_classes_settle_a_decimal() -> None:
    roster = read(lines(HEADER, ["韦小禾", "女", 3.1]))
    assert (roster.children[0].klass.number, roster.open_questions) == (1, [])


def test_54_an_entry_year_that_may_be_a_grade_is_asked_about() -> None:
    rows = [HEADER, ["韦小禾", "女", "0801班"]]
    known = frozenset({(8, 1), (9, 1)})
    assert read(lines(*rows), known_classes=known).children[0].klass.grade == 8
    roster = parse_workbook(
        Workbook("xlsx", [lines(*rows)]),
        Context(2015, dt.date(2015, 11, 20), known_classes=known),
    )
    assert keys(roster) == []
    roster = parse_workbook(
        Workbook("xlsx", [lines(*rows)]),
        Context(2016, dt.date(2016, 11, 20), known_classes=known),
    )
    assert keys(roster) == ["class_entry_or_grade/名册/C/0801班"]


def test_54_a_class_is_never_created_silently() -> None:
    child, roster = one("备注", "", name="韦小禾", known_classes=frozenset({(4, 2)}))
    assert (child.fate, roster.classes_to_create) == ("ask", [])
    answers = {"class_unknown/名册/四年级（1）班": "create"}
    child, roster = one("备注", "", known_classes=frozenset({(4, 2)}), answers=answers)
    assert (child.fate, [str(ref) for ref in roster.classes_to_create]) == ("import", ["四年级（1）班"])


def test_54_a_grade_with_one_class_needs_no_question_and_others_are_asked_child_by_child() -> None:
    rows = [["姓名", "性别", "年级"], ["韦小禾", "女", "四年级"], ["罗小花", "女", "四年级"]]
    alone = read(lines(*rows), known_classes=frozenset({(4, 1)}))
    assert ([child.klass.number for child in alone.children], alone.open_questions) == ([1, 1], [])
    key = "class_number_missing/名册/C/四年级"
    assert keys(read(lines(*rows))) == [key]
    each = read(lines(*rows), answers={key: "each", "class_number_missing/名册/2": "4-2"})
    assert ([child.klass.number for child in each.children], keys(each)) == ([2, None], ["class_number_missing/名册/3"])


def test_55_and_56_phones() -> None:
    assert one("联系电话", 13800000001.0)[0].contact_phones[0].number == "13800000001"
    child, roster = one("联系电话", "1.38E+10")
    assert (child.contact_phones, told(roster, "phone_exponent")) == ((), [("error", 2, "D")])
    assert told(one("联系电话", 8590000005)[1], "phone_area_code") == [("warning", 2, "D")]
    child, roster = one("联系电话", "13800000001空号")
    assert (child.contact_phones[0].dead, told(roster, "phone_dead")) == (True, [("warning", 2, "D")])


def test_57_and_58_a_phone_of_many_or_of_a_teacher_is_told() -> None:
    rows = [[f"学生{mark}", "女", "四（1）班", f"家长{mark}", "13800000009"] for mark in "甲乙丙丁"]
    roster = read(lines([*HEADER, "监护人", "监护人电话"], *rows), staff_phones=frozenset({"13800000009"}))
    assert len(told(roster, "phone_shared")) == 4
    assert len(told(roster, "phone_of_staff")) == 4
    assert {child.fate for child in roster.children} == {"import"}

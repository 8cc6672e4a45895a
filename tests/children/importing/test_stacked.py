"""Lists pasted below and beside each other: whose class, what is read, what is told (rosters faults 24, 35)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from children.importing import batches
from children.models import Child, ImportBatch
from tests.children.importing.small_sheets import OTHER_ID, keys, lines, one, read, told
from tests.children.tables.conftest import workbook
from tests.support.factories import make_class, make_school, make_staff, make_term

HEAD = ["序号", "姓名", "性别", "家长电话"]


def pupils(*names: str) -> list[list[Any]]:
    return [[number, name, "女", "13800000001"] for number, name in enumerate(names, start=1)]


SECTIONS = [
    ["四（1）班留守儿童花名册，留守儿童数：2"], HEAD, *pupils("韦小禾", "罗小花"), ["合计", "2人"], [],
    ["四（2）班", "班主任：马老师"], HEAD, *pupils("蒙小河"), ["合计", "1人"],
]  # fmt: skip


def test_24_a_line_between_the_pupils_names_the_class_of_those_below() -> None:
    roster = read(lines(*SECTIONS))
    assert [(child.name, str(child.klass)) for child in roster.children] == [
        ("韦小禾", "四年级（1）班"), ("罗小花", "四年级（1）班"), ("蒙小河", "四年级（2）班"),
    ]  # fmt: skip
    assert keys(roster) == ["class_from_headings/名册"]
    assert roster.questions[0].sentence.startswith("表里没有班级一列，学生上面的标题行写着四年级（1）班、四年级（2）班")
    assert [(skipped.row, skipped.why) for skipped in roster.skipped] == [
        (5, "total"), (7, "heading"), (8, "repeated_header"), (10, "total"),
    ]  # fmt: skip
    assert told(roster, "control_total") == [], "each total counts its own pupils"


def test_28_a_total_of_a_group_that_differs_is_told_and_one_of_all_is_known() -> None:
    wrong = [*SECTIONS[:9], ["合计", "2人"]]
    assert told(read(lines(*wrong)), "control_total") == [("warning", 10, "")]
    assert told(read(lines(*SECTIONS, ["总计", "3人"])), "control_total") == []


def test_24_somebody_may_say_that_the_lines_name_no_classes() -> None:
    roster = read(lines(*SECTIONS), answers={"class_from_headings/名册": "no", "class_from_title/名册": "4-2"})
    assert {str(child.klass) for child in roster.children} == {"四年级（2）班"}


def test_24_a_class_column_says_more_than_a_line() -> None:
    roster = read(
        lines(
            [*HEAD, "班级"], [1, "韦小禾", "女", "", "四（1）班"], ["四（2）班"], [2, "罗小花", "女", "", "四（1）班"]
        )
    )
    assert {str(child.klass) for child in roster.children} == {"四年级（1）班"}
    assert keys(roster) == []


def test_24_the_title_of_a_printed_page_is_no_pupil() -> None:
    title = ["四（1）班留守儿童花名册"]
    roster = read(lines(title, HEAD, *pupils("韦小禾"), title, HEAD, *pupils("罗小花")))
    assert [(child.name, str(child.klass)) for child in roster.children] == [
        ("韦小禾", "四年级（1）班"), ("罗小花", "四年级（1）班"),
    ]  # fmt: skip
    assert not [found for found in roster.findings if found.level == "error"]


def test_54_a_word_that_is_no_class_is_asked_once() -> None:
    rows = [
        ["姓名", "性别", "班级"], ["韦小禾", "女", "向日葵班"], ["罗小花", "女", "四（2）班"], ["蒙小河", "女", "向日葵班"]
    ]  # fmt: skip
    key = "class_unclear/名册/C/向日葵班"
    roster = read(lines(*rows))
    assert (keys(roster), [child.fate for child in roster.children]) == ([key], ["ask", "import", "ask"])
    answered = read(lines(*rows), answers={key: "4-1"})
    assert [(child.fate, str(child.klass)) for child in answered.children] == [
        ("import", "四年级（1）班"), ("import", "四年级（2）班"), ("import", "四年级（1）班"),
    ]  # fmt: skip
    assert keys(answered) == []


def test_a_pupil_without_a_name_is_still_told() -> None:
    roster = read(lines(["班级", "姓名", "性别"], ["四（1）班", "韦小禾", "女"], ["四（1）班", "", "男"]))
    assert told(roster, "name_missing") == [("error", 3, "B")]


def test_sheets_that_were_chosen_are_no_open_question() -> None:
    sheets = [lines(HEAD, *pupils("韦小禾"), name="四（1）班"), lines(HEAD, *pupils("罗小花"), name="四（2）班")]
    roster = read(*sheets, answers={"sheets_to_choose": "all"})
    assert told(roster, "sheets_to_choose") == [("fixed", None, "")]


@pytest.mark.parametrize("title", ["父亲姓名及电话", "父亲姓名、联系电话", "父亲及联系方式", "父亲姓名/手机号码"])
def test_a_column_of_names_and_phones_is_split(title: str) -> None:
    child, _ = one(title, "韦大山 13800000001")
    assert (child.father.name, [phone.number for phone in child.father.phones]) == ("韦大山", ["13800000001"])


def test_a_line_that_tells_how_to_fill_in_is_no_pupil() -> None:
    roster = read(
        lines(HEAD, ["", "（必填）", "男或女", "11位"], *pupils("韦小禾")), answers={"class_missing/名册": "4-1"}
    )
    assert [child.name for child in roster.children] == ["韦小禾"]
    assert [(skipped.row, skipped.why) for skipped in roster.skipped] == [(2, "example")]


def test_the_term_in_a_title_is_no_part_of_the_schools_name() -> None:
    title = ["2026-2027学年度第一学期青榕镇中心小学留守儿童花名册"]
    assert told(read(lines(title, [*HEAD, "班级"], [1, "韦小禾", "女", "", "四（1）班"])), "school_differs") == []


@pytest.mark.parametrize("title", ["家长（监护人）", "家长(监护人)姓名", "家长/监护人", "监护人（家长）"])
def test_parent_or_guardian_is_the_carer(title: str) -> None:
    child, _ = one(title, "王腊梅（奶奶）")
    assert (child.carer.name, child.carer.relation_code) == ("王腊梅", "62")


def test_12_an_id_number_in_an_unknown_column_is_not_written_out_in_the_note() -> None:
    child, _ = one("户主身份证号", OTHER_ID)
    assert child.notes == [f"户主身份证号：{OTHER_ID[:3]}***********{OTHER_ID[-4:]}"]


def test_35_lists_side_by_side_with_the_same_class_go_through_the_wizard(db: None) -> None:
    school = make_school(code="990001")
    make_term(school)
    make_class(school, 4, 1)
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))
    file = workbook(["姓名", "性别", "班级"] * 2, ["韦小禾", "女", "四（1）班", "罗小花", "女", "四（1）班"])
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    batch = ImportBatch.objects.latest("pk")
    address = reverse("children:import_columns", args=[batch.pk])
    form = client.get(address).context["form"]
    assert client.post(address, {name: form[name].value() or "" for name in form.fields}).status_code == 302
    batch.refresh_from_db()
    client.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    stored = Child.objects.order_by("pk").values_list("name", "school_class__number")
    assert list(stored) == [("韦小禾", 1), ("罗小花", 1)]


def test_totals_that_agree_are_said_once(db: None) -> None:
    school = make_school(code="990001")
    make_term(school)
    for number in (1, 2):
        make_class(school, 4, number)
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": workbook(*SECTIONS)})
    page = client.get(reverse("children:import_preview", args=[ImportBatch.objects.latest("pk").pk])).content.decode()
    assert page.count("合计与名单相符") == page.count("表里有 3 处合计与名单相符。") == 1

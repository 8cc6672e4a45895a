"""The faults of rosters §6, one small sheet each, with exactly the action they ask for: header and structure (6.2)."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from children.importing.parse import parse_roster
from children.importing.sheets import Merge
from tests.children.importing.small_sheets import HEADER, ID, context, keys, lines, one, read, told


def test_19_titles_above_the_header_are_read() -> None:
    roster = read(
        lines(
            ["云禾县青榕镇中心小学留守儿童花名册"],
            ["统计日期：2026年11月1日"],
            [],
            HEADER,
            ["韦小禾", "女", "四（1）班"],
        )
    )
    assert (roster.headers[0].top, roster.titles["名册"].date) == (3, dt.date(2026, 11, 1))


def test_20_two_levels_name_whose_column_it_is() -> None:
    roster = read(
        lines(
            ["姓名", "性别", "父亲", None, "母亲", None],
            [None, None, "姓名", "电话", "姓名", "电话"],
            ["韦小禾", "女", "韦大山", "13800000001", "罗春花", "13800000002"],
            merges=[Merge(0, 0, 1, 0), Merge(0, 1, 1, 1), Merge(0, 2, 0, 3), Merge(0, 4, 0, 5)],
        )
    )
    child = roster.children[0]
    assert (child.father.name, child.mother.phones[0].number) == ("韦大山", "13800000002")


def test_20_a_group_whose_merge_was_lost_still_counts() -> None:
    rows = [
        ["序号", "姓名", "性别", "父亲", None, "母亲", None],
        [None, None, None, "姓名", "电话", "姓名", "电话"],
        [1, "韦小禾", "女", "韦大山", "13800000001", "罗春花", "13800000002"],
    ]
    child = read(lines(*rows)).children[0]
    assert (child.father.name, child.mother.name) == ("韦大山", "罗春花")


@pytest.mark.parametrize(
    "title", ["身 份 证 号", "身份证\n号码", "＊身份证号（必填）", "身份证号（18位）", "公民身份号码"]
)
def test_21_blanks_breaks_stars_and_units_in_titles(title: str) -> None:
    child, _ = one(title, ID)
    assert child.id_no == ID


def test_22_a_title_with_a_slip_is_suggested_and_not_taken() -> None:
    child, roster = one("家庭注址", "栗坪村3组")
    assert (child.address, keys(roster)) == (None, ["column_guess/名册/D"])
    child, _ = one("家庭注址", "栗坪村3组", answers={"column_guess/名册/D": "yes"})
    assert child.address == "栗坪村3组"


def test_23_two_columns_for_one_fact_wait_only_where_they_differ() -> None:
    rows = [
        [*HEADER, "家庭住址", "现住址"],
        ["韦小禾", "女", "四（1）班", "栗坪村3组", "河湾村1组"],
        ["罗小花", "女", "四（1）班", None, "河湾村2组"],
    ]
    roster = read(lines(*rows))
    assert told(roster, "column_doubled") == [("question", None, "E")]
    assert [(child.fate, child.address) for child in roster.children] == [("ask", "栗坪村3组"), ("import", "河湾村2组")]
    settled = read(lines(*rows), mapping={"名册": {4: "-"}})
    assert [child.fate for child in settled.children] == ["import", "import"]


def test_23_two_phone_columns_are_two_phones_and_two_notes_one_note() -> None:
    roster = read(
        lines(
            [*HEADER, "联系电话", "手机", "备注", "说明"],
            ["韦小禾", "女", "四（1）班", "13800000001", "13800000002", "内向", "借读"],
        )
    )
    child = roster.children[0]
    assert [phone.number for phone in child.contact_phones] == ["13800000001", "13800000002"]
    assert child.notes == ["内向；说明：借读"]


def test_24_and_28_repeated_headers_and_totals_are_skipped() -> None:
    roster = read(
        lines(
            ["序号", *HEADER],
            [1, "韦小禾", "女", "四（1）班"],
            ["小计", None, "男0 女1", None],
            ["序号", *HEADER],
            [2, "罗小花", "女", "四（1）班"],
            ["合计", "3人", None, None],
            ["制表人：罗老师", None, None, None],
        )
    )
    assert [(row.row, row.why) for row in roster.skipped] == [
        (3, "subtotal"), (4, "repeated_header"), (6, "total"), (7, "footer"),
    ]  # fmt: skip
    assert [total.agrees for total in roster.totals] == [False]
    assert told(roster, "control_total") == [("warning", 6, "")]


def test_the_samples_of_a_column_are_pupils_only() -> None:
    roster = read(lines(["班级", "姓名", "性别"], ["四（1）班", "韦小禾", "女"], ["小计", "1人", None]))
    assert roster.headers[0].columns[0].samples == ("四（1）班",)


def test_25_a_merge_fills_its_rows_and_never_more() -> None:
    rows = [["班级", "姓名", "性别"], ["四（1）班", "韦小禾", "女"], [None, "罗小花", "女"], [None, "田小雨", "男"]]
    roster = read(lines(*rows, merges=[Merge(1, 0, 2, 0)]))
    assert [child.klass and child.klass.number for child in roster.children] == [1, 1, None]


def test_26_blanks_under_a_class_are_filled_only_when_a_person_says_so() -> None:
    rows = [
        ["班级", "姓名", "性别"], ["四（1）班", "韦小禾", "女"], [None, "罗小花", "女"], ["四（2）班", "田小雨", "男"],
        [None, "杨小云", "女"],
    ]  # fmt: skip
    roster = read(lines(*rows))
    assert keys(roster) == ["fill_down/名册/A"]
    assert [child.fate for child in roster.children] == ["import", "ask", "import", "ask"]
    filled = read(lines(*rows), answers={"fill_down/名册/A": "yes"})
    assert [child.klass.number for child in filled.children] == [1, 1, 2, 2]


@pytest.mark.parametrize("mark", ["〃", "同上", '"', "″"])
def test_27_dittos_copy_from_above(mark: str) -> None:
    roster = read(
        lines([*HEADER, "家庭住址"], ["韦小禾", "女", "四（1）班", "栗坪村3组"], ["韦小苗", "男", mark, mark])
    )
    assert (roster.children[1].address, roster.children[1].klass.number) == ("栗坪村3组", 1)


@pytest.mark.parametrize("column", [0, 2])
def test_27_a_ditto_without_anything_above_or_for_a_name_sends_the_row_back(column: int) -> None:
    first = ["韦小禾", "女", "四（1）班"]
    first[column] = "同上"
    roster = read(lines(HEADER, first, ["罗小花", "女", "四（1）班"]))
    assert [child.fate for child in roster.children] == ["reject", "import"]


def test_27_a_copied_id_number_sends_the_row_back() -> None:
    roster = read(lines([*HEADER, "身份证号"], ["韦小禾", "女", "四（1）班", ID], ["韦小苗", "女", "四（1）班", "〃"]))
    assert [child.fate for child in roster.children] == ["import", "reject"]


def test_the_same_as_a_named_pupil() -> None:
    roster = read(
        lines(
            [*HEADER, "家长", "联系电话"],
            ["田雨欣", "女", "四（1）班", "爸爸田勇/妈妈罗春花", "爸13800000004 妈13800000008（晚上打）"],
            ["田小雨", "男", "四（1）班", "同田雨欣", "同田雨欣"],
        )
    )
    for child in roster.children:
        assert (child.father.name, child.mother.name) == ("田勇", "罗春花")
        assert (child.father.phones[0].number, child.mother.phones[0].number) == ("13800000004", "13800000008")


def test_29_gaps_and_restarts_of_the_running_number_say_nothing() -> None:
    roster = read(
        lines(
            ["序号", *HEADER],
            [1, "韦小禾", "女", "四（1）班"],
            [4, "罗小花", "女", "四（1）班"],
            [1, "田小雨", "男", "四（2）班"],
        )
    )
    assert not [found for found in roster.findings if found.level != "fixed"]


def test_30_hidden_rows_are_asked_about_and_taken() -> None:
    rows = [HEADER, ["韦小禾", "女", "四（1）班"], ["罗小花", "女", "四（1）班"]]
    roster = read(lines(*rows, hidden_rows={2}))
    assert (len(roster.children), keys(roster)) == (2, ["hidden_rows/名册"])
    assert len(read(lines(*rows, hidden_rows={2}), answers={"hidden_rows/名册": "no"}).children) == 1


def test_31_hidden_columns_are_read_and_told() -> None:
    roster = read(lines([*HEADER, "家庭住址"], ["韦小禾", "女", "四（1）班", "栗坪村3组"], hidden_columns={3}))
    assert (roster.children[0].address, told(roster, "hidden_columns")) == ("栗坪村3组", [("warning", None, "D")])


def test_32_an_example_row_is_skipped_and_a_doubtful_one_asked_about() -> None:
    roster = read(lines([*HEADER, "备注"], ["张三", "男", "四（1）班", "示例"], ["韦小禾", "女", "四（1）班"]))
    assert [row.why for row in roster.skipped] == ["example"]
    rows = [HEADER, ["张三", "男", "四（1）班"], ["韦小禾", "女", "四（1）班"]]
    roster = read(lines(*rows))
    assert (keys(roster), [child.fate for child in roster.children]) == (["example_row/名册/2"], ["ask", "import"])
    assert read(lines(*rows), answers={"example_row/名册/2": "skip"}).children[0].fate == "reject"
    assert read(lines(*rows), answers={"example_row/名册/2": "import"}).children[0].fate == "import"


def _workbook(change: Any = None) -> bytes:
    book = openpyxl.Workbook()
    for row in (
        [*HEADER, "家庭住址"],
        ["韦小禾", "女", "四（1）班", "栗坪村3组"],
        ["罗小花", "女", "四（1）班", "河湾村1组"],
    ):
        book.active.append(row)
    if change:
        change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_33_and_34_strikes_and_comments_are_told_and_never_interpreted() -> None:
    def change(sheet: Any) -> None:
        sheet["A2"].font = Font(strike=True)
        sheet["D3"].comment = Comment("已搬家", "罗老师")

    roster = parse_roster(_workbook(change), context())
    assert (told(roster, "strike_through"), told(roster, "comment")) == ([("warning", 2, "A")], [("warning", 3, "D")])
    assert [child.fate for child in roster.children] == ["import", "import"]


def test_14_a_formula_without_a_stored_result_costs_only_its_cell() -> None:
    def change(sheet: Any) -> None:
        sheet["D2"] = "=A2&B2"

    roster = parse_roster(_workbook(change), context())
    assert (told(roster, "formula_no_value"), roster.children[0].address) == ([("error", 2, "D")], None)


def test_35_two_lists_side_by_side_are_both_read() -> None:
    rows = [
        ["序号", "姓名", "性别", "班级", "序号", "姓名", "性别", "班级"],
        [1, "韦小禾", "女", "四（1）班", 2, "田小雨", "男", "四（2）班"],
        [3, "罗小花", "女", "四（1）班", None, None, None, None],
    ]
    roster = read(lines(*rows))
    assert [(child.name, child.row, child.klass.number) for child in roster.children] == [
        ("韦小禾", 2, 1), ("罗小花", 3, 1), ("田小雨", 2, 2),
    ]  # fmt: skip
    assert keys(roster) == ["side_by_side/名册"]
    assert len(read(lines(*rows), answers={"side_by_side/名册": "no"}).children) == 2


def test_37_several_children_in_one_cell_send_the_row_back() -> None:
    roster = read(lines(HEADER, ["韦小禾、韦小苗", "女", "四（1）班"], ["罗小花", "女", "四（1）班"]))
    assert [child.fate for child in roster.children] == ["reject", "import"]


@pytest.mark.parametrize(
    "name", ["韦小禾 韦小苗", "韦小禾\n韦小苗", "张伟 李小兰", "韦小禾和韦小苗", "韦小禾+韦小苗", "老大韦小禾老二韦小苗", "1.韦小禾2.韦小苗",
             "1.韦小禾\n2.韦小苗", "①韦小禾②韦小苗", "韦小禾1、韦小苗2", "（1）韦小禾（2）韦小苗"]
)  # fmt: skip
def test_37_however_the_two_are_written(name: str) -> None:
    roster = read(lines(HEADER, [name, "女", "四（1）班"]))
    assert (roster.children[0].fate, told(roster, "children_in_one_cell")) == ("reject", [("error", 2, "A")])


@pytest.mark.parametrize(
    "written, name",
    [("韦 禾", "韦禾"), ("欧阳 小兰", "欧阳小兰"), ("司马 云", "司马云"), ("麦麦提 艾力", "麦麦提艾力"), ("阿迪力 阿布都", "阿迪力阿布都"), ("艾力 艾山", "艾力艾山"), ("张和平", "张和平"), ("韦小禾（老大）", "韦小禾")],
)  # fmt: skip
def test_37_one_pupil_stays_one(written: str, name: str) -> None:
    roster = read(lines(HEADER, [written, "女", "四（1）班"]))
    assert [(child.name, child.fate) for child in roster.children] == [(name, "import")]


def test_37_the_next_sibling_in_a_column_of_its_own_is_not_lost_in_the_remarks() -> None:
    rows = [*HEADER, "老二姓名"], ["韦小禾", "女", "四（1）班", "韦小苗"], ["罗小花", "女", "四（1）班", "无"]
    roster = read(lines(*rows))
    assert [child.fate for child in roster.children] == ["reject", "import"]
    assert told(roster, "children_in_one_cell") == [("error", 2, "D")]


def test_37_a_list_of_mentors_is_split() -> None:
    roster = read(
        lines(
            ["结对教师", "联系电话", "留守儿童姓名", "班级"],
            ["校长", "13800000007", "李同学、赵同学", "四（1）班"],
            ["杨老师", "13800000008", "王浩然/陈思雨", "四1/四2"],
        )
    )
    assert roster.kind == "mentors"
    assert [(child.name, child.klass.number, child.mentors[0].name) for child in roster.children] == [
        ("李同学", 1, "校长"), ("赵同学", 1, "校长"), ("王浩然", 1, "杨老师"), ("陈思雨", 2, "杨老师"),
    ]  # fmt: skip


def test_a_list_of_children_may_name_two_mentors() -> None:
    roster = read(
        lines(
            ["留守儿童与结对教师名册"],
            ["姓名", "性别", "班级", "结对教师"],
            ["韦小禾", "女", "四（1）班", "罗老师、杨老师"],
        )
    )
    assert roster.kind == "mentors"
    assert [mentor["name"] for mentor in roster.children[0].as_json()["mentors"]] == ["罗老师", "杨老师"]


def test_22_while_a_column_may_be_the_class_no_other_question_is_put_about_classes() -> None:
    sheet = lines(["四年级学生名册"], ["姓名", "性别", "身份证号", "所在班及"], ["韦小禾", "女", ID, "四1"])
    roster = read(sheet)
    assert keys(roster) == ["column_guess/名册/D"]
    assert ("名册", 0, 3) in roster.held, "the row waits for the answer"
    roster = read(sheet, answers={"column_guess/名册/D": "yes"})
    assert (str(roster.children[0].klass), keys(roster), roster.held) == ("四年级（1）班", [], set())
    roster = read(sheet, answers={"column_guess/名册/D": "no"})
    assert "class_from_title/名册/年级" in keys(roster), "it is not the class: now the rest is asked"

"""
The faults of rosters §6, one small sheet each, with exactly the action they ask for: fix, warn, ask, skip, reject.

What depends on the file format itself (faults 1–15) has its tests in test_guard.py and below with real workbooks.
"""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from children.importing.guard import Refused
from children.importing.parse import Context, ParsedRoster, parse_roster, parse_workbook
from children.importing.records import ChildRow
from children.importing.sheets import Merge, Sheet, Workbook
from tests.support.factories import id_number

CLASSES = frozenset((grade, number) for grade in range(1, 7) for number in (1, 2))
ID = id_number(dt.date(2016, 3, 12), male=False)
OTHER_ID = id_number(dt.date(2017, 5, 1), 2, male=False)
HEADER = ["姓名", "性别", "班级"]


def context(**known: Any) -> Context:
    return Context(2026, dt.date(2026, 11, 20), "云禾县青榕镇中心小学", **{"known_classes": CLASSES, **known})


def read(*sheets: Sheet, **known: Any) -> ParsedRoster:
    return parse_workbook(Workbook("xlsx", list(sheets)), context(**known))


def lines(*rows: Sequence[Any], name: str | None = "名册", **parts: Any) -> Sheet:
    return Sheet(name, [list(row) for row in rows], **parts)


def one(header: str, value: Any, name: Any = "韦小禾", **known: Any) -> tuple[ChildRow, ParsedRoster]:
    """A list of one girl of 四（1）班 with one more column."""
    roster = read(lines([*HEADER, header], [name, "女", "四（1）班", value]), **known)
    return roster.children[0], roster


def told(roster: ParsedRoster, what: str) -> list[tuple[str, int | None, str]]:
    return [(found.level.value, found.row, found.letter) for found in roster.findings if found.what == what]


def keys(roster: ParsedRoster) -> list[str]:
    return [question.key for question in roster.open_questions]


# 6.1 the file


def test_10_pictures_in_cells_are_left_out_and_told_once() -> None:
    roster = read(
        lines([*HEADER, "照片"], *([name, "女", "四（1）班", '=DISPIMG("ID_0123",1)'] for name in ("韦小禾", "罗小花")))
    )
    assert told(roster, "picture") == [("warning", None, "D")]
    assert roster.children[0].notes == []


def test_17_a_list_of_last_year_waits_until_it_is_meant() -> None:
    sheet = lines(["2024—2025学年度第二学期留守儿童花名册"], HEADER, ["韦小禾", "女", "四（1）班"])
    roster = read(sheet)
    assert (keys(roster), roster.children[0].fate) == (["old_file/名册"], "ask")
    assert read(sheet, answers={"old_file/名册": "yes"}).children[0].fate == "import"
    assert read(sheet, answers={"old_file/名册": "no"}).children[0].fate == "ask"


def test_16_each_sheet_of_a_class_gives_its_class() -> None:
    roster = read(
        lines(["说明"], ["每班一张"], name="说明"),
        lines(["姓名", "性别", "家庭住址"], ["韦小禾", "女", "栗坪村3组"], name="四（1）班"),
        lines(["姓名", "性别", "家庭住址"], ["罗小花", "女", "栗坪村3组"], name="四（2）班"),
    )
    assert [child.klass.number for child in roster.children] == [1, 2]
    assert keys(roster) == ["class_from_sheet/四（1）班", "class_from_sheet/四（2）班", "sheets_to_choose"]


def test_16_pupils_on_a_hidden_sheet_are_told_and_not_read() -> None:
    hidden = lines(HEADER, ["罗小花", "女", "四（1）班"], name="旧", state="hidden")
    roster = read(lines(HEADER, ["韦小禾", "女", "四（1）班"]), hidden)
    assert [child.name for child in roster.children] == ["韦小禾"]
    assert [found.sheet for found in roster.findings if found.what == "hidden_sheet"] == ["旧"]


@pytest.mark.parametrize(
    "rows, words",
    [
        (
            [["序号", "姓名", "性别", "班级", "变动类别", "变动时间"], [1, "韦小禾", "女", "四1", "转出", "2026.3"]],
            "变动登记",
        ),
        (
            [["日期", "帮扶教师", "留守儿童", "班级", "谈心", "家访"], ["3.1", "罗老师", "韦小禾", "四1", "√", ""]],
            "关爱记录",
        ),
        (
            [["序号", "姓名", "性别", "班级", "资助项目", "资助金额（元）"], [1, "韦小禾", "女", "四1", "营养餐", 500]],
            "资助",
        ),
        (
            [
                ["序号", "学生姓名", "班级", "乘车方向", "司机姓名", "家庭住址"],
                [1, "韦小禾", "四1", "河湾", "周师傅", "河湾"],
            ],
            "乘车",
        ),
        ([["校车牌号", "车架号码", "车主姓名"], ["贵A00000", "1", "周师傅"]], "登记车辆"),
        (
            [
                ["序号", "姓名", "性别", "年级", "离校时间", "劝返责任人", "是否返校"],
                [1, "韦小禾", "女", 4, "3.15", "罗老师", "否"],
            ],
            "控辍保学",
        ),
        ([["单位", "合计", "男", "女"], list(range(1, 33)), ["青榕镇", *range(40, 71)]], "统计汇总表"),
        ([["学生留守情况"], ["1 田雨欣 女 2016.11 三（2）班"], ["2 田小雨 男 2016.1 三（2）班"]], "挤在第一列"),
        (
            [
                ["姓名", "甲", "乙", "丙"],
                ["性别", "男", "女", "男"],
                ["班级", "四1", "四1", "四1"],
                ["民族", "汉", "汉", "汉"],
            ],
            "转置",
        ),
        ([["物品", "数量"], ["铅笔", 3]], "没有找到名册的表头"),
    ],
)
def test_18_and_36_what_is_no_roster_is_refused_with_the_right_page(rows: list[list[Any]], words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(lines(*rows))


# 6.2 header and structure


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


# 6.3 values


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


FAMILY = [*HEADER, "父亲姓名", "父亲务工地点", "母亲姓名", "母亲务工地点", "监护人", "与学生关系"]


def family(*values: Any, **known: Any) -> tuple[ChildRow, ParsedRoster]:
    roster = read(lines(FAMILY, ["韦小禾", "女", "四（1）班", *values]), **known)
    return roster.children[0], roster


def test_59_an_absent_parent_as_carer_is_told() -> None:
    child, roster = family("韦大山", "广东东莞", "罗春花", "广东东莞", "韦大山", "父亲")
    assert told(roster, "carer_is_away_parent") == [("warning", 2, "H")]


def test_60_two_people_as_carer_are_told_apart() -> None:
    child, roster = family("韦大山", "广东东莞", "罗春花", "广东东莞", "爷爷奶奶", None)
    assert (child.carer.relation_code, [other.relation_code for other in child.family]) == ("61", ["62"])
    assert told(roster, "carer_two_people") == [("question", 2, "H")]
    child, roster = family("韦大山", "广东东莞", "罗春花", "广东东莞", "韦老根、王腊梅", "祖孙")
    assert (child.carer.name, [other.name for other in child.family]) == ("韦老根", ["王腊梅"])


def test_61_and_62_relations_in_the_wrong_place_or_direction() -> None:
    child, roster = family(None, None, None, None, "奶奶", None)
    assert (child.carer.name, child.carer.relation_code) == (None, "62")
    child, roster = family(None, None, None, None, "韦老根", "孙女")
    assert (child.carer.relation_code, told(roster, "relation_reversed")) == ("60", [("warning", 2, "I")])


def test_a_dialect_word_is_asked_once() -> None:
    child, roster = family(None, None, None, None, "王腊梅", "婆婆")
    assert (child.carer.relation_code, keys(roster)) == (None, ["relation_dialect/名册/婆婆"])
    child, _ = family(None, None, None, None, "王腊梅", "婆婆", answers={"relation_dialect/名册/婆婆": "62"})
    assert child.carer.relation_code == "62"


def test_63_left_behind_with_nobody_away_is_asked() -> None:
    rows = [[*FAMILY, "是否留守"], ["韦小禾", "女", "四（1）班", "韦大山", "在家", "罗春花", "在家", None, None, "是"]]
    roster = read(lines(*rows))
    assert (keys(roster), roster.children[0].fate) == (["lb_nobody_away/名册/2"], "ask")


def test_64_a_single_parent_is_never_guessed() -> None:
    rows = [
        [*HEADER, "留守类型"],
        ["韦小禾", "女", "四（1）班", "单亲留守"],
        ["罗小花", "女", "四（1）班", "父母一方外出"],
    ]
    roster = read(lines(*rows))
    assert keys(roster) == ["lb_single_meaning/名册/D"]
    assert (roster.children[0].family_structure, roster.children[0].left_behind) == (None, None)
    key = "lb_single_meaning/名册/D"
    family_answer = read(lines(*rows), answers={key: "single_parent"}).children[0]
    assert (family_answer.family_structure, family_answer.left_behind) == ("single_parent", None)
    assert read(lines(*rows), answers={key: "one"}).children[0].left_behind == "one"


def test_64_in_a_file_of_the_student_register_it_means_one_parent_away() -> None:
    child, roster = one("是否留守儿童", "单亲留守儿童")
    assert (child.left_behind, child.family_structure, roster.open_questions) == ("one", None, [])


def test_65_digits_without_a_legend_are_asked_once() -> None:
    rows = [[*HEADER, "是否留守"], ["韦小禾", "女", "四（1）班", 2], ["罗小花", "女", "四（1）班", "1"]]
    roster = read(lines(*rows))
    assert keys(roster) == ["lb_digits/名册/D"]
    assert [child.left_behind for child in roster.children] == [None, None]
    answered = read(lines(*rows), answers={"lb_digits/名册/D": "012"})
    assert [child.left_behind for child in answered.children] == ["both", "one"]


def test_65_a_legend_in_the_header_answers_by_itself() -> None:
    child, roster = one("是否留守（0非留守1单亲2双亲）", 2)
    assert (child.left_behind, roster.open_questions) == ("both", [])


@pytest.mark.parametrize(
    "words, father, mother",
    [
        ("父亡母外出", "deceased", "away_work"),
        ("父服刑、母改嫁", "imprisoned_or_detox", "divorced_no_contact"),
        ("父亲失踪，母亲在家", "missing", "at_home"),
    ],
)
def test_66_a_lost_parent_is_a_status_with_a_reminder(words: str, father: str, mother: str) -> None:
    child, roster = one("留守类型", words)
    assert (child.father.status, child.mother.status) == (father, mother)
    assert ("warning", 2, "D") in told(roster, "parent_status")


def test_66_a_dash_in_a_family_cell_is_asked_about() -> None:
    child, roster = family("—", None, "罗春花", "广东东莞", None, None)
    assert (child.father.name, child.father.status) == (None, None)
    assert told(roster, "parent_dash") == [("question", 2, "D")]


@pytest.mark.parametrize("word", ["无", "不详", "未知", "NULL", "/", "-", "N/A"])
def test_67_words_for_nothing_are_blank(word: str) -> None:
    child, roster = one("家庭住址", word)
    assert child.address is None
    assert not [found for found in roster.findings if found.level != "fixed"]


def test_68_and_69_names() -> None:
    assert told(one("备注", "", name="周□")[1], "rare_character") == [("warning", 2, "A")]
    child, roster = one("备注", "", name="李四（转走）")
    assert (child.name, child.notes, told(roster, "name_note")) == ("李四", ["转走"], [("warning", 2, "A")])
    child, roster = one("备注", "", name="张伟2")
    assert (child.name, told(roster, "name_namesake_mark")) == ("张伟", [("warning", 2, "A")])
    assert one("备注", "", name="田  勇")[0].name == "田勇"


def test_71_an_address_without_a_village_is_told() -> None:
    child, roster = one("家庭住址", "3组")
    assert (child.address, told(roster, "address_short")) == ("3组", [("warning", 2, "D")])


def test_72_distances_without_a_unit_are_asked_about() -> None:
    rows = [[*HEADER, "上下学距离"], ["韦小禾", "女", "四（1）班", 1500], ["罗小花", "女", "四（1）班", 800]]
    roster = read(lines(*rows))
    assert (keys(roster), roster.children[0].commute_km) == (["distance_unit/名册/D"], None)
    answered = read(lines(*rows), answers={"distance_unit/名册/D": "m"})
    assert [child.commute_km for child in answered.children] == [1.5, 0.8]
    assert one("上下学距离（里）", 6)[0].commute_km == 3
    assert one("上下学距离（公里）", 45)[0].commute_km == 45


def test_73_and_74_sensitive_notes_and_columns() -> None:
    assert told(one("备注", "父吸毒，请关注")[1], "sensitive_note") == [("warning", 2, "D")]
    child, roster = one("银行卡号", "6200000000000000000")
    assert (told(roster, "sensitive_column"), child.notes) == ([("warning", None, "D")], [])


def test_77_a_child_listed_twice_is_asked_about() -> None:
    row = ["韦小禾", "女", "四（1）班", "2016-03-12"]
    roster = read(lines([*HEADER, "出生日期"], row, [*row[:2], "四（2）班", row[3]]))
    assert ([child.fate for child in roster.children], keys(roster)) == (["import", "ask"], ["same_child/名册/3"])


def test_78_namesakes_with_different_birthdays_are_two_children() -> None:
    roster = read(
        lines(
            [*HEADER, "出生日期"], ["张伟", "男", "四（1）班", "2016-03-12"], ["张伟", "男", "四（1）班", "2016-05-01"]
        )
    )
    assert [child.fate for child in roster.children] == ["import", "import"]


def test_29_numbers_that_are_missing_are_told_and_a_new_count_is_none() -> None:
    rows = [[number, name, "女", "四（1）班"] for number, name in ((1, "韦小禾"), (2, "罗小花"), (5, "蒙小河"), (1, "石小江"), (2, "覃小湖"))]  # fmt: skip
    roster = read(lines(["序号", *HEADER], *rows))
    (found,) = [found for found in roster.findings if found.what == "serial_gap"]
    assert "缺 3–4" in found.sentence
    assert found.rows == (4,)
    assert len(roster.children) == 5


def test_a_number_taken_from_the_father_is_masked_in_the_remark() -> None:
    roster = read(
        lines(
            [*HEADER, "父亲姓名", "父亲电话", "母亲姓名", "母亲电话"],
            ["韦小禾", "女", "四（1）班", "韦大山", "13800000007", "罗小花", "同上"],
        )
    )
    (said,) = [found.sentence for found in roster.findings if found.what == "ditto_across"]
    assert "13800000007" not in said
    assert "138****0007" in said


def test_the_stated_pupils_of_a_class_are_compared_with_the_class_in_the_system() -> None:
    sheet = lines(
        ["三年级（2）班留守儿童统计表"],
        ["学生总数：46   留守儿童数：1"],
        ["姓名", "性别", "家庭住址"],
        ["韦小禾", "女", "栗坪村"],
    )
    roster = read(sheet, class_sizes={(3, 2): 19})
    assert [total.agrees for total in roster.totals] == [False]
    (said,) = [found.sentence for found in roster.findings if found.what == "class_total"]
    assert "学生总数是 46，系统里三年级（2）班现有 19 人" in said
    assert not told(roster, "control_total"), "the rows themselves are as many as stated"
    same = read(sheet, class_sizes={(3, 2): 46})
    assert [total.agrees for total in same.totals] == [True]
    assert not told(same, "class_total")

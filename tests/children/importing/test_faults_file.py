"""The faults of rosters §6, one small sheet each, with exactly the action they ask for: the file and its sheets (6.1)."""

from typing import Any

import pytest

from children.importing.guard import Refused
from tests.children.importing.small_sheets import HEADER, keys, lines, read, told


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
        ([["校车牌号", "车架号码", "车主姓名"], ["贵A00000", "1", "周师傅"]], "校车和驾驶员"),
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

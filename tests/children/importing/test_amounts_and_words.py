"""Units of amounts (fault 72), words that are none of a short list, and circled numbers: asked or told, never lost."""

from typing import Any

import pytest

from caretrack.schools.models import School
from children.importing.normalise.amounts import read_distance, read_income, read_people
from children.models import Child
from tests.children.importing.small_sheets import HEADER, imported, keys, lines, one, read, told


@pytest.mark.parametrize(
    "cell, kilometres",
    [("6里", 3), ("约6里路", 3), ("六里", 3), ("一里半", 0.75), ("12华里", 6), ("1500米", 1.5), ("800m", 0.8),
     ("3.5公里", 3.5), ("3 KM", 3), ("两公里", 2), ("半公里", 0.5), ("3-4公里", 3), ("2千米，步行40分钟", 2), (2.5, 2.5),
     ("约3", 3), (0, 0)],
)  # fmt: skip
def test_72_a_distance_with_its_unit_is_kilometres(cell: Any, kilometres: float) -> None:
    child, roster = one("上下学距离", cell)
    assert (child.commute_km, [found.what for found in roster.findings]) == (kilometres, [])


@pytest.mark.parametrize(
    "cell, what",
    [("40分钟", "distance_is_time"), ("1小时", "distance_is_time"), ("骑车20分", "distance_is_time"),
     ("很远", "distance_unclear"), ("500公里", "distance_too_far")],
)  # fmt: skip
def test_72_what_is_no_distance_costs_its_cell(cell: str, what: str) -> None:
    child, roster = one("上下学距离", cell)
    assert (child.commute_km, told(roster, what)) == (None, [("error", 2, "D")])


def test_72_a_far_home_is_taken_and_told() -> None:
    child, roster = one("上下学距离", "80里")
    assert (child.commute_km, told(roster, "distance_far")) == (40, [("warning", 2, "D")])


def test_72_numbers_under_a_title_in_minutes_are_told() -> None:
    child, roster = one("上下学距离（分钟）", 40)
    assert (child.commute_km, told(roster, "distance_is_time")) == (None, [("error", 2, "D")])


@pytest.mark.parametrize(
    "cell, yuan",
    [("0.8万", 8000), ("0.8万元", 8000), ("8000元", 8000), ("8,000", 8000), (8000, 8000), ("约9000元/年", 9000)],
)
def test_12_the_income_of_a_head_is_in_yuan(cell: Any, yuan: int) -> None:
    child, roster = one("人均收入", cell)
    assert (child.income_per_head, roster.findings) == (yuan, [])


def test_12_small_numbers_without_a_unit_are_asked_about_once() -> None:
    rows = [[*HEADER, "家庭人均收入"], ["韦小禾", "女", "四（1）班", 0.8], ["罗小花", "女", "四（1）班", 1.2]]
    roster = read(lines(*rows))
    assert (keys(roster), roster.children[0].income_per_head) == (["income_unit/名册/D"], None)
    answered = read(lines(*rows), answers={"income_unit/名册/D": "10000"})
    assert [child.income_per_head for child in answered.children] == [8000, 12000]
    titled = read(lines([*HEADER, "人均收入（万元）"], ["韦小禾", "女", "四（1）班", 0.8]))
    assert (titled.children[0].income_per_head, keys(titled)) == (8000, [])


@pytest.mark.parametrize(
    "cell, what", [("每月800", "income_unclear"), ("低", "income_unclear"), ("900万", "income_too_high")]
)
def test_12_what_is_no_yearly_income_costs_its_cell(cell: str, what: str) -> None:
    assert told(one("人均收入", cell)[1], what) == [("error", 2, "D")]
    assert read_income(cell).value is None


@pytest.mark.parametrize("cell, people", [("5", 5), (5.0, 5), ("5人", 5), ("五口人", 5), ("12口", 12)])
def test_12_people_in_the_house(cell: Any, people: int) -> None:
    assert one("家庭人口", cell)[0].household_size == people


@pytest.mark.parametrize("cell", ["0", "99", "五世同堂"])
def test_12_an_impossible_household_is_refused(cell: str) -> None:
    assert (read_people(cell).value, len(read_people(cell).remarks)) == (None, 1)


def test_an_empty_cell_says_nothing() -> None:
    assert [reader("无") for reader in (read_distance, read_income, read_people)] == [read_people(None)] * 3


def test_18_a_bracket_behind_the_way_of_boarding_goes_into_the_note() -> None:
    child, roster = one("就读方式", "住校(周一至周五)")
    assert (child.boarding, child.notes, roster.open_questions) == ("住校", ["就读方式：住校(周一至周五)"], [])


def test_18_an_unknown_word_is_asked_once_and_kept() -> None:
    rows = [[*HEADER, "就读方式"]] + [[f"学生{mark}", "女", "四（1）班", word] for mark, word in
                                  (("甲", "陪读"), ("乙", "走读"), ("丙", "陪读"), ("丁", "投亲"))]  # fmt: skip
    roster = read(lines(*rows))
    assert keys(roster) == ["boarding_unclear/名册/D/陪读", "boarding_unclear/名册/D/投亲"]
    assert [child.boarding for child in roster.children] == [None, "走读", None, None]
    assert [child.notes for child in roster.children] == [
        ["就读方式：陪读"],
        [],
        ["就读方式：陪读"],
        ["就读方式：投亲"],
    ]
    assert [(found.level, found.row) for found in roster.findings] == [("question", None), ("question", None)]
    answered = read(
        lines(*rows), answers={"boarding_unclear/名册/D/陪读": "走读", "boarding_unclear/名册/D/投亲": "skip"}
    )
    assert [child.boarding for child in answered.children] == ["走读", "走读", "走读", None]
    assert (answered.children[0].notes, keys(answered)) == (["就读方式：陪读"], [])


def test_a_spreadsheet_error_is_no_word() -> None:
    child, roster = one("家庭经济来源", "#N/A")
    assert (child.notes, told(roster, "cell_error")) == ([], [("warning", 2, "D")])


def test_18_a_column_of_free_text_asks_nothing_but_is_kept() -> None:
    words = ["租房", "借宿", "投亲", "陪读", "住姨妈家", "住外婆家", "住镇上", "住亲戚家", "看情况"]
    rows = [[f"学生{mark}", "女", "四（1）班", word] for mark, word in zip("甲乙丙丁戊己庚辛壬", words, strict=True)]
    roster = read(lines([*HEADER, "就读方式"], *rows))
    assert (keys(roster), len(told(roster, "boarding_unclear"))) == ([], 9)
    assert [child.notes for child in roster.children] == [[f"就读方式：{word}"] for word in words]


@pytest.mark.parametrize(
    "cell, place",
    [
        ("广东打工", "广东"),
        ("在广东东莞务工", "广东东莞"),
        ("在外打工", None),
        ("长期在外省务工", None),
        ("父亲在浙江打工", "浙江"),
    ],
)
def test_18_where_a_parent_works_is_read_from_the_state(cell: str, place: str | None) -> None:
    child, roster = one("父亲情况", cell)
    assert (child.father.status, child.father.work_place, roster.findings) == ("away_work", place, [])


@pytest.mark.parametrize("cell", ["在镇上打工", "没有打工", "身体不好", "离异"])
def test_18_an_unclear_state_is_asked_and_kept(cell: str) -> None:
    child, roster = one("父亲情况", cell)
    key = f"parent_status_unclear/名册/D/{cell}"
    assert (child.father.status, child.notes, keys(roster)) == (None, [f"父亲情况：{cell}"], [key])
    child, roster = one("父亲情况", cell, answers={key: "at_home"})
    assert (child.father.status, child.notes, keys(roster)) == ("at_home", [f"父亲情况：{cell}"], [])


def test_66_divorced_is_no_place_of_work() -> None:
    child, roster = one("父亲务工地", "离异")
    key = "parent_status_unclear/名册/D/离异"
    assert (bool(child.father), child.notes, keys(roster)) == (False, ["父亲务工地：离异"], [key])
    answered, _ = one("父亲务工地", "离异", answers={key: "divorced_no_contact"})
    assert (answered.father.status, answered.father.work_place) == ("divorced_no_contact", None)


def test_an_unknown_kind_of_care_is_asked_and_kept() -> None:
    child, roster = one("监护类型", "村里照看")
    key = "care_type_unknown/名册/D/村里照看"
    assert (child.care_type, child.notes, keys(roster)) == (None, ["监护类型：村里照看"], [key])
    assert one("监护类型", "村里照看", answers={key: "kin_friend"})[0].care_type == "kin_friend"


@pytest.mark.parametrize("cell, shown", [("申请中", "申请中"), (2, "2"), (3.0, "3")])
def test_an_unclear_yes_or_no_is_asked_once_for_each_word(cell: Any, shown: str) -> None:
    rows = [[*HEADER, "低保"]] + [[f"学生{mark}", "女", "四（1）班", value] for mark, value in
                                (("甲", cell), ("乙", "是"), ("丙", cell), ("丁", "否"))]  # fmt: skip
    key = f"yes_no_unclear/名册/D/{shown}"
    roster = read(lines(*rows))
    assert keys(roster) == [key]
    assert [(found.level, found.row) for found in roster.findings] == [("question", None)]
    assert [child.low_income for child in roster.children] == [None, True, None, False]
    assert [child.notes for child in roster.children] == [[f"低保：{shown}"], [], [f"低保：{shown}"], []]
    for answer, value in (("yes", True), ("no", False), ("skip", None)):
        answered = read(lines(*rows), answers={key: answer})
        assert [child.low_income for child in answered.children] == [value, True, value, False]
        assert keys(answered) == []


def test_what_does_not_say_who_is_away_is_asked_once_and_kept() -> None:
    rows = [[*HEADER, "留守类型"]] + [[f"学生{mark}", "女", "四（1）班", word] for mark, word in
                                  (("甲", "三类"), ("乙", "双亲留守"), ("丙", "三类"), ("丁", "父亡母外出"))]  # fmt: skip
    key = "lb_unclear/名册/D/三类"
    roster = read(lines(*rows))
    assert (keys(roster), [found.row for found in roster.findings if found.what == "lb_unclear"]) == ([key], [None])
    assert [child.notes for child in roster.children] == [["留守类型：三类"], [], ["留守类型：三类"], []]
    answered = read(lines(*rows), answers={key: "father"})
    away = [(child.father.status, child.mother.status) for child in answered.children]
    assert away == [("away_work", None), ("away_work", "away_work"), ("away_work", None), ("deceased", "away_work")]


def test_another_way_to_school_keeps_its_words() -> None:
    assert (one("上学方式", "骑马")[0].commute, one("上学方式", "骑马")[0].notes) == ("其他", ["上学方式：骑马"])
    assert one("上学方式", "步行")[0].notes == []


@pytest.mark.parametrize("title", ["家庭经济来源", "救助情况"])
def test_20_circled_numbers_without_a_legend_are_told_and_kept(title: str) -> None:
    child, roster = one(title, "①③")
    assert (child.income_sources, child.aid, child.notes) == ((), (), [f"{title}：①③"])
    assert told(roster, "choice_numbers") == [("warning", 2, "D")]


def test_20_a_legend_in_the_title_gives_the_words() -> None:
    child, roster = one("家庭经济来源（①打工收入②种养殖业③政府救助）", "①③")
    assert (child.income_sources, child.notes, roster.findings) == (("打工收入", "政府救助"), [], [])
    child, roster = one("家庭经济来源（①打工收入②种养殖业）", "①③")
    assert (child.income_sources, child.notes) == ((), ["家庭经济来源（①打工收入②种养殖业）：①③"])


@pytest.mark.data
def test_what_was_read_is_stored_and_comes_once(small_school: School) -> None:
    header = ["姓名", "性别", "出生日期", "班级", "上下学距离", "家庭人口", "人均收入", "就读方式"]
    row = ["韦小禾", "女", "2016-03-12", "四（1）班", "6里", "五口人", "0.8万", "住校(周一至周五)"]
    assert imported(small_school, header, row)["new"] == 1
    child = Child.objects.get()
    assert (float(child.commute_km or 0), child.household_size, child.income_per_head) == (3.0, 5, 8000)
    assert (child.boarding, child.note) == ("2", "就读方式：住校(周一至周五)")
    assert imported(small_school, header, row)["same"] == 1

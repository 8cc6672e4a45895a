"""Whole files as school clerks make them, from the bytes to the children: what is no pupil, whose class it is."""

import io
from typing import Any

import openpyxl
import pytest

from children.importing.parse import ParsedRoster, parse_roster, parse_workbook
from children.importing.reader import read_workbook
from tests.children.importing.small_sheets import ID, OTHER_ID, context, keys, told


def workbook(*rows: list[Any], merges: tuple[str, ...] = (), name: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes, **known: Any) -> ParsedRoster:
    return parse_roster(content, context(**known))


def names(roster: ParsedRoster) -> list[str | None]:
    return [child.name for child in roster.children]


def test_28_what_stands_below_a_list_is_no_pupil() -> None:
    """Signatures, the day, the seal, remarks: without a class column each of them was a new pupil."""
    roster = read(workbook(
        ["四（1）班留守儿童名单"],
        ["姓名", "性别", "出生年月", "监护人", "电话"],
        ["韦小禾", "女", "2016.3", "韦老根", "13800000001"],
        ["蒙小河", "男", "2016.4", "蒙老根", "13800000002"],
        ["以下空白"],
        ["第1页 共1页"],
        ["班主任签字：", None, "校长签字："],
        ["班主任：罗老师"],
        ["填表日期：2026年9月20日"],
        ["2026年9月20日"],
        ["（盖章）"],
        ["说明：1.本表一式两份。"],
        ["2.留守儿童是指父母双方外出务工。"],
        ["★ 请于9月25日前交到德育处罗老师处"],
    ))  # fmt: skip
    assert names(roster) == ["韦小禾", "蒙小河"]
    assert {skipped.why for skipped in roster.skipped} == {"footer"}
    assert len(roster.skipped) == 10


def test_a_pupil_of_whom_only_the_name_is_known_stays_a_pupil() -> None:
    roster = read(
        workbook(["姓名", "性别", "班级"], ["韦小禾"], ["古丽巴哈尔·买买提艾力汗江"], ["蒙小河", "男", "四（1）班"])
    )
    assert names(roster) == ["韦小禾", "古丽巴哈尔·买买提艾力汗江", "蒙小河"]


def test_a_list_whose_first_column_is_a_day_keeps_its_pupils() -> None:
    roster = read(
        workbook(["入学时间", "姓名", "性别"], ["2022年9月", "韦小禾", "女"], ["2022年9月1日", "蒙小河", "男"])
    )
    assert names(roster) == ["韦小禾", "蒙小河"]


def test_a_line_with_an_id_number_and_no_name_is_told() -> None:
    roster = read(workbook(["姓名", "性别", "身份证号"], ["韦小禾", "女", ""], [None, None, "999999201603120012"]))
    assert told(roster, "name_missing") == [("error", 3, "A")]


@pytest.mark.parametrize("merged", [True, False])
def test_24_class_lines_without_brackets_head_their_pupils(merged: bool) -> None:
    roster = read(workbook(
        ["青榕小学留守儿童名册"],
        ["姓名", "性别", "出生年月", "电话"],
        ["四年级2班"],
        ["韦小禾", "女", "2016.3", "13800000001"],
        ["五年级1班：" if not merged else "五1班"],
        ["岑小月", "女", "2015.3", "13800000003"],
        merges=("A3:D3", "A5:D5") if merged else (),
    ))  # fmt: skip
    assert [(child.name, str(child.klass)) for child in roster.children] == [
        ("韦小禾", "四年级（2）班"), ("岑小月", "五年级（1）班"),
    ]  # fmt: skip
    assert keys(roster) == ["class_from_headings/Sheet1"]


def test_20_three_levels_with_the_columns_counted_below() -> None:
    roster = read(workbook(
        ["农村留守儿童信息采集表"],
        ["基本信息", None, None, None, "家庭信息", None, None, None, "监护人信息", None, None],
        ["姓名", "性别", "年级", "班", "父亲", None, "母亲", None, "姓名", "关系", "电话"],
        [None, None, None, None, "姓名", "去向", "姓名", "去向", None, None, None],
        [f"({number})" for number in range(1, 12)],
        ["韦小禾", "女", "四", "1", "韦大山", "广东", "罗春花", "在家", "韦老根", "爷爷", "13800000001"],
        merges=("A2:D2", "E2:H2", "I2:K2", "E3:F3", "G3:H3"),
    ))  # fmt: skip
    (child,) = roster.children
    assert (child.name, str(child.klass), child.father.name, child.father.work_place, child.mother.status) == (
        "韦小禾", "四年级（1）班", "韦大山", "广东", "at_home",
    )  # fmt: skip
    assert [(found.level, found.sentence) for found in roster.findings if found.level != "fixed"] == []


FOUR = ["姓名", "班别", "性别"], ["韦小禾", "1班", "女"], ["蒙小河", "(2)", "男"], ["岑小月", "四（2）", "女"]


def test_54_the_grade_in_the_title_completes_the_class_number_and_is_confirmed() -> None:
    content = workbook(["青榕镇中心小学四年级留守儿童统计表"], *FOUR)
    roster = read(content)
    (question,) = roster.open_questions
    assert question.sentence == "其中 2 名学生（第 3、4 行）没有写年级，按标题算作四年级，请确认。"
    assert [str(child.klass) for child in roster.children] == ["四年级（1）班", "四年级（2）班", "四年级（2）班"]
    refused = read(content, answers={question.key: "no"})
    assert "class_missing/Sheet1" in keys(refused)
    assert [str(child.klass) for child in refused.children] == ["（1）班", "（2）班", "四年级（2）班"]


def test_54_the_grade_may_be_the_name_of_the_sheet() -> None:
    assert keys(read(workbook(*FOUR, name="四年级"))) == ["class_from_sheet/四年级/年级"]


@pytest.mark.parametrize(
    "title", ["一至六年级留守儿童名册", "三、四年级留守儿童名册", "2026年留守儿童名册", "说明：一年级由班主任代填"]
)
def test_a_range_of_grades_is_no_grade(title: str) -> None:
    assert keys(read(workbook([title], *FOUR))) == ["class_missing/Sheet1"]


def test_who_cares_and_where_the_parents_are_under_the_words_of_villages() -> None:
    roster = read(workbook(
        ["姓名", "性别", "年级班级", "父亲去向", "母亲外出地", "现由谁照顾"],
        ["韦小禾", "女", "四（1）班", "广东东莞", "在家", "王腊梅（奶奶）"],
    ))  # fmt: skip
    (child,) = roster.children
    assert (child.father.work_place, child.mother.status, child.carer.name, child.carer.relation_code) == (
        "广东东莞", "at_home", "王腊梅", "62",
    )  # fmt: skip
    assert roster.open_questions == []
    assert roster.headers[0].fields["carer.name"].label == "现由谁照顾"


FAMILY = [
    ["四（1）班留守儿童家庭情况表"],
    ["序号", "姓名", "性别", "身份证号", "家长姓名", "关系", "务工地点", "联系电话", "家庭住址"],
    [1, "韦小禾", "女", ID, "韦大山", "父", "广东东莞", "13800000001", "栗坪村3组"],
    [None, None, None, None, "罗春花", "母", "在家", "13800000002", None],
    [None, None, None, None, "王腊梅", "奶奶", None, "13800000003", None],
    [2, "蒙小河", "女", OTHER_ID, "蒙山", "父亲", "浙江", "13800000004", "大坪组"],
]


@pytest.mark.parametrize("merges", [("A3:A5", "B3:B5", "C3:C5", "D3:D5", "I3:I5"), ()])
def test_25_the_lines_of_a_pupils_family_are_one_pupil(merges: tuple[str, ...]) -> None:
    first, second = (roster := read(workbook(*FAMILY, merges=merges))).children
    assert [
        (who.name, who.work_place, [phone.number for phone in who.phones])
        for who in (first.father, first.mother, first.carer, second.father)
    ] == [
        ("韦大山", "广东东莞", ["13800000001"]),
        ("罗春花", None, ["13800000002"]),
        ("王腊梅", None, ["13800000003"]),
        ("蒙山", "浙江", ["13800000004"]),
    ]
    assert (first.mother.status, first.carer.relation_code, second.carer.name) == ("at_home", "62", None)
    assert [(skipped.row, skipped.why) for skipped in roster.skipped] == [(4, "family_line"), (5, "family_line")]
    assert not [found for found in roster.findings if found.level == "error"]


def test_25_a_pupil_without_a_name_is_no_line_of_the_one_above() -> None:
    nameless = [2, None, "女", OTHER_ID, "蒙山", "父亲", "浙江", "13800000004", "大坪组"]
    roster = read(workbook(*FAMILY[:5], nameless))
    assert told(roster, "name_missing") == [("error", 6, "B")]


GUARDIANS = [
    ["四（1）班留守儿童监护情况表"],
    ["姓名", "性别", "监护人姓名", "关系", "联系电话"],
    ["韦小禾", "女", "韦老根", "父亲", "13800000001"],
]


def test_25_the_carer_of_a_pupil_with_one_line_stays_whatever_other_pupils_have() -> None:
    alone = read(workbook(*GUARDIANS)).children[0]
    both = read(workbook(*GUARDIANS, ["蒙小河", "女", "蒙山", "父", "13800000002"], [None, None, "罗春花", "母", None]))
    assert (alone.carer.name, alone.carer.relation_code) == ("韦老根", "51")
    assert (both.children[0].carer, both.children[0].father) == (alone.carer, alone.father)
    second = both.children[1]
    assert (second.carer.name, second.father.name, second.mother.name) == ("蒙山", "蒙山", "罗春花")
    assert [phone.number for phone in second.father.phones] == ["13800000002"]


def test_25_relatives_beyond_the_fields_are_told_and_nobody_takes_their_place() -> None:
    relatives = [("爷爷", "韦老根"), ("奶奶", "王腊梅"), ("外公", "罗大田"), ("外婆", "岑阿婆"), ("叔叔", "韦二山"),
                 ("姐姐", "韦小兰"), ("父亲", "韦大山")]  # fmt: skip
    told_lines = [[None, None, None, None, name, relation, None, "13800000002", None] for relation, name in relatives]
    told_lines[0][:4] = [1, "韦小禾", "女", ID]
    roster = read(workbook(*FAMILY[:2], *told_lines))
    (child,) = roster.children
    assert (child.father.name, child.carer.name) == ("韦大山", "韦老根")
    assert [who.name for who in child.family] == ["王腊梅", "罗大田", "岑阿婆", "韦二山"]
    assert child.notes == ["家庭成员：韦小兰 姐姐 13800000002"]
    assert told(roster, "family_lines_many") == [("warning", 8, "")]
    assert "13800000002" not in "".join(found.sentence for found in roster.findings), "the note has it"


BESIDE_THE_FATHERS = ["姓名", "性别", "班级", "父亲姓名", "父亲电话", "家长姓名", "关系", "联系电话"]


@pytest.mark.parametrize(
    "phone, numbers",
    [
        (None, ["13800000001"]),
        ("13800000001", ["13800000001"]),
        ("无", ["13800000001"]),
        ("13800000003", ["13800000001", "13800000003"]),
    ],
)
def test_25_a_line_takes_no_number_away(phone: str | None, numbers: list[str]) -> None:
    roster = read(workbook(
        BESIDE_THE_FATHERS,
        ["韦小禾", "女", "四（1）班", None, "13800000001", "韦大山", "父", phone],
        [None, None, None, None, None, "罗春花", "母", "13800000002"],
    ))  # fmt: skip
    (child,) = roster.children
    assert (child.father.name, [phone.number for phone in child.father.phones]) == ("韦大山", numbers)


def test_25_a_father_of_another_name_keeps_his_fields() -> None:
    roster = read(workbook(
        BESIDE_THE_FATHERS,
        ["韦小禾", "女", "四（1）班", "韦大山", "13800000001", "蒙山", "父", "13800000003"],
        [None, None, None, None, None, "罗春花", "母", "13800000002"],
    ))  # fmt: skip
    (child,) = roster.children
    assert [(who.name, [phone.number for phone in who.phones]) for who in (child.father, child.carer)] == [
        ("韦大山", ["13800000001"]),
        ("蒙山", ["13800000003"]),
    ]


def test_25_what_another_cell_says_otherwise_is_kept_in_the_note() -> None:
    roster = read(workbook(
        ["姓名", "性别", "班级", "父亲打工地点", "家长姓名", "关系", "务工地点"],
        ["韦小禾", "女", "四（1）班", "广东东莞", "韦大山", "父", "浙江宁波"],
        [None, None, None, None, "罗春花", "母", "在家"],
    ))  # fmt: skip
    (child,) = roster.children
    assert (child.father.work_place, child.notes) == ("广东东莞", ["家庭成员：韦大山 浙江宁波"])
    assert told(roster, "family_lines_many") == [("warning", 2, "")]


def test_25_no_id_number_of_a_relative_comes_into_the_note() -> None:
    relatives = ["爷爷", "奶奶", "外公", "外婆", "叔叔", "舅舅"]
    told_lines = [[None, None, f"韦大{place}", place, None] for place in relatives]
    told_lines[0][:2], told_lines[-1][-1] = ["韦小禾", "女"], OTHER_ID
    roster = read(workbook(["姓名", "性别", "监护人姓名", "关系", "监护人身份证号"], *told_lines))
    (child,) = roster.children
    (note,) = child.notes
    assert "韦大舅舅" in note
    assert OTHER_ID not in note
    assert OTHER_ID not in "".join(found.sentence for found in roster.findings)


def test_40_an_id_number_in_two_cells_is_put_together() -> None:
    content = workbook(
        ["姓名", "性别", "班级", "身份证号", None, "家长电话"],
        ["韦小禾", "女", "四（1）班", ID[:10], ID[10:], "13800000001"],
        ["蒙小河", "女", "四（1）班", OTHER_ID[:6], OTHER_ID[6:], "13800000002"],
        ["岑小月", "女", "四（1）班", None, None, "13800000003"],
        merges=("D1:E1",),
    )
    held = read_workbook(content)
    for _ in range(2):  # a file whose columns are remembered is read twice from the same memory
        roster = parse_workbook(held, context())
        assert [child.id_no for child in roster.children] == [ID, OTHER_ID, None]
        assert keys(roster) == []


def test_two_different_columns_of_id_numbers_are_still_asked_about() -> None:
    roster = read(workbook(["姓名", "性别", "身份证号", "证件号码"], ["韦小禾", "女", ID, OTHER_ID]))
    assert told(roster, "column_doubled") == [("question", None, "D")]


def test_ticks_under_boys_girls_and_who_is_away() -> None:
    roster = read(workbook(
        ["四（1）班留守情况统计"],
        ["姓名", "男", "女", "父亲外出", "母亲外出", "住校", "走读"],
        ["韦小禾", None, "√", "√", "否", "√", None],
        ["蒙小河", "√", None, "广东东莞", None, None, "√"],
        ["岑小月", "√", "√", None, "√", None, None],
    ))  # fmt: skip
    first, second, third = roster.children
    assert [(child.sex, child.boarding) for child in roster.children] == [("女", "住校"), ("男", "走读"), (None, None)]
    assert (first.father.status, first.mother.status, first.notes) == ("away_work", None, ["母亲外出：否"])
    assert (second.father.status, second.father.work_place, third.mother.status) == (
        "away_work", "广东东莞", "away_work",
    )  # fmt: skip
    assert told(roster, "column_unknown") == []

"""What clerks write into single cells: dates, phones with whose they are, 同父亲, names broken over two lines."""

from typing import Any

import pytest

from children.importing.normalise.dates import read_date
from children.importing.parse import ParsedRoster, parse_roster
from children.importing.records import ChildRow
from tests.children.importing.small_sheets import HEADER, ID, context, lines, one, read, told
from tests.children.importing.test_forms import FORM


def numbers(person: Any) -> list[str]:
    return [phone.number for phone in person.phones]


def rows(titles: list[str], *pupils: list[Any]) -> ParsedRoster:
    names = ("韦小禾", "蒙小河", "岑小月")
    return read(
        lines(
            [*HEADER, *titles],
            *([name, "女", "四（1）班", *cells] for name, cells in zip(names, pupils, strict=False)),
        )
    )


@pytest.mark.parametrize(
    "written, iso",
    [
        ("2016、5、3", "2016-05-03"),
        ("2016年5月3号", "2016-05-03"),
        ("2016 5 3", "2016-05-03"),
        ("2016 5", "2016-05"),
        ("2016,5,3", "2016-05-03"),
        ("2016.05.3", "2016-05-03"),
        ("2016-05-03 00:00:00", "2016-05-03"),
    ],
)
def test_49_a_day_however_its_parts_are_set_apart(written: str, iso: str) -> None:
    assert read_date(written).value.iso == iso


def test_56_a_phone_beside_the_carer_that_says_whose_it_is_goes_to_that_parent() -> None:
    titles = ["父亲姓名", "母亲姓名", "监护人", "与学生关系", "联系电话"]
    granny, father, two = rows(
        titles,
        ["韦大山", "罗春花", "王腊梅", "奶奶", "13800000001（父）13800000002（母）奶奶13800000003"],
        ["韦大山", "罗春花", "韦大山", "父亲", "父13800000001"],
        ["", "罗春花", "王腊梅", "奶奶", "爸：13800000001 13800000002"],
    ).children
    assert (numbers(granny.father), numbers(granny.mother), numbers(granny.carer)) == (
        ["13800000001"], ["13800000002"], ["13800000003"],
    )  # fmt: skip
    assert (numbers(father.carer), numbers(father.father)) == (["13800000001"], [])
    assert (numbers(two.father), numbers(two.carer)) == (["13800000001"], ["13800000002"]), "his name is not needed"


def test_55_a_phone_broken_over_two_lines_is_one() -> None:
    child, _ = one("监护人电话", "138\n00000002")
    assert numbers(child.carer) == ["13800000002"]


@pytest.mark.parametrize("mark", ["同 上", "、、", "，，", "“", "同上一行"])
def test_27_more_marks_for_the_line_above(mark: str) -> None:
    _, below = rows(["监护人", "家庭住址"], ["王腊梅", "大坪组"], [mark, mark]).children
    assert (below.carer.name, below.address) == ("王腊梅", "大坪组")


def test_27_as_the_father_is_what_his_cell_says_once_that_is_known() -> None:
    titles = ["父亲姓名", "父亲务工地", "父亲电话", "母亲姓名", "母亲务工地", "母亲电话"]
    _, below = rows(
        titles,
        ["韦大山", "广东东莞", "13800000001", "罗春花", "在家", "13800000002"],
        ["韦二山", "〃", "〃", "田桂兰", "同父亲", "同父亲"],
    ).children
    assert (below.mother.work_place, numbers(below.mother)) == ("广东东莞", ["13800000001"])


def test_27_as_the_brother_is_nobody_known() -> None:
    roster = rows(["监护人"], ["王腊梅"], ["同哥哥"])
    assert [child.carer.name for child in roster.children] == ["王腊梅", None]
    assert told(roster, "ditto_whose") == [("error", 3, "D")]


def test_27_a_ditto_mark_in_a_form_is_the_fathers() -> None:
    form = [list(row) for row in FORM]
    form[10][1], form[10][5], form[10][7] = "罗春花", "同上", "〃"
    (child,) = read(lines(*form)).children
    assert (child.mother.work_place, numbers(child.mother)) == ("广东东莞", ["13800000001"])


@pytest.mark.parametrize(
    "written, name, relation",
    [
        ("王腊\n梅", "王腊梅", None),
        ("王桂英 外婆", "王桂英", "64"),
        ("蒙老根，爷爷", "蒙老根", "61"),
        ("—", None, None),
    ],
)
def test_60_one_carer_is_not_two(written: str, name: str | None, relation: str | None) -> None:
    child, roster = one("监护人", written)
    assert (child.carer.name, child.carer.relation_code, child.family) == (name, relation, [])
    assert told(roster, "carer_two_people") == []


@pytest.mark.parametrize("written", ["韦大山,广东东莞", "韦大山（广东东莞）", "韦大山 广东东莞"])
def test_66_a_place_behind_a_parents_name_is_where_that_parent_works(written: str) -> None:
    child, _ = one("父亲姓名", written)
    assert (child.father.name, child.father.work_place, child.father.status) == ("韦大山", "广东东莞", "away_work")


def test_66_a_state_behind_a_parents_name_needs_no_bracket() -> None:
    child, _ = one("母亲姓名", "罗春花、在家")
    assert (child.mother.name, child.mother.status) == ("罗春花", "at_home")


def test_a_number_beside_parents_of_whom_nobody_knows_who_is_who_is_the_familys() -> None:
    child, roster = one("家长姓名及电话", "韦大山\n13800000001")
    assert [phone.number for phone in child.contact_phones] == ["13800000001"]
    assert told(roster, "name_phone") == [("warning", 2, "D")]


@pytest.mark.parametrize("written", ["韦小禾 女", "韦小禾（女）", "韦小禾(女生)"])
def test_69_the_sex_behind_a_name_is_no_part_of_it(written: str) -> None:
    child, roster = one("民族", "汉", name=written)
    assert (child.name, child.notes) == ("韦小禾", [])
    assert told(roster, "name_note") == []


@pytest.mark.parametrize("note, left", [("已转走", True), ("2026年9月退学", True), ("2026年9月转入", False)])
def test_17_who_is_noted_as_gone_is_told(note: str, left: bool) -> None:
    child, roster = one("备注", note)
    assert (child.notes, bool(told(roster, "note_left"))) == ([note], left)


def test_39_a_number_kept_as_text_by_a_formula_in_a_text_table() -> None:
    content = f'姓名,性别,班级,身份证号,家长电话\n韦小禾,女,四（1）班,="{ID}",="13800000001"\n'
    child: ChildRow = parse_roster(content.encode("gb18030"), context()).children[0]
    assert (child.id_no, [phone.number for phone in child.contact_phones]) == (ID, ["13800000001"])

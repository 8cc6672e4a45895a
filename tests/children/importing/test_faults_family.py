"""The faults of rosters §6, one small sheet each, with exactly the action they ask for: the family and who cares (6.3)."""

from typing import Any

import pytest

from children.importing.parse import ParsedRoster
from children.importing.records import ChildRow
from tests.children.importing.small_sheets import HEADER, keys, lines, one, read, told

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

"""What stands in the cells of adults' names beside a name: who died or left, notes, relations, nobody at all."""

import datetime as dt
from typing import Any

import pytest

from caretrack.schools.models import School
from children.importing.parse import ParsedRoster
from children.importing.records import ChildRow
from children.models import CareArrangement, Child, FamilyMember, StatusChange
from tests.children.importing.small_sheets import HEADER, imported, lines, one, read, told
from tests.support.factories import id_number


def carer(name: Any, relation: Any, **more: Any) -> tuple[ChildRow, ParsedRoster]:
    rows = [[*HEADER, "监护人", "与学生关系", *more], ["韦小禾", "女", "四（1）班", name, relation, *more.values()]]
    roster = read(lines(*rows))
    return roster.children[0], roster


@pytest.mark.parametrize(
    "word, status",
    [
        ("已故", "deceased"),
        ("亡", "deceased"),
        ("去 世", "deceased"),
        ("（已故）", "deceased"),
        ("父亡", "deceased"),
        ("失踪", "missing"),
        ("改嫁", "divorced_no_contact"),
        ("跑了", "divorced_no_contact"),
        ("服刑", "imprisoned_or_detox"),
        ("外出打工", "away_work"),
        ("在家", "at_home"),
    ],
)
@pytest.mark.parametrize("who", ["父亲姓名", "母亲"])
def test_66_a_word_in_the_place_of_a_parents_name_is_the_status(who: str, word: str, status: str) -> None:
    child, roster = one(who, word)
    parent = child.father if who == "父亲姓名" else child.mother
    assert (parent.name, parent.status) == (None, status)
    assert told(roster, "parent_status") == [("warning", 2, "D")]


@pytest.mark.parametrize("word", ["离异", "已离婚", "父母离异"])
def test_66_divorced_alone_leaves_the_parent_open_and_is_kept(word: str) -> None:
    child, roster = one("父亲姓名", word)
    assert (bool(child.father), child.notes) == (False, [f"父亲：{word}"])
    assert told(roster, "parent_status") == [("warning", 2, "D")]


@pytest.mark.parametrize("name", ["王务农", "田亡", "在家旺", "母其弥雅"])
def test_names_that_hold_such_a_word_are_names(name: str) -> None:
    child, roster = one("父亲姓名", name)
    assert (child.father.name, child.father.status, told(roster, "parent_status")) == (name, None, [])


def test_a_status_behind_a_parents_name_is_the_status() -> None:
    header = [*HEADER, "父亲姓名", "母亲姓名", "备注"]
    roster = read(lines(header, ["韦小禾", "女", "四（1）班", "田勇（已故）", "罗春花（改嫁）", None]))
    child = roster.children[0]
    assert (child.father.name, child.father.status) == ("田勇", "deceased")
    assert (child.mother.name, child.mother.status) == ("罗春花", "divorced_no_contact")
    assert child.notes == []
    assert told(roster, "parent_status") == [("warning", 2, "D"), ("warning", 2, "E")]
    assert told(roster, "name_note") == []


def test_another_status_in_its_own_column_stands_and_the_difference_is_told() -> None:
    header = [*HEADER, "父亲姓名", "父亲状况"]
    roster = read(lines(header, ["韦小禾", "女", "四（1）班", "田勇（已故）", "外出务工"]))
    child = roster.children[0]
    assert (child.father.status, child.notes) == ("away_work", ["父亲：已故"])
    assert [found.sentence for found in roster.findings if found.what == "parent_status"] == [
        "父亲姓名栏写着“已故”，与父亲状况一栏不同，已按状况一栏保存，请核实。"
    ]


def test_other_words_behind_an_adults_name_go_into_the_note_with_whose_they_are() -> None:
    header = [*HEADER, "父亲姓名", "监护人"]
    roster = read(lines(header, ["韦小禾（借读）", "女", "四（1）班", "田勇（腿脚不便）", "王腊梅（聋）"]))
    child = roster.children[0]
    assert (child.father.name, child.father.status, child.carer.name) == ("田勇", None, "王腊梅")
    assert child.notes == ["借读", "父亲：腿脚不便", "监护人：聋"]
    sentences = [found.sentence for found in roster.findings if found.what == "name_note"]
    assert sentences == [
        "姓名后面的“借读”已移到备注，请核对这名学生的去向。",
        "父亲姓名后面的“腿脚不便”已写进备注，请核对。",
        "监护人姓名后面的“聋”已写进备注，请核对。",
    ]


def test_a_mark_of_namesakes_is_no_note() -> None:
    child, _ = one("父亲姓名", "张伟2")
    assert (child.father.name, child.notes) == ("张伟", [])


def test_members_and_named_parents_likewise() -> None:
    header = [*HEADER, "成员1姓名", "成员1关系", "成员2姓名", "成员2关系"]
    child = read(lines(header, ["韦小禾", "女", "四（1）班", "已故", "父亲", "韦老根（住院）", "祖父"])).children[0]
    assert (child.father.name, child.father.status) == (None, "deceased")
    assert (child.family[0].name, child.notes) == ("韦老根", ["家庭成员：住院"])
    child, roster = one("家长", "爸爸去世/妈妈罗春花")
    assert (child.father.name, child.father.status, child.mother.name) == (None, "deceased", "罗春花")
    assert told(roster, "parent_status") == [("warning", 2, "D")]


@pytest.mark.parametrize(
    "name, relation, code, stored",
    [
        ("奶奶", "祖孙", "62", None),
        ("外公", "外祖孙", "63", None),
        ("奶奶", "外祖孙", "64", None),
        ("舅舅", "亲戚", "85", None),
        ("奶奶", "外婆", "64", None),
        ("外公外婆", "外祖孙", "63", None),
        (None, "外公外婆", "63", None),
        ("田老根、王腊梅", "外公外婆", "63", "田老根"),
        ("王奶奶", "祖孙", "62", "王奶奶"),
        ("王奶奶", None, "62", "王奶奶"),
        ("爷爷田老根", "祖孙", "61", "田老根"),
        ("外婆：李三妹", None, "64", "李三妹"),
        ("王腊梅（奶奶）", "祖孙", "62", "王腊梅"),
        ("奶奶（王腊梅）", None, "62", "王腊梅"),
        ("王腊梅", "祖孙", "60", "王腊梅"),
        ("欧阳叔叔", "邻居", "83", "欧阳叔叔"),
    ],
)
def test_13_the_most_exact_relation_that_the_cells_tell(name: Any, relation: Any, code: str, stored: Any) -> None:
    child, _ = carer(name, relation)
    assert (child.carer.relation_code, child.carer.name) == (code, stored)


@pytest.mark.parametrize("male, relation, code", [
    (True, "祖孙", "61"), (False, "祖孙", "62"), (True, "外祖孙", "63"), (False, "孙子", "62"),
])  # fmt: skip
def test_row47_the_carers_sex_from_the_id_number_makes_it_exact(male: bool, relation: str, code: str) -> None:
    number = id_number(dt.date(1956, 3, 12), male=male)
    child, _ = carer("田家福", relation, 监护人身份证号=number)
    assert (child.carer.relation_code, child.carer.name) == (code, "田家福")


def test_of_a_couple_with_names_each_has_a_relation() -> None:
    child, _ = carer("田老根、王腊梅", "爷爷奶奶")
    assert (child.carer.relation_code, child.family[0].name, child.family[0].relation_code) == ("61", "王腊梅", "62")


@pytest.mark.parametrize(
    "cell, name, code",
    [
        ("祖父 李大山", "李大山", "61"),
        ("祖父 丁山", "丁山", "61"),
        ("母亲 韦丽", "韦丽", "52"),
        ("外婆\n陈桂花", "陈桂花", "64"),
        ("李大山，祖父", "李大山", "61"),
        ("奶奶 李奶奶", "李奶奶", "62"),
        ("祖孙 李大山", "李大山", "60"),
        ("母 韦丽", "韦丽", "52"),
        ("父：李大山", "李大山", "51"),
        ("韦丽（母）", "韦丽", "52"),
        ("婆婆 王秀英", "王秀英", None),
    ],
)
def test_a_relation_apart_from_the_name_is_not_a_second_person(cell: str, name: str, code: str | None) -> None:
    child, roster = carer(cell, None, 监护人电话="13800001111")
    assert (child.carer.name, child.carer.relation_code, child.family) == (name, code, [])
    assert [phone.number for phone in child.carer.phones] == ["13800001111"]
    assert told(roster, "carer_two_people") == []


@pytest.mark.parametrize("cell", [
    "祖父 李大山 祖母 王秀英", "祖父李大山、祖母王秀英", "李大山（爷爷） 王秀英（奶奶）", "祖父：李大山，祖母：王秀英", "爷爷奶奶 李大山 王秀英",
])  # fmt: skip
def test_of_two_people_with_their_relations_the_first_cares(cell: str) -> None:
    child, roster = carer(cell, None)
    assert (child.carer.name, child.carer.relation_code) == ("李大山", "61")
    assert [(person.name, person.relation_code) for person in child.family] == [("王秀英", "62")]
    assert told(roster, "carer_two_people") == [("warning", 2, "D")]


def test_a_parent_who_stands_second_is_the_parent() -> None:
    child, roster = carer("奶奶 王秀英 妈妈 韦丽", None)
    assert (child.carer.name, child.mother.name, child.family) == ("王秀英", "韦丽", [])
    assert "后一位记作母亲" in roster.findings[-1].sentence


def test_a_grandfather_and_a_grandmother_without_his_name_stay_two_people() -> None:
    child, _ = carer("爷爷 李奶奶", None)
    assert (child.carer.name, child.carer.relation_code) == (None, "61")
    assert [(person.name, person.relation_code) for person in child.family] == [("李奶奶", "62")]


@pytest.mark.parametrize(
    "cell", ["爸爸 田勇 妈妈 罗春花", "父：田勇、母：罗春花", "田勇（父）、罗春花（母）", "父 田勇/母 罗春花"]
)
def test_named_parents_may_have_a_blank_or_brackets_between(cell: str) -> None:
    child, _ = one("家长", cell)
    assert (child.father.name, child.mother.name, child.notes) == ("田勇", "罗春花", [])


@pytest.mark.parametrize(
    "name, relation, care_type",
    [("本人", "本人", "self"), ("自己", None, "self"), (None, "本人", "self"), ("韦小禾", "本人", "self"),
     ("韦小禾", None, "self"), ("无人", None, "none"), ("独居", "其他", "self")],
)  # fmt: skip
def test_14_no_adult_is_no_member_of_the_family(name: Any, relation: Any, care_type: str) -> None:
    child, roster = carer(name, relation)
    assert (bool(child.carer), child.care_type) == (False, care_type)
    assert len(told(roster, "no_adult_carer")) == 1


def test_the_pupils_name_beside_a_relation_is_only_not_taken() -> None:
    child, roster = carer("韦小禾", "奶奶")
    assert (child.carer.name, child.carer.relation_code, child.care_type) == (None, "62", None)
    assert told(roster, "carer_is_pupil") == [("warning", 2, "D")]


COLUMNS = ["姓名", "性别", "出生日期", "班级", "父亲姓名", "监护人", "与学生关系"]
PUPIL = ["韦小禾", "女", "2016-03-12", "四（1）班"]


@pytest.mark.data
def test_66_what_is_stored_has_no_such_name_and_comes_once(small_school: School) -> None:
    assert imported(small_school, COLUMNS, [*PUPIL, "已故", "王腊梅", "奶奶"])["new"] == 1
    father = FamilyMember.objects.get(relation="51")
    assert (father.name, father.status) == ("", "deceased")
    assert imported(small_school, COLUMNS, [*PUPIL, "已故", "王腊梅", "奶奶"])["same"] == 1


@pytest.mark.data
def test_a_vaguer_list_makes_no_second_grandmother(small_school: School) -> None:
    imported(small_school, COLUMNS, [*PUPIL, "", "王腊梅", "奶奶"])
    assert imported(small_school, COLUMNS, [*PUPIL, "", "王腊梅", "祖孙"], on=dt.date(2026, 11, 27))["same"] == 1
    assert FamilyMember.objects.get().relation == "62"


@pytest.mark.data
def test_a_child_who_is_now_alone_changes_the_care_on_that_day(small_school: School) -> None:
    imported(small_school, COLUMNS, [*PUPIL, "", "王腊梅", "奶奶"])
    monday = dt.date(2026, 11, 23)
    assert imported(small_school, COLUMNS, [*PUPIL, "", "本人", ""], on=monday)["changed"] == 1
    now, before = CareArrangement.objects.open().get(), CareArrangement.objects.get(ends_on__isnull=False)
    assert (now.carer, now.care_type, now.starts_on, before.carer.name) == (None, "self", monday, "王腊梅")
    change = StatusChange.objects.get(kind="care_change")
    assert (change.before, change.after) == ("祖母 王腊梅", "独居")
    assert imported(small_school, COLUMNS, [*PUPIL, "", "本人", ""], on=monday)["same"] == 1
    assert Child.objects.get().family.count() == 1

"""Phone numbers in the cells of adults' names: the name keeps no digits, the number goes where numbers are kept."""

from typing import Any

import pytest

from caretrack.schools.models import School
from children.importing.parse import ParsedRoster
from children.importing.records import ChildRow, Person
from children.models import FamilyMember, Phone
from tests.children.importing.small_sheets import HEADER, imported, lines, one, read
from tests.support.factories import make_class, make_school, make_term


def numbers(adult: Person) -> list[str]:
    return [phone.number for phone in adult.phones]


def row(**cells: Any) -> tuple[ChildRow, ParsedRoster]:
    roster = read(lines([*HEADER, *cells], ["韦小禾", "女", "四（1）班", *cells.values()]))
    return roster.children[0], roster


def levels(roster: ParsedRoster) -> list[tuple[str, str]]:
    return [(found.level.value, found.letter) for found in roster.findings if found.what == "name_phone"]


@pytest.mark.parametrize(
    "written, name, phones",
    [
        ("李红/13800003333", "李红", ["13800003333"]),
        ("王桂英13800001111", "王桂英", ["13800001111"]),
        ("田勇（13800002222）", "田勇", ["13800002222"]),
        ("田勇(电话：13800002222)", "田勇", ["13800002222"]),
        ("李红１３８００００３３３３", "李红", ["13800003333"]),
        ("李红 138 0000 3333", "李红", ["13800003333"]),
        ("李红\n0859-3612345", "李红", ["0859-3612345"]),
        ("李红13800003333/13800004444", "李红", ["13800003333", "13800004444"]),
        ("13800003333李红", "李红", ["13800003333"]),
        (13800003333, None, ["13800003333"]),
        ("张伟2 13800003333", "张伟", ["13800003333"]),
        ("买买提·艾力13800003333", "买买提·艾力", ["13800003333"]),
    ],
)
@pytest.mark.parametrize("header", ["父亲姓名", "母亲", "监护人"])
def test_the_name_and_the_number_are_told_apart(header: str, written: Any, name: str, phones: list[str]) -> None:
    child, roster = one(header, written)
    adult = {"父亲姓名": child.father, "母亲": child.mother, "监护人": child.carer}[header]
    assert (adult.name, numbers(adult)) == (name, phones)
    assert levels(roster) == [("fixed", "D")]


@pytest.mark.parametrize(
    "written",
    ["田勇（已故，13800002222）", "田勇（13800002222，已故）", "田勇13800002222（已故）", "田勇13800002222已故"],
)
def test_words_beside_the_number_keep_their_meaning(written: str) -> None:
    child, _ = one("父亲姓名", written)
    assert (child.father.name, child.father.status, numbers(child.father)) == ("田勇", "deceased", ["13800002222"])


@pytest.mark.parametrize("stated, level", [("13800001111", "fixed"), ("13800009999", "warning")])
def test_the_number_of_the_phone_column_stands_and_another_is_told(stated: str, level: str) -> None:
    child, roster = row(监护人="王桂英13800001111", 监护人电话=stated)
    assert (child.carer.name, numbers(child.carer)) == ("王桂英", [stated])
    assert levels(roster) == [(level, "D")]
    told = [found.sentence for found in roster.findings if found.what == "name_phone"]
    assert ("13800001111" in told[0]) is (level == "warning")


@pytest.mark.parametrize("digits", ["138000033331", "999999195603120024", "99999919560312002X", "52 212 301"])
def test_digits_that_are_no_phone_are_never_left_in_a_name(digits: str) -> None:
    child, _ = one("母亲姓名", f"李红{digits}")
    assert child.mother.name == "李红"


def test_digits_that_are_no_phone_are_told_and_not_repeated() -> None:
    child, roster = one("母亲姓名", "李红999999195603120024")
    assert child.mother.phones == ()
    assert [found.sentence for found in roster.findings if found.what == "name_number"] == [
        "姓名旁边的一串数字（18 位）不是电话号码，没有采用，请核对后填到对应的栏。"
    ]


def test_of_two_carers_with_two_numbers_each_has_one() -> None:
    child, _ = row(监护人="田老根13800001111、王腊梅13800002222", 与学生关系="爷爷奶奶")
    assert (child.carer.name, numbers(child.carer)) == ("田老根", ["13800001111"])
    assert [(person.name, numbers(person)) for person in child.family] == [("王腊梅", ["13800002222"])]


def test_a_relation_in_the_place_of_a_name_is_still_one() -> None:
    child, _ = one("监护人", "奶奶13800001111")
    assert (child.carer.name, child.carer.relation_code, numbers(child.carer)) == (None, "62", ["13800001111"])


def test_members_mentors_and_named_parents_likewise() -> None:
    child, _ = row(成员1姓名="田勇13800002222", 成员1关系="父亲", 成员2姓名="韦老根13800001111", 成员2关系="祖父")
    assert (child.father.name, numbers(child.father)) == ("田勇", ["13800002222"])
    assert (child.family[0].name, numbers(child.family[0])) == ("韦老根", ["13800001111"])
    child, _ = row(代理家长="罗老师13800003333")
    assert [(mentor.name, numbers(mentor)) for mentor in child.mentors] == [("罗老师", ["13800003333"])]
    child, _ = row(家长="爸爸田勇13800002222/妈妈罗春花13800003333")
    assert (child.father.name, numbers(child.father)) == ("田勇", ["13800002222"])
    assert (child.mother.name, numbers(child.mother)) == ("罗春花", ["13800003333"])


def test_a_number_beside_two_names_is_told_and_not_guessed() -> None:
    child, roster = one("家长", "爸爸田勇/妈妈罗春花13800003333")
    assert (child.father.name, child.mother.name) == ("田勇", "罗春花")
    assert (child.father.phones, child.mother.phones, levels(roster)) == ((), (), [("warning", "D")])


@pytest.mark.data
@pytest.mark.django_db
def test_what_is_stored_has_no_digits_and_comes_once() -> None:
    school: School = make_school(code="990001")
    make_term(school)
    make_class(school, 4, 1)
    columns = ["姓名", "性别", "出生日期", "班级", "母亲姓名", "监护人", "与学生关系"]
    pupil = ["韦小禾", "女", "2016-03-12", "四（1）班", "李红/13800003333", "王桂英13800001111", "奶奶"]
    assert imported(school, columns, pupil)["new"] == 1
    assert set(FamilyMember.objects.values_list("name", flat=True)) == {"李红", "王桂英"}
    stored = {(phone.member.name, phone.number) for phone in Phone.objects.select_related("member")}
    assert stored == {("李红", "13800003333"), ("王桂英", "13800001111")}
    assert imported(school, columns, pupil)["same"] == 1

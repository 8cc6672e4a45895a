"""A phone that says whose it is belongs to that person, whoever's column it stands in."""

import pytest

from caretrack.schools.models import School
from children.importing.normalise.phones import read_phones
from children.importing.parse import ParsedRoster
from children.importing.records import ChildRow
from children.importing.sheets import Merge
from children.models import Phone
from tests.children.importing.small_sheets import imported, lines, read, told
from tests.support.factories import make_class, make_school, make_term

FIRST, SECOND = "13900000001", "13900000002"


def under_one_head(name: str | None, relation: str | None, phone: str) -> tuple[ChildRow, ParsedRoster]:
    """The carer's three columns under the merged head 监护人情况."""
    roster = read(
        lines(
            ["姓名", "性别", "班级", "监护人情况", None, None],
            [None, None, None, "姓名", "与学生关系", "联系电话"],
            ["韦小禾", "女", "四（1）班", name, relation, phone],
            merges=[Merge(0, 3, 0, 5), *(Merge(0, column, 1, column) for column in range(3))],
        )
    )
    return roster.children[0], roster


def owners(child: ChildRow) -> dict[str, list[str]]:
    people = {"监护人": child.carer, "51": child.father, "52": child.mother}
    people |= {member.relation_code or "": member for member in child.family}
    return {who: [phone.number for phone in person.phones] for who, person in people.items() if person.phones}


@pytest.mark.parametrize(
    "name, relation, phone, whose",
    [
        ("田老根", "爷爷", f"父{FIRST}", {"51": [FIRST]}),
        ("王桂英", "奶奶", f"{FIRST}（母）", {"52": [FIRST]}),
        ("罗大山", "外公", f"父:{FIRST}/母:{SECOND}", {"51": [FIRST], "52": [SECOND]}),
        ("罗大山", "外公", f"{FIRST}、妈{SECOND}", {"监护人": [FIRST], "52": [SECOND]}),
        ("田老根", "爷爷", f"奶奶{FIRST}", {"62": [FIRST]}),
        ("田老根", "爷爷", f"外公{FIRST}", {"63": [FIRST]}),
        (None, None, f"母{FIRST}", {"52": [FIRST]}),
        ("田老根", "爷爷", f"父亲\n{FIRST}\n母亲\n{SECOND}", {"51": [FIRST], "52": [SECOND]}),
    ],
)
def test_the_word_beside_the_number_wins_over_the_columns_person(
    name: str | None, relation: str | None, phone: str, whose: dict[str, list[str]]
) -> None:
    child, roster = under_one_head(name, relation, phone)
    assert owners(child) == whose
    moved = sum(len(numbers) for who, numbers in whose.items() if who != "监护人")
    assert told(roster, "phone_owner") == [("fixed", 3, "F")] * moved


@pytest.mark.parametrize(
    "name, relation, phone",
    [
        ("罗春花", "母亲", f"母{FIRST}"),
        ("田老根", "爷爷", f"祖父{FIRST}"),
        ("王桂英", "祖孙", f"{FIRST}（奶奶）"),
        ("罗春花", "继母", f"妈{FIRST}"),
        ("田勇", None, f"父{FIRST}"),
        ("田老根", "爷爷", f"{FIRST}（爸爸妈妈不在家）"),
        ("田老根", "爷爷", f"{FIRST}（晚上打）"),
        ("田老根", "爷爷", f"{FIRST}（同学妈妈）"),
        ("田老根", "爷爷", f"爸爸的工友{FIRST}"),
    ],
)
def test_a_word_that_means_the_carer_leaves_the_number_there(name: str, relation: str | None, phone: str) -> None:
    child, roster = under_one_head(name, relation, phone)
    assert (owners(child), told(roster, "phone_owner")) == ({"监护人": [FIRST]}, [])


@pytest.mark.parametrize(
    "words, code",
    [
        ("祖父", "61"),
        ("外祖母", "64"),
        ("舅妈", "86"),
        ("孩子他妈", "52"),
        ("师父", ""),
        ("老师代", ""),
        ("父在村里", "51"),
    ],
)
def test_whose_a_number_is(words: str, code: str) -> None:
    (phone,) = read_phones(f"{words}{FIRST}").value or ()
    assert phone.owner == code


@pytest.mark.parametrize(
    "cell, dead",
    [
        ("爸爸\n{0}\n妈妈\n{1}", []),
        ("父/{0}，母/{1}", []),
        ("{0}，爸爸，{1}，妈妈", []),
        ("{0}爸爸{1}妈妈", []),
        ("爸爸{0}妈妈{1}", []),
        ("爸爸\n{0}\n打不通\n妈妈\n{1}", [FIRST]),
        ("爸爸{0} 打不通 妈妈{1}", [FIRST]),
        ("爸爸0771-5550001 妈妈{1}", []),
    ],
)
def test_words_stay_with_their_number_on_whichever_side_they_stand(cell: str, dead: list[str]) -> None:
    reading = read_phones(cell.format(FIRST, SECOND))
    father, mother = reading.value or ()
    assert (father.owner, mother.owner, mother.number) == ("51", "52", SECOND)
    assert [phone.number for phone in (father, mother) if phone.dead] == dead
    assert "phone_invalid" not in {remark.what for remark in reading.remarks}


def test_a_number_that_is_too_short_is_told_and_takes_no_words_from_the_next() -> None:
    reading = read_phones(f"爸爸\n138000\n妈妈\n{FIRST}")
    assert [(phone.number, phone.owner) for phone in reading.value or ()] == [(FIRST, "52")]
    assert "phone_invalid" in {remark.what for remark in reading.remarks}


def test_a_grandfathers_number_is_not_the_fathers() -> None:
    header = ["姓名", "性别", "班级", "联系电话", "父亲姓名"]
    roster = read(lines(header, ["韦小禾", "女", "四（1）班", f"祖父{FIRST}", "韦勇"]))
    (child,) = roster.children
    assert (owners(child), [phone.number for phone in child.contact_phones]) == ({}, [FIRST])


@pytest.mark.data
@pytest.mark.django_db
@pytest.mark.parametrize(
    "carer, relation, phone, stored",
    [
        ("韦老根", "爷爷", f"父{FIRST}", ("51", FIRST)),
        ("罗春花", "母亲", f"母{FIRST}", ("52", FIRST)),
        ("罗花", "母亲", f"母{FIRST}", ("52", FIRST)),
        ("韦老根", "爷爷", f"外公{FIRST}", ("63", FIRST)),
    ],
)
def test_it_is_stored_with_that_person_and_comes_once(carer: str, relation: str, phone: str, stored: tuple) -> None:
    school: School = make_school(code="990001")
    make_term(school)
    make_class(school, 4, 1)
    columns = ["姓名", "性别", "出生日期", "班级", "母亲姓名", "监护人", "与学生关系", "监护人电话"]
    pupil = ["韦小禾", "女", "2016-03-12", "四（1）班", "罗春花", carer, relation, phone]
    assert imported(school, columns, pupil)["new"] == 1
    assert [(kept.member.relation, kept.number) for kept in Phone.objects.select_related("member")] == [stored]
    assert imported(school, columns, pupil)["same"] == 1

"""The registration form of 2016 (L6): one child a sheet, or several forms below each other."""

import copy
import datetime as dt
from typing import Any

import pytest

from children.importing.form_sheets import form_cells
from children.importing.mends import Act, Mends
from children.importing.parse import Context, ParsedRoster, parse_workbook
from children.importing.sheet_checks import same_school
from children.importing.sheets import Sheet, Workbook
from tests.support.factories import id_number

ID = id_number(dt.date(2015, 10, 11), male=False)
FORM: list[list[Any]] = [
    ["附件1"],
    ["农村留守儿童基本情况登记表"],
    ["填报单位：(盖章)", None, None, None, "填报日期：2026年11月1日"],
    ["姓名", "韦小禾", "性别", "女", "民族", "汉族", "出生日期", "2015-10-11"],
    ["公民身份证号码", ID, None, "是否登记户口", "是", None, "户籍所在地", "云禾县"],
    ["现居住地", "栗坪村3组", None, "身体情况", "健康(√) 残疾( ) 患病( )"],
    ["残疾类别及等级", None, "患病类型", None, "是否学校寄宿", "否"],
    ["就学情况", "幼儿园( )未入园( );小学(√)初中( )"],
    ["祖父姓名", "韦老根", "出生日期", "1955-01-02", "祖母姓名", "王腊梅", "出生日期", None],
    ["父亲姓名", "韦大山", "出生日期", None, "当前务工地点", "广东东莞", "联系电话", "13800000001"],
    ["母亲姓名", "—", "出生日期", None, "当前务工地点", None, "联系电话", None],
    ["父亲公民身份证号码", None, "母亲公民身份证号码"],
    ["父母双方同时外出", "是( ) 否(√)", "父母一方外出、另一方无监护能力", "是(√) 否( )", "无监护能力", "父亲( ) 母亲(√)"],
    ["父母外出有无委托其他监护人", "是(√) 否( )", "委托监护人姓名", "韦老根", "受委托监护人电话", "13800000002",
     "公民身份证号码", None, "与被监护人关系", "祖父", "居住地地址", "栗坪村"],
    ["监护类型", "无人监护( ) 父或母无监护能力( ) 监护情况一般(√) 监护情况较好( )"],
    ["家庭经济来源", "打工收入(√) 种养殖业(√) 政府救助( )  以上选项可多选"],
    ["救助帮扶情况", "享受低保(√) 临时救助( )"],
    ["单位负责人(签名)："],
]  # fmt: skip


def read(*sheets: Sheet, **known: Any) -> ParsedRoster:
    classes = frozenset({(5, 1), (5, 2)})
    context = Context(2026, dt.date(2026, 11, 20), known_classes=classes, **known)
    return parse_workbook(Workbook("xlsx", list(sheets)), context)


def form(**cells: Any) -> list[list[Any]]:
    """A filled form; a cell is named by row and column, e.g. r4c2."""
    rows = copy.deepcopy(FORM)
    for place, value in cells.items():
        row, column = place.removeprefix("r").split("c")
        rows[int(row) - 1][int(column) - 1] = value
    return rows


def test_labels_and_ticks_become_facts() -> None:
    roster = read(Sheet("Sheet1", form()))
    child = roster.children[0]
    assert (child.name, child.sex, child.id_no, child.address, child.hukou_place) == (
        "韦小禾", "女", ID, "栗坪村3组", "云禾县",
    )  # fmt: skip
    assert (child.father.name, child.father.work_place, child.father.phones[0].number) == (
        "韦大山", "广东东莞", "13800000001",
    )  # fmt: skip
    assert (child.carer.name, child.carer.relation_code, child.carer.phones[0].number) == (
        "韦老根",
        "61",
        "13800000002",
    )
    assert [(other.name, other.relation_code) for other in child.family] == [("韦老根", "61"), ("王腊梅", "62")]
    assert (child.boarding, child.health, child.entrusted, child.care_rating) == ("走读", "健康", True, "一般")
    assert (child.income_sources, child.aid) == (("打工收入", "种养殖业"), ("低保",))
    assert child.notes == ["无监护能力：母亲"]


def test_a_blank_stays_blank_and_never_takes_the_next_label() -> None:
    child = read(Sheet("Sheet1", form(r6c2=None, r4c8=None, r5c2=None))).children[0]
    assert (child.address, child.birth_date) == (None, None)


def test_a_dash_for_a_parent_is_asked_about() -> None:
    roster = read(Sheet("Sheet1", form()))
    assert roster.children[0].mother.name is None
    assert [found.what for found in roster.findings if found.what == "parent_dash"] == ["parent_dash"]


def test_a_sheet_for_each_child_and_the_class_is_asked_once() -> None:
    second = form(r4c2=None, r5c2=id_number(dt.date(2016, 3, 1), 2), r4c4="男", r4c8="2016-03-01")
    roster = read(Sheet("韦小禾", form()), Sheet("田小雨", second))
    assert [(child.sheet, child.name) for child in roster.children] == [("韦小禾", "韦小禾"), ("田小雨", "田小雨")]
    assert [question.key for question in roster.open_questions] == ["class_missing"]
    answered = read(Sheet("韦小禾", form()), Sheet("田小雨", second), answers={"class_missing": "5-2"})
    assert [child.klass.number for child in answered.children] == [2, 2]


def test_forms_of_two_classes_are_each_read_by_their_own_title() -> None:
    second = form(
        r4c2="田小雨", r5c2=id_number(dt.date(2016, 3, 1), 2), r4c4="男", r4c8="2016-03-01", r1c1="五年级（2）班"
    )
    sheets = [Sheet("韦小禾", form(r1c1="五年级（1）班")), Sheet("田小雨", second)]
    roster = read(*copy.deepcopy(sheets))
    assert [(child.name, child.klass.number) for child in roster.children] == [("韦小禾", 1), ("田小雨", 2)]
    asked = [question for question in roster.open_questions if question.finding.what == "class_from_title"]
    assert [question.finding.sheet for question in asked] == ["韦小禾", "田小雨"]
    other = read(*sheets, answers={asked[1].key: "5-1"})
    assert [child.klass.number for child in other.children] == [1, 1]


def test_an_unclear_word_is_asked_once_for_all_forms_and_kept() -> None:
    second = form(r4c2="田小雨", r5c2=id_number(dt.date(2016, 3, 1), 2), r4c4="男", r4c8="2016-03-01", r7c6="陪读")
    sheets = [Sheet("韦小禾", form(r7c6="陪读", r14c2="正在办")), Sheet("田小雨", second)]
    roster = read(*copy.deepcopy(sheets))
    boarding, entrusted, _ = (question.key for question in roster.open_questions)
    assert [question.sentence for question in roster.open_questions[:2]] == [
        "“是否学校寄宿”里的“陪读”不在选项里，按哪一种登记？原话会写进备注。",
        "“父母外出有无委托其他监护人”里的“正在办”不在选项里，按哪一种登记？原话会写进备注。"
        "已先选“否”：还没有批下来；不对请改选。",
    ]
    asked = [(found.what, found.row) for found in roster.findings if found.what.endswith("_unclear")]
    assert asked == [("boarding_unclear", None), ("yes_no_unclear", None)]
    answered = read(*sheets, answers={boarding: "走读", entrusted: "no"})
    assert [(child.boarding, child.entrusted) for child in answered.children] == [("走读", False), ("走读", True)]
    assert "是否学校寄宿：陪读" in answered.children[1].notes[-1]
    # The same words in a file whose first form has another layout are asked under the same name.
    other = read(Sheet("甲", form(r4c2=None)[3:]), Sheet("田小雨", second))
    assert boarding in [question.key for question in other.open_questions]


def test_two_forms_below_each_other() -> None:
    second = form(r4c2="田小雨", r5c2=id_number(dt.date(2016, 3, 1), 2), r4c4="男", r4c8="2016-03-01")
    roster = read(Sheet("登记表", [*form(), [], *second]))
    assert [(child.name, child.row) for child in roster.children] == [("韦小禾", 4), ("田小雨", 23)]


def test_a_list_is_never_taken_for_a_form() -> None:
    rows = [
        ["姓名", "性别", "父亲姓名", "母亲姓名", "出生日期", "现居住地", "备注", "民族"],
        ["韦小禾", "女", "韦大山", "罗春花", "2015-10-11", "栗坪村3组", None, "汉族"],
    ]
    roster = read(Sheet("名册", rows))
    assert (roster.from_forms, roster.children[0].row) == (False, 2)


@pytest.mark.parametrize(
    "stated, same",
    [
        ("青榕镇中心小学", True),
        ("云禾县青榕镇中心学校", True),
        ("青榕小学", True),
        ("9900000001", True),
        ("栗坪村村民委员会", True),
        ("", True),
        ("禾阳小学", False),
        ("青榕镇中心幼儿园", False),
        ("云禾县第二中学", False),
    ],
)
def test_abbreviations_of_the_own_school_are_no_other_school(stated: str, same: bool) -> None:
    assert same_school(stated, "云禾县青榕镇中心小学") is same


def test_a_fault_names_the_cell_of_its_field_and_not_the_line_of_the_name() -> None:
    roster = read(Sheet("Sheet1", form(r5c2="99999920151011", r10c8="1380000")))
    told = {found.line: found for found in roster.findings if found.level == "error"}
    assert told[5].place == "第5行 B列“公民身份证号码”"
    phone = next(found for found in roster.findings if found.what.startswith("phone"))
    assert (phone.line, phone.letter, phone.label, phone.row) == (10, "H", "父亲联系电话", 4)


def test_a_form_is_corrected_cell_by_cell() -> None:
    wrong = form(r5c2="99999920151011")
    acts = [Act("cell", "Sheet1", 5, "岑老师", "2026-11-20T16:00", 1, "公民身份证号码", "99999920151011", ID)]
    assert read(Sheet("Sheet1", copy.deepcopy(wrong))).children[0].id_no is None
    assert read(Sheet("Sheet1", wrong), mends=Mends(acts)).children[0].id_no == ID
    cells = {cell.field: (cell.row + 1, cell.column, cell.label) for cell in form_cells(Sheet("Sheet1", form()), 3)}
    assert cells["id_no"] == (5, 1, "公民身份证号码")
    assert cells["mother.phone"] == (11, 7, "母亲联系电话")
    assert cells["carer.id_no"][2] == "委托监护人公民身份证号码"

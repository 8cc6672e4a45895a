"""
The same pupils in any layout read the same: columns in any order, titles, header styles, ways to write dates, phones
and classes, lines between. Every example is a sheet as some school could have typed it (rosters §2–4).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from children.importing.parse import Context, parse_workbook
from children.importing.sheets import Merge, Sheet, Workbook
from tests.support.factories import id_number

SURNAMES, GIVEN = "韦罗田杨王李石岑蒙覃", ("小禾", "思远", "雨欣", "浩然", "静", "可悦", "春萱", "佳桐")
CLASSES = frozenset((grade, number) for grade in range(1, 7) for number in range(1, 4))
VILLAGES = ("栗坪村", "河湾村", "雾岩村")


@dataclass(frozen=True)
class Pupil:
    """What is true of a pupil, however the sheet writes it."""

    name: str
    male: bool
    born: dt.date
    grade: int
    number: int
    phone: str
    address: str
    sequence: int

    @property
    def id_no(self) -> str:
        return id_number(self.born, self.sequence, male=self.male)


@st.composite
def pupils(draw: st.DrawFn) -> list[Pupil]:
    found = []
    for sequence in range(draw(st.integers(2, 6))):
        grade = draw(st.integers(1, 6))
        found.append(
            Pupil(
                draw(st.sampled_from(SURNAMES)) + draw(st.sampled_from(GIVEN)),
                draw(st.booleans()),
                dt.date(2020 - grade, draw(st.integers(1, 12)), draw(st.integers(1, 28))),
                grade,
                draw(st.integers(1, 3)),
                f"13{draw(st.integers(0, 9))}0000{1000 + sequence}",
                f"{draw(st.sampled_from(VILLAGES))}{draw(st.integers(1, 9))}组",
                sequence + 1,
            )
        )
    return found


TITLES = {
    "name": ("姓名", "姓  名", "学生姓名", "姓\n名", "＊姓名", "姓名（必填）", "儿童姓名", "姓　名"),
    "sex": ("性别", "性 别", "性别*", "sex"),
    "birth": ("出生日期", "出生年月日", "生日", "出生\n日期", "出生日期（年月日）"),
    "id": ("身份证号", "身份证号码", "公民身份号码", "证件号码", "身份证\n号码", "身份证号（18位）"),
    "class": ("班级", "所在班级", "班别", "年级班级", "行政班"),
    "phone": ("联系电话", "手机号", "家长电话", "联系方式", "电  话"),
    "address": ("家庭住址", "家庭地址", "现住址", "住址", "家庭住址（详细）"),
}
CHINESE = "〇一二三四五六"
DATES = (
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day:%Y%m%d}",
    lambda day: int(f"{day:%Y%m%d}"),
    lambda day: dt.datetime(day.year, day.month, day.day),  # noqa: DTZ001  as a spreadsheet gives it
    lambda day: (day - dt.date(1899, 12, 30)).days,
    lambda day: f"{day.year}．{day.month}．{day.day}",
)
PHONES = (
    lambda phone: phone,
    lambda phone: int(phone),
    lambda phone: float(phone),
    lambda phone: f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
    lambda phone: f"{phone[:3]} {phone[3:7]} {phone[7:]}",
    lambda phone: f"+86 {phone}",
    lambda phone: f"'{phone}",
    lambda phone: "".join(chr(ord(digit) + 0xFEE0) for digit in phone),
)
CLASS_STYLES = (
    lambda grade, number: f"{CHINESE[grade]}年级（{number}）班",
    lambda grade, number: f"{CHINESE[grade]}（{number}）班",
    lambda grade, number: f"{grade}({number})",
    lambda grade, number: f"{CHINESE[grade]}{number}班",
    lambda grade, number: f"{grade}0{number}",
    lambda grade, number: f"{grade}-{number}",
    lambda grade, number: grade * 100 + number,
    lambda grade, number: f"{2027 - grade}级{number}班",
    lambda grade, number: f"{CHINESE[grade]}年级{CHINESE[number]}班",
)
IDS = (
    lambda number: number,
    lambda number: number.lower(),
    lambda number: f"'{number}",
    lambda number: f" {number[:6]} {number[6:14]} {number[14:]}",
    lambda number: f"{number}\t",
)
SEXES = ({True: "男", False: "女"}, {True: "1", False: "2"}, {True: "1-男", False: "2-女"}, {True: "M", False: "F"})


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[Pupil], Sheet]:
    """Pupils and one way to write them down."""
    truth = draw(pupils())
    columns = draw(st.permutations(list(TITLES)))
    header = [draw(st.sampled_from(TITLES[column])) for column in columns]
    write_date, write_phone = draw(st.sampled_from(DATES)), draw(st.sampled_from(PHONES))
    write_class, write_id = draw(st.sampled_from(CLASS_STYLES)), draw(st.sampled_from(IDS))
    sexes, numbered = draw(st.sampled_from(SEXES)), draw(st.booleans())
    rows: list[list[Any]] = draw(
        st.sampled_from(
            [
                [],
                [["青榕镇中心小学留守儿童花名册"]],
                [["附件2"], ["青榕镇中心小学2026年秋季学期学生名册"], ["填报日期：2026年11月10日    填报人：罗老师"]],
                [[], ["学生花名册"], []],
            ]
        )
    )
    rows = [list(row) for row in rows]
    merges = [Merge(0, 0, 0, len(columns) - 1)] if rows and rows[0] else []
    titles = (["序号"] if numbered else []) + header
    rows.append(titles)
    for place, pupil in enumerate(truth):
        cells = {
            "name": pupil.name if draw(st.booleans()) else "  ".join(pupil.name),
            "sex": sexes[pupil.male],
            "birth": write_date(pupil.born),
            "id": write_id(pupil.id_no),
            "class": write_class(pupil.grade, pupil.number),
            "phone": write_phone(pupil.phone),
            "address": pupil.address,
        }
        rows.append(([place + 1] if numbered else []) + [cells[column] for column in columns])
        noise = draw(st.sampled_from(["", "", "", "blank", "subtotal", "header"]))
        if noise == "blank":
            rows.append([])
        elif noise == "subtotal":
            rows.append(["小计", f"{place + 1}人"])
        elif noise == "header":
            rows.append(list(titles))
    rows += draw(
        st.sampled_from(
            [
                [],
                [["合计", f"{len(truth)}人"]],
                [["合计", len(truth)], ["制表人：罗老师", None, "审核人："]],
                [[], ["注：1.本表一式两份。"]],
            ]
        )
    )
    return truth, Sheet("名册", rows, merges=merges)


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(layouts())
def test_the_truth_does_not_depend_on_the_layout(layout: tuple[list[Pupil], Sheet]) -> None:
    truth, sheet = layout
    context = Context(2026, dt.date(2026, 11, 20), "云禾县青榕镇中心小学", known_classes=CLASSES)
    roster = parse_workbook(Workbook("xlsx", [sheet]), context)
    read = [
        (
            child.name,
            child.sex == "男",
            child.birth_date and child.birth_date.iso,
            child.klass and (child.klass.grade, child.klass.number),
            tuple(phone.number for phone in child.contact_phones),
            child.address,
            child.id_no,
        )
        for child in roster.children
    ]
    assert read == [
        (
            pupil.name,
            pupil.male,
            pupil.born.isoformat(),
            (pupil.grade, pupil.number),
            (pupil.phone,),
            pupil.address,
            pupil.id_no,
        )
        for pupil in truth
    ]
    assert [finding for finding in roster.findings if finding.level != "fixed"] == []
    assert all(total.agrees for total in roster.totals)


FAMILY = ("姓名", "务工地点", "联系电话")


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(st.permutations(["父亲", "母亲", "监护人"]), st.booleans(), st.booleans())
def test_a_family_under_group_titles_reads_the_same_in_any_order(order: list[str], merged: bool, flat: bool) -> None:
    people = {"父亲": ("韦大山", "广东东莞", "13800000001"), "母亲": ("罗春花", "浙江义乌", "13800000002")}
    people["监护人"] = ("韦老根", None, "13800000003")
    if flat:
        rows = [
            ["姓名", "性别", *(f"{who}{part}" for who in order for part in FAMILY)],
            ["韦小禾", "女", *(value for who in order for value in people[who])],
        ]
        sheet = Sheet("名册", rows)
    else:
        groups = [cell for who in order for cell in (who, None, None)]
        rows = [
            ["姓名", "性别", *groups],
            [None, None, *(FAMILY * 3)],
            ["韦小禾", "女", *(value for who in order for value in people[who])],
        ]
        merges = [Merge(0, 0, 1, 0), Merge(0, 1, 1, 1), *(Merge(0, left, 0, left + 2) for left in (2, 5, 8))]
        sheet = Sheet("名册", rows, merges=merges if merged else [])
    child = parse_workbook(Workbook("xlsx", [sheet]), Context(2026, dt.date(2026, 11, 20))).children[0]
    assert (child.father.name, child.father.work_place, child.father.phones[0].number) == people["父亲"]
    assert (child.mother.name, child.mother.work_place, child.mother.phones[0].number) == people["母亲"]
    assert (child.carer.name, child.carer.phones[0].number) == ("韦老根", "13800000003")

"""A second table of pupils on a sheet is read by its own header, another one is told (rosters faults 24, 35)."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.importing import batches
from children.importing.error_book import error_book_of
from children.models import Child, ImportBatch
from tests.children.importing.small_sheets import ID, OTHER_ID, keys, lines, read, told
from tests.children.tables.conftest import workbook
from tests.support.factories import make_class, make_school, make_staff, make_term

FIRST = [["姓名", "性别", "班级", "身份证号"], ["韦小禾", "女", "四（1）班", ID], ["合计", "1人"], []]
BELOW = [
    ["四（2）班留守儿童名单"],
    ["序号", "姓名", "身份证号", "性别", "监护人", "监护人电话"],
    [1, "蒙小河", OTHER_ID, "女", "王桂英", "13800000001"],
    [2, "岑小月", None, "女", "〃", "〃"],
    ["合计", "2人"],
    ["制表人：罗老师"],
]


def test_24_a_table_below_is_read_by_its_own_header_and_rows_are_named_as_in_excel() -> None:
    roster = read(lines(*FIRST, *BELOW))
    assert [(child.name, child.sheet, child.row, str(child.klass)) for child in roster.children] == [
        ("韦小禾", "名册", 2, "四年级（1）班"),
        ("蒙小河", "名册（第6行起）", 7, "四年级（2）班"),
        ("岑小月", "名册（第6行起）", 8, "四年级（2）班"),
    ]
    assert [child.carer.name for child in roster.children] == [None, "王桂英", "王桂英"]
    assert [(skipped.row, skipped.why) for skipped in roster.skipped] == [
        (3, "total"), (5, "heading"), (9, "total"), (10, "footer"),
    ]  # fmt: skip
    assert [header.top + 1 for header in roster.headers] == [1, 6]
    assert keys(roster) == ["class_from_title/名册（第6行起）", "sheets_to_choose"]
    assert roster.open_questions[1].sentence == "有 2 张表里都有学生：“名册”、“名册（第6行起）”，全部导入吗？"
    assert not [found for found in roster.findings if found.level == "error"]


def test_24_the_first_table_alone_may_be_wanted() -> None:
    roster = read(lines(*FIRST, *BELOW), answers={"sheets_to_choose": "名册"})
    assert [child.name for child in roster.children] == ["韦小禾"]


def test_24_what_the_title_of_the_sheet_says_holds_for_the_table_below() -> None:
    title = ["云禾县禾阳小学 四（1）班留守儿童名册 2026年11月2日"]
    roster = read(lines(title, ["姓名", "性别", "民族"], ["韦小禾", "女", "汉"], [], ["姓名", "性别", "身份证号"],
                        ["岑小月", "女", OTHER_ID]))  # fmt: skip
    assert [str(child.klass) for child in roster.children] == ["四年级（1）班"] * 2
    assert roster.titles["名册（第5行起）"].date == dt.date(2026, 11, 2)


def test_24_three_tables_below_each_other() -> None:
    third = [["学生姓名", "性别", "班级", "家庭住址"], ["田小雨", "男", "四（2）班", "大坪组"]]
    roster = read(lines(*FIRST, *BELOW, [], *third))
    assert [(child.name, child.row) for child in roster.children][-1] == ("田小雨", 13)
    assert {child.sheet for child in roster.children} == {"名册", "名册（第6行起）", "名册（第12行起）"}


def test_16_a_sheet_named_after_the_class_counts_unless_a_line_above_the_table_names_another() -> None:
    table, more = (
        [["姓名", "性别", "民族"], ["韦小禾", "女", "汉"], []],
        [["姓名", "性别", "家庭住址"], ["岑小月", "女", "大坪组"]],
    )
    own = read(lines(*table, ["四（2）班名单"], *more, name="四（1）班"))
    assert [str(child.klass) for child in own.children] == ["四年级（1）班", "四年级（2）班"]
    same = read(lines(*table, *more, name="四（1）班"))
    assert [str(child.klass) for child in same.children] == ["四年级（1）班"] * 2


@pytest.mark.parametrize(
    "other",
    [
        [["姓名", "性别", "职务", "联系电话"], ["罗老师", "女", "班主任", "13800000009"]],
        [["姓名", "监护人", "联系电话"], ["韦小禾", "王桂英", "13800000009"]],
        [
            ["序号", "姓名", "班级", "性别", "变动类别", "变动时间"],
            [1, "田小雨", "四（1）班", "男", "转入", "2026-09-01"],
        ],
    ],
    ids=["staff", "phones", "changes"],
)
def test_18_a_table_of_another_kind_is_told_and_not_read(other: list[list[Any]]) -> None:
    roster = read(lines(*FIRST, *other))
    assert [child.name for child in roster.children] == ["韦小禾"]
    (finding,) = (found for found in roster.findings if found.what == "second_table")
    assert (finding.level, finding.sentence[:28]) == ("error", "第5行起是另一张表，列名和上面的不同，这 2 行没有读取")
    assert [skipped.why for skipped in roster.skipped] == ["total", "other_table", "other_table"]


def test_35_a_table_beside_another_with_other_columns_is_read_by_its_own_header() -> None:
    roster = read(lines(
        ["四年级留守儿童名册"],
        ["姓名", "性别", "班级", "监护人", None, "序号", "学生姓名", "班级", "性别", "联系电话"],
        ["韦小禾", "女", "四（1）班", "王桂英", None, 1, "蒙小河", "四（2）班", "女", "13800000001"],
        [None, None, None, None, None, 2, "田小雨", "四（2）班", "男", "13800000002"],
        ["合计", "1人", None, None, None, "合计", "2人"],
    ))  # fmt: skip
    assert [(child.name, child.sheet, child.row, str(child.klass), child.sex) for child in roster.children] == [
        ("韦小禾", "名册", 3, "四年级（1）班", "女"),
        ("蒙小河", "名册（F列起）", 3, "四年级（2）班", "女"),
        ("田小雨", "名册（F列起）", 4, "四年级（2）班", "男"),
    ]
    assert [[phone.number for phone in child.contact_phones] for child in roster.children[1:]] == [
        ["13800000001"], ["13800000002"],
    ]  # fmt: skip
    assert told(roster, "column_doubled") == []


def test_35_the_family_beside_a_pupil_is_no_second_table() -> None:
    roster = read(
        lines(
            ["姓名", "性别", "班级", None, "姓名", "关系", "电话"],
            ["韦小禾", "女", "四（1）班", None, "王桂英", "奶奶", "13800000001"],
        )
    )
    assert [child.name for child in roster.children] == ["韦小禾"]


@pytest.fixture
def school(db: None) -> School:
    school = make_school(code="990001")
    make_term(school)
    for number in (1, 2):
        make_class(school, 4, number)
    return school


def upload(client: Client, school: School, *rows: list[Any]) -> ImportBatch:
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": workbook(*rows)})
    return ImportBatch.objects.latest("pk")


def test_24_columns_and_rows_of_the_table_below_are_mended_in_the_pages(school: School) -> None:
    """Each table has its own columns to map; a row of the second is corrected, the rejected ones come back and go in."""
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))
    nameless = [[1, None, OTHER_ID, "女", "王桂英", "13800000001"], [2, None, None, "男", "〃", "〃"]]
    batch = upload(client, school, *FIRST, BELOW[0], [*BELOW[1], "乳名叫"], *([*row, "小禾"] for row in nameless))
    page = client.get(reverse("children:import_columns", args=[batch.pk]))
    form = page.context["form"]
    assert [form.fields[name].label for name in form.keys] == [
        "“Sheet（第6行起）”：表里没有班级一列，按标题算作四年级（2）班，请确认。",
        "有 2 张表里都有学生：“Sheet”、“Sheet（第6行起）”，全部导入吗？",
    ]
    data = {name: form[name].value() or "" for name in form.fields}
    (nick,) = (column["name"] for column in form.columns if column["label"] == "乳名叫")
    assert (
        client.post(reverse("children:import_columns", args=[batch.pk]), {**data, nick: "former_name"}).status_code
        == 302
    )

    row = reverse("children:import_row", args=[batch.pk, 1, 7])
    texts = {name: field.initial for name, field in client.get(row).context["form"].fields.items()}
    assert OTHER_ID in texts.values()
    client.post(row, {**texts, "c1": "蒙小河"})
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["rejected"]) == (2, 1)
    client.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    child = Child.objects.get(name="蒙小河")
    assert (str(child.school_class.number), child.former_name) == ("2", "小禾")

    book = openpyxl.load_workbook(io.BytesIO(error_book_of(batch)))
    assert [[cell.value for cell in line][:7] for line in book.active.iter_rows(min_row=3)] == [
        ["2", None, None, "男", "王桂英", "13800000001", "小禾"]
    ]

"""Columns of the 学籍 and kindergarten templates (L1–L3) that the dossier has fields for, and those kept in the note."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.models import Child, ImportBatch
from tests.children.importing.small_sheets import ID, imported, keys, lines, one, read, told
from tests.support.factories import make_staff

COLUMNS = ["姓名", "性别", "出生日期", "班级"]
PUPIL = ["韦小禾", "女", "2016-03-12", "四（1）班"]


@pytest.mark.parametrize(
    "title, cell, field, stored",
    [
        ("是否孤儿", "是", "hardship", ["orphan"]),
        ("是否孤儿", "不是", "hardship", []),
        ("是否享受一补", "是", "boarding_subsidy", True),
        ("是否享受一补", "否", "boarding_subsidy", False),
        ("血型", "ab", "blood_type", "AB型"),
        ("血型", "O型", "blood_type", "O型"),
        ("血型", "未定血型", "blood_type", ""),
        ("身份证件类型", "居民身份证", "id_type", "1"),
        ("身份证类型", "户口簿", "id_type", "2"),
        ("证件类型", "护照", "id_type", "A"),
        ("是否残疾幼儿", "是", "body_state", "disabled"),
        ("是否残疾幼儿", "不是", "body_state", ""),
        ("残疾幼儿类别", "视力残疾", "disability", "sight"),
    ],
)
@pytest.mark.data
def test_11_columns_of_the_templates_are_stored(
    small_school: School, title: str, cell: str, field: str, stored: Any
) -> None:
    rows = [*COLUMNS, title], [*PUPIL, cell]
    assert imported(small_school, *rows)["new"] == 1
    child = Child.objects.get()
    assert (getattr(child, field), child.note) == (stored, "")
    assert imported(small_school, *rows)["same"] == 1


@pytest.mark.parametrize(
    "title, cell, what", [("血型", "RH阴性", "blood_type_unknown"), ("身份证件类型", "军官证", "id_type_unknown")]
)
def test_11_what_is_no_word_of_the_list_is_told_and_kept(title: str, cell: str, what: str) -> None:
    child, roster = one(title, cell)
    assert (child.blood_type, child.id_type, child.notes) == (None, None, [f"{title}：{cell}"])
    assert told(roster, what) == [("warning", 2, "D")]


@pytest.mark.parametrize("title", ["入住时间", "周末接送人", "走访记录", "关爱级别"])
def test_11_columns_without_a_field_go_into_the_note_without_a_warning(title: str) -> None:
    child, roster = one(title, "高")
    assert (child.notes, roster.findings, roster.questions) == ([f"{title}：高"], [], [])


def test_an_unknown_column_is_still_told() -> None:
    child, roster = one("家里养了几头牛", "3")
    assert (child.notes, told(roster, "column_unknown")) == (["家里养了几头牛：3"], [("warning", None, "D")])


def test_the_mapping_page_calls_them_certain(small_school: School) -> None:
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, small_school))
    content = "姓名,性别,班级,入住时间,村医\n韦小禾,女,四（1）班,2026.9.1,李医生\n".encode()
    file = SimpleUploadedFile("名册.csv", content)
    client.post(reverse("children:roster_import"), {"school": small_school.pk, "file": file})
    batch = ImportBatch.objects.get()
    columns = json.loads(batch.result)["headers"][0]["columns"]
    assert [(column["field"], column["confidence"]) for column in columns[3:]] == [("", 1.0), ("", 0.0)]
    page = client.get(reverse("children:import_columns", args=[batch.pk])).content.decode()
    assert "其中 1 列没认出" in page


@pytest.mark.parametrize("title", ["所在班", "所属班", "现在班级"])
@pytest.mark.parametrize("written", ["四（1）班", "四1", "4.1"])
def test_a_column_of_the_class_under_a_plain_title_needs_no_question(title: str, written: str) -> None:
    roster = read(lines(["姓名", "性别", "身份证号", title], ["韦小禾", "女", ID, written]))
    assert (str(roster.children[0].klass), keys(roster)) == ("四年级（1）班", [])


def test_a_list_whose_names_stand_under_xuesheng_mingzi_is_a_roster() -> None:
    roster = read(lines(["学生名字", "性别", "身份证号码", "监护人"], ["韦小禾", "女", ID, "韦大山"]))
    assert [child.name for child in roster.children] == ["韦小禾"]


@pytest.mark.parametrize(
    "written, father, mother, place",
    [
        ("父母均在广东东莞打工", "away_work", "away_work", "广东东莞"),
        ("父亲外出", "away_work", None, None),
        ("双方外出", "away_work", "away_work", None),
        ("母外出", None, "away_work", None),
        ("父在广东打工，母在家", "away_work", "at_home", None),
        ("父在广东打工，母在浙江务工", "away_work", "away_work", None),
    ],
)
def test_who_is_away_under_jiazhang_waichu_qingkuang(
    written: str, father: str | None, mother: str | None, place: str | None
) -> None:
    child, roster = one("家长外出情况", written)
    assert (child.father.status, child.mother.status, child.father.work_place) == (father, mother, place)
    assert not told(roster, "column_unknown")
    assert not child.notes

"""What we export can be imported again without a change; what a reader may not have is not in the file."""

import datetime as dt
import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.importing import batches
from children.models import Child, FamilyMember, ImportBatch, Phone, codes
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import (
    TERM_START,
    id_number,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_school,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_day")]
SHEETS = Path(__file__).parents[2] / "sheets"


@pytest.fixture
def school() -> School:
    school = make_school()
    for grade in range(1, 7):
        make_class(school, grade, 1)
        make_class(school, grade, 2)
    return school


def client_of(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def export(staff: Staff, *, numbers: str = "full", query: str = "") -> bytes:
    response = client_of(staff).post(
        reverse("children:child_export") + query, {"numbers": numbers, "purpose": "report"}
    )
    assert response.status_code == 200, response.content.decode()
    return response.getvalue()


def brought(school: School, by: Staff, name: str, content: bytes, **answers: str) -> ImportBatch:
    """A file, uploaded and checked; its column questions answered with the first choice."""
    batch = batches.take_file(school=school, by=by, name=name, content=content, on=DAY)
    batches.check(batch, by)
    asked = json.loads(batch.result)["questions"]
    if open_ones := {one["key"]: one["default"] or one["choices"][0][0] for one in asked if not one["answer"]}:
        batches.answer(batch, answers=open_ones)
        batches.check(batch, by)
    return batch


def lines(content: bytes) -> list[dict[str, str]]:
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(min_row=2, values_only=True))
    titles = [str(title).rstrip("*") for title in rows[0]]
    return [dict(zip(titles, (value or "" for value in row), strict=True)) for row in rows[1:] if any(row)]


@pytest.mark.data
@pytest.mark.parametrize("number", ["a06", "a08", "a11"])
def test_an_imported_roster_exported_and_imported_again_changes_nothing(
    school: School, registrar: Staff, number: str
) -> None:
    file = next(SHEETS.glob(f"{number}_*.xlsx"))
    with change_by(registrar, "test"):
        first = brought(school, registrar, file.name, file.read_bytes())
        batches.confirm(first, by=registrar, token=batches.plan_token(first))
        again = brought(school, registrar, "导出.xlsx", export(registrar))
    count = Child.objects.count()
    assert count >= 20
    differing = [row for row in batches.stored_plan(again) if row["status"] != "same"]
    assert [(row["status"], row["changes"], row["message"]) for row in differing][:5] == []
    assert again.counts["same"] == count


@pytest.mark.data
def test_every_fact_of_a_full_dossier_survives(school: School, registrar: Staff) -> None:
    child = make_left_behind(
        "罗小雨",
        make_class(school, 4, 1),
        id_no=id_number(dt.date(2016, 5, 4), 7, male=False),
        student_no="G" + id_number(dt.date(2016, 5, 4), 7, male=False),
        ethnic="03",
        boarding=codes.Boarding.BOARDER,
        commute=codes.Commute.UNLICENSED,
        hukou_kind=codes.HukouKind.RURAL,
        address="栗坪村  3组",
        village_group="3组",
        body_state=codes.BodyState.DISABLED,
        disability=codes.Disability.LIMB,
        disability_grade="二级",
        temper=codes.Temper.INTROVERT,
        hobbies="画画、跳绳",
        income_sources="务工、种植",
        aid_received="爱心早餐",
        neighbour_contact="13800000055",
        note="体育课见习；\n下学期复查\t视力",
    )
    with change_by(registrar, "test"):
        FamilyMember.objects.filter(child=child, relation="51").update(
            away_since=dt.date(2025, 3, 1), away_precision="month", work_place="广东东莞", work_unit="电子厂"
        )
        carer = child.care.get().carer
        Phone.objects.create(child=child, member=carer, number="0859-0012345", order=1)
        FamilyMember.objects.filter(pk=carer.pk).update(age_stated=66, health=codes.AdultHealth.CHRONIC)
        child.care.update(entrusted=False)
        content = export(registrar)
        batch = brought(school, registrar, "导出.xlsx", content)
    (row,) = lines(content)
    assert (row["年级"], row["班级"], row["父亲外出时间"]) == ("四年级", "1", "2025-03")
    assert (row["实际监护人"], row["与学生关系"], row["监护人年龄"]) == ("王桂英", "祖母", "66")
    plan = batches.stored_plan(batch)
    assert [(line["status"], line["changes"]) for line in plan] == [("same", [])]


def test_every_cell_is_text_and_no_formula_runs(school: School, registrar: Staff) -> None:
    make_left_behind("罗小雨", make_class(school, 4, 1), address='=HYPERLINK("x")', hobbies="+1", student_no="G123")
    sheet = openpyxl.load_workbook(io.BytesIO(export(registrar))).worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=3) for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert '=HYPERLINK("x")' in {cell.value for cell in cells}


def test_masked_numbers_are_masked_everywhere(school: School, registrar: Staff) -> None:
    number = id_number(dt.date(2016, 5, 4), 7)
    make_left_behind("罗小雨", make_class(school, 4, 1), id_no=number, student_no="G" + number)
    content = export(registrar, numbers="masked")
    (row,) = lines(content)
    assert row["身份证号"] == "999***********" + number[-4:]
    assert row["父亲电话"] == "138****1111"
    assert number[6:14] not in row["学籍号"]


def test_the_file_holds_what_the_reader_gets_of_each_child(school: School) -> None:
    """A class teacher exports the own class only; the registrar does not get remarks of care."""
    make_left_behind("罗小雨", make_class(school, 4, 1), note="家里有矛盾")
    make_left_behind("韦小山", make_class(school, 5, 1))
    teacher = make_staff(Role.HOMEROOM, make_class(school, 4, 1))
    assert [row["姓名"] for row in lines(export(teacher))] == ["罗小雨"]
    assert lines(export(teacher))[0]["备注"] == "家里有矛盾"
    rows = lines(export(make_staff(Role.REGISTRAR, school)))
    assert [row["备注"] for row in rows] == ["", ""]


def test_the_conditions_of_the_list_hold_for_the_file(school: School, registrar: Staff) -> None:
    four = make_class(school, 4, 1)
    make_left_behind("罗小雨", four)
    make_left_behind("韦小山", make_class(school, 5, 1))
    make_pairing(
        Child.objects.get(name="罗小雨"), make_mentor(make_staff(Role.TEACHER, four, name="覃老师")), TERM_START
    )
    rows = lines(export(registrar, query=f"?school_class={four.pk}"))
    assert [(row["姓名"], row["代理家长"]) for row in rows] == [("罗小雨", "覃老师")]


def test_an_export_is_logged_with_number_and_purpose(school: School, registrar: Staff) -> None:
    make_left_behind("罗小雨", make_class(school, 4, 1))
    export(registrar)
    entry = AccessEntry.objects.filter(event=Event.EXPORT).latest("pk")
    assert entry.detail == "学生名单 1 人 完整 上报、核对"
    assert entry.staff_id == registrar.pk


@pytest.mark.parametrize("role", [Role.TEACHER, Role.COUNSELLOR])
def test_who_only_reads_does_not_export(school: School, role: Role) -> None:
    client = client_of(make_staff(role, make_class(school, 4, 1)))
    assert client.get(reverse("children:child_export")).status_code == 403
    assert "导出" not in client.get(reverse("children:child_list")).content.decode().split("<main")[-1]


def test_statements_do_not_grow_with_the_children(school: School, registrar: Staff) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_left_behind("罗小雨", make_class(school, 4, 1))
    with CaptureQueriesContext(connection) as one:
        export(registrar)
    for number in range(11):
        make_left_behind(f"蒙小{number}", make_class(school, 4, 1))
    with CaptureQueriesContext(connection) as twelve:
        export(registrar)
    assert len(twelve) == len(one)

"""The wizard as a registrar uses it, and everybody who must not."""

import datetime as dt
import io
import json
import re
import uuid
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.importing import batches
from children.models import Child, ImportBatch
from tests.children.importing.wizard.steps import DAY, book, columns_form, hidden, sample, upload, url
from tests.support.factories import id_number, make_record, make_school, make_staff

pytestmark = pytest.mark.django_db


def test_from_the_file_to_the_children(signed_in: Client, school: School) -> None:
    response = upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    assert response.headers["Location"] == url("columns", batch)
    page = signed_in.get(url("columns", batch)).content.decode()
    assert "实际监护人" in page
    assert "石梓桐" in page, "sample values stand beside the columns"
    response = signed_in.post(url("columns", batch), columns_form(signed_in, batch))
    assert response.headers["Location"] == url("preview", batch)
    page = signed_in.get(url("preview", batch)).content.decode()
    assert "新建 20 名学生" in page
    assert not Child.objects.exists()
    response = signed_in.post(url("confirm", batch), {"token": hidden(page, "token")})
    assert response.headers["Location"] == url("done", batch)
    page = signed_in.get(url("done", batch)).content.decode()
    assert "一（1）班" in page
    assert Child.objects.count() == 20


def test_questions_are_answered_once_for_the_column(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a06"))
    batch = ImportBatch.objects.get()
    assert batch.cut_off == dt.date(2026, 11, 10), "the day in the title"
    form = signed_in.get(url("columns", batch)).context["form"]
    asked = [name for name, key in form.keys.items() if key.startswith("class_number_missing")]
    assert len(asked) == 6
    data = columns_form(signed_in, batch) | {name: form.fields[name].choices[1][0] for name in asked}
    signed_in.post(url("columns", batch), data)
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["waiting"]) == (40, 0)


def test_a_file_that_waited_while_the_program_was_renewed_opens_at_its_columns(
    signed_in: Client, school: School
) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    kept = json.loads(batch.result)
    for header in kept["headers"]:
        del header["block"]
    batch.result = json.dumps(kept)
    with change_by(None, "test"):
        batch.save()
    assert "实际监护人" in signed_in.get(url("columns", batch)).content.decode()
    answer = signed_in.post(url("columns", batch), columns_form(signed_in, batch))
    assert answer.headers["Location"] == url("preview", batch)


def test_a_column_can_be_corrected_by_hand(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    form = signed_in.get(url("columns", batch)).context["form"]
    hobby = next(column["name"] for column in form.columns if column["label"] == "兴趣特长")
    signed_in.post(url("columns", batch), columns_form(signed_in, batch) | {hobby: "-"})
    again = signed_in.get(url("columns", batch)).context["form"]
    assert again[hobby].value() == "-"
    signed_in.post(url("columns", batch), columns_form(signed_in, batch))
    assert "兴趣爱好" not in "".join(str(row["changes"]) for row in batches.stored_plan(batch))


def test_two_columns_for_one_field_are_refused(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    form = signed_in.get(url("columns", batch)).context["form"]
    hobby = next(column["name"] for column in form.columns if column["label"] == "兴趣特长")
    response = signed_in.post(url("columns", batch), columns_form(signed_in, batch) | {hobby: "name"})
    assert response.status_code == 422
    assert "也认作“姓名”，一项只能来自一列" in response.content.decode()


@pytest.mark.parametrize("tab", ["faults", "new", "skipped"])
def test_every_tab_of_the_preview(signed_in: Client, school: School, tab: str) -> None:
    upload(signed_in, school, sample("a08"))
    batch = ImportBatch.objects.get()
    page = signed_in.get(url("preview", batch) + f"?show={tab}").content.decode()
    words = {"faults": "G列 留守类型", "new": "卢欣静", "skipped": "小计行"}
    assert words[tab] in page


def test_pressing_twice_makes_one_import(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    token = batches.plan_token(batch)
    for _ in range(2):
        response = signed_in.post(url("confirm", batch), {"token": token})
        assert response.headers["Location"] == url("done", batch)
    assert Child.objects.count() == 20


def test_the_same_file_again_is_no_change(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    first = ImportBatch.objects.get()
    signed_in.post(url("confirm", first), {"token": batches.plan_token(first)})
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.latest("pk")
    page = signed_in.get(url("preview", batch)).content.decode()
    assert (batch.counts["new"], batch.counts["changed"], batch.counts["same"]) == (0, 0, 20)
    assert "没有需要写入的内容" in page


def test_an_old_preview_is_refused_and_shown_anew(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    response = signed_in.post(url("confirm", batch), {"token": "older"}, follow=True)
    assert "已重新核对" in response.content.decode()
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("a.pdf", b"%PDF-1.4", "PDF"),
        ("a.xlsx", b"", "空"),
        ("a.xlsx", b"PK\x03\x04zzzz", "损坏"),
        ("a.csv", "物品,数量,单价\n铅笔,3,1\n".encode(), "没有找到名册的表头"),
    ],
)
def test_a_file_that_is_no_roster_stores_nothing(
    signed_in: Client,
    school: School,
    name: str,
    content: bytes,
    words: str,
    settings,
    django_capture_on_commit_callbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(signed_in, school, SimpleUploadedFile(name, content))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ImportBatch.objects.exists()
    folder = Path(settings.MEDIA_ROOT) / "imports"
    assert not folder.exists() or not any(folder.iterdir())


def test_the_rows_left_out_come_back_as_a_workbook(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a06"))
    batch = ImportBatch.objects.get()
    response = signed_in.get(url("errors", batch))
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active
    rows = list(sheet.iter_rows(values_only=True))
    assert "未导入的学生" in rows[0][0]
    assert rows[1][-2:] == ("错误列", "错误说明")
    assert len(rows) == 42
    assert rows[2][-1] == "没有写明班级，请先选择班级"
    numbers = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value and cell.data_type != "s"]
    assert {rows[1][cell.column - 1] for cell in numbers} == {"出生年月"}, "only the format tells 2015.1 from 2015.10"


def test_the_template_reads_as_an_empty_roster(signed_in: Client) -> None:
    response = signed_in.get(reverse("children:import_template"))
    book = openpyxl.load_workbook(io.BytesIO(response.getvalue()))
    assert book.sheetnames == ["留守儿童花名册", "代码", "说明"]
    sheet = book["留守儿童花名册"]
    assert [cell.value for cell in sheet[2]][:3] == ["学籍号", "姓名*", "性别*"]
    assert sheet["F10"].number_format == "@"


def test_giving_up_leaves_nothing(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    signed_in.post(url("drop", batch))
    batch.refresh_from_db()
    assert (batch.state, batch.result, batch.chunks.count()) == ("dropped", "", 0)


PAGES = ["columns", "preview", "answer", "confirm", "drop", "undo", "done", "errors"]


@pytest.mark.parametrize("page", PAGES)
def test_an_import_of_another_school_does_not_exist(school: School, page: str) -> None:
    batch = batches.take_file(school=school, by=None, name="a.xlsx", content=sample("a11").read(), on=DAY)
    other = Client()
    other.force_login(make_staff(Role.REGISTRAR, make_school("云禾县禾阳小学")))
    method = other.post if page in ("answer", "confirm", "drop", "undo") else other.get
    assert method(url(page, batch)).status_code == 404


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.CARE_LEAD, Role.SYSADMIN])
def test_only_the_registrar_imports(school: School, role: Role) -> None:
    client = Client()
    client.force_login(make_staff(role, school))
    assert client.get(reverse("children:roster_import")).status_code == 403
    assert upload(client, school, sample("a11")).status_code == 403


def test_a_file_cannot_be_sent_to_another_school(signed_in: Client) -> None:
    response = upload(signed_in, make_school("云禾县禾阳小学"), sample("a11"))
    assert response.status_code == 422
    assert not ImportBatch.objects.exists()


def test_an_import_is_taken_back_on_the_result_page(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    signed_in.post(url("confirm", batch), {"token": batches.plan_token(batch)})
    make_record(Child.objects.get(name="石梓桐"), make_staff(Role.HOMEROOM, Child.objects.first().school_class), DAY)
    assert "撤销这次导入" in signed_in.get(url("done", batch)).content.decode()
    page = signed_in.post(url("undo", batch), follow=True).content.decode()
    assert list(Child.objects.values_list("name", flat=True)) == ["石梓桐"]
    assert "没有撤销的学生" in page
    assert "石梓桐" in page


def test_the_list_of_imports_costs_the_same_for_one_and_for_twelve(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    address = reverse("children:roster_import")
    signed_in.get(address)
    with CaptureQueriesContext(connection) as one:
        signed_in.get(address)
    batch = ImportBatch.objects.get()
    with change_by(None, "test"):
        for _ in range(11):
            batch.pk, batch.stored = None, uuid.uuid4()
            batch._state.adding = True
            batch.save()
    with CaptureQueriesContext(connection) as twelve:
        signed_in.get(address)
    assert len(twelve) == len(one)


def test_the_columns_page_stays_light_and_shows_all_fields_on_demand(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    page = signed_in.get(url("columns", batch)).content
    assert len(page) <= 150_000
    every = signed_in.get(url("columns", batch) + "?all=1").content.decode()
    assert "父亲务工地" not in re.search(rb'aria-label="B[^>]*>.*?</select>', page)[0].decode()
    assert "父亲务工地" in re.search(r'aria-label="B[^>]*>.*?</select>', every)[0]


def test_the_columns_page_says_that_a_number_in_the_cell_of_a_name_is_read_too(
    signed_in: Client, school: School
) -> None:
    born = dt.date(2016, 3, 12)
    rows = [
        ["姓名及身份证号", "班级", "父亲姓名及电话", "家庭住址"],
        [f"韦小禾 {id_number(born, male=False)}", "四（1）班", "韦大山13800001111", "一组"],
    ]
    upload(signed_in, school, book({"名册": rows}))
    page = signed_in.get(url("columns", ImportBatch.objects.get()))
    beside = [row["column"]["beside"] for row in page.context["tables"][0]["rows"]]
    assert beside == ["身份证号", "", "电话", ""]
    assert page.content.decode().count("也一起读取") == 2

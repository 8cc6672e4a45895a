"""A pupil on the sheets of two classes, from the upload to the undo, and from the shell."""

import functools
import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from caretrack.schools.models import School
from children.models import Child, ImportBatch
from tests.children.importing.small_sheets import ID, OTHER_ID
from tests.children.importing.wizard.steps import DAY, book, columns_form, hidden, upload, url

pytestmark = pytest.mark.django_db
HEADER = ("姓名", "身份证号", "班级", "父亲姓名", "父亲电话")
KEY, ROW = "listed_twice/四1班/2", "row/四2班/3"


@functools.cache
def content() -> bytes:
    """The same bytes each time, as a file that lies on somebody's desk."""
    return book(
        {
            "四1班": [
                HEADER,
                ("韦小禾", ID, "四（1）班", "韦大山", "13800000001"),
                ("罗小花", OTHER_ID, "四（1）班", "罗成", "13800000002"),
            ],
            "四2班": [
                HEADER,
                ("罗小花", OTHER_ID, "四（1）班", "罗成", ""),
                ("韦小禾", ID, "四（2）班", "韦大山", "13800000009"),
            ],
        }
    ).read()


def uploaded(client: Client, school: School) -> ImportBatch:
    upload(client, school, SimpleUploadedFile("名册.xlsx", content()))
    batch = ImportBatch.objects.latest("pk")
    client.post(url("columns", batch), columns_form(client, batch))
    batch.refresh_from_db()
    return batch


def confirm(client: Client, batch: ImportBatch) -> None:
    page = client.get(url("preview", batch)).content.decode()
    client.post(url("confirm", batch), {"token": hidden(page, "token")})
    batch.refresh_from_db()


def test_the_question_stands_in_the_preview_and_its_answer_holds(signed_in: Client, school: School) -> None:
    batch = uploaded(signed_in, school)
    assert (batch.counts["new"], batch.counts["waiting"]) == (1, 2)
    response = signed_in.get(url("preview", batch))
    form = response.context["questions"]
    assert list(form.keys.values()) == [KEY]
    page = response.content.decode()
    assert "以哪一行为准" in page
    assert "13800000001" not in page
    assert "工作表“四2班”第2行写的也是这名学生，内容一致" in page
    assert "同一名学生的另一行" in signed_in.get(url("preview", batch) + "?show=skipped").content.decode()
    (name,) = form.keys
    signed_in.post(url("answer", batch), {name: ROW})
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["waiting"], batch.counts["rejected"]) == (2, 0, 0)
    confirm(signed_in, batch)
    child = Child.objects.get(name="韦小禾")
    assert (child.class_name(DAY), [phone.number for phone in child.phones.all()]) == ("四（2）班", ["13800000009"])
    assert Child.objects.count() == 2


def test_the_same_file_again_asks_nothing_and_changes_nothing_and_is_taken_back(
    signed_in: Client, school: School
) -> None:
    first = uploaded(signed_in, school)
    signed_in.post(url("answer", first), {"q0": ROW})
    confirm(signed_in, first)
    again = uploaded(signed_in, school)
    assert {name: number for name, number in again.counts.items() if number and name not in ("rows", "findings")} == {
        "same": 2
    }
    assert not signed_in.get(url("preview", again)).context["questions"].fields
    assert json.loads(again.result)["absent"] == []
    signed_in.post(reverse("children:import_undo", args=[first.pk]))
    assert not Child.objects.exists()


def test_neither_row_goes_in_if_a_person_says_so(signed_in: Client, school: School) -> None:
    batch = uploaded(signed_in, school)
    signed_in.post(url("answer", batch), {"q0": "skip"})
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["rejected"]) == (1, 2)
    response = signed_in.get(url("errors", batch))
    sheets = openpyxl.load_workbook(
        io.BytesIO(b"".join(response.streaming_content) if response.streaming else response.content)
    )
    words = [sheet.cell(2, 7).value for sheet in sheets]
    assert words == [
        "与工作表“四2班”第3行是同一名学生，内容不同。您选择了都不导入",
        "与工作表“四1班”第2行是同一名学生，内容不同。您选择了都不导入",
    ]


def test_from_the_shell_the_answer_comes_from_a_file(school: School, tmp_path: Path) -> None:
    School.objects.update(code="990001")
    file, said = tmp_path / "twice.xlsx", tmp_path / "answers.json"
    file.write_bytes(content())

    def run(*options: str) -> dict:
        out = io.StringIO()
        call_command("import_roster", str(file), "--school", "990001", "--on", f"{DAY}", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    (question,) = [one for one in run()["questions"] if one["what"] == "listed_twice"]
    assert (question["key"], list(question["choices"])) == (KEY, ["row/四1班/2", ROW, "skip"])
    said.write_text(json.dumps({"answers": {KEY: ROW}}))
    found = run("--commit", "--answers", str(said))
    assert (found["summary"]["new"], found["summary"]["waiting"]) == (2, 0)
    assert Child.objects.get(name="韦小禾").class_name(DAY) == "四（2）班"

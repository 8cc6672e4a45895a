"""What was said about words of registration forms holds for the next file of forms; about one file it does not."""

import copy
import io
import json
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caretrack.schools.models import School
from children.importing import batches, memory
from children.models import ImportBatch
from tests.children.importing.test_forms import FORM
from tests.children.importing.wizard.steps import DAY

pytestmark = pytest.mark.usefixtures("import_day")


def forms(*names: str) -> SimpleUploadedFile:
    """A workbook with a form on a sheet of its own for each name; where the child sleeps is said in other words."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        rows: list[list[Any]] = copy.deepcopy(FORM)
        rows[3][1], rows[4][1], rows[6][5] = name, None, "陪读"
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("登记表.xlsx", file.getvalue())


def checked(school: School, file: SimpleUploadedFile) -> tuple[ImportBatch, dict[str, Any]]:
    batch = batches.take_file(school=school, by=None, name="a", content=file.read(), on=DAY)
    batches.check(batch, None)
    return batch, {question["key"]: question for question in json.loads(batch.result)["questions"]}


@pytest.mark.data
def test_a_word_of_forms_is_asked_once_for_a_school(small_school: School) -> None:
    batch, asked = checked(small_school, forms("韦小禾", "田小雨"))
    (key,) = (key for key in asked if key.startswith("boarding_unclear"))
    batches.answer(batch, answers={key: "走读", "class_missing": "4-1"})
    memory.remember(batch, json.loads(batch.result), None)
    for file in (forms("罗小花", "蒙小河"), forms("岑小月")):
        later, asked = checked(small_school, file)
        (word,) = (question for question in asked.values() if question["what"] == "boarding_unclear")
        (place,) = (key for key, question in asked.items() if question["what"] == "class_missing")
        assert (word["answer"], asked[place]["answer"]) == ("走读", "")
        batches.answer(later, answers={place: "4-1"})
        batches.check(later, None)
        assert ["就读方式", "", "走读"] in batches.stored_plan(later)[0]["changes"]


@pytest.mark.data
def test_that_an_old_list_was_meant_holds_for_that_file_only(small_school: School) -> None:
    text = "2024—2025学年度留守儿童花名册,,\n姓名,性别,班级\n{},女,四（1）班\n"
    batch, asked = checked(small_school, SimpleUploadedFile("a.csv", text.format("韦小禾").encode()))
    (key,) = (key for key in asked if key.startswith("old_file"))
    batches.answer(batch, answers={key: "yes"})
    memory.remember(batch, json.loads(batch.result), None)
    _, asked = checked(small_school, SimpleUploadedFile("a.csv", text.format("田小雨").encode()))
    assert asked[key]["answer"] == "", "the next old copy is asked about again"

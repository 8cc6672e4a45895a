"""学籍号 that differ from the stored ones: a temporary one made formal is asked about once, an earlier one changes nothing."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.schools.models import School, Staff
from children.importing import batches
from children.models import Child, FormerStudentNumber, ImportBatch
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import id_number, make_child, make_class, make_school

pytestmark = pytest.mark.django_db
BORN = dt.date(2016, 5, 4)
ID, OTHER_ID = id_number(BORN, 3), id_number(BORN, 7)
TEMPORARY, FORMAL = f"L{OTHER_ID}", f"G{ID}"
KEY = "student_no_formal"


@pytest.fixture
def school(import_day: None) -> School:
    return make_school()


@pytest.fixture
def child(school: School) -> Child:
    return make_child("韦小禾", make_class(school, 4, 1), birth_date=BORN, id_no=ID, student_no=TEMPORARY)


@pytest.fixture
def bring(registrar: Staff, school: School):
    """bring(student number, ID number, answers): the checked batch of a list of the child alone, with a new address."""

    def check(student_no: str, id_no: str = ID, **answers: str) -> ImportBatch:
        content = f"姓名,性别,班级,出生日期,学籍号,身份证号,家庭住址\n韦小禾,女,四（1）班,2016-05-04,{student_no},{id_no},青榕村\n"
        with change_by(registrar, "test"):
            batch = batches.take_file(school=school, by=registrar, name="名册.csv", content=content.encode(), on=DAY)
            if answers:
                batches.answer(batch, answers=answers)
            batches.check(batch, registrar)
        return batch

    return check


def confirm(batch: ImportBatch) -> None:
    with change_by(None, "test"):
        batches.confirm(batch, by=None, token=batches.plan_token(batch))


def questions(batch: ImportBatch) -> list[str]:
    return [question["key"] for question in json.loads(batch.result)["questions"] if not question["answer"]]


def test_a_formal_number_in_place_of_a_temporary_one_is_asked_once_and_waits(child: Child, bring) -> None:
    batch = bring(FORMAL)
    assert questions(batch) == [KEY]
    confirm(batch)
    child.refresh_from_db()
    assert (child.student_no, child.address) == (TEMPORARY, "青榕村"), "the rest of the row is imported"


def test_the_answer_changes_the_number_and_keeps_the_earlier_one(child: Child, bring) -> None:
    batch = bring(FORMAL, **{KEY: "yes"})
    assert questions(batch) == []
    confirm(batch)
    child.refresh_from_db()
    assert (child.student_no, FormerStudentNumber.objects.get().student_no) == (FORMAL, TEMPORARY)


def test_or_leaves_it_for_this_import(child: Child, bring) -> None:
    batch = bring(FORMAL, **{KEY: "no"})
    (row,) = batches.stored_plan(batch)
    assert row["notes"] == ["表里的正式学籍号与系统里的临时学籍号不同，这次没有改学籍号。"]
    confirm(batch)
    child.refresh_from_db()
    assert (child.student_no, FormerStudentNumber.objects.exists()) == (TEMPORARY, False)


@pytest.mark.parametrize("id_no", [ID, ""])
def test_an_old_list_does_not_bring_an_earlier_number_back(child: Child, bring, id_no: str) -> None:
    confirm(bring(FORMAL, **{KEY: "yes"}))
    batch = bring(TEMPORARY, id_no)
    (row,) = batches.stored_plan(batch)
    assert (questions(batch), row["status"], row["notes"]) == (
        [], "same", ["表里是以前的学籍号，系统里仍用现在的学籍号。"],
    )  # fmt: skip
    assert Child.objects.get().student_no == FORMAL


@pytest.mark.parametrize("stated", [f"L{ID}", f"G{OTHER_ID}"])
def test_any_other_difference_is_a_question_about_the_row(child: Child, bring, stated: str) -> None:
    with change_by(None, "test"):
        child.id_no = ""
        child.student_no = f"G{id_number(BORN, 9)}" if stated[0] == "G" else TEMPORARY
        child.save()
    batch = bring(stated, "")
    (row,) = batches.stored_plan(batch)
    # Without an ID number the name and the birth date lead to the child, and the number speaks against it.
    assert row["status"] == "decide"
    settled = bring(stated, "", **{row["key"]: row["choices"][0][0]})
    (row,) = batches.stored_plan(settled)
    assert row["status"] == "changed"


def test_another_number_beside_the_same_id_is_asked_about(child: Child, bring) -> None:
    batch = bring(f"L{ID}")
    (row,) = batches.stored_plan(batch)
    assert (row["status"], row["message"]) == ("decide", "系统里这名学生的学籍号与表里不同，请对照学籍系统核对。")
    confirm(bring(f"L{ID}", **{row["key"]: "update"}))
    assert (Child.objects.get().student_no, FormerStudentNumber.objects.get().student_no) == (f"L{ID}", TEMPORARY)


def test_the_pages_say_that_only_the_number_waits(child: Child, bring, registrar: Staff, client: Client) -> None:
    batch = bring(FORMAL)
    client.force_login(registrar)
    columns = client.get(reverse("children:import_columns", args=[batch.pk])).content.decode()
    assert "以后再定（这一项先不导入，其余照常）" in columns
    assert '<option value="yes" selected' not in columns, "nothing is chosen for the person"
    preview = client.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "有关的内容先不导入，学生照常导入" in preview

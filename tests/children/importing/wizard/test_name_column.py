"""A roster whose column of names has an unknown title, from the upload to the pupils."""

import datetime as dt

import pytest
from django.test import Client

from caretrack.schools.models import School
from children.models import Child, ImportBatch
from tests.children.importing.wizard.steps import book, columns_form, hidden, upload, url
from tests.support.factories import id_number

pytestmark = pytest.mark.django_db
FIRST, SECOND = (id_number(dt.date(2016, 3, day), day, male=False) for day in (12, 13))


def roll(title: str, *names: str, beside: tuple[str, ...] = ("", "")):
    rows = [
        [name, "女", number, "韦大山", "一（1）班", more]
        for name, number, more in zip(names, (FIRST, SECOND), beside, strict=True)
    ]
    header = [title, "性别", "身份证号码", "监护人", "班级", "备注"]
    return book({"名册": [["青榕小学留守儿童名册"], header, *rows]})


@pytest.mark.parametrize("title", ["孩子", ""])
def test_from_the_file_to_the_pupils(signed_in: Client, school: School, title: str) -> None:
    upload(signed_in, school, roll(title, "韦小禾", "罗思远"))
    batch = ImportBatch.objects.get()
    page = signed_in.get(url("columns", batch)).content.decode()
    assert "推测，请核对" in page
    assert "罗思远" in page, "its samples stand beside the guess"
    form = signed_in.get(url("columns", batch)).context["form"]
    guessed = next(column["name"] for column in form.columns if column["letter"] == "A")
    assert form[guessed].value() == "name"
    assert "former_name" in str(form[guessed]), "every other meaning can be chosen"
    signed_in.post(url("columns", batch), columns_form(signed_in, batch))
    page = signed_in.get(url("preview", batch)).content.decode()
    assert "已按“姓名”读取，请核对" in page
    assert "新建 2 名学生" in page
    signed_in.post(url("confirm", batch), {"token": hidden(page, "token")})
    assert sorted(Child.objects.values_list("name", flat=True)) == ["罗思远", "韦小禾"]


def test_a_wrong_guess_is_put_right_on_the_mapping_page(signed_in: Client, school: School) -> None:
    upload(signed_in, school, roll("常用称呼", "韦小禾", "罗思远", beside=("阿依娜", "扎西卓玛")))
    batch = ImportBatch.objects.get()
    form = signed_in.get(url("columns", batch)).context["form"]
    meant = {column["letter"]: column["name"] for column in form.columns}
    chosen = columns_form(signed_in, batch) | {meant["A"]: "former_name", meant["F"]: "name"}
    signed_in.post(url("columns", batch), chosen)
    page = signed_in.get(url("preview", batch)).content.decode()
    assert "已按“姓名”读取" not in page
    signed_in.post(url("confirm", batch), {"token": hidden(page, "token")})
    assert sorted(Child.objects.values_list("name", "former_name")) == [("扎西卓玛", "罗思远"), ("阿依娜", "韦小禾")]


def test_without_a_column_of_names_the_refusal_says_what_was_read(signed_in: Client, school: School) -> None:
    page = upload(signed_in, school, roll("编排", "甲", "乙"))
    assert page.status_code == 422
    assert "认出了性别、身份证号码、监护人、班级、备注，没有哪一列像姓名" in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_guess_cannot_be_taken_away_without_another_name(signed_in: Client, school: School) -> None:
    upload(signed_in, school, roll("孩子", "韦小禾", "罗思远"))
    batch = ImportBatch.objects.get()
    form = signed_in.get(url("columns", batch)).context["form"]
    guessed = next(column["name"] for column in form.columns if column["letter"] == "A")
    answer = signed_in.post(url("columns", batch), columns_form(signed_in, batch) | {guessed: ""})
    assert answer.status_code == 422
    assert "姓名" in str(answer.context["form"].errors)

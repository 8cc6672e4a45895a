"""“是同一名学生，姓名不改” is said once: the next list with the same spelling is not asked about, and nothing is renamed."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.importing import batches
from children.models import Child, ImportBatch, OtherSpelling
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import id_number, make_child, make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
BORN = dt.date(2016, 5, 4)
NUMBER = id_number(BORN, 3)


@pytest.fixture
def school(import_day: None) -> School:
    return make_school()


@pytest.fixture
def child(school: School) -> Child:
    return make_child("韦小禾", make_class(school, 4, 1), birth_date=BORN, id_no=NUMBER)


@pytest.fixture
def bring(registrar: Staff, school: School):
    """bring(name, address, number): the checked batch of a list of one pupil born on the day of the child."""

    def check(name: str, address: str = "", number: str = "") -> ImportBatch:
        content = f"姓名,性别,班级,出生日期,家庭住址,身份证号\n{name},女,四（1）班,2016-05-04,{address},{number}\n"
        batch = batches.take_file(school=school, by=registrar, name="名册.csv", content=content.encode(), on=DAY)
        batches.check(batch, registrar)
        return batch

    return check


def settle(batch: ImportBatch, by: Staff, answer: str) -> ImportBatch:
    """Answer the question of the only row and confirm."""
    (row,) = batches.stored_plan(batch)
    assert answer in {value for value, _ in row["choices"]}, row
    batches.answer(batch, answers={row["key"]: answer})
    batches.check(batch, by)
    confirm(batch, by)
    return batch


def confirm(batch: ImportBatch, by: Staff) -> None:
    batches.confirm(batch, by=by, token=batches.plan_token(batch))
    batch.refresh_from_db()


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return tuple(batch.counts.get(name, 0) for name in ("new", "changed", "same", "decide"))


@pytest.mark.data
@pytest.mark.parametrize("number", ["", NUMBER])
def test_the_next_list_asks_nothing_and_renames_nobody(bring, child: Child, registrar: Staff, number: str) -> None:
    first = bring("韦晓禾", "龙家寨", number)
    assert counts(first) == (0, 0, 0, 1)
    settle(first, registrar, "keep" if number else f"keep-{child.pk}")
    assert counts(bring("韦晓禾", "龙家寨", number)) == (0, 0, 1, 0), "the same list again changes nothing"
    later = bring("韦晓禾", "青榕镇街上", number)
    assert counts(later) == (0, 1, 0, 0)
    confirm(later, registrar)
    child.refresh_from_db()
    assert (child.name, child.address) == ("韦小禾", "青榕镇街上")


def test_the_preview_says_what_will_be_remembered(bring, child: Child, registrar: Staff) -> None:
    batch = bring("韦晓禾", number=NUMBER)
    (row,) = batches.stored_plan(batch)
    assert [label for _, label in row["choices"]] == [
        "是同一名学生，姓名改成“韦晓禾”", "是同一名学生，姓名仍是“韦小禾”，其余按表里写的更新", "这一行不导入",
    ]  # fmt: skip
    batches.answer(batch, answers={row["key"]: "keep"})
    batches.check(batch, registrar)
    assert batches.stored_plan(batch)[0]["changes"] == [["记住名册里的写法", "", "韦晓禾（姓名不改，下次不再询问）"]]


def test_another_spelling_is_asked_about_all_the_same(bring, child: Child, registrar: Staff) -> None:
    settle(bring("韦晓禾"), registrar, f"keep-{child.pk}")
    assert counts(bring("韦小和")) == (0, 0, 0, 1)


def test_a_spelling_that_was_taken_over_is_no_memory(bring, child: Child, registrar: Staff) -> None:
    settle(bring("韦晓禾", number=NUMBER), registrar, "update")
    assert not OtherSpelling.objects.exists()
    assert Child.objects.get().name == "韦晓禾"


@pytest.mark.data
def test_an_undo_takes_the_memory_back(bring, child: Child, registrar: Staff) -> None:
    batch = settle(bring("韦晓禾"), registrar, f"keep-{child.pk}")
    batches.undo(batch, by=registrar)
    assert not OtherSpelling.objects.exists()
    assert counts(bring("韦晓禾")) == (0, 0, 0, 1)


def test_two_lists_that_say_the_same_at_once_remember_it_once(bring, child: Child, registrar: Staff) -> None:
    first, second = bring("韦晓禾", "甲村"), bring("韦晓禾", "乙村")
    settle(first, registrar, f"keep-{child.pk}")
    batches.answer(second, answers={batches.stored_plan(second)[0]["key"]: f"keep-{child.pk}"})
    batches.check(second, registrar)
    confirm(second, registrar)
    assert [spelling.name for spelling in OtherSpelling.objects.all()] == ["韦晓禾"]


def test_what_is_remembered_is_listed_and_forgotten(bring, child: Child, registrar: Staff) -> None:
    settle(bring("韦晓禾"), registrar, f"keep-{child.pk}")
    client = Client()
    client.force_login(registrar)
    address = reverse("children:import_spellings")
    page = client.get(address).content.decode()
    assert "韦晓禾" in page
    assert "岑老师" in page
    client.post(reverse("children:import_spelling_forget", args=[OtherSpelling.objects.get().pk]))
    assert "还没有记住的姓名写法" in client.get(address).content.decode()
    assert counts(bring("韦晓禾")) == (0, 0, 0, 1)


def test_the_list_costs_the_same_for_one_and_for_twelve(child: Child, registrar: Staff) -> None:
    client = Client()
    client.force_login(registrar)
    costs = []
    for names in ("一", "二三四五六七八九十百千"):
        with change_by(None, "test"):
            for name in names:
                OtherSpelling.objects.create(child=child, name=f"韦{name}")
        client.get(reverse("children:import_spellings"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("children:import_spellings"))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_another_school_sees_none_of_it(bring, child: Child, registrar: Staff) -> None:
    settle(bring("韦晓禾"), registrar, f"keep-{child.pk}")
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, make_school("云禾县禾阳小学")))
    assert "韦晓禾" not in client.get(reverse("children:import_spellings")).content.decode()
    forget = reverse("children:import_spelling_forget", args=[OtherSpelling.objects.get().pk])
    assert client.post(forget).status_code == 404

"""Two people at one pupil of a census: the second sees what the first wrote, and loses nothing of the own text."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.census.answers import answer, propose
from children.census.rounds import open_round
from children.models import CensusRow, FamilyMember
from tests.support.factories import TODAY, make_left_behind, make_staff
from tests.support.windows import opened

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def row(school_class: SchoolClass) -> CensusRow:
    make_left_behind(at=school_class)
    census = open_round(school=school_class.school, kind="annual", cut_off=TODAY, due_on=None, by=None, today=TODAY)
    return census.rows.get()


@pytest.fixture
def page(client: Client, school_class: SchoolClass, row: CensusRow) -> Client:
    client.force_login(make_staff(Role.HOMEROOM, school_class, "田老师"))
    return client


@pytest.fixture
def colleague(school_class: SchoolClass) -> Client:
    found = Client()
    found.force_login(make_staff(Role.HOMEROOM, school_class, "罗老师"))
    return found


def url(name: str, row: CensusRow) -> str:
    return reverse(f"children:census_{name}", args=[row.pk])


def test_the_five_parts_show_both_texts(page: Client, colleague: Client, row: CensusRow) -> None:
    mine = opened(page, url("parts", row)) | {"study": "作业拖拉", "life": "三餐正常"}
    theirs = opened(colleague, url("parts", row)) | {"study": "成绩稳定", "mind": "开朗"}
    assert colleague.post(url("parts", row), theirs).status_code == 302
    answer = page.post(url("parts", row), mine)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "罗老师" in shown
    row.refresh_from_db()
    assert (row.study, row.life) == ("成绩稳定", "")
    again = answer.context["form"].data
    assert (again["study"], again["life"], again["mind"]) == ("作业拖拉", "三餐正常", "开朗")
    told = {item.label: (item.mine, item.theirs) for item in answer.context["clash"]["differences"]}
    assert told["学习"] == ("作业拖拉", "成绩稳定")
    assert page.post(url("parts", row), again).status_code == 302
    row.refresh_from_db()
    assert (row.study, row.life, row.mind) == ("作业拖拉", "三餐正常", "开朗")


def test_what_changed_is_not_proposed_over_somebody_elses_answer(
    page: Client, colleague: Client, row: CensusRow
) -> None:
    grandmother = FamilyMember.objects.get(child=row.child_id, name="王桂英")
    news: dict[str, Any] = {"mother_status": "at_home", "carer": grandmother.pk, "carer_type": "grandparent"}
    mine = opened(page, url("change", row)) | news
    pressed = {"answer": "unchanged", "version": row.version}
    assert colleague.post(url("mark", row), pressed).status_code == 302
    answer = page.post(url("change", row), mine)
    assert answer.status_code == 409
    assert "无变化" in answer.content.decode()
    row.refresh_from_db()
    assert (row.answer, row.proposed) == ("unchanged", {})
    assert page.post(url("change", row), answer.context["form"].data).status_code == 302
    row.refresh_from_db()
    assert row.proposed["mother"]["status"] == "at_home"


def test_parts_and_facts_of_one_pupil_are_not_in_each_others_way(
    page: Client, colleague: Client, row: CensusRow
) -> None:
    mine = opened(page, url("parts", row)) | {"study": "成绩稳定"}
    pressed = {"answer": "unchanged", "version": row.version}
    assert colleague.post(url("mark", row), pressed).status_code == 302
    assert page.post(url("parts", row), mine).status_code == 302
    row.refresh_from_db()
    assert (row.answer, row.study) == ("unchanged", "成绩稳定")


def test_the_registrar_confirms_and_sends_back_only_what_was_on_the_page(
    client: Client, school_class: SchoolClass, row: CensusRow
) -> None:
    teacher: Staff = make_staff(Role.HOMEROOM, school_class, "罗老师")
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    away = {"status": "away_work", "since": "2026-03-01", "place": "广东东莞", "phone": ""}
    propose(row=row, proposed={"father": away}, by=teacher, version=row.version)
    review = reverse("children:census_review", args=[row.census_id])
    assert f'value="{row.pk}-{row.version}"' in client.get(review).content.decode()
    ticked = {"rows": [f"{row.pk}-{row.version}"]}
    question = opened(client, url("return", row)) | {"question": "电话核实过吗？"}
    propose(row=row, proposed={"father": away | {"place": "浙江温州"}}, by=teacher, version=row.version)
    told = client.post(reverse("children:census_confirm", args=[row.census_id]), ticked, follow=True)
    assert "没有确认" in told.content.decode()
    answer = client.post(url("return", row), question)
    assert answer.status_code == 409
    assert "浙江温州" in answer.content.decode()
    row.refresh_from_db()
    assert row.review == "proposed"


def test_a_press_after_somebody_else_is_told(page: Client, row: CensusRow, school_class: SchoolClass) -> None:
    opened_at = row.version
    answer(row=row, answer="unknown", by=make_staff(Role.HOMEROOM, school_class), version=row.version)
    told = page.post(url("mark", row), {"answer": "unchanged", "version": opened_at}, follow=True)
    assert "刚刚有人核对过" in told.content.decode()

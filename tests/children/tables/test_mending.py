"""Wrong rows of a list are corrected in the page, as those of a roster."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.urls import reverse

from caretrack.schools.models import School, Staff
from children.models import AidGrant, Child
from tests.children.tables.conftest import Desk

pytestmark = pytest.mark.django_db
HEAD = ["姓名", "班级", "资助项目", "资助金额（元）"]
LAN, WRONG = ["李小兰", "四（1）班", "营养餐", "300"], ["韦小禾", "四（2）班", "营养餐", "三百来块"]


@pytest.fixture
def clerk(desk: Callable[[Staff, str], Desk], registrar: Staff, pupils: dict[str, Child]) -> Desk:
    return desk(registrar, "aid")


def row_url(clerk: Desk, row: int, page: str = "row") -> str:
    return reverse(f"children:table_{page}", args=[clerk.last.pk, 0, row])


def test_a_wrong_amount_is_corrected_and_the_grant_goes_in(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, WRONG)
    assert clerk.counts() == (1, 0, 0, 1)
    assert row_url(clerk, 3) in clerk.page("preview").content.decode()
    page = clerk.client.get(row_url(clerk, 3))
    ((cell, _),) = page.context["faulty"]
    assert (cell.label, cell.text) == ("资助金额（元）", "三百来块")
    typed = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    answer = clerk.client.post(row_url(clerk, 3), typed | {"c3": "300"}, follow=True)
    assert "第3行已改好（1 处）" in answer.content.decode()
    assert clerk.counts() == (2, 0, 0, 0)
    changed = clerk.page("preview", "?show=mends").content.decode()
    assert "三百来块" in changed
    clerk.confirm()
    assert sorted(AidGrant.objects.values_list("child__name", flat=True)) == ["李小兰", "韦小禾"]


def test_a_row_is_left_out_and_taken_in_again(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, WRONG)
    clerk.client.post(row_url(clerk, 3, "leave"))
    assert clerk.counts() == (1, 0, 0, 0)
    assert "您选择了不导入" in clerk.page("preview", "?show=skipped").content.decode()
    clerk.client.post(row_url(clerk, 3, "leave"))
    assert clerk.counts() == (1, 0, 0, 1)


def test_what_is_typed_wrong_again_stays_on_the_page(clerk: Desk) -> None:
    clerk.check(HEAD, WRONG)
    answer = clerk.client.post(
        row_url(clerk, 2), {"c0": "韦小禾", "c1": "四（2）班", "c2": "营养餐", "c3": "很多"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == row_url(clerk, 2)
    assert answer.context["form"]["c3"].value() == "很多"


def test_the_rejected_rows_come_back_as_they_were_corrected(clerk: Desk) -> None:
    clerk.check(HEAD, LAN, WRONG)
    clerk.client.post(row_url(clerk, 3), {"c0": "韦小禾", "c1": "四（2）班", "c2": "免费午餐", "c3": "很多"})

    sheet = openpyxl.load_workbook(io.BytesIO(clerk.page("errors").getvalue())).active
    words = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "免费午餐" in words
    assert "李小兰" not in words


def test_a_list_of_another_school_has_no_rows_here(clerk: Desk, school: School) -> None:
    clerk.check(HEAD, WRONG)
    assert clerk.client.get(row_url(clerk, 99)).status_code == 404

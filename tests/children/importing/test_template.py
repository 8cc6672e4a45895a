"""The roster template offers the grades that the school teaches, no others."""

import io
from collections.abc import Sequence

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from children.importing.template import template_workbook
from tests.support.factories import make_school, make_staff


def grades(content: bytes) -> tuple[list[str], str]:
    """The grades in the list of the template, and the grade of the example row."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    heads = [cell.value for cell in book.worksheets[0][2]]
    columns = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book["代码"].columns}
    return columns["年级"], book.worksheets[0].cell(3, heads.index("年级*") + 1).value


@pytest.mark.parametrize(
    "stages, first, last, example",
    [
        (["primary"], "一年级", "六年级", "五年级"),
        (["junior"], "七年级", "九年级", "九年级"),
        (["kindergarten", "primary"], "小班", "六年级", "五年级"),
        (["primary", "nine_year"], "一年级", "九年级", "五年级"),
    ],
)
def test_the_grades_of_the_stages(stages: Sequence[str], first: str, last: str, example: str) -> None:
    offered, shown = grades(template_workbook("花名册", "2026年11月20日", stages=stages))
    assert (offered[0], offered[-1], shown) == (first, last, example)
    assert len(offered) == len(set(offered))


@pytest.mark.django_db
def test_a_primary_school_downloads_no_seventh_grade(client: Client) -> None:
    client.force_login(make_staff(Role.REGISTRAR, make_school()))
    assert "七年级" not in grades(client.get(reverse("children:import_template")).content)[0]

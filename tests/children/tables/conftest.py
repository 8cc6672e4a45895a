"""A school with pupils, and lists as a school's Excel has them."""

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, Staff
from children.models import Child, ImportBatch
from tests.support.factories import id_number, make_child, make_class, make_school, make_staff, make_term

DAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)


@pytest.fixture
def school(db: None) -> School:
    school = make_school()
    make_term(school, year=2025, season=2, starts_on=dt.date(2026, 3, 1), ends_on=dt.date(2026, 7, 5))
    make_term(school)
    return school


@pytest.fixture
def registrar(school: School) -> Staff:
    return make_staff(Role.REGISTRAR, school, name="岑老师")


@pytest.fixture
def pupils(school: School) -> dict[str, Child]:
    """李小兰 and two 张伟 in 四（1）班, another 张伟 and 韦小禾 in 四（2）班."""
    first, second = make_class(school, 4, 1), make_class(school, 4, 2)
    born = dt.date(2016, 5, 4)
    return {
        "lan": make_child("李小兰", first, id_no=id_number(born, 1), birth_date=born),
        "wei1": make_child("张伟", first, birth_date=dt.date(2016, 1, 2)),
        "wei2": make_child("张伟", first, birth_date=dt.date(2016, 8, 9)),
        "wei3": make_child("张伟", second, birth_date=dt.date(2015, 12, 1)),
        "he": make_child("韦小禾", second, student_no="G" + id_number(dt.date(2016, 2, 3), 7)),
    }


def workbook(*rows: list[Any], title: str = "", text: bool = False) -> SimpleUploadedFile:
    """An .xlsx with a title line above the header, if there is a title."""
    book = openpyxl.Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("名单.xlsx", file.getvalue())


class Desk:
    """A person at the import pages of one kind of list."""

    def __init__(self, staff: Staff, school: School, kind: str) -> None:
        self.client, self.school, self.kind = Client(), school, kind
        self.client.force_login(staff)

    def send(self, *rows: list[Any], title: str = "", **options: str) -> Any:
        """Upload a list; returns the answer."""
        file = workbook(*rows, title=title)
        return self.send_file(file, **options)

    def send_file(self, file: SimpleUploadedFile, **options: str) -> Any:
        address = reverse("children:table_import", args=[self.kind])
        return self.client.post(address, {"school": self.school.pk, "file": file, **options})

    def check(self, *rows: list[Any], title: str = "", **options: str) -> ImportBatch:
        """Upload a list that must be readable; returns its batch."""
        answer = self.send(*rows, title=title, **options)
        assert answer.status_code == 302, answer.context["form"].errors
        return self.last

    @property
    def last(self) -> ImportBatch:
        return ImportBatch.objects.latest("pk")

    def page(self, name: str, query: str = "") -> Any:
        """A page of the last batch."""
        return self.client.get(self.address(name) + query)

    def act(self, name: str, data: dict[str, Any] | None = None) -> Any:
        return self.client.post(self.address(name), data or {}, follow=True)

    def address(self, name: str) -> str:
        return reverse(f"children:table_{name}", args=[self.last.pk])

    def confirm(self) -> Any:
        """Press the button of the preview."""
        token = re.search(r'name="token" value="([^"]*)"', self.page("preview").content.decode())
        assert token
        return self.act("confirm", {"token": token[1]})

    def counts(self) -> tuple[int, int, int, int]:
        """New, changed, same, left out."""
        batch = self.last
        return (*(batch.counts[name] for name in ("new", "changed", "same")), batch.not_imported)

    def faults(self) -> list[str]:
        """The fault sentences of the preview with their place: 第3行 C列 …; what was put right by itself comes last."""
        pages = [self.page("preview", f"?show=faults{more}") for more in ("", "&level=fixed")]
        return [
            f"第{fault['row']}行 {fault['letter']}列 {fault['sentence']}" if fault["row"] else fault["sentence"]
            for page in pages
            for fault in page.context["page"].object_list
        ]


@pytest.fixture
def desk(school: School) -> Callable[[Staff, str], Desk]:
    """desk(staff, kind): that person at the import of that kind of list."""
    return lambda staff, kind: Desk(staff, school, kind)

"""The preview stays light whatever the file holds: pages of fifty lines, twenty questions at once."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from children.importing import batches
from children.models import ImportBatch
from tests.support.factories import id_number, make_child, make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
KILOBYTE = 1_000
ROWS = 400


def named(number: int) -> str:
    """A name of its own for each number, without a digit that would mark a namesake."""
    return f"韦{chr(0x5000 + number)}"


def test_no_page_of_the_preview_weighs_more_than_150_kilobytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)
    school = make_school()
    four = make_class(school, 4, 1)
    for number in range(60):
        make_child(named(number), four, birth_date=dt.date(2016, 5, 1), birth_precision="year")
    lines = ["姓名,性别,出生日期,身份证号,班级,家庭住址,父亲姓名,父亲务工地,父亲电话,母亲姓名,母亲务工地,母亲电话,备注"]
    for number in range(ROWS):
        name = named(number) if number < 60 or number % 3 else ""
        born = "2016" if number < 60 else "2016-05-04"
        id_no = "" if number < 60 else id_number(dt.date(2016, 5, 4), number) if number % 2 else "99999920160504"
        lines.append(
            f"{name},男,{born},{id_no},四（1）班,栗坪村{number}组,韦大山,广东省东莞市长安镇,13800000001,罗春花,"
            f"福建省泉州市晋江市,1380000000,家里种了三亩地，由祖母照看，周末回家"
        )
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))
    file = SimpleUploadedFile("名册.csv", "\n".join(lines).encode())
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    batch = ImportBatch.objects.get()
    assert batch.counts["decide"] >= 50
    assert batch.counts["rejected"] >= 100
    assert len(batches.stored_plan(batch)) == ROWS
    address = reverse("children:import_preview", args=[batch.pk])
    weights = {
        tab: len(client.get(f"{address}?show={tab}").content)
        for tab in ("faults", "new", "decide", "rejected", "skipped", "absent")
    }
    assert max(weights.values()) <= 150 * KILOBYTE, weights
    assert client.get(f"{address}?show=new").context["page"].paginator.num_pages > 1

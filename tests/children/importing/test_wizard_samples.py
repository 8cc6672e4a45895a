"""Every sample roster through every page of the wizard; what is left out comes back as a file that can be read again."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Stage
from children.importing import batches
from children.models import Child, ImportBatch
from tests.support.factories import make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
SHEETS = Path(__file__).parents[2] / "sheets"
SAMPLES = sorted(SHEETS.glob("*.expected.json"))
TABS = ("faults", "new", "changed", "same", "decide", "waiting", "rejected", "skipped", "absent", "mends")
KINDERGARTEN = "小中大"


def school_of(expected: dict) -> School:
    """The school and the classes that the sample is made for."""
    young = any(item.get("stage") == "kindergarten" for item in expected["classes"])
    school = make_school(expected["school"], stage=Stage.KINDERGARTEN if young else Stage.NINE_YEAR)
    for item in expected["classes"]:
        if isinstance(item["grade"], int):
            make_class(school, item["grade"], item["number"])
        else:
            grade = KINDERGARTEN.index(item["grade"]) + 1
            SchoolClass.objects.create(school=school, entry_year=2026 - grade + 1, number=item["number"])
    return school


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name[:3])
def test_a_sample_goes_through_every_page(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = json.loads(sample.read_text())
    day = dt.date.fromisoformat(expected["cut_off"])
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)
    school = school_of(expected)
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))

    def upload(name: str, content: bytes) -> ImportBatch:
        file = SimpleUploadedFile(name, content)
        response = client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
        assert response.status_code == 302, response.content.decode()
        return ImportBatch.objects.latest("pk")

    def page(batch: ImportBatch, name: str, *more: int, query: str = ""):
        response = client.get(reverse(f"children:import_{name}", args=[batch.pk, *more]) + query)
        assert response.status_code == 200, (name, more, query)
        return response

    batch = upload(expected["file"], (SHEETS / expected["file"]).read_bytes())
    form = page(batch, "columns").context["form"]
    chosen = {name: form.fields[name].initial or form.fields[name].choices[1][0] for name in form.keys}
    data = {name: form[name].value() or "" for name in form.fields} | chosen
    response = client.post(reverse("children:import_columns", args=[batch.pk]), data)
    assert response.status_code == 302, response.context["form"].errors
    batch.refresh_from_db()
    for tab in TABS:
        page(batch, "preview", query=f"?show={tab}")
    overview, plan = json.loads(batch.result), batches.stored_plan(batch)
    for place in [(sheet, row) for sheet, rows in overview["faulty"] for row in rows][:3]:
        row = page(batch, "row", *place)
        assert row.context["form"].fields
        assert row.context["faulty"] or row.context["message"] or row.context["several"]
    book = page(batch, "errors").getvalue()
    if batch.counts["waiting"] + batch.counts["rejected"]:
        again = upload("未导入的行.xlsx", book)
        titles = {column["label"] for header in json.loads(again.result)["headers"] for column in header["columns"]}
        assert "错误说明" in titles
        assert again.counts["rows"] == sum(row["status"] in ("waiting", "rejected", "decide") for row in plan)
    token = batches.plan_token(batch)
    client.post(reverse("children:import_confirm", args=[batch.pk]), {"token": token})
    batch.refresh_from_db()
    assert batch.state == "done"
    assert Child.objects.count() == batch.counts["new"]
    for tab in TABS:
        page(batch, "done", query=f"?show={tab}")
    client.post(reverse("children:import_undo", args=[batch.pk]))
    assert not Child.objects.exists()
    page(batch, "done")

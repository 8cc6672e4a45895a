"""A file that an earlier edition of the program has checked says so, and is checked again with one press."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.schools.models import School, Staff
from children.importing import batches, storage
from children.importing.keeping import Kept
from children.importing.resource import PlanStale
from children.models import Child, ImportBatch
from children.models.edition import MOST, edition, edition_of
from children.tables import batches as table_batches
from tests.support.factories import make_child, make_class, make_school

pytestmark = pytest.mark.django_db
ROSTER = "姓名,性别,出生日期,班级\n韦小禾,女,2016-05-04,四（1）班\n田雨欣,女,2016-13-04,四（1）班\n".encode()
AID = "姓名,班级,资助项目,金额,发放日期\n韦小禾,四（1）班,营养餐,300,2026-11-02\n".encode()


@pytest.fixture
def school(import_day: None) -> School:
    school = make_school()
    make_class(school, 4, 1)
    return school


def upload(client: Client, address: str, content: bytes, **said: object) -> ImportBatch:
    file = SimpleUploadedFile("名册.csv", content)
    client.post(address, {"school": School.objects.get().pk, "file": file, **said})
    return ImportBatch.objects.latest("pk")


def as_of_an_earlier_edition(batch: ImportBatch) -> None:
    """What an earlier program left: no mark, and lines that lie elsewhere."""
    overview = json.loads(batch.result)
    for name in ("kept", "levels", "faulty"):
        del overview[name]
    with change_by(None, "test"):
        batch.remarks.all().delete()
        batch.edition, batch.result = 0, json.dumps(overview)
        batch.save()


@pytest.mark.parametrize("page", ["preview", "columns", "errors", "row"])
def test_every_page_says_so_and_offers_the_check(signed_in: Client, page: str) -> None:
    batch = upload(signed_in, reverse("children:roster_import"), ROSTER)
    as_of_an_earlier_edition(batch)
    place = [0, 2] if page == "row" else []
    shown = signed_in.get(reverse(f"children:import_{page}", args=[batch.pk, *place])).content.decode()
    assert "这份表格是系统更新以前核对的" in shown
    recheck = reverse("children:import_recheck", args=[batch.pk])
    assert f'action="{recheck}"' in shown
    assert signed_in.post(recheck).headers["Location"] == reverse("children:import_preview", args=[batch.pk])
    preview = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "系统更新以前" not in preview
    assert "田雨欣" in preview, "the fault has its line again"


def test_nothing_is_written_from_such_a_check(signed_in: Client, registrar: Staff) -> None:
    batch = upload(signed_in, reverse("children:roster_import"), ROSTER)
    as_of_an_earlier_edition(batch)
    token = batches.plan_token(batch)
    shown = signed_in.post(reverse("children:import_confirm", args=[batch.pk]), {"token": token}).content.decode()
    assert "系统更新以前核对" in shown
    with pytest.raises(PlanStale):
        batches.confirm(batch, by=registrar, token=token)
    assert not Child.objects.exists()


def test_what_was_answered_is_kept(signed_in: Client) -> None:
    batch = upload(signed_in, reverse("children:roster_import"), ROSTER)
    batches.answer(batch, mapping={"": {"1": "-"}})
    as_of_an_earlier_edition(batch)
    signed_in.post(reverse("children:import_recheck", args=[batch.pk]))
    batch.refresh_from_db()
    overview = json.loads(batch.result)
    assert "性别" not in str(list(Kept(batch, overview).rows())), "the column that was not to be taken"


def test_a_file_that_is_gone_can_only_be_given_up(signed_in: Client) -> None:
    batch = upload(signed_in, reverse("children:roster_import"), ROSTER)
    as_of_an_earlier_edition(batch)
    storage.forget(batch.stored)
    shown = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "请放弃这次导入，再上传一次" in shown
    assert reverse("children:import_recheck", args=[batch.pk]) not in shown
    signed_in.post(reverse("children:import_drop", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.DROPPED


def test_other_lists_likewise(signed_in: Client, registrar: Staff, school: School) -> None:
    make_child("韦小禾", school.classes.get())
    batch = upload(signed_in, reverse("children:table_import", args=["aid"]), AID)
    as_of_an_earlier_edition(batch)
    preview = reverse("children:table_preview", args=[batch.pk])
    shown = signed_in.get(preview).content.decode()
    assert "这份表格是系统更新以前核对的" in shown
    with pytest.raises(table_batches.PlanMoved):
        table_batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    signed_in.post(reverse("children:table_recheck", args=[batch.pk]))
    assert "营养餐" in signed_in.get(preview + "?show=new").content.decode()


def test_any_other_line_of_the_program_is_another_edition(tmp_path: Path) -> None:
    reading = tmp_path / "importing"
    reading.mkdir()
    (reading / "planner.py").write_text("CHUNK = 500\n")
    first = edition_of([reading])
    assert edition_of([reading]) == first, "the same program is the same edition"
    (reading / "planner.py").write_text("CHUNK = 501\n")
    changed = edition_of([reading])
    (reading / "planner.py").rename(reading / "plans.py")
    assert len({first, changed, edition_of([reading])}) == 3
    assert all(0 < found <= MOST for found in (first, changed, edition()))


def test_what_this_program_checked_is_of_its_edition(signed_in: Client) -> None:
    batch = upload(signed_in, reverse("children:roster_import"), ROSTER)
    assert (batch.edition, batch.is_outdated) == (edition(), False)

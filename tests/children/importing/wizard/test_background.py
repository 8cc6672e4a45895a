"""The wizard with a large file: checked, written and collected by a job, found again after leaving."""

import io
from urllib.parse import unquote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from caretrack.schools.models import School
from children.importing import batches, storage
from children.models import Child, ImportBatch
from tests.children.importing.wizard.steps import sample, upload, url

pytestmark = pytest.mark.django_db


def test_of_a_large_file_they_are_collected_in_the_background(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(signed_in, school, sample("a06"))
    batch = ImportBatch.objects.get()
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 10)
    page = signed_in.get(url("errors", batch)).content.decode()
    assert f'action="{url("errors", batch)}"' in page
    assert not Job.objects.exists(), "looking starts nothing"
    started = signed_in.post(url("errors", batch))
    assert signed_in.post(url("errors", batch)).headers["Location"] == started.headers["Location"], "pressed twice"
    job = Job.objects.get()
    assert started.headers["Location"] == reverse("jobs:job_show", args=[job.pk])
    run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 40, 40)
    answer = signed_in.get(reverse("jobs:job_download", args=[job.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert len(list(book.active.iter_rows())) == 42
    assert "未导入的行.xlsx" in unquote(answer.headers["Content-Disposition"])


def test_a_file_that_is_gone_ends_the_collecting_with_words(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(signed_in, school, sample("a06"))
    batch = ImportBatch.objects.get()
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 10)
    signed_in.post(url("errors", batch))
    storage.forget(batch.stored)
    job = Job.objects.get()
    run(job.pk)
    job.refresh_from_db()
    assert (job.status, "请重新上传" in job.message) == ("failed", True)
    told = signed_in.get(url("errors", batch), follow=True).content.decode()
    assert "请重新上传" in told


def test_a_large_file_is_checked_and_written_in_the_background(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 10)
    response = upload(signed_in, school, sample("a11"))
    job = Job.objects.get()
    assert response.headers["Location"] == reverse("jobs:job_show", args=[job.pk])
    run(job.pk)
    job.refresh_from_db()
    batch = ImportBatch.objects.get()
    assert (job.status, job.result["next"]) == ("done", url("columns", batch))
    signed_in.post(url("confirm", batch), {"token": batches.plan_token(batch)})
    writing = Job.objects.latest("pk")
    for _ in range(2):
        run(writing.pk)
    writing.refresh_from_db()
    assert (writing.status, writing.result["next"]) == ("done", url("done", batch))
    assert Child.objects.count() == 20


def test_a_large_file_that_is_no_roster_is_told_by_the_job(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 1)
    upload(signed_in, school, SimpleUploadedFile("a.csv", "物品,数量\n铅笔,3\n本子,2\n".encode()))
    job = Job.objects.get()
    run(job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert "没有找到名册的表头" in job.message
    assert ImportBatch.objects.get().state == "failed"


def test_work_in_the_background_is_found_again_after_leaving(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 10)
    upload(signed_in, school, sample("a11"))
    job, batch = Job.objects.get(), ImportBatch.objects.get()
    running = reverse("jobs:job_show", args=[job.pk])
    assert running in signed_in.get(reverse("children:roster_import")).content.decode()
    assert signed_in.get(url("preview", batch)).headers["Location"] == running
    assert signed_in.get(url("columns", batch)).headers["Location"] == running
    run(job.pk)
    assert signed_in.get(url("preview", batch)).status_code == 200
    batch.refresh_from_db()
    token = batches.plan_token(batch)
    for _ in range(2):
        response = signed_in.post(url("confirm", batch), {"token": token})
    writing = Job.objects.latest("pk")
    assert Job.objects.count() == 2, "pressing twice starts the writing once"
    assert response.headers["Location"] == reverse("jobs:job_show", args=[writing.pk])
    run(writing.pk)
    assert signed_in.get(url("preview", batch)).headers["Location"] == url("done", batch)


def test_a_check_that_was_cut_off_can_be_started_again_or_given_up(signed_in: Client, school: School) -> None:
    upload(signed_in, school, sample("a11"))
    batch = ImportBatch.objects.get()
    with change_by(None, "test"):
        ImportBatch.objects.filter(pk=batch.pk).update(state="checking")
    page = signed_in.get(url("preview", batch), follow=True).content.decode()
    assert "处理中断" in page
    assert url("drop", batch) in page
    response = signed_in.post(url("recheck", batch))
    assert response.headers["Location"] == url("preview", batch)
    batch.refresh_from_db()
    assert batch.state == "planned"

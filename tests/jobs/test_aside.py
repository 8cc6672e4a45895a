"""How far a job is inside one long transaction: shown although the database does not know yet."""

import os

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.jobs.aside import Aside, take_over
from caretrack.jobs.locks import lock_file
from caretrack.jobs.models import Job, JobStatus
from tests.support.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    now = timezone.now()
    status = JobStatus.RUNNING
    staff = make_staff(Role.REGISTRAR)
    return Job.objects.create(kind="roster_write", title="导入花名册", started_by=staff, status=status, started_at=now)


def test_the_page_shows_what_was_said_beside_the_database(job: Job) -> None:
    client = Client()
    client.force_login(job.started_by)
    address = reverse("jobs:job_show", args=[job.pk])
    assert "正在写入" not in client.get(address).content.decode()
    Aside(job)(300, 1_200)
    page = client.get(address)
    assert (page.context["job"].done, page.context["job"].total) == (300, 1_200)
    assert "正在写入" in page.content.decode()
    assert Job.objects.get(pk=job.pk).done == 0, "the stored row is the worker's"


def test_it_is_written_now_and_then_and_at_the_end(job: Job) -> None:
    say = Aside(job)
    for done in range(1, 101):
        say(done, 100)
    take_over(job)
    assert (job.done, job.total) == (100, 100)


def test_what_an_earlier_attempt_said_does_not_count(job: Job) -> None:
    Aside(job)(300, 1_200)
    file = lock_file(job.pk).with_name(f"job-{job.pk}.aside")
    os.utime(file, (0, 0))
    take_over(job)
    assert job.total == 0

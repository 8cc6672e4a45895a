"""A worker killed in the middle of writing leaves the database as before, and the import is done after all, once."""

import datetime as dt
import io
import os
import signal

import openpyxl
import pytest
from django.db import connections
from django.db.models import Model

from caretrack.access.policy import Role
from caretrack.jobs import services
from caretrack.jobs.models import Job, JobStatus
from caretrack.schools.models import School, Staff
from children.importing import batches
from children.importing.staging import Staging
from children.jobs import WRITE
from children.models import Child, Enrollment, ImportBatch, StatusChange
from tests.support.factories import id_number, make_class, make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]
DAY = dt.date(2026, 11, 20)
ROWS = 1_100
"""More than one chunk, so that half of it can be written."""


def roster() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "性别", "出生日期", "身份证号", "年级", "班级"])
    for number in range(ROWS):
        born = dt.date(2016, 9, 1) + dt.timedelta(days=number % 365)
        name = "韦" + chr(0x4E00 + number) + "禾"
        sheet.append([name, "男", born.isoformat(), id_number(born, number // 365), "四年级", "1班"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def planned() -> tuple[ImportBatch, Staff]:
    school: School = make_school()
    make_term(school)
    make_class(school, 4, 1)
    registrar = make_staff(Role.REGISTRAR, school)
    batch = batches.take_file(school=school, by=registrar, name="名册.xlsx", content=roster(), on=DAY)
    batches.check(batch, registrar)
    assert batch.counts["new"] == ROWS
    return batch, registrar


def work_until_killed(job: Job, step: str, after: int) -> int:
    """Run the job in a process that is killed after so many of its steps; returns how the process ended."""
    connections.close_all()
    pid = os.fork()
    if not pid:
        done, usual = [], getattr(Staging, step)

        def killing(staging: Staging, model: type[Model], *given: object) -> None:
            if len(done) == after:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(model)
            usual(staging, model, *given)

        setattr(Staging, step, killing)
        services.run(job.pk)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("step, after", [("add", 5), ("move", 3)], ids=["while laid ready", "while written"])
def test_a_killed_worker_leaves_nothing_and_the_sweep_makes_it_one_import(
    planned: tuple[ImportBatch, Staff], step: str, after: int
) -> None:
    batch, registrar = planned
    job = services.enqueue(WRITE, registrar, {"batch": batch.pk, "token": batches.plan_token(batch)})
    assert work_until_killed(job, step, after) == signal.SIGKILL
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.PLANNED
    assert not any(model.objects.exists() for model in (Child, Enrollment, StatusChange))

    assert [found.pk for found in services.sweep()] == [job.pk]
    services.run(job.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.status, batch.state) == (JobStatus.DONE, ImportBatch.State.DONE)
    assert [model.objects.count() for model in (Child, Enrollment, StatusChange)] == [ROWS] * 3

    services.run(job.pk)
    assert Child.objects.count() == ROWS

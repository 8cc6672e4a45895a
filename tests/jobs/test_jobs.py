import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.jobs import registry, services
from caretrack.jobs.locks import job_lock
from caretrack.jobs.models import Job, JobStatus
from caretrack.jobs.services import enqueue
from caretrack.jobs.tasks import run_job
from tests.jobs.conftest import CANARY, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def worker_ran() -> Callable[[], None]:
    """Does what is queued, in order, without the worker's loop (it closes the connection of the test)."""

    def run_queue() -> None:
        for entry in DBTaskResult.objects.ready().order_by("enqueued_at"):
            entry.claim("test")
            run_job.call(*entry.args_kwargs["args"])
            entry.set_successful(None)

    return run_queue


@pytest.mark.django_db(transaction=True)
def test_the_worker_command_sweeps_and_works(principal, monkeypatch) -> None:
    monkeypatch.setattr(Worker, "configure_signals", lambda self: None)  # only in the main thread of a process
    job, orphan = enqueue("count", principal, {"upto": 5}), left_running(principal, "count")
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)
    for done in (job, orphan):
        done.refresh_from_db()
        assert done.status == JobStatus.DONE


def test_work_is_done_and_its_progress_kept(principal, worker_ran) -> None:
    job = enqueue("count", principal, {"upto": 5})
    assert (job.title, job.status) == ("逐个数", JobStatus.QUEUED)
    worker_ran()
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.percent) == (JobStatus.DONE, 5, 5, 100)
    assert job.result == {"counted": 5}
    assert job.finished_at


def test_progress_is_not_written_for_every_step(principal, django_assert_max_num_queries) -> None:
    job = Job.objects.create(kind="count", title="x", started_by=principal)
    with django_assert_max_num_queries(3):
        for number in range(1, 501):
            job.advance(number, 500)
    job.refresh_from_db()
    assert job.done == 500


def test_work_that_a_person_waits_for_is_not_started_again(principal) -> None:
    job = enqueue("count", principal, {"upto": 5, "of": [1, 2]})
    assert enqueue("count", principal, {"upto": 5, "of": (1, 2)}) == job
    others = [
        enqueue("count", principal, {"upto": 6}),
        enqueue("paper", principal, {"upto": 5, "of": [1, 2]}),
        enqueue("count", make_person("deputy"), {"upto": 5, "of": [1, 2]}),
    ]
    assert len({job, *others}) == 4
    Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE, finished_at=timezone.now())
    assert enqueue("count", principal, {"upto": 5, "of": [1, 2]}) != job, "what is done may be wanted again"


@pytest.mark.parametrize("value", ["李小兰", "有 空格", "x" * 65, 1.5, {"a": 1}, ["李小兰"]])
def test_texts_are_not_put_into_the_queue(principal, value) -> None:
    with pytest.raises(ValueError, match="id, a number or a short code"):
        enqueue("count", principal, {"upto": value})
    assert not Job.objects.exists()


def test_an_unknown_kind_is_refused(principal) -> None:
    with pytest.raises(LookupError):
        enqueue("nothing", principal)


def test_a_refusal_reaches_the_person_in_its_own_words(principal, worker_ran) -> None:
    job = enqueue("refuse", principal)
    worker_ran()
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.FAILED, "第 3 行没有姓名，请改正后重新导入。")


def test_an_unexpected_error_tells_its_number_and_hides_its_text(principal, worker_ran, caplog) -> None:
    job = enqueue("crash", principal)
    worker_ran()
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert str(job.pk) in job.message
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text
    assert CANARY not in job.message


def test_a_right_lost_meanwhile_stops_the_work(principal, worker_ran) -> None:
    job = enqueue("paper", principal)
    principal.appointments.update(ends_on=timezone.localdate() - timedelta(days=1))
    worker_ran()
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "没有“审批月报”的权限" in job.message


def test_running_a_job_twice_does_its_work_once(principal) -> None:
    job = enqueue("count", principal, {"upto": 2})
    services.run(job.pk)
    services.run(job.pk)
    job.refresh_from_db()
    assert job.attempts == 1


# --- what a dead worker leaves -------------------------------------------------------------------------------------------


def left_running(principal, kind: str, **fields) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind=kind,
        title=kind,
        params={"upto": 3} if kind == "count" else {},
        started_by=principal,
        status=JobStatus.RUNNING,
        started_at=now,
        heartbeat_at=now,
        attempts=1,
        **fields,
    )


def test_repeatable_work_of_a_dead_worker_is_done_again(principal, worker_ran) -> None:
    job = left_running(principal, "count")
    assert services.sweep() == [job]
    worker_ran()
    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.DONE, 2)


def test_other_work_of_a_dead_worker_is_marked_with_the_place_reached(principal) -> None:
    job = left_running(principal, "paper", done=7, total=20)
    services.sweep()
    job.refresh_from_db()
    assert job.status == JobStatus.STOPPED
    assert "停在第 7 项，共 20 项" in job.message


def test_work_that_kills_its_worker_is_not_repeated_for_ever(principal) -> None:
    job = left_running(principal, "count")
    Job.objects.update(attempts=services.MOST_ATTEMPTS)
    services.sweep()
    job.refresh_from_db()
    assert job.status == JobStatus.STOPPED


def test_a_job_somebody_is_at_work_on_is_left_alone(principal, settings) -> None:
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        pytest.skip("on PostgreSQL one connection may take its own lock twice; see the next test")
    job = left_running(principal, "paper")
    with job_lock(job.pk) as held:
        assert held
        assert services.sweep() == []


@pytest.mark.django_db(transaction=True)
def test_the_lock_of_a_killed_process_is_free_again(principal) -> None:
    """Another process takes the lock and is killed: only then may the job be settled."""
    job = left_running(principal, "paper")
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        with job_lock(job.pk) as held:
            os.write(writing, b"1" if held else b"0")
            signal.pause()
    assert os.read(reading, 1) == b"1"
    assert services.sweep() == []
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reading)
    os.close(writing)
    assert [changed.pk for changed in settled_soon()] == [job.pk]


def settled_soon() -> list[Job]:
    """PostgreSQL notices a dead client a moment later."""
    for _ in range(50):
        if changed := services.sweep():
            return changed
        time.sleep(0.1)
    return []


def test_a_job_whose_queue_entry_was_lost_is_queued_again(principal, worker_ran) -> None:
    job = enqueue("count", principal, {"upto": 1})
    DBTaskResult.objects.all().delete()
    assert services.sweep() == []
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert services.sweep() == [job]
    worker_ran()
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


def test_result_files_go_after_a_day_and_rows_after_a_month(principal) -> None:
    job = enqueue("paper", principal)
    services.run(job.pk)
    job.refresh_from_db()
    path = job.file_path
    assert path.read_bytes().startswith(b"%PDF")
    assert path.stat().st_mode & 0o077 == 0
    services.sweep(timezone.now() + timedelta(hours=25))
    job.refresh_from_db()
    assert job.file == ""
    assert not path.exists()
    services.sweep(timezone.now() + timedelta(days=31))
    assert not Job.objects.filter(pk=job.pk).exists()


# --- pages ---------------------------------------------------------------------------------------------------------------


def test_the_page_shows_progress_and_asks_again_by_itself(client, principal) -> None:
    job = left_running(principal, "count", done=3, total=12)
    client.force_login(principal)
    page = client.get(reverse("jobs:job_show", args=[job.pk])).content.decode()
    assert "3 / 12" in page
    assert "hx-trigger" in page
    assert '<meta http-equiv="refresh"' in page


def test_who_waits_is_told_how_many_come_before(client, principal) -> None:
    for upto in (1, 2, 3):
        enqueue("count", make_person("deputy" + str(upto)), {"upto": upto})
    job = enqueue("paper", principal)
    client.force_login(principal)
    assert "前面还有 3 个任务" in client.get(reverse("jobs:job_show", args=[job.pk])).content.decode()
    services.run(job.pk)
    assert "前面还有" not in client.get(reverse("jobs:job_show", args=[job.pk])).content.decode()


def test_the_fragment_of_finished_work_stops_asking(client, principal) -> None:
    job = enqueue("paper", principal)
    services.run(job.pk)
    client.force_login(principal)
    answer = client.get(reverse("jobs:job_show", args=[job.pk]), headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert "<html" not in fragment
    assert "hx-trigger" not in fragment
    assert "四(1)班联系卡.pdf" in fragment
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("name", ["job_show", "job_download"])
def test_another_persons_job_does_not_exist(client, principal, name) -> None:
    job = enqueue("paper", principal)
    services.run(job.pk)
    client.force_login(make_person("other"))
    assert client.get(reverse(f"jobs:{name}", args=[job.pk])).status_code == 404


def test_the_file_comes_under_its_name_and_leaves_a_line_in_the_log(client, principal) -> None:
    job = enqueue("paper", principal)
    services.run(job.pk)
    client.force_login(principal)
    answer = client.get(reverse("jobs:job_download", args=[job.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert "attachment" in answer["Content-Disposition"]
    assert AccessEntry.objects.filter(event=Event.EXPORT, staff_id=principal.pk).count() == 1


def test_the_file_is_refused_after_the_right_was_lost(client, principal) -> None:
    job = enqueue("paper", principal)
    services.run(job.pk)
    principal.appointments.update(role=Role.CARE_LEAD)
    client.force_login(principal)
    assert client.get(reverse("jobs:job_download", args=[job.pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_stays_flat(client, principal, rows, django_assert_max_num_queries) -> None:
    for _ in range(rows):
        left_running(principal, "count")
    client.force_login(principal)
    client.get(reverse("jobs:job_list"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("jobs:job_list"))
    assert page.content.decode().count("/jobs/") >= rows


def test_the_pages_only_read(client, principal) -> None:
    client.force_login(principal)
    job = left_running(principal, "count")
    assert client.post(reverse("jobs:job_show", args=[job.pk])).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_chore_that_fails_is_logged_and_the_work_is_done(principal, monkeypatch, caplog) -> None:
    def broken() -> None:
        raise LookupError(CANARY)

    monkeypatch.setattr(Worker, "configure_signals", lambda self: None)
    monkeypatch.setattr(registry, "_chores", [broken])
    job = enqueue("count", principal, {"upto": 5})
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)
    job.refresh_from_db()
    assert job.status == JobStatus.DONE
    assert "sweep did not succeed: LookupError" in caplog.text
    assert CANARY not in caplog.text

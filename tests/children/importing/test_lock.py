"""Rows are laid ready while others go on saving; only the writing of what lies ready is one transaction."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from caretrack.access.history import change_by
from caretrack.schools.models import School, Staff
from children.importing import batches
from children.models import Child, FamilyMember, ImportBatch
from tests.support.factories import make_child, make_class, make_school, make_term

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]
DAY = dt.date(2026, 11, 20)
NAMES = ("韦小禾", "罗春燕", "覃大山")
ROSTER = "姓名,性别,出生日期,班级,父亲姓名\n" + "".join(f"{name},男,2016-05-04,四（1）班,韦国强\n" for name in NAMES)


@pytest.fixture
def school() -> School:
    school = make_school()
    make_term(school)
    make_class(school, 4, 1)
    return school


@pytest.fixture
def planned(school: School, registrar: Staff) -> ImportBatch:
    batch = batches.take_file(school=school, by=registrar, name="名册.csv", content=ROSTER.encode(), on=DAY)
    batches.check(batch, registrar)
    return batch


def apart(work: Callable[[], object]) -> object:
    """Do something on a connection of its own, as another person's request does; returns its result or exception."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert found, "it had to wait"
    return found[0]


def confirm(batch: ImportBatch, by: Staff, writing: Callable[[int, int], None] | None = None) -> None:
    batches.confirm(batch, by=by, token=batches.plan_token(batch), writing=writing)


def test_others_save_while_rows_are_laid_ready_and_see_none_of_them(planned: ImportBatch, registrar: Staff) -> None:
    elsewhere = make_school("云禾县清水镇中心小学")
    seen: list[object] = []

    def save() -> int:
        with change_by(None, "test"):
            Child.objects.create(school=elsewhere, name="石榴")
        return Child.objects.filter(name__in=NAMES).count()

    confirm(planned, registrar, writing=lambda done, total: seen.append(apart(save)))
    assert seen == [0]
    assert Child.objects.filter(name__in=NAMES).count() == len(NAMES)
    assert Child.objects.filter(school=elsewhere).count() == 1


def test_what_is_saved_to_a_dossier_while_rows_are_laid_ready_is_kept(planned: ImportBatch, registrar: Staff) -> None:
    """The plan is compared again under the lock: a pupil entered by hand meanwhile is not entered twice."""

    def enter() -> None:
        if not Child.objects.filter(name=NAMES[0]).exists():
            with change_by(None, "test"):
                Child.objects.create(school=planned.school, name=NAMES[0], birth_date=dt.date(2016, 5, 4))

    with pytest.raises(batches.PlanStale) as refusal:
        confirm(planned, registrar, writing=lambda done, total: apart(enter))
    assert refusal.value.outcome is not None
    assert refusal.value.outcome.name == NAMES[0]
    assert list(Child.objects.values_list("name", flat=True)) == [NAMES[0]]


def test_of_two_who_confirm_at_once_one_writes_and_the_undo_takes_back_what_was_written(
    planned: ImportBatch, registrar: Staff
) -> None:
    done: list[object] = []

    def also(_done: int, _total: int) -> None:
        done.append(apart(lambda: confirm(planned, registrar)))

    with pytest.raises(batches.AlreadyDone):
        confirm(planned, registrar, writing=also)
    assert done == [None]
    assert Child.objects.count() == len(NAMES)
    planned.refresh_from_db()
    assert batches.undo(planned, by=registrar) == (len(NAMES), [])
    assert not Child.objects.exists()
    assert not FamilyMember.objects.exists()


def test_nothing_stays_laid_ready(planned: ImportBatch, registrar: Staff) -> None:
    confirm(planned, registrar)
    tables = (
        "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'ready!_%' ESCAPE '!'"
        if connection.vendor == "postgresql"
        else "SELECT count(*) FROM sqlite_temp_master"
    )
    with connection.cursor() as cursor:
        cursor.execute(tables)
        assert cursor.fetchone() == (0,)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has a table of locks")
def test_a_pupil_takes_no_room_in_the_servers_table_of_locks(school: School) -> None:
    """It holds some thousands: a roster of fifty thousand pupils could not be written."""
    children = [make_child(name, school.classes.get()) for name in NAMES]
    with change_by(None, "test"), transaction.atomic(), connection.cursor() as cursor:
        for child in children:
            child.enrollments.update(ends_on=DAY)
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)

"""Change history and optimistic locking, held by the database on every route."""

import json
import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from caretrack.access import triggers
from caretrack.access.history import Stale, Unnamed, _current, change_by, deleting, save_if_unchanged, tracked_models
from caretrack.access.models import AccessEntry, ChangeSet, RowHistory
from children.models import Child, RestrictedNote
from tests.support.factories import make_child, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def history_of(child: Child) -> list[RowHistory]:
    return history_of_row(child.pk)


def history_of_row(pk: int) -> list[RowHistory]:
    return list(RowHistory.objects.filter(table="children_child", row_id=str(pk)).order_by("pk"))


def test_every_trigger_is_there():
    assert triggers.missing() == []
    assert len(tracked_models()) > 40


def test_a_save_keeps_the_row_before_and_names_who_and_why():
    child, staff = make_child(), make_staff(name="罗老师")
    before = len(history_of(child))
    with change_by(staff, "改地址"):
        child.address = "响水村3组"
        child.save()
    kept = history_of(child)[before:]
    assert [row.old["address"] for row in kept] == [""]
    change = ChangeSet.objects.get(pk=kept[0].new_change)
    assert (change.staff_id, change.staff_name, change.reason) == (staff.pk, "罗老师", "改地址")


def _update(child: Child) -> None:
    Child.objects.filter(pk=child.pk).update(address="新地址")


def _bulk_update(child: Child) -> None:
    child.address = "新地址"
    Child.objects.bulk_update([child], ["address"])


def _save(child: Child) -> None:
    child.address = "新地址"
    child.save(update_fields=["address"])


def _delete(child: Child) -> None:
    child.delete()


def _delete_many(child: Child) -> None:
    Child.objects.filter(pk=child.pk).delete()


@pytest.mark.parametrize("route", [_update, _bulk_update, _save, _delete, _delete_many])
def test_every_route_leaves_history_with_its_change(route):
    child = make_child()
    pk, before = child.pk, len(history_of(child))
    with change_by(None, "试验") as change_id:
        route(child)
    kept = history_of_row(pk)[before:]
    assert kept
    if route in (_delete, _delete_many):
        assert kept[-1].op == "D"
        assert kept[-1].old["change_id"].replace("-", "") == change_id.hex
    else:
        assert kept[0].new_change == change_id


def test_rows_deleted_in_plain_sql_are_kept_once_under_the_change_that_deletes_them():
    note = RestrictedNote.objects.create(child=make_child(), text="家里的事")
    before = note.change_id
    with change_by(None, "试验") as change_id, deleting(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM children_restrictednote WHERE id = %s", [note.pk])
    (kept,) = RowHistory.objects.filter(table="children_restrictednote", row_id=str(note.pk))
    assert (kept.op, kept.version, kept.new_change) == ("D", 1, change_id)
    assert kept.old["change_id"].replace("-", "") == before.hex


def test_a_deletion_that_failed_says_nothing_about_later_ones():
    note = RestrictedNote.objects.create(child=make_child(), text="家里的事")
    with pytest.raises(IntegrityError), change_by(None, "试验"), transaction.atomic(), deleting():
        raise IntegrityError
    RestrictedNote.objects.filter(pk=note.pk).delete()
    assert RowHistory.objects.get(table="children_restrictednote", op="D").new_change is None


def test_raw_sql_that_does_not_raise_the_version_is_refused():
    child = make_child()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE children_child SET address = 'x' WHERE id = %s", [child.pk])
    child.refresh_from_db()
    assert child.address == ""


def test_a_write_without_a_named_change_is_refused():
    child = make_child()
    token = _current.set(None)
    try:
        with pytest.raises(Unnamed):
            child.save()
        with pytest.raises(Unnamed):
            Child.objects.filter(pk=child.pk).update(address="x")
        with pytest.raises(Unnamed):
            Child.objects.bulk_create([Child(name="无名", school=child.school)])
    finally:
        _current.reset(token)


def test_sealed_fields_stay_sealed_in_the_history():
    child = make_child(id_no="999999201605040025")
    child.address = "新地址"
    child.save()
    for row in RowHistory.objects.all():
        assert "999999201605040025" not in json.dumps(row.old)


def test_who_saves_an_old_version_is_told_and_nothing_is_written():
    child = make_child()
    opened = Child.objects.get(pk=child.pk)
    child.address = "先保存的地址"
    child.save()
    opened.address = "后保存的地址"
    with pytest.raises(Stale) as told:
        save_if_unchanged(opened, version=opened.version)
    assert told.value.current.address == "先保存的地址"
    assert Child.objects.get(pk=child.pk).address == "先保存的地址"


def test_the_access_log_cannot_be_altered_or_emptied():
    AccessEntry.objects.bulk_create([AccessEntry(staff_name="x", event="view", chain="y")])
    for act in (lambda: AccessEntry.objects.update(staff_name="z"), lambda: AccessEntry.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
def test_many_editors_lose_nothing_silently():
    child = make_child()
    saved, told = [], []

    def edit(number: int) -> None:
        try:
            for turn in range(10):
                with change_by(None, f"{number}"):
                    row = Child.objects.get(pk=child.pk)
                    row.note = f"{number}-{turn}"
                    try:
                        save_if_unchanged(row, version=row.version)
                        saved.append(1)
                    except (Stale, DatabaseError):
                        told.append(1)
        finally:
            connection.close()

    first_version = Child.objects.get(pk=child.pk).version
    threads = [threading.Thread(target=edit, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) + len(told) == 40
    assert Child.objects.get(pk=child.pk).version == first_version + len(saved)

"""Registering every kind of change, and putting a wrong line right."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from caretrack.access.policy import Role
from children.changes import change_phone, note_new_numbers, numbers_of, record_age_outs, record_holiday
from children.corrections import correct
from children.forms.changes import OPEN_TO_LEAVERS, OPEN_TO_PUPILS
from children.left_behind import status_of
from children.models import Child, Enrollment, Phone, StatusChange, codes
from children.services import change_class, leave_school
from mentoring.models import Pairing
from tests.support.factories import (
    TERM_START,
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_parent,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
Kind = codes.ChangeKind


def last_line(child: Child) -> StatusChange:
    return StatusChange.objects.filter(child=child).order_by("-pk")[0]


@pytest.mark.parametrize("kind", OPEN_TO_PUPILS)
def test_every_kind_for_a_pupil_has_its_page(client: Client, kind: str) -> None:
    child = make_left_behind()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    chooser = client.get(f"/students/{child.pk}/changes/new/").content.decode()
    assert f"/students/{child.pk}/changes/new/{kind}/" in chooser
    assert client.get(f"/students/{child.pk}/changes/new/{kind}/", follow=True).status_code == 200


@pytest.mark.parametrize("kind", OPEN_TO_LEAVERS)
def test_every_kind_for_a_leaver_has_its_page(client: Client, kind: str) -> None:
    child = make_left_behind()
    leave_school(child=child, on=TODAY, kind="suspended", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert client.get(f"/students/{child.pk}/changes/new/{kind}/", follow=True).status_code == 200


@pytest.mark.parametrize(
    "kind,lacks",
    [("dropout", "辍学原因和去向"), ("suspended", "休学原因"), ("graduate", "升入的学校"), ("error", "错在哪里")],
)
def test_what_a_kind_needs_is_asked(client: Client, kind: str, lacks: str) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    response = client.post(f"/students/{child.pk}/changes/new/{kind}/", {"on": "2026-11-18", "evidence": "家访记录"})
    assert response.status_code == 422
    assert f"请填写“{lacks}”" in response.content.decode()
    assert "家访记录" in response.content.decode(), "nothing typed is lost"
    data = {"on": "2026-11-18", "reason": "去外地", "evidence": "家访"}
    assert client.post(f"/students/{child.pk}/changes/new/{kind}/", data).status_code == 302
    line = last_line(child)
    assert (line.kind, line.reason, line.evidence) == (kind, "去外地", "家访")


def test_a_transfer_in_says_from_where_and_when_the_record_followed(client: Client) -> None:
    child = make_child()
    at = child.school_class
    leave_school(child=child, on=date(2026, 10, 1), kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"to": at.pk, "on": "2026-11-02", "reason": "东莞市第三小学", "record_on": "2026-11-10"}
    assert client.post(f"/students/{child.pk}/changes/new/in_transfer/", data).status_code == 302
    line = last_line(child)
    assert (line.kind, line.reason, line.evidence) == ("in_transfer", "东莞市第三小学", "学籍2026年11月10日转入")
    assert Child.objects.count() == 1, "the old dossier goes on"


def test_a_pupil_in_class_cannot_come_again(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"to": child.school_class_id, "on": "2026-11-02"}
    assert client.post(f"/students/{child.pk}/changes/new/resume/", data).status_code == 422
    assert Enrollment.objects.count() == 1


def test_a_parent_leaves_and_comes_home_for_good(client: Client) -> None:
    child = make_child()
    make_term(child.school)
    spring = make_term(child.school, season=2, starts_on=date(2027, 2, 20), ends_on=date(2027, 7, 10))
    father = make_parent(child, status=codes.ParentStatus.AT_HOME, since=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"member": father.pk, "on": "2026-10-02", "work_place": "广东省东莞市"}
    assert client.post(f"/students/{child.pk}/changes/new/new_away/", data).status_code == 302
    assert status_of(child, TODAY).father_away
    data = {"member": father.pk, "on": "2026-11-15", "how": "permanent"}
    assert client.post(f"/students/{child.pk}/changes/new/parent_back/", data).status_code == 302
    assert not status_of(child, TODAY).seed
    line = last_line(child)
    assert (line.kind, line.on, line.watch_until) == ("parent_back", date(2026, 11, 15), spring.ends_on)


def test_a_holiday_at_home_changes_no_count(client: Client) -> None:
    child = make_left_behind(both=False)
    father = child.family.get(relation="51")
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"member": father.pk, "on": "2026-11-10", "how": "holiday", "until": "2026-11-24"}
    assert client.post(f"/students/{child.pk}/changes/new/parent_back/", data).status_code == 302
    assert status_of(child, TODAY).seed
    assert "仍计外出" in last_line(child).after


def test_a_long_holiday_is_a_return() -> None:
    father = make_parent(make_child())
    with pytest.raises(ValidationError, match="按长期返乡登记"):
        record_holiday(member=father, on=date(2026, 10, 1), until=date(2026, 11, 15), by=None)


def test_a_new_number_comes_first_and_the_old_one_is_dead() -> None:
    child = make_left_behind()
    old = Phone.objects.get(child=child)
    change_phone(member=old.member, number="13900002222", replaces=old, on=TODAY, by=None)
    assert list(Phone.objects.filter(child=child).order_by("order").values_list("number", "state")) == [
        ("13900002222", "unverified"),
        ("13800001111", "dead"),
    ]
    line = last_line(child)
    assert line.kind == "contact_change"
    assert "13900002222" not in line.after
    with pytest.raises(ValidationError, match="已经登记过"):
        change_phone(member=old.member, number="13900002222", replaces=None, on=TODAY, by=None)


@pytest.mark.parametrize("born,lines", [(date(2010, 11, 20), 1), (date(2010, 11, 21), 0), (date(2010, 8, 1), 0)])
def test_sixteen_is_written_once_on_the_birthday(born: date, lines: int) -> None:
    make_left_behind(birth_date=born)
    assert record_age_outs(TODAY) == lines
    assert record_age_outs(TODAY) == 0
    found = StatusChange.objects.filter(kind="age_out")
    assert [line.on for line in found] == [born.replace(year=2026)] * lines


def test_two_workers_write_sixteen_once() -> None:
    child = make_left_behind(birth_date=date(2010, 11, 20))
    again = {"child": child, "school": child.school, "kind": "age_out", "on": TODAY}
    assert record_age_outs(TODAY) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        StatusChange.objects.create(**again)
    assert StatusChange.objects.filter(kind="age_out").count() == 1


def test_sixteen_means_nothing_for_who_was_not_counted() -> None:
    make_child(birth_date=date(2010, 11, 20))
    assert record_age_outs(TODAY) == 0


# corrections


def test_a_fresh_line_is_taken_back_with_what_it_did() -> None:
    child = make_child()
    at = child.school_class
    line = leave_school(child=child, on=date(2026, 11, 18), kind="dropout", by=None)
    assert correct(change=line, reason="登记错了人", on=TODAY, by=None) is None
    child.refresh_from_db()
    assert child.school_class == at
    assert Enrollment.objects.get().ends_on is None
    assert not StatusChange.objects.filter(kind="dropout").exists()


def test_an_old_line_is_answered_by_a_counter_entry() -> None:
    child = make_child()
    line = leave_school(child=child, on=date(2026, 9, 20), kind="dropout", by=None)
    StatusChange.objects.filter(pk=line.pk).update(entered_at=timezone.now() - timedelta(days=5000))
    line.refresh_from_db()
    counter = correct(change=line, reason="其实是请长假", on=TODAY, by=None)
    assert counter is not None
    assert (counter.kind, counter.corrects, counter.reason, counter.on) == ("error", line, "其实是请长假", line.on)
    assert Enrollment.objects.get().ends_on is None
    assert set(StatusChange.objects.standing().values_list("kind", flat=True)) == {"enrol_new"}
    with pytest.raises(ValidationError, match="已经更正过"):
        correct(change=line, reason="再来", on=TODAY, by=None)


def test_a_class_change_goes_back_without_a_gap() -> None:
    child = make_child()
    old, new = child.school_class, make_class(child.school, number=2)
    change_class(child=child, to=new, on=date(2026, 11, 10), by=None)
    correct(change=last_line(child), reason="点错了班", on=TODAY, by=None)
    only = Enrollment.objects.get()
    assert (only.school_class, only.starts_on, only.ends_on) == (old, TERM_START, None)


def test_later_moves_come_first() -> None:
    child = make_child()
    first = last_line(child)
    change_class(child=child, to=make_class(child.school, number=2), on=date(2026, 11, 10), by=None)
    with pytest.raises(ValidationError, match="先更正后面的登记"):
        correct(change=first, reason="不该入学", on=TODAY, by=None)


def test_an_arrival_taken_back_leaves_no_enrolment() -> None:
    child = make_child()
    correct(change=last_line(child), reason="重复建档", on=TODAY, by=None)
    child.refresh_from_db()
    assert child.school_class is None
    assert not Enrollment.objects.exists()


def test_the_page_takes_back_and_reopens_the_pairing(client: Client) -> None:
    child = make_child()
    pairing = make_pairing(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    client.post(f"/students/{child.pk}/changes/new/dropout/", {"on": "2026-11-18", "reason": "去打工"})
    assert Pairing.objects.get().ends_on == date(2026, 11, 18)
    url = f"/students/changes/{last_line(child).pk}/correct/"
    assert "撤销" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "孩子第二天就回来了"}).status_code == 302
    pairing.refresh_from_db()
    assert pairing.ends_on is None


def test_numbers_that_changed_have_a_line() -> None:
    child = make_left_behind()
    phone = Phone.objects.get(child=child)
    father = phone.member
    before = numbers_of(father)
    assert note_new_numbers(member=father, before=before, on=TODAY, by=None) is None
    Phone.objects.filter(pk=phone.pk).update(number="13900003333")
    line = note_new_numbers(member=father, before=before, on=TODAY, by=None)
    assert line is not None
    assert (line.kind, line.before, line.after) == ("contact_change", f"{father} 138****1111", f"{father} 139****3333")
    mother = child.family.get(relation="52")
    assert note_new_numbers(member=mother, before=[], on=TODAY, by=None) is None, "the first number is no change"

"""An arrival that was wrong ends what it began, and gives a dossier back to the school that had sent it."""

from datetime import date

import pytest
from django.test import Client

from caretrack.access.policy import Role
from children.corrections import correct
from children.models import Child, StatusChange, Transfer
from children.transfers import accept, send
from mentoring.charging import charge
from mentoring.models import LeaderCharge, Pairing
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LEFT, CAME = date(2026, 11, 10), date(2026, 11, 12)


def last_line(child: Child, kind: str) -> StatusChange:
    return StatusChange.objects.filter(child=child, kind=kind).latest("pk")


def take_back(child: Child, kind: str) -> None:
    correct(change=last_line(child, kind), reason="登记错了", on=TODAY, by=None)
    child.refresh_from_db()


@pytest.fixture
def moved() -> tuple[Child, Transfer]:
    """A child that was paired at its first school, sent to a second one and accepted and paired there."""
    child = make_child()
    first, second = make_staff(Role.LEADER, child.school, "冉校长"), make_class(make_school("枫香坳小学"))
    make_pairing(child, make_mentor(school=child.school))
    charge(chosen={child: first}, on=date(2026, 9, 10), today=TODAY, by=None)
    transfer = send(child=child, on=LEFT, by=None, to_school=second.school)
    accept(transfer=transfer, school_class=second, on=CAME, by=make_staff(), note="材料齐全")
    child.refresh_from_db()
    make_pairing(child, make_mentor(school=second.school), CAME)
    leader = make_staff(Role.LEADER, second.school, "潘主任")
    charge(chosen={child: leader}, on=CAME, today=TODAY, by=None)
    transfer.refresh_from_db()
    return child, transfer


def test_an_arrival_taken_back_ends_what_it_began() -> None:
    child = make_child(dorm_bed="男生宿舍101-2")
    pairing = make_pairing(child)
    mentor = pairing.mentor.staff
    assert Child.objects.visible_to(mentor).filter(pk=child.pk).exists()
    take_back(child, "enrol_new")
    pairing.refresh_from_db()
    assert pairing.ends_on is not None
    assert child.dorm_bed == ""
    assert not Child.objects.visible_to(mentor).filter(pk=child.pk).exists()


def test_before_an_arrival_is_taken_back_the_page_says_what_ends(client: Client) -> None:
    child = make_child()
    pairing = make_pairing(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    text = client.get(f"/students/changes/{last_line(child, 'enrol_new').pk}/correct/").content.decode()
    assert f"与{pairing.mentor.name}的结对同时结束" in text
    assert "登记离校" not in text, "this term's arrival is simply taken back"


def test_an_arrival_of_long_ago_with_records_is_rather_a_leaving(client: Client) -> None:
    child = make_child(came=date(2024, 9, 1))
    make_term(child.school)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/changes/{last_line(child, 'enrol_new').pk}/correct/"
    assert "登记离校" not in client.get(url).content.decode(), "nothing is known of a time at school"
    make_record(child, make_staff(Role.HOMEROOM, child.school_class))
    text = client.get(url).content.decode()
    assert "登记离校" in text
    assert f"/students/{child.pk}/changes/new/" in text


def test_a_receiving_taken_back_waits_for_the_receiver_again(client: Client, moved: tuple[Child, Transfer]) -> None:
    child, transfer = moved
    clerk = make_staff(Role.REGISTRAR, transfer.to_school)
    client.force_login(clerk)
    url = f"/students/changes/{last_line(child, 'in_transfer').pk}/correct/"
    assert f"档案退回{transfer.from_school}" in client.get(url).content.decode()
    assert client.post(url, {"reason": "编错了班"}, follow=True).status_code == 200
    transfer.refresh_from_db()
    child.refresh_from_db()
    assert (transfer.is_open, transfer.received_by, transfer.receipt_note) == (True, "", "")
    assert (child.school, child.school_class) == (transfer.from_school, None)
    assert not Pairing.objects.filter(child=child, ends_on__isnull=True).exists()
    data = {"school_class": make_class(transfer.to_school, number=2).pk, "on": str(CAME)}
    assert client.post(f"/students/transfers/{transfer.pk}/accept/", data).status_code == 302
    child.refresh_from_db()
    assert child.school == transfer.to_school


def test_the_counter_entry_stands_in_the_register_of_the_school_that_erred(moved: tuple[Child, Transfer]) -> None:
    child, transfer = moved
    correct(change=last_line(child, "in_transfer"), reason="接错了人", on=TODAY, by=None, counted=True)
    assert StatusChange.objects.get(corrects__isnull=False).school == transfer.to_school


def test_then_the_leaving_too_can_be_taken_back(moved: tuple[Child, Transfer]) -> None:
    child, transfer = moved
    take_back(child, "in_transfer")
    take_back(child, "out_transfer")
    transfer.refresh_from_db()
    assert transfer.cancelled_on == TODAY
    assert child.school_class is not None
    own = Pairing.objects.get(child=child, ends_on__isnull=True)
    assert own.mentor.school == child.school, "nobody of the other school cares for the child here"
    assert LeaderCharge.objects.open().get(child=child).leader.name == "冉校长"


def test_a_receiving_taken_back_before_it_was_undone_is_called_back_all_the_same(
    moved: tuple[Child, Transfer],
) -> None:
    child, transfer = moved
    take_back(child, "in_transfer")
    Transfer.objects.filter(pk=transfer.pk).update(received_on=CAME, received_by="黄老师")
    take_back(child, "out_transfer")
    transfer.refresh_from_db()
    assert transfer.cancelled_on == TODAY

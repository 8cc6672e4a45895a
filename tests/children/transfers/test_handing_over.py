"""Handing a dossier to the next school: inside, where it is accepted, and outside, where a receipt comes back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from caretrack.access.policy import Role
from children.models import Child, Enrollment, StatusChange, Transfer
from children.services import leave_school
from children.transfers import accept, acknowledge, send
from mentoring.models import Pairing
from tests.children.transfers.steps import LEFT, sent_outside
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db


def test_transferring_out_ends_pairing_and_waits_for_the_receipt(client: Client) -> None:
    child = make_left_behind()
    make_pairing(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"on": str(LEFT), "to_name": "东莞市第三小学", "with_parents": "on", "items": ["档案摘要", "健康检查表"]}
    response = client.post(f"/students/{child.pk}/changes/new/out_transfer/", data)
    transfer = Transfer.objects.get()
    assert response.headers["Location"] == f"/students/transfers/{transfer.pk}/"
    assert (transfer.due_on, transfer.items) == (LEFT + timedelta(days=15), ["档案摘要", "健康检查表"])
    assert transfer.letter_no == "〔2026〕1号"
    assert Pairing.objects.get().ends_on == LEFT
    line = StatusChange.objects.get(kind="out_transfer")
    assert line.reason == "东莞市第三小学；随父母到务工地就读"
    text = client.get(f"/students/transfers/{transfer.pk}/").content.decode()
    assert "等待回执" in text


def test_a_destination_is_asked(client: Client) -> None:
    child = make_child()
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    response = client.post(f"/students/{child.pk}/changes/new/out_transfer/", {"on": str(LEFT), "reason": "搬家"})
    assert response.status_code == 422
    assert "请填写转往哪所学校" in response.content.decode()
    assert not Transfer.objects.exists()


def test_who_left_by_a_roster_is_handed_over_later(client: Client) -> None:
    child = make_left_behind("李小兰")
    line = leave_school(child=child, on=LEFT, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert "还没有办理移交" in client.get("/students/transfers/").content.decode()
    url = f"/students/transfers/late/{line.pk}/"
    early = client.post(url, {"to_name": "东莞市第三小学", "on": "2026-11-01"})
    assert "不能早于李小兰的离校日期" in early.content.decode()
    data = {"to_name": "东莞市第三小学", "on": "2026-11-16", "items": ["档案摘要"]}
    assert client.post(url, data).status_code == 302
    transfer = Transfer.objects.get()
    assert (transfer.line, transfer.to_name, transfer.sent_on) == (line, "东莞市第三小学", date(2026, 11, 16))
    again = client.post(url, data, follow=True)
    assert again.redirect_chain == [(f"/students/transfers/{transfer.pk}/", 302)]
    assert "移交已经办理，没有再办一次" in again.content.decode()
    assert Transfer.objects.count() == 1
    assert "还没有办理移交" not in client.get("/students/transfers/").content.decode()


def test_the_next_school_accepts_and_the_dossier_goes_along(client: Client) -> None:
    child = make_left_behind("李小兰")
    old, new_class = child.school, make_class(make_school("枫香坳小学"), grade=4)
    transfer = send(child=child, on=LEFT, by=make_staff(), to_school=new_class.school)
    before, after = make_staff(Role.REGISTRAR, old), make_staff(Role.REGISTRAR, new_class.school)
    client.force_login(after)
    assert "李小兰" in client.get("/students/transfers/").content.decode()
    assert client.get(f"/students/{child.pk}/").status_code == 404, "nothing of the dossier before it is accepted"
    data = {"school_class": new_class.pk, "on": "2026-11-12", "note": "材料齐全"}
    assert client.post(f"/students/transfers/{transfer.pk}/accept/", data).status_code == 302
    child.refresh_from_db()
    transfer.refresh_from_db()
    assert (child.school, child.school_class) == (new_class.school, new_class)
    assert (transfer.received_on, transfer.received_by) == (date(2026, 11, 12), after.name)
    assert client.get(f"/students/{child.pk}/").status_code == 200
    client.force_login(before)
    assert client.get(f"/students/{child.pk}/").status_code == 404, "least sight: the dossier is the next school's"
    ledger = client.get("/reports/changes/?first=2026-11-01&last=2026-11-20").content.decode()
    assert "李小兰" in ledger, "a school keeps its own register"
    assert "李小兰" in client.get("/students/transfers/?state=done").content.decode()


def test_the_old_school_does_not_accept_for_the_next_one(client: Client) -> None:
    child = make_child()
    transfer = send(child=child, on=LEFT, by=make_staff(), to_school=make_school("枫香坳小学"))
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert client.get(f"/students/transfers/{transfer.pk}/accept/").status_code == 403
    client.force_login(make_staff(Role.REGISTRAR, make_school("第三所")))
    assert client.get(f"/students/transfers/{transfer.pk}/").status_code == 404


def test_accepting_twice_and_too_early_is_refused() -> None:
    child = make_child()
    new_class = make_class(make_school("枫香坳小学"))
    transfer, clerk = send(child=child, on=LEFT, by=None, to_school=new_class.school), make_staff()
    with pytest.raises(ValidationError, match="最后一天"):
        accept(transfer=transfer, school_class=new_class, on=LEFT, by=clerk)
    accept(transfer=transfer, school_class=new_class, on=LEFT + timedelta(days=1), by=clerk)
    with pytest.raises(ValidationError, match="已经办结"):
        accept(transfer=transfer, school_class=new_class, on=TODAY, by=clerk)
    assert Enrollment.objects.filter(child=child).count() == 2


def test_an_outside_receipt_is_written_and_overdue_ones_are_listed(client: Client) -> None:
    child = make_child("李小兰")
    transfer = send(child=child, on=date(2026, 11, 1), by=None, to_name="东莞市第三小学")
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    assert "逾期未回执" in client.get("/students/transfers/?state=overdue").content.decode()
    assert "移交逾期未回执" in client.get("/").content.decode()
    data = {"on": "2026-11-19", "received_by": "黄老师"}
    receipt = f"/students/transfers/{transfer.pk}/receipt/"
    assert client.post(receipt, data).status_code == 302
    again = client.post(receipt, data, follow=True)
    assert again.redirect_chain == [(f"/students/transfers/{transfer.pk}/", 302)], "pressed twice"
    assert "已经办结" in again.content.decode()
    transfer.refresh_from_db()
    assert (transfer.received_on, transfer.received_by) == (date(2026, 11, 19), "黄老师")
    assert "李小兰" not in client.get("/students/transfers/?state=overdue").content.decode()
    assert "李小兰" in client.get("/students/transfers/?state=all&q=东莞").content.decode()
    assert "李小兰" not in client.get("/students/transfers/?state=all&q=枫香").content.decode()
    with pytest.raises(ValidationError, match="已经办结"):
        acknowledge(transfer=transfer, on=TODAY, received_by="再来")


def test_taking_the_transfer_back_cancels_the_hand_over(client: Client) -> None:
    child = make_child()
    transfer = sent_outside(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    line = StatusChange.objects.get(kind="out_transfer")
    assert client.post(f"/students/changes/{line.pk}/correct/", {"reason": "没有走成"}).status_code == 302
    transfer.refresh_from_db()
    assert transfer.cancelled_on == TODAY
    sent_outside(Child.objects.get(pk=child.pk))


def test_the_list_of_hand_overs_costs_the_same_for_one_and_for_twelve(
    client: Client, django_assert_max_num_queries
) -> None:
    school_class = make_class()
    sent_outside(make_child("李小兰", school_class))
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))

    def statements() -> int:
        with django_assert_max_num_queries(40) as counted:
            client.get("/students/transfers/")
        return len(counted)

    statements()
    one = statements()
    for at in range(11):
        sent_outside(make_child(f"学生{at}", school_class))
    assert statements() == one

"""A dossier on its way is called back: by its school with a reason, or because the child sits in a class again."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.corrections import correct
from children.models import Child, StatusChange, Transfer
from children.services import enrol, leave_school
from children.timeline import timeline, with_entry_days
from children.transfers import accept, acknowledge, send, send_later, withdraw
from tests.support.factories import TODAY, make_child, make_class, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LEFT, BACK = date(2026, 10, 1), date(2026, 10, 20)


def come_back(transfer: Transfer, on: date = BACK) -> Child:
    child = Child.objects.get(pk=transfer.child_id)
    home: Any = transfer.line.school_class  # type: ignore[union-attr]
    enrol(child=child, school_class=home, on=on, by=None, kind="resume")
    return Child.objects.get(pk=child.pk)


def test_who_is_back_before_the_other_school_accepts_can_be_transferred_again(
    sent: Transfer, there: SchoolClass
) -> None:
    child = come_back(sent)
    sent.refresh_from_db()
    assert (sent.cancelled_on, sent.cancel_reason) == (BACK, "学生已重新入班，档案不再移交")
    assert sent.state_on(TODAY) == ("neutral", "已撤回")
    with pytest.raises(ValidationError, match="已经办结"):
        accept(transfer=sent, school_class=there, on=TODAY, by=make_staff())
    again = send(child=child, on=date(2026, 11, 10), by=None, to_name="深圳市第一小学")
    assert Transfer.objects.open().get() == again


def test_one_sent_late_is_not_called_back_before_it_was_sent(there: SchoolClass) -> None:
    line = leave_school(child=make_child(), on=LEFT, kind="suspended", by=None)
    (sent,) = send_later(lines=[line], on=date(2026, 11, 1), by=None, to_school=there.school)
    come_back(sent)
    sent.refresh_from_db()
    assert sent.cancelled_on == date(2026, 11, 1)


def test_those_who_came_back_under_an_earlier_version_are_called_back(sent: Transfer, there: SchoolClass) -> None:
    waits = send(child=make_child("田小雨"), on=LEFT, by=None, to_school=there.school)
    come_back(sent)
    Transfer.objects.filter(pk=sent.pk).update(cancelled_on=None, cancel_reason="")
    migration = import_module("children.migrations.0032_call_back_for_returned")
    migration.call_back(apps, connection.schema_editor(atomic=False))
    assert Transfer.objects.open().get() == waits
    sent.refresh_from_db()
    assert (sent.cancelled_on, sent.cancel_reason) == (BACK, "学生已重新入班，档案不再移交")


def test_what_the_coming_back_called_back_is_nobodys_act(there: SchoolClass) -> None:
    """Neither of who sent the dossier nor of who entered the return."""
    child = make_child("石小禾")
    clerk = make_staff(Role.REGISTRAR, child.school, "韦文书")
    with change_by(clerk, "移交"):
        sent = send(child=child, on=LEFT, by=clerk, to_school=there.school)
    with change_by(make_staff(Role.REGISTRAR, child.school, "岑老师"), "复学"):
        come_back(sent)
    told = {item.title: item for item in with_entry_days(timeline([child], clerk, kinds=["transfer"]))}
    assert {item.by for title, item in told.items() if "移交档案给" in title} == {"韦文书"}
    assert told["移交枫香坳小学的档案已撤回"].by == ""


def test_accepting_does_not_call_back(sent: Transfer, there: SchoolClass) -> None:
    accept(transfer=sent, school_class=there, on=BACK, by=make_staff())
    sent.refresh_from_db()
    assert (sent.received_on, sent.cancelled_on) == (BACK, None)


def test_a_coming_back_entered_by_mistake_sends_the_dossier_on_its_way_again(client: Client, sent: Transfer) -> None:
    child = come_back(sent)
    arrival = StatusChange.objects.get(child=child, kind="resume")
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/changes/{arrival.pk}/correct/"
    assert "移交枫香坳小学的档案恢复为等待回执" in client.get(url).content.decode()
    assert client.post(url, {"reason": "认错了人"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.is_open, sent.cancel_reason) == (True, "")


def test_what_the_school_called_back_itself_stays_so(sent: Transfer) -> None:
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    child = Child.objects.get()
    enrol(child=child, school_class=make_class(child.school, number=2), on=TODAY, by=None, kind="resume")
    correct(change=StatusChange.objects.get(kind="resume"), reason="认错了人", on=TODAY, by=None)
    sent.refresh_from_db()
    assert (sent.cancelled_on, sent.cancel_reason) == (TODAY, "选错了学校")


def test_an_earlier_one_stays_called_back_when_a_later_arrival_was_wrong(sent: Transfer) -> None:
    child = come_back(sent)
    leave_school(child=child, on=date(2026, 11, 5), kind="dropout", by=None)
    enrol(child=child, school_class=make_class(child.school, number=2), on=TODAY, by=None, kind="resume")
    correct(change=StatusChange.objects.order_by("-pk")[0], reason="认错了人", on=TODAY, by=None)
    sent.refresh_from_db()
    assert not sent.is_open


def test_the_registrar_calls_back_with_a_reason_and_hands_over_anew(client: Client, sent: Transfer) -> None:
    clerk = make_staff(Role.REGISTRAR, sent.from_school, "韦文书")
    client.force_login(clerk)
    show, url = f"/students/transfers/{sent.pk}/", f"/students/transfers/{sent.pk}/withdraw/"
    assert url in client.get(show).content.decode()
    assert client.post(url, {"reason": " "}).status_code == 422
    assert Transfer.objects.open().exists()
    assert client.post(url, {"reason": "家长改了主意"}).headers["Location"] == show
    text = client.get(show).content.decode()
    assert "家长改了主意" in text
    late = f"/students/transfers/late/{StatusChange.objects.get(kind='out_transfer').pk}/"
    assert late in text, "the leaving waits for another hand-over"
    assert url not in text
    assert client.post(late, {"to_name": "东莞市第三小学", "on": str(TODAY)}).status_code == 302
    assert Transfer.objects.open().get().to_name == "东莞市第三小学"
    assert late not in client.get(show).content.decode()
    again = client.post(url, {"reason": "再撤一次"}, follow=True)
    assert again.redirect_chain == [(show, 302)], "pressed twice"
    assert "撤回：家长改了主意。" in again.content.decode()
    told = {item.title: item for item in timeline([sent.child], clerk, kinds=["transfer"])}
    called_back: Any = told["移交枫香坳小学的档案已撤回"]
    assert called_back.details == (("原因", "家长改了主意"),)


def test_the_receiving_school_reads_why_and_no_longer_accepts(
    client: Client, sent: Transfer, there: SchoolClass
) -> None:
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    client.force_login(make_staff(Role.REGISTRAR, there.school))
    assert f"/students/transfers/{sent.pk}/accept/" not in client.get("/students/transfers/").content.decode()
    page = client.get(f"/students/transfers/{sent.pk}/").content.decode()
    assert "选错了学校" in page
    assert "接收后可以查看" not in page
    late = client.get(f"/students/transfers/{sent.pk}/accept/", follow=True)
    assert late.redirect_chain == [(f"/students/transfers/{sent.pk}/", 302)]
    assert client.get(f"/students/transfers/{sent.pk}/withdraw/").status_code == 403


def test_what_was_received_is_not_called_back() -> None:
    sent = send(child=make_child(), on=LEFT, by=None, to_name="东莞市第三小学")
    acknowledge(transfer=sent, on=LEFT + timedelta(days=9), received_by="黄老师")
    with pytest.raises(ValidationError, match="已经办结"):
        withdraw(transfer=sent, on=TODAY, reason="选错了学校")

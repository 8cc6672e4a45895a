"""What a hand-over that was called back still offers: no letter, the way back into the class, word to who waited."""

from datetime import date, timedelta

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Child, StatusChange, Transfer
from children.services import enrol, leave_school
from children.transfers import send, withdraw
from tests.support.factories import TODAY, make_child, make_staff

pytestmark = pytest.mark.django_db
LEFT = date(2026, 10, 1)


def keeper(client: Client, transfer: Transfer) -> Client:
    client.force_login(make_staff(Role.REGISTRAR, transfer.from_school))
    return client


def test_a_letter_that_no_longer_holds_is_not_printed(client: Client, sent: Transfer) -> None:
    keeper(client, sent)
    letter = f"/reports/transfers/{sent.pk}/pdf/"
    assert client.get(letter).headers["Content-Type"] == "application/pdf"
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    answer = client.get(letter, follow=True)
    assert answer.redirect_chain == [(f"/students/transfers/{sent.pk}/", 302)]
    assert "撤回：选错了学校。移交函已作废，不再打印" in answer.content.decode()


def test_nor_is_its_file_sealed(client: Client) -> None:
    outside = send(child=make_child("田小雨"), on=LEFT, by=None, to_name="东莞市第三小学")
    keeper(client, outside)
    withdraw(transfer=outside, on=TODAY, reason="选错了学校")
    url = f"/students/transfers/{outside.pk}/file/"
    answer = client.post(url, {"passphrase": "枫香坳下的小学2026", "again": "枫香坳下的小学2026"}, follow=True)
    assert answer.redirect_chain == [(f"/students/transfers/{outside.pk}/", 302)]
    assert "撤回：选错了学校" in answer.content.decode()


def test_who_did_not_leave_is_in_the_class_again_by_the_link_of_the_page(client: Client, sent: Transfer) -> None:
    keeper(client, sent)
    line = StatusChange.objects.get(kind="out_transfer")
    correct = f"/students/changes/{line.pk}/correct/"
    for page in ("", "withdraw/"):
        text = client.get(f"/students/transfers/{sent.pk}/{page}").content.decode()
        assert f'href="{correct}">孩子没有走：改正转出登记' in text
    told = client.get(correct).content.decode()
    assert line.school_class is not None
    assert f"石小禾回到{line.school_class.name_on(TODAY)}" in told
    assert "移交枫香坳小学的档案同时撤回" in told
    assert client.post(correct, {"reason": "家长改了主意，没有走"}).status_code == 302
    assert Child.objects.get(pk=sent.child_id).school_class == line.school_class
    sent.refresh_from_db()
    assert (sent.is_open, sent.cancel_reason) == (False, "离校登记有误，学生没有离开原校")
    assert "改正转出登记" not in client.get(f"/students/transfers/{sent.pk}/").content.decode()


def test_the_way_back_is_there_after_the_dossier_was_called_back_too(client: Client, sent: Transfer) -> None:
    keeper(client, sent)
    line = StatusChange.objects.get(kind="out_transfer")
    withdraw(transfer=sent, on=TODAY, reason="没有走")
    text = client.get(f"/students/transfers/{sent.pk}/").content.decode()
    assert f'href="/students/changes/{line.pk}/correct/">孩子没有走：改正转出登记' in text


@pytest.mark.parametrize("sent_again", [True, False])
def test_a_leaving_after_which_the_child_came_back_is_not_offered_once_it_left_again(
    client: Client, sent: Transfer, sent_again: bool
) -> None:
    home = StatusChange.objects.get(kind="out_transfer").school_class
    assert home is not None
    enrol(child=Child.objects.get(), school_class=home, on=date(2026, 10, 20), by=None, kind="resume")
    if sent_again:
        send(child=Child.objects.get(), on=date(2026, 11, 10), by=None, to_name="东莞市第三小学")
    else:
        leave_school(child=Child.objects.get(), on=date(2026, 11, 10), kind="suspended", by=None)
    keeper(client, sent)
    assert "孩子并没有走" not in client.get(f"/students/transfers/{sent.pk}/").content.decode()


def test_the_school_that_waited_is_told_for_a_month_and_the_sender_is_not(
    client: Client, sent: Transfer, there: SchoolClass
) -> None:
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    receiver = make_staff(Role.REGISTRAR, there.school)
    client.force_login(receiver)
    assert "对方撤回的移交" in client.get("/").content.decode()
    for query in ("", "?state=called_back"):
        text = client.get(f"/students/transfers/{query}").content.decode()
        assert "石小禾" in text
        assert "，选错了学校" in text
    assert f"/students/transfers/{sent.pk}/accept/" not in text
    Transfer.objects.filter(pk=sent.pk).update(cancelled_on=TODAY - timedelta(days=31))
    assert "对方撤回的移交" not in client.get("/").content.decode()
    assert "石小禾" not in client.get("/students/transfers/").content.decode()
    Transfer.objects.filter(pk=sent.pk).update(cancelled_on=TODAY)
    keeper(client, sent)
    assert f'"/students/transfers/{sent.pk}/"' not in client.get("/students/transfers/").content.decode()


def test_the_school_that_waited_is_told_what_the_calling_back_means(
    client: Client, sent: Transfer, there: SchoolClass
) -> None:
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    page = f"/students/transfers/{sent.pk}/"
    client.force_login(make_staff(Role.REGISTRAR, there.school))
    text = client.get(page).content.decode()
    assert f"请向{sent.from_school.name}问清楚" in text
    assert "已经收到的纸质材料退回对方" in text
    keeper(client, sent)
    assert "退回对方" not in client.get(page).content.decode()


def test_what_is_still_on_its_way_stands_above_what_was_called_back(
    client: Client, sent: Transfer, there: SchoolClass
) -> None:
    withdraw(transfer=sent, on=TODAY, reason="选错了学校")
    send(child=make_child("田小雨"), on=TODAY, by=None, to_school=there.school)
    client.force_login(make_staff(Role.REGISTRAR, there.school))
    text = client.get("/students/transfers/").content.decode()
    assert text.index("田小雨") < text.index("石小禾")

"""The receipts of a class whose dossiers went to a school outside, entered in one press."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.models import AccessEntry
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Child, Transfer
from children.services import enrol, leave_school
from children.transfers import acknowledge, acknowledge_all, send, send_later, withdraw
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LAST_DAY, LETTER, BACK = date(2026, 7, 10), date(2026, 10, 20), "2026-11-02"


@pytest.fixture
def sixth() -> SchoolClass:
    return make_class(grade=6, on=LAST_DAY)


def sent_of(sixth: SchoolClass, *names: str) -> list[Transfer]:
    children = [make_child(name, sixth, came=date(2025, 9, 1)) for name in names]
    lines = [leave_school(child=child, on=LAST_DAY, kind="graduate", by=None) for child in children]
    return send_later(lines=lines, on=LETTER, by=None, to_name="青榕镇初级中学")


@pytest.fixture
def sent(sixth: SchoolClass, client: Client) -> list[Transfer]:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    return sent_of(sixth, "李小兰", "龙小川", "杨小花")


def page(transfer: Transfer) -> str:
    return reverse("children:transfer_receipts", args=[transfer.pk])


def receipts(*came: Transfer, **more: str) -> dict[str, str]:
    ticks = {f"take_{transfer.child_id}": "on" for transfer in came}
    return {"on": BACK, "received_by": "王老师", "note": "材料齐全"} | ticks | more


def state(transfers: list[Transfer]) -> list[tuple[str, str, str]]:
    rows = Transfer.objects.filter(pk__in=[one.pk for one in transfers]).order_by("pk")
    return [(str(row.received_on or ""), row.received_by, row.receipt_note) for row in rows]


def test_ticked_receipts_are_entered_together_each_with_its_own_words(client: Client, sent: list[Transfer]) -> None:
    own = {f"receipt_note_{sent[1].child_id}": "缺健康检查表", f"receipt_note_{sent[2].child_id}": "没有勾选"}
    done = client.post(page(sent[0]), receipts(*sent[:2], **own), follow=True)
    assert done.redirect_chain[0][0] == reverse("children:transfer_batch", args=[sent[0].pk])
    assert "青榕镇初级中学的2份回执已登记" in done.content.decode()
    assert state(sent) == [(BACK, "王老师", "材料齐全"), (BACK, "王老师", "材料齐全；缺健康检查表"), ("", "", "")]
    written = AccessEntry.objects.filter(event="write", detail="transfer_receipt").values_list("child_id", flat=True)
    assert set(written) == {sent[0].child_id, sent[1].child_id}
    left = client.get(page(sent[0])).content.decode()
    assert "杨小花" in left
    assert sent[2].letter_no in left, "the slip is found by the number on it"
    assert "李小兰" not in left


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"on": "2026-10-19"}, "接收日期不能早于移交日期"),
        ({"on": "2026-11-21"}, "日期不能在今天以后"),
        ({"received_by": ""}, "请填写“对方接收人”"),
    ],
)
def test_what_is_refused_keeps_ticks_and_words(
    client: Client, sent: list[Transfer], wrong: dict[str, str], words: str
) -> None:
    own = {f"receipt_note_{sent[1].child_id}": "缺健康检查表"}
    answer = client.post(page(sent[0]), receipts(*sent[:2], **own | wrong))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert "缺健康检查表" in text
    assert [answer.context["form"][f"take_{one.child_id}"].value() for one in sent] == [True, True, False]
    assert state(sent) == [("", "", "")] * 3


def test_too_many_words_are_refused_in_their_line(client: Client, sent: list[Transfer]) -> None:
    asked = receipts(*sent, note="全" * 150, **{f"receipt_note_{sent[1].child_id}": "缺" * 60})
    answer = client.post(page(sent[0]), asked)
    assert [row.child.name for row in answer.context["rows"] if row.wrong] == ["龙小川"]
    assert state(sent) == [("", "", "")] * 3


def test_without_a_tick_it_says_what_is_missing(client: Client, sent: list[Transfer]) -> None:
    assert "还没有勾选学生" in client.post(page(sent[0]), receipts()).content.decode()


def test_a_line_that_was_settled_meanwhile_is_refused_by_name(client: Client, sent: list[Transfer]) -> None:
    acknowledge(transfer=sent[0], on=TODAY, received_by="石老师")
    answer = client.post(page(sent[0]), receipts(*sent))
    assert answer.status_code == 422
    assert [row.child.name for row in answer.context["rows"] if row.wrong] == ["李小兰"]
    assert [who for _, who, _ in state(sent)] == ["石老师", "", ""]


def test_of_receipts_entered_together_all_stand_or_none(sent: list[Transfer]) -> None:
    both = dict.fromkeys(sent[:2], "")
    acknowledge(transfer=sent[1], on=TODAY, received_by="石老师")
    with pytest.raises(ValidationError, match="已经办结"):
        acknowledge_all(notes=both, on=TODAY, received_by="王老师")
    assert [who for _, who, _ in state(sent)] == ["", "石老师", ""]


def test_a_second_press_leads_to_the_batch(client: Client, sent: list[Transfer]) -> None:
    for _ in range(2):
        done = client.post(page(sent[0]), receipts(*sent[:2]), follow=True)
        assert done.redirect_chain[0][0] == reverse("children:transfer_batch", args=[sent[0].pk])
    assert "已经登记，没有再登记一次" in done.content.decode()
    client.post(page(sent[0]), receipts(sent[2]))
    assert client.get(page(sent[0])).status_code == 302, "nothing is left to enter"
    batch = client.get(reverse("children:transfer_batch", args=[sent[0].pk])).content.decode()
    assert "3份已接收" in batch
    assert page(sent[0]) not in batch


def test_a_receipt_entered_by_mistake_is_taken_back_and_waited_for_again(
    client: Client, sixth: SchoolClass, sent: list[Transfer]
) -> None:
    client.post(page(sent[0]), receipts(*sent))
    url = reverse("children:receipt_take_back", args=[sent[0].pk])
    show = reverse("children:transfer_show", args=[sent[0].pk])
    assert url in client.get(show).content.decode()
    assert "2026年11月2日，王老师接收" in client.get(url).content.decode()
    done = client.post(url, follow=True).content.decode()
    assert "回执已撤销，重新等待回执" in done
    assert url not in done
    assert [who for _, who, _ in state(sent)] == ["", "王老师", "王老师"]
    assert "李小兰" in client.get(page(sent[0])).content.decode(), "it is a line again"
    assert "没有登记回执" in client.post(url, follow=True).content.decode()
    assert AccessEntry.objects.filter(child_id=sent[0].child_id, detail="transfer_receipt_taken_back").exists()


def test_a_receipt_stays_where_the_child_has_moved_on_since(client: Client, sixth: SchoolClass) -> None:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    [first] = sent_of(sixth, "李小兰")
    acknowledge(transfer=first, on=TODAY, received_by="王老师")
    enrol(child=first.child, school_class=sixth, on=TODAY, by=None)
    url = reverse("children:receipt_take_back", args=[first.pk])
    assert "学生后来已重新入班，不再等待这份回执" in client.post(url).content.decode()
    again = send(child=Child.objects.get(pk=first.child_id), on=TODAY, by=None, to_name="东莞市第三中学")
    assert "正在再次移交，以前的回执不能撤销" in client.post(url).content.decode()
    acknowledge(transfer=again, on=TODAY, received_by="陈老师")
    assert "学生后来已重新入班，不再等待这份回执" in client.post(url).content.decode()
    assert state([first])[0][1] == "王老师"


def test_who_was_called_back_is_no_line(client: Client, sent: list[Transfer]) -> None:
    withdraw(transfer=sent[1], on=TODAY, reason="选错了学校")
    assert "龙小川" not in client.get(page(sent[0])).content.decode()
    client.post(page(sent[0]), receipts(*sent))
    assert [who for _, who, _ in state(sent)] == ["王老师", "", "王老师"]


def test_a_school_of_the_installation_acknowledges_by_itself(client: Client, sixth: SchoolClass) -> None:
    child = make_child("石小禾", sixth, came=date(2025, 9, 1))
    line = leave_school(child=child, on=LAST_DAY, kind="graduate", by=None)
    [inside] = send_later(lines=[line], on=LETTER, by=None, to_school=make_school("枫香坳中学"))
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    assert client.get(page(inside)).status_code == 404


def test_one_and_many_ask_the_same(client: Client, sixth: SchoolClass, sent: list[Transfer]) -> None:
    client.get(page(sent[0]))
    counts = []
    for rows in ([sent[0]], [*sent[1:], *sent_of(sixth, *(f"石小{letter}" for letter in "甲乙丙丁戊己庚"))]):
        with CaptureQueriesContext(connection) as queries:
            assert client.post(page(rows[0]), receipts(*rows)).status_code == 302
        counts.append(len(queries))
    assert counts[0] == counts[1]

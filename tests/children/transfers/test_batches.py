"""A class of graduates is looked through before its letters are issued, and stands together afterwards."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Child, StatusChange, Transfer
from children.services import leave_school
from children.transfers import acknowledge, send_later
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
LAST_DAY, LETTER = date(2026, 7, 10), date(2026, 10, 20)


@pytest.fixture
def sixth() -> SchoolClass:
    return make_class(grade=6, on=LAST_DAY)


def graduate(name: str, at: SchoolClass, told: str = "升入青榕镇初级中学", **kw: Any) -> StatusChange:
    child = make_child(name, at, came=date(2025, 9, 1), **kw)
    return leave_school(child=child, on=LAST_DAY, kind="graduate", by=None, reason=told)


@pytest.fixture
def lines(sixth: SchoolClass) -> list[StatusChange]:
    return [
        graduate("李小兰", sixth, address="大坪村三组"),
        graduate("龙小川", sixth, "升入东莞市第三中学"),
        graduate("韦小山", sixth, ""),
        graduate("杨小花", sixth),
    ]


def asked(lines: list[StatusChange], **more: Any) -> dict[str, Any]:
    data = {"to_name": "青榕镇初级中学", "on": str(LETTER), "items": ["档案摘要", "学籍材料"]}
    return data | {"lines": [line.pk for line in lines]} | more


def page(sixth: SchoolClass) -> str:
    return reverse("children:transfer_class", args=[sixth.pk])


def keeper(client: Client, sixth: SchoolClass) -> None:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))


def test_before_the_letters_the_page_says_who_goes_where_with_what_and_what_is_missing(
    client: Client, sixth: SchoolClass, lines: list[StatusChange]
) -> None:
    keeper(client, sixth)
    answer = client.post(page(sixth), asked(lines[:3]))
    summary = answer.context["summary"]
    assert not Transfer.objects.exists(), "nothing is issued yet"
    assert [one.name for one in summary.going] == ["李小兰", "龙小川", "韦小山"]
    assert (summary.without_address, summary.untold, summary.incomplete) == (2, 1, 3)
    assert summary.told_elsewhere == ("龙小川（东莞市第三中学）",)
    assert summary.staying == ("杨小花",)
    text = answer.content.decode()
    assert "确认移交3人" in text
    assert "档案摘要、学籍材料" in text
    assert "家庭住址" in summary.going[1].lacks
    assert "家庭住址" not in summary.going[0].lacks


def test_confirmed_the_batch_stands_together_with_its_letters(
    client: Client, sixth: SchoolClass, lines: list[StatusChange]
) -> None:
    keeper(client, sixth)
    look = client.post(page(sixth), asked(lines[:2]))
    data: dict[str, Any] = {}
    for name, value in look.context["carried"]:
        data.setdefault(name, []).append(value)
    done = client.post(page(sixth), data | {"step": "confirm"}, follow=True)
    first = Transfer.objects.order_by("pk")[0]
    assert done.redirect_chain[-1][0] == reverse("children:transfer_batch", args=[first.pk])
    text = done.content.decode()
    assert "2名毕业生的档案已移交青榕镇初级中学" in text
    assert "〔2026〕2号" in text
    assert reverse("reports:transfer_batch_pdf", args=[first.pk]) in text
    assert reverse("children:transfer_receipt", args=[first.pk]) in text
    assert [row.items for row in Transfer.objects.all()] == [["档案摘要", "学籍材料"]] * 2


def test_pressed_twice_it_says_that_all_is_done(client: Client, sixth: SchoolClass, lines: list[StatusChange]) -> None:
    keeper(client, sixth)
    for some, left in ((lines[:2], True), (lines[2:], False)):
        data = asked(some, step="confirm")
        first = client.post(page(sixth), data)
        again = client.post(page(sixth), data, follow=True)
        assert again.redirect_chain[0][0] == first.headers["Location"], "the letters to print"
        assert "这些毕业生的档案已经移交，没有再办一次" in again.content.decode()
        look = client.get(page(sixth), follow=True)
        assert ("这个班毕业生的档案已经全部移交" in look.content.decode()) is not left
    assert Transfer.objects.count() == 4


def test_another_schools_batch_is_not_told(client: Client, sixth: SchoolClass, lines: list[StatusChange]) -> None:
    send_later(lines=lines, on=LETTER, by=None, to_name="青榕镇初级中学")
    stranger = make_class(make_school("枫香坳小学"), grade=6, on=LAST_DAY)
    graduate("石小禾", stranger)
    client.force_login(make_staff(Role.REGISTRAR, stranger.school))
    assert client.get(page(sixth)).status_code == 404
    assert client.post(page(stranger), asked(lines, step="confirm")).status_code == 422


def test_back_to_the_form_keeps_what_was_chosen(client: Client, sixth: SchoolClass, lines: list[StatusChange]) -> None:
    keeper(client, sixth)
    answer = client.post(page(sixth), asked(lines[:2], step="back"))
    assert answer.context["form"]["to_name"].value() == "青榕镇初级中学"
    assert answer.context["form"]["lines"].value() == [str(line.pk) for line in lines[:2]]
    assert not Transfer.objects.exists()


def test_what_would_be_refused_is_refused_before_the_summary(
    client: Client, sixth: SchoolClass, lines: list[StatusChange]
) -> None:
    keeper(client, sixth)
    answer = client.post(page(sixth), asked(lines[:1], on="2026-07-01"))
    assert answer.status_code == 422
    assert "移交日期不能早于李小兰的离校日期" in answer.content.decode()


def test_the_batch_counts_what_came_back(client: Client, sixth: SchoolClass, lines: list[StatusChange]) -> None:
    sent = send_later(lines=lines[:3], on=LETTER, by=None, to_name="青榕镇初级中学")
    acknowledge(transfer=sent[0], on=TODAY, received_by="王老师")
    keeper(client, sixth)
    text = client.get(reverse("children:transfer_batch", args=[sent[1].pk])).content.decode()
    assert "移交3份，1份已接收" in text


def test_summary_and_batch_ask_the_same_for_one_and_many(
    client: Client, sixth: SchoolClass, lines: list[StatusChange]
) -> None:
    keeper(client, sixth)
    client.post(page(sixth), asked(lines[:1]))  # what the first page of a process keeps in mind
    counts = []
    for some in (lines[:1], lines):
        with CaptureQueriesContext(connection) as queries:
            client.post(page(sixth), asked(some))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    sent = send_later(lines=lines[:1], on=LETTER, by=None, to_name="青榕镇初级中学")
    address = reverse("children:transfer_batch", args=[sent[0].pk])
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    send_later(lines=lines[1:], on=LETTER, by=None, to_name="青榕镇初级中学")
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(one) == len(many)
    assert Child.objects.filter(transfers__isnull=False).count() == 4


def test_a_single_late_hand_over_begins_with_the_school_that_was_told(client: Client, sixth: SchoolClass) -> None:
    keeper(client, sixth)
    told = graduate("李小兰", sixth)
    page = client.get(reverse("children:transfer_late", args=[told.pk]))
    assert page.context["form"].initial["to_name"] == "青榕镇初级中学"
    paused = make_child("龙小川", sixth, came=date(2025, 9, 1))
    line = leave_school(child=paused, on=LAST_DAY, kind="suspended", by=None, reason="腿部骨折，在家休养")
    page = client.get(reverse("children:transfer_late", args=[line.pk]))
    assert "to_name" not in page.context["form"].initial
    text = page.content.decode()
    assert "档案还不齐" in text
    assert "家庭住址" in text

"""Handing a dossier to a school elsewhere as a sealed file: what it holds, who opens it, what it brings."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from caretrack.access.policy import Role
from children import transfer_file
from children.models import AidGrant, Award, CareArrangement, Child, Result, StatusChange
from tests.children.transfers.steps import BORN, SECRET, far_away, open_file, package, sent_outside
from tests.support.factories import (
    TODAY,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db


def test_the_file_brings_family_phones_care_and_awards(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False))
    Child.objects.filter(pk=child.pk).update(address="青榕村5组", note="内部备注")
    Award.objects.create(child=child, title="阳光少年", scope="school", on=date(2026, 6, 1))
    content = package(Child.objects.get(pk=child.pk))
    assert b"\xe6\x9d\x8e" not in content
    far_away()
    new_class = make_class(make_school("枫香坳小学"))
    client.force_login(make_staff(Role.REGISTRAR, new_class.school))
    preview = open_file(client, content)
    assert not Child.objects.exists(), "opening writes nothing"
    text = preview.content.decode()
    for words in ("李小兰", "云禾县青榕镇中心小学", "王桂英", "还没有接收"):
        assert words in text
    assert id_number(BORN, male=False) not in text
    data = {"opened": preview.context["form"]["opened"].value(), "school_class": new_class.pk, "on": "2026-11-16"}
    assert client.post("/students/transfers/take/", data).status_code == 302
    came = Child.objects.get()
    assert (came.name, came.address, came.note, came.school_class) == ("李小兰", "青榕村5组", "", new_class)
    assert came.id_no == id_number(BORN, male=False)
    assert came.family.get(relation="51").phones.get().number == "13800001111"
    assert came.family.get(relation="51").absences.get().starts_on == date(2025, 3, 1)
    assert CareArrangement.objects.get(child=came).carer.name == "王桂英"
    assert Award.objects.get().title == "阳光少年"
    line = StatusChange.objects.get(child=came)
    assert (line.kind, line.reason) == ("in_transfer", "从云禾县青榕镇中心小学转入")


def test_a_wrong_passphrase_and_another_file_are_told_apart(client: Client) -> None:
    content = package(make_left_behind())
    with pytest.raises(transfer_file.BadFile, match="口令不对"):
        transfer_file.unseal(content, "别的口令别的口令")
    with pytest.raises(transfer_file.BadFile, match="不是 CareTrack 的档案移交文件"):
        transfer_file.unseal(b"PK\x03\x04", SECRET)
    with pytest.raises(transfer_file.BadFile, match="口令不对"):
        transfer_file.unseal(content[:-3], SECRET)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.update(format="other"),
        lambda data: data.update(child=[]),
        lambda data: data.update(family=[1]),
        lambda data: data["family"][0].update(phones="x"),
        lambda data: data["family"][0].update(relation="??"),
        lambda data: data["child"].update(birth_date="昨天"),
        lambda data: data["child"].update(name=""),
    ],
)
def test_a_spoilt_file_writes_nothing(spoil) -> None:
    data = transfer_file.pack(sent_outside(make_left_behind()))
    spoil(data)
    far_away()
    school_class = make_class(make_school("枫香坳小学"))
    sealed = transfer_file.seal(json.loads(json.dumps(data)), SECRET)

    def bring_in() -> None:
        transfer_file.take(transfer_file.unseal(sealed, SECRET), school_class=school_class, on=TODAY, by=make_staff())

    with pytest.raises((transfer_file.BadFile, ValidationError)):
        bring_in()
    assert not Child.objects.exists()


def test_a_short_passphrase_is_refused(client: Client) -> None:
    child = make_child()
    transfer = sent_outside(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = f"/students/transfers/{transfer.pk}/file/"
    assert client.post(url, {"passphrase": "1234", "again": "1234"}).status_code == 422
    assert "两次输入" in client.post(url, {"passphrase": SECRET, "again": "别的口令别的口令"}).content.decode()
    response = client.post(url, {"passphrase": SECRET, "again": SECRET})
    assert response.content.startswith(b"CARETRACK")
    assert transfer_file.unseal(response.content, SECRET).child["name"] == child.name


def test_results_and_aid_come_along_for_the_terms_that_the_school_has(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN)
    this, last = (
        make_term(child.school),
        make_term(child.school, year=2025, starts_on=date(2025, 9, 1), ends_on=date(2026, 1, 20)),
    )
    teacher = make_staff()
    for term, mark in ((this, 91), (last, 85)):
        Result.objects.create(child=child, term=term, subject="语文", mark=mark, entered_by=teacher)
    AidGrant.objects.create(child=child, term=last, programme="寄宿生补助", amount=625, on=date(2025, 10, 8))
    content = package(child)
    for model in (Result, AidGrant):
        model.objects.all().delete()
    far_away()
    new_class = make_class(make_school("枫香坳小学"))
    make_term(new_class.school)
    client.force_login(make_staff(Role.REGISTRAR, new_class.school))
    preview = open_file(client, content)
    assert "有 1 条成绩所在的学期本校没有设置" in preview.content.decode()
    data = {"opened": preview.context["form"]["opened"].value(), "school_class": new_class.pk, "on": "2026-11-16"}
    assert client.post("/students/transfers/take/", data).status_code == 302
    result, grant = Result.objects.get(), AidGrant.objects.get()
    assert (result.mark, result.term.school, result.subject) == (91, new_class.school, "语文")
    assert (grant.amount, grant.term, grant.programme) == (625, None, "寄宿生补助")


def test_a_file_of_before_results_went_along_still_opens() -> None:
    data = transfer_file.pack(sent_outside(make_child()))
    del data["results"], data["aid"]
    assert transfer_file.unseal(transfer_file.seal(data, SECRET), SECRET).results == []


def test_a_possible_same_child_is_named_before_taking_in(client: Client) -> None:
    content = package(make_left_behind("李小兰", birth_date=BORN))
    far_away()
    new_class = make_class(make_school("枫香坳小学"))
    here = make_child("李小兰", new_class, birth_date=BORN)
    client.force_login(make_staff(Role.REGISTRAR, new_class.school))
    text = open_file(client, content).content.decode()
    assert "可能已经有这名学生的档案" in text
    assert f"/students/{here.pk}/" in text


def test_an_opened_file_is_one_persons_for_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    content = package(make_left_behind("李小兰", birth_date=BORN))
    far_away()
    new_class = make_class(make_school("枫香坳小学"))
    one, other = (make_staff(Role.REGISTRAR, new_class.school) for _ in range(2))
    client.force_login(one)
    data = {"school_class": new_class.pk, "on": "2026-11-16"}
    data["opened"] = open_file(client, content).context["form"]["opened"].value()
    client.force_login(other)
    assert "重新选择文件" in client.post("/students/transfers/take/", data).content.decode()
    client.force_login(one)
    monkeypatch.setattr("children.transfer_look.HELD_SECONDS", -1)
    refused = client.post("/students/transfers/take/", data)
    assert refused.status_code == 422
    assert "重新选择文件" in refused.content.decode()
    assert not Child.objects.exists()


def test_pressing_twice_takes_the_child_in_once(client: Client) -> None:
    content = package(make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False)))
    far_away()
    new_class = make_class(make_school("枫香坳小学"))
    client.force_login(make_staff(Role.REGISTRAR, new_class.school))
    data = {"school_class": new_class.pk, "on": "2026-11-16"}
    data["opened"] = open_file(client, content).context["form"]["opened"].value()
    assert client.post("/students/transfers/take/", data).status_code == 302
    again = client.post("/students/transfers/take/", data)
    assert again.status_code == 422
    assert "不用再接收" in again.content.decode()
    assert Child.objects.count() == 1

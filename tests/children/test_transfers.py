"""Handing a dossier to the next school: inside, outside on paper, outside as a sealed file; and children who return."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from caretrack.access.policy import Role
from children import transfer_file
from children.models import (
    AidGrant,
    Award,
    CareArrangement,
    Child,
    Enrollment,
    FormerStudentNumber,
    Result,
    StatusChange,
    Transfer,
)
from children.services import leave_school
from children.transfers import accept, acknowledge, send
from mentoring.models import Pairing
from tests.support.factories import (
    TODAY,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
BORN = date(2016, 5, 4)
SECRET = "枫香坳下的小学2026"
LEFT = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, **k: TODAY if not a else a[0].date())


def sent_outside(child: Child) -> Transfer:
    return send(child=child, on=LEFT, by=make_staff(), to_name="东莞市第三小学", items=["档案摘要"])


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
    assert client.post(url, data).status_code == 404
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
    assert client.post(f"/students/transfers/{transfer.pk}/receipt/", data).status_code == 302
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


# the sealed file


def package(child: Child) -> bytes:
    return transfer_file.seal(transfer_file.pack(sent_outside(child)), SECRET)


def open_file(client: Client, content: bytes) -> Any:
    """The page that says what is in the file."""
    data = {"file": SimpleUploadedFile("李小兰档案移交.caretrack", content), "passphrase": SECRET}
    return client.post("/students/transfers/take/", data)


def far_away() -> None:
    """The other installation: this child was never here."""
    CareArrangement.objects.all().delete()
    Child.objects.all().delete()


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


# a child that comes back


def test_a_returning_child_finds_the_old_dossier_by_its_file(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False))
    at = child.school_class
    content = package(child)
    client.force_login(make_staff(Role.REGISTRAR, child.school))

    preview = open_file(client, content)
    assert f"/students/{child.pk}/" in preview.content.decode()
    opened = preview.context["form"]["opened"].value()

    def post(**more: str):
        data = {"opened": opened, "school_class": at.pk, "on": "2026-11-16"}
        return client.post("/students/transfers/take/", data | more)

    asked = post()
    assert asked.status_code == 422
    assert "以前的档案" in asked.content.decode()
    assert post(same="yes").status_code == 302
    assert Child.objects.get().school_class == at
    kinds = StatusChange.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["out_transfer", "in_transfer"]


def test_a_returning_child_brings_what_the_school_in_between_wrote(client: Client) -> None:
    child = make_left_behind("李小兰", birth_date=BORN, id_no=id_number(BORN, male=False))
    registrar, at = make_staff(Role.REGISTRAR, child.school), child.school_class
    # The mother is known to have come home once; since when she had been away nobody wrote.
    child.family.filter(relation="52").update(status="at_home", away_since=None, returned_on=date(2024, 5, 1))
    Award.objects.create(child=child, title="阳光少年", scope="school", on=date(2026, 6, 1))
    told = json.loads(json.dumps(transfer_file.pack(sent_outside(child)), ensure_ascii=False, default=str))
    father = next(row for row in told["family"] if row["relation"] == "51")
    father |= {"status": "at_home", "returned_on": "2026-10-20", "absences": []}
    mother = next(row for row in told["family"] if row["relation"] == "52")
    mother |= {"status": "away_work", "away_since": "2026-03-01", "returned_on": None}
    father["phones"] = [{"number": "13800009999", "order": 1, "state": "ok"}]
    aunt = {"relation": "99", "name": "罗小姑", "status": "at_home", "absences": [], "phones": []}
    told["family"].append(aunt)
    told["care"] = [{"care_type": "kin_friend", "starts_on": "2026-10-20", "carer": len(told["family"]) - 1}]
    told["awards"].append({"title": "劳动之星", "scope": "school", "on": "2026-10-30"})
    told["checks"] = [{"on": "2026-10-12", "height_cm": "140.5", "needs_follow_up": False}]
    client.force_login(registrar)
    preview = open_file(client, transfer_file.seal(told, SECRET))
    opened = preview.context["form"]["opened"].value()
    data = {"opened": opened, "school_class": at.pk, "on": "2026-11-16", "same": "yes"}
    assert client.post("/students/transfers/take/", data).status_code == 302
    child = Child.objects.get()
    assert sorted(child.awards.values_list("title", flat=True)) == ["劳动之星", "阳光少年"]
    assert child.health_checks.get().on == date(2026, 10, 12)
    at_home = child.family.get(relation="51")
    assert (at_home.status, at_home.absences.get().ends_on) == ("at_home", date(2026, 10, 19))
    assert list(at_home.phones.order_by("order").values_list("number", flat=True)) == ["13800009999", "13800001111"]
    assert child.care.get(ends_on__isnull=True).carer.name == "罗小姑"
    assert child.family.filter(name="王桂英").count() == 1


def test_a_number_typed_for_a_new_child_finds_who_left(client: Client) -> None:
    number = id_number(BORN)
    child = make_child("石小禾", birth_date=BORN, id_no=number, sex="1")
    at = child.school_class
    leave_school(child=child, on=LEFT, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"name": "石晓禾", "sex": "1", "birth_date": str(BORN), "kind": "in_transfer", "on": "2026-11-16"}
    response = client.post("/students/new/", data | {"school_class": at.pk, "id_no": number})
    assert response.status_code == 422
    assert f"/students/{child.pk}/changes/new/" in response.content.decode()


def test_a_former_number_finds_who_left(client: Client) -> None:
    child = make_child("石小禾", birth_date=BORN)
    former = "L9999992016050412AB"
    FormerStudentNumber.objects.create(child=child, student_no=former, until=LEFT)
    leave_school(child=child, on=LEFT, kind="out_transfer", by=None)
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    data = {"name": "石晓禾", "sex": "2", "birth_date": str(BORN), "kind": "in_transfer", "on": "2026-11-16"}
    data |= {"school_class": make_class(child.school, number=2).pk, "student_no": former, "unchecked": "on"}
    response = client.post("/students/new/", data)
    assert response.status_code == 422
    assert f"/students/{child.pk}/changes/new/" in response.content.decode()


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

"""Who graduated, paused or broke off can be handed over too: one child, or a class of graduates to one school."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.corrections import correct
from children.models import Child, StatusChange, Transfer
from children.services import leave_school
from children.transfers import accept, send_later, where_to
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff
from tests.support.paper import pages_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]
LAST_DAY, LETTER = date(2026, 7, 10), date(2026, 10, 20)
GRADUATES, ACCEPT = "/students/transfers/graduates/", "/students/transfers/accept/"


@pytest.fixture
def sixth() -> SchoolClass:
    return make_class(grade=6, on=LAST_DAY)


@pytest.fixture
def seventh() -> SchoolClass:
    school = make_school("青榕镇初级中学", stage="junior")
    return SchoolClass.objects.create(school=school, entry_year=2026, number=1)


def graduate(name: str, at: SchoolClass, kind: str = "graduate") -> StatusChange:
    child = make_child(name, at, came=date(2025, 9, 1))
    return leave_school(child=child, on=LAST_DAY, kind=kind, by=None, reason="青榕镇初级中学")


def test_the_letters_of_a_class_print_together(client: Client, sixth, seventh) -> None:
    lines = [graduate(name, sixth) for name in ("李小兰", "龙小川")]
    sent = send_later(lines=lines, on=LETTER, by=None, to_school=seventh.school)
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    assert "同一批2份" in client.get(f"/students/transfers/{sent[0].pk}/").content.decode()
    pages = pages_of(client.post(f"/reports/transfers/{sent[1].pk}/batch/").content)
    assert len(pages) == 4, "each letter with its summary"
    assert all("李小兰" in page for page in pages[:2])
    assert "已于2026年7月10日毕业，升入贵校就读" in pages[0].replace("\n", "")
    assert all("龙小川" in page for page in pages[2:])


@pytest.mark.parametrize(
    "kind,arrival", [("graduate", "enrol_new"), ("dropout", "in_transfer"), ("suspended", "in_transfer")]
)
def test_the_dossier_follows_to_the_next_school(kind: str, arrival: str, sixth, seventh) -> None:
    line = graduate("李小兰", sixth, kind)
    (transfer,) = send_later(lines=[line], on=LETTER, by=None, to_school=seventh.school)
    came = date(2026, 9, 1)
    accept(transfer=transfer, school_class=seventh, on=came, by=make_staff())
    child = Child.objects.get()
    assert child.school_class == seventh
    entered = StatusChange.objects.get(school=seventh.school)
    assert (entered.kind, entered.on) == (arrival, came), "in class since September, though the letter is of October"
    transfer.refresh_from_db()
    assert transfer.received_on == LETTER
    correct(change=entered, reason="编错了班", on=TODAY, by=None)
    transfer.refresh_from_db()
    assert transfer.is_open


def test_a_class_of_graduates_goes_in_one_step(client: Client, sixth, seventh) -> None:
    lines = [graduate(name, sixth) for name in ("李小兰", "龙小川", "韦小山")]
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    assert "3人的档案在本校" in client.get(GRADUATES).content.decode()
    page = f"{GRADUATES}{sixth.pk}/"
    assert "龙小川（青榕镇初级中学）" in client.get(page).content.decode()
    data = {"to_school": seventh.school_id, "on": str(LETTER), "items": ["档案摘要"], "step": "confirm"}
    refused = client.post(page, data)
    assert refused.status_code == 422
    assert "请至少勾选一名毕业生" in refused.content.decode()
    assert client.post(page, data | {"lines": [lines[0].pk, lines[1].pk]}).status_code == 302
    sent = Transfer.objects.order_by("pk")
    assert [(row.child.name, row.letter_no, row.to_school) for row in sent] == [
        ("李小兰", "〔2026〕1号", seventh.school),
        ("龙小川", "〔2026〕2号", seventh.school),
    ]
    assert "李小兰" not in client.get(page).content.decode()
    assert client.post(page, data | {"lines": [lines[0].pk, lines[2].pk]}).status_code == 422, "not handed over twice"
    assert Transfer.objects.count() == 2
    client.force_login(make_staff(Role.REGISTRAR, seventh.school))
    assert "龙小川" in client.get("/students/transfers/").content.decode()


def test_graduates_are_not_taken_for_the_class_that_is_called_so_now(client: Client, sixth, seventh) -> None:
    lines = [graduate(name, sixth) for name in ("李小兰", "龙小川")]
    name = sixth.name_on(TODAY)
    assert name.endswith("届（1）班")
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    send_later(lines=lines[:1], on=LETTER, by=None, to_school=seventh.school)
    waiting, sent = client.get(GRADUATES).content.decode().split("已移交", 1)
    assert f"{name}（原六（1）班）</a>" in waiting
    assert f"{name}（原六（1）班）" in sent
    assert f"移交{name}（原六（1）班）毕业生的档案" in client.get(f"{GRADUATES}{sixth.pk}/").content.decode()


def test_most_of_a_class_are_ticked_already(client: Client, sixth, seventh) -> None:
    lines = [graduate(name, sixth) for name in ("李小兰", "龙小川", "韦小山")]
    StatusChange.objects.filter(pk=lines[2].pk).update(reason="东莞市第三中学")
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    begins = client.get(f"{GRADUATES}{sixth.pk}/").context["form"].initial
    assert begins["to_school"] == seventh.school
    assert set(begins["lines"]) == {lines[0].pk, lines[1].pk}


def test_the_next_school_takes_several_into_a_class(client: Client, sixth, seventh) -> None:
    lines = [graduate(name, sixth) for name in ("李小兰", "龙小川", "韦小山")]
    sent = send_later(lines=lines, on=LETTER, by=None, to_school=seventh.school)
    client.force_login(make_staff(Role.REGISTRAR, seventh.school))
    assert ACCEPT in client.get("/students/transfers/").content.decode()
    data = {"school_class": seventh.pk, "on": "2026-09-01", "transfers": [sent[0].pk, sent[1].pk]}
    early = client.post(ACCEPT, data | {"on": "2026-07-01"})
    assert early.status_code == 422
    assert "李小兰：入班日期要晚于" in early.content.decode()
    assert not Child.objects.on_roll().exists(), "all or none"
    assert client.post(ACCEPT, data).headers["Location"] == ACCEPT
    assert set(seventh.children.values_list("name", flat=True)) == {"李小兰", "龙小川"}
    assert "韦小山" in client.get(ACCEPT).content.decode(), "the next class follows"
    client.post(ACCEPT, data | {"transfers": [sent[2].pk]})
    assert client.get(ACCEPT).status_code == 302


def test_another_school_takes_none_of_them(client: Client, sixth, seventh) -> None:
    (sent,) = send_later(lines=[graduate("李小兰", sixth)], on=LETTER, by=None, to_school=seventh.school)
    stranger = make_class(make_school("第三所"), grade=7)
    client.force_login(make_staff(Role.REGISTRAR, stranger.school))
    data = {"school_class": stranger.pk, "on": "2026-09-01", "transfers": [sent.pk]}
    assert client.post(ACCEPT, data).status_code == 422
    assert not Child.objects.on_roll().exists()


def test_no_graduates_no_page(client: Client, sixth) -> None:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    assert "没有等待移交的毕业生档案" in client.get(GRADUATES).content.decode()
    assert client.get(f"{GRADUATES}{sixth.pk}/").status_code == 404


def test_graduates_do_not_wait_as_those_transferred_do(client: Client, sixth) -> None:
    graduate("李小兰", sixth)
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    assert "还没有办理移交" not in client.get("/students/transfers/").content.decode(), "they may stay in the archive"


def test_the_pages_ask_the_same_for_one_and_many(client: Client, sixth) -> None:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    counts = []
    for number in range(1, 5):
        graduate(f"学生{number}", sixth)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{GRADUATES}{sixth.pk}/")
            client.get(GRADUATES)
        counts.append(len(queries))
    assert counts[1] == counts[3]


def test_a_class_is_sent_in_as_many_statements_as_one_child(sixth, seventh, django_assert_max_num_queries) -> None:
    lines = [graduate(f"学生{number}", sixth) for number in range(8)]
    with django_assert_max_num_queries(12):
        send_later(lines=lines, on=LETTER, by=None, to_school=seventh.school)
    assert Transfer.objects.count() == 8


def test_who_broke_off_is_handed_over_from_the_page_of_changes(client: Client, sixth) -> None:
    line = graduate("李小兰", sixth, "dropout")
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    late = f"/students/transfers/late/{line.pk}/"
    assert late in client.get(f"/students/{line.child_id}/changes/new/").content.decode()
    assert "登记辍学" in client.get(late).content.decode()
    assert client.post(late, {"to_name": "东莞市第三小学", "on": str(LETTER)}).status_code == 302
    assert late not in client.get(f"/students/{line.child_id}/changes/new/").content.decode()


@pytest.mark.parametrize("noted", ["升入青榕镇初级中学", "毕业后考入青榕镇初级中学", "青榕镇初级中学"])
def test_what_was_noted_of_a_leaving_names_the_school(noted: str) -> None:
    assert where_to(noted, []) == "青榕镇初级中学"


@pytest.mark.parametrize(
    "noted", ["毕业", "转入学校待定", "升入初中", "升入初级中学", "去外地学校", "升学", "随父母外出"]
)
def test_the_usual_words_of_a_leaving_name_no_school(noted: str) -> None:
    assert where_to(noted, []) == ""


@pytest.mark.parametrize(
    "noted, school", [("升入县二中", "县二中"), ("转入东莞三小", "东莞三小"), ("升入大坪书院", "大坪书院")]
)
def test_a_school_is_known_by_its_ending_or_because_it_is_of_this_installation(noted: str, school: str) -> None:
    assert where_to(noted, [make_school("大坪书院")]) == school


def test_the_usual_words_do_not_become_the_school_of_the_letters(client: Client, sixth) -> None:
    line = graduate("李小兰", sixth)
    StatusChange.objects.filter(pk=line.pk).update(reason="毕业")
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))
    begins = client.get(f"{GRADUATES}{sixth.pk}/").context["form"].initial
    assert "to_name" not in begins

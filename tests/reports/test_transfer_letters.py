"""The letters of a class of graduates, each with the summary of its dossier, and where they are found again."""

import io
import zipfile
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caretrack.access.models import AccessEntry
from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from caretrack.schools.models import SchoolClass
from children.models import Transfer
from children.services import leave_school
from children.transfers import acknowledge, send_later, withdraw
from reports import jobs
from reports.views import changes
from tests.support.factories import TODAY, make_child, make_class, make_school, make_staff
from tests.support.paper import pages_of

pytestmark = pytest.mark.django_db
LAST_DAY, LETTER = date(2026, 7, 10), date(2026, 10, 20)
NAMES = ("李小兰", "龙小川", "杨小花")


@pytest.fixture
def sixth() -> SchoolClass:
    return make_class(grade=6, on=LAST_DAY)


def send_class(sixth: SchoolClass, names: tuple[str, ...] = NAMES, to_name: str = "青榕镇初级中学") -> list[Transfer]:
    children = [make_child(name, sixth, came=date(2025, 9, 1), address=f"大坪村{name}家") for name in names]
    lines = [leave_school(child=child, on=LAST_DAY, kind="graduate", by=None) for child in children]
    return send_later(lines=lines, on=LETTER, by=None, to_name=to_name, items=["档案摘要"])


@pytest.fixture
def sent(sixth: SchoolClass) -> list[Transfer]:
    return send_class(sixth)


def keeper(client: Client, sixth: SchoolClass) -> None:
    client.force_login(make_staff(Role.REGISTRAR, sixth.school))


def read(pdf: bytes) -> list[str]:
    return ["".join(text.split()) for text in pages_of(pdf)]


def test_each_letter_of_a_batch_carries_its_summary_and_counts_its_own_pages(
    client: Client, sixth: SchoolClass, sent: list[Transfer]
) -> None:
    keeper(client, sixth)
    single = read(client.get(reverse("reports:transfer_pdf", args=[sent[0].pk])).content)
    pages = read(client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk])).content)
    assert len(single) > 1
    assert len(pages) == 3 * len(single)
    for at, transfer in enumerate(sent):
        own = pages[at * len(single) : (at + 1) * len(single)]
        name = transfer.child.name
        assert "学生档案移交函" in own[0]
        assert name in own[0]
        assert f"大坪村{name}家" in "".join(own[1:])
        for number, text in enumerate(own, start=1):
            assert f"第{number}页共{len(own)}页" in text
            assert not any(other in text for other in NAMES if other != name), "nothing of another child"
    assert AccessEntry.objects.filter(event="print", detail="档案移交函", page__contains="batch").count() == 3


def test_looking_prints_nothing(client: Client, sixth: SchoolClass, sent: list[Transfer]) -> None:
    keeper(client, sixth)
    assert client.get(reverse("reports:transfer_batch_pdf", args=[sent[0].pk])).status_code == 405


def test_many_letters_are_printed_in_the_background_without_those_called_back(
    client: Client, sixth: SchoolClass, sent: list[Transfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LETTERS_AT_ONCE", 2)
    keeper(client, sixth)
    started = client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk]))
    job = Job.objects.get()
    assert started.headers["Location"] == reverse("jobs:job_show", args=[job.pk])
    withdraw(transfer=sent[1], on=TODAY, reason="选错了学校")
    run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 2, 2)
    answer = client.get(reverse("jobs:job_download", args=[job.pk]))
    text = "".join(read(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert "大坪村李小兰家" in text
    assert "大坪村杨小花家" in text
    assert "龙小川" not in text
    told = AccessEntry.objects.filter(event="print", page="job").values_list("child_id", flat=True)
    assert set(told) == {sent[0].child_id, sent[2].child_id}


def test_the_letters_of_a_large_class_come_in_several_files(
    client: Client, sixth: SchoolClass, sent: list[Transfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LETTERS_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "LETTERS_IN_A_FILE", 2)
    keeper(client, sixth)
    client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk]))
    job = Job.objects.get()
    run(job.pk)
    answer = client.get(reverse("jobs:job_download", args=[job.pk]))
    packed = io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["青榕镇初级中学档案移交函（2份）.pdf", "杨小花档案移交函.pdf"]
        texts = ["".join(read(archive.read(name))) for name in archive.namelist()]
    assert [[name for name in NAMES if f"大坪村{name}家" in text] for text in texts] == [
        ["李小兰", "龙小川"],
        ["杨小花"],
    ]


def test_letters_asked_for_twice_are_printed_once(
    client: Client, sixth: SchoolClass, sent: list[Transfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LETTERS_AT_ONCE", 2)
    keeper(client, sixth)
    pages = [
        client.post(reverse("reports:transfer_batch_pdf", args=[one.pk])).headers["Location"]
        for one in (sent[0], sent[0], sent[2])
    ]
    job = Job.objects.get()
    assert set(pages) == {reverse("jobs:job_show", args=[job.pk])}
    client.force_login(make_staff(Role.PRINCIPAL, sixth.school))
    told = client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk]), follow=True)
    assert told.redirect_chain[0][0] == reverse("children:transfer_batch", args=[sent[0].pk])
    assert f"{job.started_by}正在打印这一批移交函" in told.content.decode()
    assert Job.objects.count() == 1
    run(job.pk)
    client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk]))
    assert Job.objects.count() == 2, "once they are printed, they can be printed again"


def test_a_batch_called_back_before_it_was_printed_ends_with_words(
    client: Client, sixth: SchoolClass, sent: list[Transfer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "LETTERS_AT_ONCE", 2)
    keeper(client, sixth)
    client.post(reverse("reports:transfer_batch_pdf", args=[sent[0].pk]))
    for transfer in sent:
        withdraw(transfer=transfer, on=TODAY, reason="选错了学校")
    job = Job.objects.get()
    run(job.pk)
    job.refresh_from_db()
    assert (job.status, "已经撤回" in job.message) == ("failed", True)


def test_a_class_that_was_sent_stays_among_the_graduates(
    client: Client, sixth: SchoolClass, sent: list[Transfer]
) -> None:
    acknowledge(transfer=sent[0], on=TODAY, received_by="王老师")
    withdraw(transfer=sent[2], on=TODAY, reason="选错了学校")
    keeper(client, sixth)
    page = client.get(reverse("children:transfer_graduates")).content.decode()
    assert "移交青榕镇初级中学2人，1人已接收" in page
    assert f'href="{reverse("children:transfer_batch", args=[sent[0].pk])}"' in page
    assert "1人的档案在本校" in page, "the one called back waits again"
    client.force_login(make_staff(Role.REGISTRAR, make_school("枫香坳小学")))
    assert "青榕镇初级中学" not in client.get(reverse("children:transfer_graduates")).content.decode()


def test_the_page_of_graduates_asks_the_same_for_one_and_many_batches(
    client: Client, sixth: SchoolClass, sent: list[Transfer]
) -> None:
    keeper(client, sixth)
    url = reverse("children:transfer_graduates")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for number in range(2, 6):
        send_class(make_class(sixth.school, grade=6, number=number, on=LAST_DAY), (f"石小{number}",), f"第{number}中学")
    with CaptureQueriesContext(connection) as many:
        assert "第5中学" in client.get(url).content.decode()
    assert len(one) == len(many)

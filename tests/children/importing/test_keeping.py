"""A page of an import opens only the kept parts that hold it, in as many statements for a long file as for a short one."""

import datetime as dt
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.importing.keeping import PART, FaultyRows, Kept
from children.importing.outcomes import Status
from children.importing.planner import CHUNK
from children.models import ImportBatch
from tests.support.factories import make_class, make_school, make_staff

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
LONG, SHORT = 1_150, 12
BAD_EVERY = 2


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: DAY)
    school = make_school()
    make_class(school, 4, 1)
    client = Client()
    client.force_login(make_staff(Role.REGISTRAR, school))
    return client


def named(number: int) -> str:
    """A name of its own for each number, without a digit that would mark a namesake."""
    return f"韦{chr(0x5000 + number)}"


def upload(client: Client, rows: int) -> ImportBatch:
    """A list of pupils from line 2 on; every second one has an ID number that is one digit short."""
    lines = ["姓名,性别,出生日期,身份证号,班级"]
    for number in range(rows):
        id_no = f"99999920160504{number:03}"[:17] if number % BAD_EVERY else ""
        lines.append(f"{named(number)},,2016-05-04,{id_no},四（1）班")
    file = SimpleUploadedFile("名册.csv", "\n".join(lines).encode())
    client.post(reverse("children:roster_import"), {"school": School.objects.get().pk, "file": file})
    return ImportBatch.objects.latest("pk")


def opened(queries: CaptureQueriesContext, table: str) -> list[str]:
    """The statements that opened sealed parts of a table."""
    return [query["sql"] for query in queries if re.search(rf'^SELECT.*FROM "children_{table}"', query["sql"])]


@pytest.mark.data
def test_a_page_reads_its_own_part_and_no_more_statements_than_that_of_a_short_file(client: Client) -> None:
    counts = {}
    for rows in (SHORT, LONG):
        batch = upload(client, rows)
        assert batch.counts["rows"] == rows
        address = reverse("children:import_preview", args=[batch.pk])
        row = reverse("children:import_row", args=[batch.pk, 0, rows - 1])
        for page in (f"{address}?show=new&page=99", f"{address}?show=faults&page=99", row):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.setdefault(page.replace(f"/{batch.pk}/", "/").replace(f"/{rows - 1}/", "/"), []).append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(f"{address}?show=new&page=99").context["page"]
        assert shown.paginator.count == batch.counts["new"]
        assert shown.object_list[-1]["name"] == named(rows - 1)
        # PostgreSQL reads the parts through a cursor of the server, which is not among the captured statements.
        if connection.vendor == "sqlite":
            (statement,) = opened(queries, "importchunk")
            assert f"IN ({(rows - 1) // CHUNK})" in statement
    assert all(short == long for short, long in counts.values()), counts


def test_rows_are_found_by_name_and_number_wherever_they_lie(client: Client) -> None:
    batch = upload(client, LONG)
    address = reverse("children:import_preview", args=[batch.pk])
    for query in (named(LONG - 4), str(LONG - 2)):
        found = client.get(address, {"show": "new", "q": query}).context["page"].object_list
        assert [row["name"] for row in found] == [named(LONG - 4)]
    faults = client.get(address, {"q": named(LONG - 1)}).context["page"].object_list
    assert {(fault["row"], fault["name"]) for fault in faults} == {(LONG + 1, named(LONG - 1))}
    assert client.get(address, {"show": "new", "q": "没有这个人"}).context["page"].paginator.count == 0
    everybody = client.get(address, {"show": "new", "q": "四（1）班", "page": 2}).context["page"]
    assert everybody.paginator.count == batch.counts["new"]
    assert everybody.object_list[0]["name"] == named(50)


def test_the_kept_lines_are_all_there_in_their_order(client: Client) -> None:
    batch = upload(client, LONG)
    overview = json.loads(batch.result)
    kept = Kept(batch, overview)
    assert [row["row"] for row in kept.rows()] == list(range(2, LONG + 2))
    assert len(kept.rows(Status.NEW)) == batch.counts["new"]
    assert len(overview["kept"]["faults"]) == -(-len(kept.faults()) // PART) > 1, "more than one part of faults"
    faulty = FaultyRows(overview)
    assert (len(faulty), faulty.first) == (LONG // 2, (0, 3))
    assert faulty.after(0, 3) == (0, 5)
    assert faulty.after(0, LONG + 1) == (0, 3), "from the top again"
    assert kept.row(None, LONG)["name"] == named(LONG - 2)
    assert kept.row(None, 1) is None, "the header is no pupil"

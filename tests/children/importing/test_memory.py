"""What was said about a header is asked once; what no school should collect needs a reason each time."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.jobs.models import Job
from caretrack.jobs.services import run
from caretrack.schools.models import School
from children.importing import batches
from children.importing.overview import is_about_row
from children.models import Child, ColumnMapping, ImportBatch
from tests.support.factories import make_class, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_day")]
HEAD = "姓名,性别,年级,家庭住址,谁在管,银行卡号"


@pytest.fixture
def school() -> School:
    school = make_school()
    make_class(school, 4, 1)
    return school


def upload(client: Client, school: School, *names: str, head: str = HEAD):
    lines = [head, *(f"{name},女,四年级,栗坪村,王桂英,6200000000000000{n:03}" for n, name in enumerate(names))]
    file = SimpleUploadedFile("名册.csv", "\n".join(lines).encode())
    return client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})


def columns(client: Client, batch: ImportBatch, **changed: str):
    """Send the columns page as shown, some boxes changed (by the column's title)."""
    address = reverse("children:import_columns", args=[batch.pk])
    form = client.get(address).context["form"]
    names = {column["label"]: column["name"] for column in form.columns}
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {names.get(title, title): value for title, value in changed.items()}
    data |= {name: form.fields[name].choices[1][0] for name in form.keys}
    return client.post(address, data)


def latest() -> ImportBatch:
    return ImportBatch.objects.latest("pk")


def test_a_known_header_leads_straight_to_the_preview(signed_in: Client, school: School) -> None:
    first = upload(signed_in, school, "罗小雨", "韦小山")
    assert first.headers["Location"] == reverse("children:import_columns", args=[latest().pk])
    columns(signed_in, latest(), 谁在管="carer.name")
    second = upload(signed_in, school, "蒙小河")
    batch = latest()
    assert second.headers["Location"] == reverse("children:import_preview", args=[batch.pk])
    assert batch.counts["new"] == 1, "the grade without a class was answered the first time"
    told = {label: new for label, _, new in batches.stored_plan(batch)[0]["changes"]}
    assert "王桂英" in told.values(), "the column that nobody had recognised is the carer's name"


def test_a_title_with_a_slip_is_asked_about_once(signed_in: Client, school: School) -> None:
    head = HEAD.replace("年级", "所在班及").replace(",银行卡号", "")
    upload(signed_in, school, "罗小雨", head=head)
    columns(signed_in, latest())
    batch = latest()
    assert batch.answers["answers"]
    second = upload(signed_in, school, "蒙小河", head=head)
    assert second.headers["Location"] == reverse("children:import_preview", args=[latest().pk])


def test_another_header_is_asked_about(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest())
    response = upload(signed_in, school, "韦小山", head=HEAD.replace("谁在管", "监护"))
    assert response.headers["Location"] == reverse("children:import_columns", args=[latest().pk])


def test_another_school_learns_nothing(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest(), 谁在管="carer.name")
    other = make_school("云禾县禾阳小学")
    make_class(other, 4, 1)
    stranger = Client()
    stranger.force_login(make_staff(Role.REGISTRAR, other))
    response = upload(stranger, other, "韦小山")
    assert "/columns/" in response.headers["Location"]
    memory = ColumnMapping.objects.get()
    page = stranger.get(reverse("children:import_memory")).content.decode()
    assert "还没有记住的表头" in page
    assert stranger.post(reverse("children:import_forget", args=[memory.pk])).status_code == 404


def test_a_header_can_be_forgotten(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest(), 谁在管="carer.name")
    page = signed_in.get(reverse("children:import_memory")).content.decode()
    assert "实际监护人姓名" in page
    assert "岑老师" in page
    signed_in.post(reverse("children:import_forget", args=[ColumnMapping.objects.get().pk]))
    response = upload(signed_in, school, "韦小山")
    assert "/columns/" in response.headers["Location"]


def test_what_is_decided_later_stands_against_the_memory(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest(), 谁在管="carer.name")
    upload(signed_in, school, "韦小山")
    columns(signed_in, latest(), 谁在管="-")
    told = [label for label, _, _ in batches.stored_plan(latest())[0]["changes"]]
    assert not any("监护人" in label for label in told)
    assert ColumnMapping.objects.get().mapping["4"] == "-"


def test_a_column_nobody_should_collect_needs_a_reason(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    refused = columns(signed_in, latest(), 银行卡号="note")
    assert refused.status_code == 422
    assert "请写明为什么要导入F列“银行卡号”" in refused.content.decode()
    columns(signed_in, latest(), 银行卡号="note", reason="县资助办通知〔2026〕3号要求核对")
    batch = latest()
    assert batch.answers["reason"].startswith("县资助办")
    signed_in.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    assert "6200000000000000" in Child.objects.get().note
    upload(signed_in, school, "韦小山")
    assert "6200000000000000" not in str(batches.stored_plan(latest())), "asked for again, with a reason, every time"


def test_without_a_choice_such_a_column_stays_out(signed_in: Client, school: School) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest())
    assert "6200000000000000" not in str(batches.stored_plan(latest()))


def test_two_columns_for_one_field_are_settled_before_anything_is_written(signed_in: Client, school: School) -> None:
    text = "姓名,性别,班级,家庭住址,现住址\n罗小雨,女,四（1）班,栗坪村,禾阳村\n".encode()
    file = SimpleUploadedFile("名册.csv", text)
    signed_in.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    batch = latest()
    confirm = reverse("children:import_confirm", args=[batch.pk])
    response = signed_in.post(confirm, {"token": batches.plan_token(batch)})
    assert response.headers["Location"] == reverse("children:import_columns", args=[batch.pk])
    assert not Child.objects.exists()
    assert "一项只能来自一列" in columns(signed_in, batch).content.decode()
    columns(signed_in, batch, 家庭住址="hukou_place")
    batch.refresh_from_db()
    signed_in.post(confirm, {"token": batches.plan_token(batch)})
    child = Child.objects.get()
    assert (child.address, child.hukou_place) == ("禾阳村", "栗坪村")


def test_a_large_file_with_a_known_header_goes_to_the_preview_too(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(signed_in, school, "罗小雨")
    columns(signed_in, latest())
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 1)
    upload(signed_in, school, "韦小山", "蒙小河")
    job = Job.objects.latest("pk")
    run(job.pk)
    job.refresh_from_db()
    assert job.result["next"] == reverse("children:import_preview", args=[latest().pk])


@pytest.mark.parametrize(
    "key, row, about_row",
    [
        ("lb_nobody_away/花名册/48", 48, True),
        ("lb_nobody_away/48", 48, True),
        ("conflict_of_two/花名册/48.1.2", 48, True),
        ("class_as_date/花名册/G", 34, False),
        ("class_decimal/花名册/F/4.10", 4, False),
        ("class_unknown/花名册/七年级（3）班", 35, False),
        ("class_from_title/花名册", 1, False),
        ("hidden_rows/花名册", None, False),
    ],
)
def test_questions_about_columns_are_told_from_those_about_a_row(key: str, row: int | None, about_row: bool) -> None:
    sheet = "花名册" if "花名册" in key else None
    assert is_about_row({"key": key, "what": key.split("/")[0], "sheet": sheet, "row": row}) is about_row

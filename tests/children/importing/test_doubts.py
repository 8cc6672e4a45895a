"""What the register itself makes doubtful: a name written otherwise, an old roster; and notes that few may read."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl.comments import Comment

from caretrack.access.policy import Role
from caretrack.schools.models import School, SchoolClass, Staff
from children.importing import batches
from children.models import Child, ImportBatch, RestrictedNote, Transfer
from children.services import leave_school
from children.transfers import send
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import id_number, make_child, make_class, make_school, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data, pytest.mark.usefixtures("import_day")]
BORN = dt.date(2016, 5, 4)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def four(school: School) -> SchoolClass:
    return make_class(school, 4, 1)


@pytest.fixture
def bring(registrar: Staff, school: School):
    """bring(line, …): the checked batch of a list with these lines."""

    def check(*lines: str, head: str = "姓名,性别,班级,出生日期") -> ImportBatch:
        content = "\n".join([head, *lines]).encode()
        batch = batches.take_file(school=school, by=registrar, name="名册.csv", content=content, on=DAY)
        batches.check(batch, registrar)
        return batch

    return check


def decide(batch: ImportBatch, by: Staff, **answers: str) -> ImportBatch:
    batches.answer(batch, answers=answers)
    batches.check(batch, by)
    return batch


def confirm(batch: ImportBatch, by: Staff) -> None:
    batches.confirm(batch, by=by, token=batches.plan_token(batch))
    batch.refresh_from_db()


@pytest.mark.parametrize("stored, written", [("韦小禾", "韦晓禾"), ("覃梓涵", "覃子涵"), ("罗欣", "罗欣怡")])
def test_70_the_same_day_and_nearly_the_same_name_is_asked(bring, four, registrar, stored: str, written: str) -> None:
    child = make_child(stored, four, birth_date=BORN)
    batch = bring(f"{written},女,四（1）班,2016-05-04")
    (row,) = batches.stored_plan(batch)
    assert row["status"] == "decide"
    assert "同一名学生" in row["message"]
    said = {value for value, _ in row["choices"]}
    assert said == {f"update-{child.pk}", f"keep-{child.pk}", "new", "skip"}
    assert batch.counts["new"] == 0


@pytest.mark.parametrize("said, names", [("update", {"韦晓禾"}), ("keep", {"韦小禾"}), ("new", {"韦小禾", "韦晓禾"})])
def test_70_each_answer_does_what_it_says(bring, four, registrar, said: str, names: set[str]) -> None:
    child = make_child("韦小禾", four, birth_date=BORN, commute="")
    batch = bring("韦晓禾,女,四（1）班,2016-05-04,龙家寨", head="姓名,性别,班级,出生日期,家庭住址")
    key = batches.stored_plan(batch)[0]["key"]
    decide(batch, registrar, **{key: said if said == "new" else f"{said}-{child.pk}"})
    confirm(batch, registrar)
    assert set(Child.objects.values_list("name", flat=True)) == names
    assert Child.objects.get(address="龙家寨").pk == child.pk or said == "new"


def test_70_twins_another_day_and_two_numbers_are_never_asked_about(bring, four) -> None:
    make_child("韦小禾", four, birth_date=BORN)
    make_child("罗小雨", four, birth_date=dt.date(2016, 7, 1))
    make_child("石小江", four, birth_date=BORN, id_no=id_number(BORN, 5))
    batch = bring(
        "韦小禾,女,四（1）班,2016-05-04,",
        "韦小苗,女,四（1）班,2016-05-04,",
        "罗晓雨,女,四（1）班,2016-07-02,",
        f"石晓江,男,四（1）班,2016-05-04,{id_number(BORN, 7)}",
        head="姓名,性别,班级,出生日期,身份证号",
    )
    assert (batch.counts["new"], batch.counts["same"] + batch.counts["changed"], batch.counts["decide"]) == (3, 1, 0)


def test_17_a_roster_of_pupils_who_have_left_waits_for_a_word(bring, four, registrar) -> None:
    names = ("韦小山", "罗小雨", "蒙小河")
    for name in names:
        make_child(name, four, birth_date=BORN)
    for child in Child.objects.exclude(name="韦小山"):
        leave_school(child=child, on=dt.date(2026, 10, 8), kind="out_transfer", by=None)
    lines = [f"{name},女,四（1）班,2016-05-04" for name in names]
    batch = bring(*lines)
    assert batch.counts["waiting"] == 3
    assert "3 人中有 2 人在系统里已离校" in batch.result
    decide(batch, registrar, old_register="yes")
    assert (batch.counts["waiting"], batch.counts["decide"], batch.counts["same"]) == (0, 2, 1)
    back = {row["key"]: "update" for row in batches.stored_plan(batch) if row["key"]}
    decide(batch, registrar, **back)
    confirm(batch, registrar)
    assert Child.objects.on_roll().count() == 3


def test_17_few_who_left_are_asked_about_singly(bring, four) -> None:
    for name in ("韦小山", "罗小雨", "蒙小河", "石小江"):
        make_child(name, four, birth_date=BORN)
    leave_school(child=Child.objects.get(name="韦小山"), on=dt.date(2026, 10, 8), kind="out_transfer", by=None)
    batch = bring(*(f"{name},女,四（1）班,2016-05-04" for name in ("韦小山", "罗小雨", "蒙小河", "石小江")))
    assert (batch.counts["waiting"], batch.counts["decide"]) == (0, 1)


def test_who_comes_back_by_a_roster_has_no_dossier_on_its_way(bring, four, registrar) -> None:
    for name in ("韦小山", "罗小雨", "蒙小河", "石小江"):
        make_child(name, four, birth_date=BORN)
    sent = send(child=Child.objects.get(name="韦小山"), on=dt.date(2026, 10, 8), by=None, to_name="东莞市第三小学")
    batch = bring(*(f"{name},女,四（1）班,2016-05-04" for name in ("韦小山", "罗小雨", "蒙小河", "石小江")))
    row = batches.stored_plan(batch)[0]
    decide(batch, registrar, **{row["key"]: "update"})
    assert ["档案移交", "等待东莞市第三小学回执", "撤回"] in [
        list(told) for told in batches.stored_plan(batch)[0]["changes"]
    ]
    assert Transfer.objects.open().exists(), "a preview writes nothing"
    confirm(batch, registrar)
    sent.refresh_from_db()
    assert (sent.cancelled_on, sent.cancel_reason) == (DAY, "学生已重新入班，档案不再移交")
    batches.undo(batch, by=registrar)
    sent.refresh_from_db()
    assert (sent.is_open, sent.cancel_reason) == (True, "")


@pytest.mark.parametrize("last_day, status", [(DAY, "rejected"), (DAY - dt.timedelta(days=1), "decide")])
def test_nobody_comes_back_on_a_day_on_which_he_was_still_in_class(
    bring, four, registrar, last_day: dt.date, status: str
) -> None:
    for name in ("韦小山", "罗小雨", "蒙小河", "石小江"):
        make_child(name, four, birth_date=BORN)
    leave_school(child=Child.objects.get(name="韦小山"), on=last_day, kind="out_transfer", by=None)
    batch = bring(*(f"{name},女,四（1）班,2016-05-04" for name in ("韦小山", "罗小雨", "蒙小河", "石小江")))
    row = batches.stored_plan(batch)[0]
    assert row["status"] == status
    assert ("在班到2026年11月20日" in row["message"]) is (status == "rejected")
    if status == "decide":
        decide(batch, registrar, **{row["key"]: "update"})
    confirm(batch, registrar)
    assert Child.objects.on_roll().count() == (3 if status == "rejected" else 4)


HEAD = "姓名,性别,班级,出生日期,备注"
LINES = ("韦小山,女,四（1）班,2016-05-04,父吸毒，随奶奶生活", "罗小雨,女,四（1）班,2016-06-04,爱画画")


def test_73_what_few_may_read_is_kept_apart_and_taken_back(bring, four, registrar) -> None:
    batch = bring(*LINES, head=HEAD)
    assert "吸毒" not in str(batches.stored_plan(batch))
    confirm(batch, registrar)
    child = Child.objects.get(name="韦小山")
    assert child.note == ""
    assert child.restricted_note.text == "父吸毒，随奶奶生活"
    assert Child.objects.get(name="罗小雨").note == "爱画画"
    again = bring(*LINES, head=HEAD)
    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 2)
    batches.undo(batch, by=registrar)
    assert not RestrictedNote.objects.exists()
    assert not Child.objects.exists()


def test_73_more_is_added_to_what_is_known_and_an_undo_takes_only_that_away(bring, four, registrar) -> None:
    child = make_child("韦小山", four, birth_date=BORN)
    RestrictedNote.objects.create(child=child, text="曾被家暴")
    batch = bring(LINES[0], head=HEAD)
    confirm(batch, registrar)
    assert RestrictedNote.objects.get().text == "曾被家暴\n父吸毒，随奶奶生活"
    batches.undo(batch, by=registrar)
    assert RestrictedNote.objects.get().text == "曾被家暴"


def test_73_the_dossier_shows_it_to_those_who_handle_incidents(four, registrar, school) -> None:
    child = make_child("韦小山", four)
    RestrictedNote.objects.create(child=child, text="父吸毒")
    client = Client()
    seen = {}
    for role, at in ((Role.PRINCIPAL, school), (Role.CARE_LEAD, school), (Role.COUNSELLOR, school), (Role.REGISTRAR, school), (Role.HOMEROOM, four)):  # fmt: skip
        client.force_login(make_staff(role, at))
        seen[role] = "父吸毒" in client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    assert {role for role, there in seen.items() if there} == {Role.PRINCIPAL, Role.CARE_LEAD, Role.COUNSELLOR}


def test_34_comments_go_into_the_note_if_a_person_says_so(registrar, school, four) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["姓名", "性别", "班级", "出生日期"], ["韦小山", "女", "四（1）班", "2016-05-04"], ["罗小雨", "女", "四（1）班", "2016-06-04"]):  # fmt: skip
        sheet.append(row)
    sheet["A2"].comment = Comment("岑老师:\n已搬到镇上", "岑老师")
    sheet["B3"].comment = Comment("疑似家暴", "岑老师")
    file = io.BytesIO()
    book.save(file)
    client = Client()
    client.force_login(registrar)
    upload = SimpleUploadedFile("名册.xlsx", file.getvalue())
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": upload})
    batch = ImportBatch.objects.get()
    assert (
        "要把批注写进学生的备注吗" in client.get(reverse("children:import_columns", args=[batch.pk])).content.decode()
    )
    decide(batch, registrar, comments_to_note="yes")
    confirm(batch, registrar)
    assert Child.objects.get(name="韦小山").note == "已搬到镇上"
    assert Child.objects.get(name="罗小雨").note == ""
    assert RestrictedNote.objects.get().text == "疑似家暴"

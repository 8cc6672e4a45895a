"""A roster goes in: classes, pupils, parents, carers are there; the same file again changes nothing."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.jobs.services import sweep
from caretrack.schools.models import School, Staff
from children.importing import batches, storage, writer
from children.importing.guard import Refused
from children.importing.resource import PlanStale
from children.importing.uploads import MOST_AN_HOUR, MOST_BYTES, refuse_too_many
from children.models import CareArrangement, Child, Enrollment, FamilyMember, ImportBatch, Phone, StatusChange
from tests.support.factories import make_class, make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]
SHEETS = Path(__file__).parents[2] / "sheets"
DAY = dt.date(2026, 11, 20)


def sample(number: str) -> bytes:
    return next(SHEETS.glob(f"{number}_*.xlsx")).read_bytes()


def checked(school: School, by: Staff, number: str, **answers: str) -> ImportBatch:
    batch = batches.take_file(school=school, by=by, name=f"{number}.xlsx", content=sample(number), on=DAY)
    if answers:
        batches.answer(batch, answers=answers)
    batches.check(batch, by)
    return batch


def imported(school: School, by: Staff, number: str, **answers: str) -> ImportBatch:
    batch = checked(school, by, number, **answers)
    batches.confirm(batch, by=by, token=batches.plan_token(batch))
    batch.refresh_from_db()
    return batch


GRADES = "一二三四五六"
CLASSES = {f"class_number_missing/花名册/G/{word}年级": f"{number}-1" for number, word in enumerate(GRADES, start=1)}


def test_a_check_writes_no_child(school: School, registrar: Staff) -> None:
    batch = checked(school, registrar, "a11")
    assert batch.counts["new"] == 20
    assert not Child.objects.exists()


def test_rows_of_a_large_file_wait_in_the_database_and_arrive_as_those_of_a_small_one(
    school: School, registrar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written() -> list[list[tuple[object, ...]]]:
        columns = {
            Child: ("name", "sex", "birth_date", "id_no", "school_class", "pinyin", "version"),
            FamilyMember: ("child__name", "name", "relation", "status", "work_place"),
            Phone: ("child__name", "member__name", "number", "order"),
            Enrollment: ("child__name", "school_class", "starts_on"),
            StatusChange: ("child__name", "kind", "on", "made_by"),
        }
        return [sorted(model.objects.values_list(*names), key=repr) for model, names in columns.items()]

    batch = imported(school, registrar, "a11")
    small = written()
    batches.undo(batch, by=registrar)
    assert not Child.objects.exists()
    monkeypatch.setattr(writer, "FEW", 0)
    with CaptureQueriesContext(connection) as queries:
        imported(school, registrar, "a11")
    assert any("CREATE TEMP TABLE" in query["sql"] for query in queries)
    assert written() == small


def test_the_template_brings_pupils_parents_carers_and_phones(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    assert Child.objects.count() == 20
    child = Child.objects.get(name="石梓桐")
    assert (child.sex, child.birth_text, child.ethnic) == ("2", "2019-09-05", "01")
    assert (child.id_no, child.class_name(DAY)) == ("999999201909058423", "一（1）班")
    father = child.family.get(relation="51")
    assert (father.name, father.status, father.work_place, father.work_unit) == (
        "石成林", "away_work", "江苏苏州", "制衣厂",
    )  # fmt: skip
    assert (father.away_since, father.away_precision) == (dt.date(2025, 4, 1), "month")
    assert father.absences.get().starts_on == dt.date(2025, 4, 1)
    assert [phone.number for phone in father.phones.all()] == ["13800002120"]
    care = child.care.get()
    assert (care.carer.relation, care.carer.name, care.care_type, care.rating) == ("52", "陆彩云", "one_parent", "good")
    assert Enrollment.objects.get(child=child).starts_on == dt.date(2026, 9, 1)
    assert StatusChange.objects.get(child=child).kind == "enrol_new"


@pytest.mark.parametrize("number", ["a11", "a08"])
def test_the_same_file_again_changes_nothing(school: School, registrar: Staff, number: str) -> None:
    imported(school, registrar, number)
    again = checked(school, registrar, number)
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert again.counts["same"] == again.counts["rows"]


def test_pupils_without_a_class_number_wait_until_the_question_is_answered(school: School, registrar: Staff) -> None:
    batch = checked(school, registrar, "a06")
    assert (batch.counts["new"], batch.counts["waiting"]) == (0, 40)
    batch = imported(school, registrar, "a06", **CLASSES)
    assert batch.counts["new"] == 40
    again = checked(school, registrar, "a06")
    assert again.counts["same"] == 40, "known pupils keep their class without any question"


def test_a_whole_school_list_adds_to_what_the_township_list_brought(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a06", **CLASSES)
    before = Phone.objects.count()
    imported(school, registrar, "a08")
    assert Child.objects.count() == 88
    assert Phone.objects.count() == before + 48
    assert FamilyMember.objects.filter(child__name="卢欣静").count() == 3


def test_a_changed_row_shows_old_and_new_and_blank_never_clears(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    child = Child.objects.get(name="石梓桐")
    child.address, child.wishes = "别处", "当老师"
    child.save()
    Phone.objects.filter(child=child, number="13800002120").delete()
    batch = checked(school, registrar, "a11")
    row = next(row for row in batches.stored_plan(batch) if row["status"] == "changed")
    assert row["changes"] == [["家庭住址", "别处", "河湾村8组"], ["父亲电话（添加）", "", "13800002120"]]
    batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    child.refresh_from_db()
    assert (child.address, child.wishes) == ("河湾村8组", "当老师")


def test_a_class_change_is_a_dated_event(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    child = Child.objects.get(name="石梓桐")
    other = make_class(school, 1, 2)
    child.enrollments.update(school_class=other)
    Child.objects.filter(pk=child.pk).update(school_class=other)
    imported(school, registrar, "a11")
    old, new = child.enrollments.order_by("starts_on")
    assert (old.ends_on, new.starts_on) == (DAY - dt.timedelta(days=1), DAY)
    change = child.status_changes.get(kind="class_change")
    assert (change.before, change.after) == ("一（2）班", "一（1）班")


def test_another_carer_ends_the_old_arrangement(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    child = Child.objects.get(name="石梓桐")
    uncle = FamilyMember.objects.create(child=child, relation="81", name="石大伯")
    child.care.update(carer=uncle)
    imported(school, registrar, "a11")
    assert CareArrangement.objects.filter(child=child).count() == 2
    assert child.care.get(ends_on__isnull=True).carer.name == "陆彩云"
    assert child.status_changes.filter(kind="care_change").count() == 1


def test_a_second_press_makes_one_import(school: School, registrar: Staff) -> None:
    batch = imported(school, registrar, "a11")
    with pytest.raises(batches.AlreadyDone):
        batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    assert Child.objects.count() == 20


def test_a_plan_that_no_longer_holds_is_refused_as_a_whole(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    Child.objects.filter(name="石梓桐").update(address="别处")
    batch = checked(school, registrar, "a11")
    Child.objects.filter(name="谭燕").update(address="新地址")
    with pytest.raises(PlanStale) as refusal:
        batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    assert refusal.value.outcome.name == "谭燕"
    assert Child.objects.get(name="石梓桐").address == "别处"


def test_children_of_another_school_are_neither_matched_nor_revealed(school: School, registrar: Staff) -> None:
    other = make_school("云禾县禾阳小学")
    make_term(other)
    for grade in range(1, 7):
        make_class(other, grade, 1)
        make_class(other, grade, 2)
    there = make_staff(Role.REGISTRAR, other)
    imported(other, there, "a11")
    batch = checked(school, registrar, "a11")
    assert batch.counts["rejected"] == 20
    assert {row["child"] for row in batches.stored_plan(batch)} == {None}
    assert "禾阳" not in batch.result


def test_namesakes_with_different_numbers_are_different_children(school: School, registrar: Staff) -> None:
    Child.objects.create(name="石梓桐", school=school, birth_date=dt.date(2019, 9, 5), id_no="999999201909058511")
    batch = checked(school, registrar, "a11")
    assert batch.counts["new"] == 20


def test_a_possible_same_child_is_asked_about(school: School, registrar: Staff) -> None:
    known = Child.objects.create(name="石梓桐", school=school, birth_date=dt.date(2019, 9, 1), birth_precision="month")
    batch = checked(school, registrar, "a11")
    row = next(row for row in batches.stored_plan(batch) if row["status"] == "decide")
    assert [value for value, _ in row["choices"]] == [f"update-{known.pk}", "new", "skip"]


def test_the_file_is_sealed_and_goes_when_the_import_is_dropped(
    school: School, registrar: Staff, settings, django_capture_on_commit_callbacks
) -> None:
    batch = checked(school, registrar, "a11")
    kept = next((settings.MEDIA_ROOT / "imports").iterdir())
    assert "石梓桐".encode() not in kept.read_bytes()
    assert storage.load(batch.stored) == sample("a11")
    with django_capture_on_commit_callbacks(execute=True):
        batches.drop(batch)
    assert storage.load(batch.stored) is None


@pytest.mark.parametrize("number", ["a11", "a08"])
def test_the_number_of_statements_does_not_depend_on_the_rows(school: School, registrar: Staff, number: str) -> None:
    batch = checked(school, registrar, number)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    assert len(queries) <= 70


@pytest.mark.django_db(transaction=True)
def test_rows_are_written_without_a_savepoint(school: School, registrar: Staff) -> None:
    """Within one, SQLite goes through all pages changed so far after each row: 50,000 rows took four times as long."""
    batch = checked(school, registrar, "a11")
    with CaptureQueriesContext(connection) as queries:
        batches.confirm(batch, by=registrar, token=batches.plan_token(batch))
    statements = [query["sql"] for query in queries]
    assert Enrollment.objects.count() == 20
    assert not [sql for sql in statements if sql.startswith("SAVEPOINT")]


def test_files_and_plans_are_forgotten_after_thirty_days(school: School, registrar: Staff, monkeypatch) -> None:
    batch = imported(school, registrar, "a11")
    assert batches.forget_old() == 0
    monkeypatch.setattr(storage, "KEPT", -dt.timedelta(days=9999))  # files have the real time
    sweep()
    batch.refresh_from_db()
    assert (batch.result, batch.chunks.count(), batch.state) == ("", 0, "done")
    assert not storage.is_kept(batch.stored)
    assert Child.objects.count() == 20


def test_nothing_is_written_that_the_preview_calls_unchanged(school: School, registrar: Staff) -> None:
    imported(school, registrar, "a11")
    CareArrangement.objects.filter(child__name="石梓桐").delete()
    batch = checked(school, registrar, "a11")
    row = next(row for row in batches.stored_plan(batch) if row["status"] == "changed")
    assert row["changes"] == [["照护", "", "母亲 陆彩云，父或母，评估较好"]]


def test_one_file_too_many_within_an_hour_is_refused_with_the_time_to_come_back(
    school: School, registrar: Staff
) -> None:
    for _ in range(MOST_AN_HOUR):
        batches.take_file(school=school, by=registrar, name="a.csv", content=b"a,b\n", on=DAY)
    with pytest.raises(Refused, match=r"请在 \d\d:\d\d 以后再传"):
        batches.take_file(school=school, by=registrar, name="a.csv", content=b"a,b\n", on=DAY)
    ImportBatch.objects.update(uploaded_at=timezone.now() - dt.timedelta(minutes=61))
    assert batches.take_file(school=school, by=registrar, name="a.csv", content=b"a,b\n", on=DAY)


def test_lists_are_counted_apart_from_rosters_and_large_files_by_their_size(school: School, registrar: Staff) -> None:
    ImportBatch.objects.create(school=school, uploaded_by=registrar, kind="aid", file_name="a", file_size=MOST_BYTES)
    assert batches.take_file(school=school, by=registrar, name="a.csv", content=b"a,b\n", on=DAY), (
        "another kind of list"
    )
    with pytest.raises(Refused, match=r"合计不能超过 120 兆，请在 \d\d:\d\d 以后再传"):
        refuse_too_many(registrar, "results", 4)
    ImportBatch.objects.update(uploaded_at=timezone.now() - dt.timedelta(minutes=61))
    refuse_too_many(registrar, "results", 4)


@pytest.mark.data
def test_the_writing_says_how_far_it_is(school: School, registrar: Staff) -> None:
    batch, heard = checked(school, registrar, "a11"), []
    batches.confirm(
        batch,
        by=registrar,
        token=batches.plan_token(batch),
        writing=lambda done, total: heard.append((done, total)),
    )
    rows = batch.counts["rows"]
    assert heard[-1] == (rows, rows)


def test_a_carer_whose_relation_the_list_leaves_open_is_not_called_unrelated(school: School, registrar: Staff) -> None:
    content = "姓名,班级,监护人,监护人电话\n吴海凯,四（1）班,张学礼,13800009356\n".encode()
    batch = batches.take_file(school=school, by=registrar, name="结对.csv", content=content, on=DAY)
    batches.check(batch, registrar)
    told = {label: new for label, _, new in batches.stored_plan(batch)[0]["changes"]}
    assert told["照护"].startswith("关系未写明 张学礼")
    assert "非亲属" not in str(told)

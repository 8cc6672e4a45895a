"""Children who are in the system but not in the file: asked about, registered with the import, taken back with it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.schools.models import School
from children.importing import batches, leavers
from children.models import AbsenceSpan, Child, Enrollment, FamilyMember, ImportBatch, StatusChange
from children.services import enrol, leave_school
from mentoring.handover import change_mentor, take_back_pairing
from mentoring.models import Pairing, PeerPairing
from mentoring.peers import pair_peers
from tests.children.importing.wizard.steps import DAY
from tests.support.factories import (
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data, pytest.mark.usefixtures("import_day")]


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def pupils(school: School) -> dict[str, Child]:
    """Two in the file, three left behind who are not."""
    four = make_class(school, 4, 1)
    named = {name: make_left_behind(name, four) for name in ("韦小山", "罗小雨", "蒙小河", "石小江", "覃小湖")}
    make_child("未留守的", four)
    return named


def planned(client: Client, school: School, *names: str) -> ImportBatch:
    text = "\n".join(["姓名,性别,班级,出生日期", *(f"{name},女,四（1）班,2016-05-04" for name in names)])
    file = SimpleUploadedFile("名册.csv", text.encode())
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    return ImportBatch.objects.latest("pk")


def say(client: Client, batch: ImportBatch, said: dict[Child, str], **more: str):
    data = {f"child-{child.pk}": value for child, value in said.items()} | more
    return client.post(reverse("children:import_leavers", args=[batch.pk]), data, follow=True)


def confirm(client: Client, batch: ImportBatch):
    batch.refresh_from_db()
    address = reverse("children:import_confirm", args=[batch.pk])
    return client.post(address, {"token": batches.plan_token(batch)}, follow=True)


def state(children: dict[str, Child]) -> list[object]:
    """Everything the register's acts touch, without versions."""
    pks = [child.pk for child in children.values()]
    return [
        list(Child.objects.filter(pk__in=pks).order_by("pk").values_list("pk", "school_class")),
        list(Enrollment.objects.filter(child__in=pks).order_by("pk").values_list("pk", "ends_on")),
        list(
            FamilyMember.objects.filter(child__in=pks)
            .order_by("pk")
            .values_list("pk", "status", "away_since", "returned_on")
        ),
        list(AbsenceSpan.objects.filter(member__child__in=pks).order_by("pk").values_list("pk", "ends_on")),
        list(StatusChange.objects.filter(child__in=pks).order_by("pk").values_list("pk", "kind")),
    ]


def test_the_absent_are_listed_and_nothing_happens_by_itself(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    before = state(pupils)
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk]) + "?show=absent").content.decode()
    assert all(name in page for name in ("蒙小河", "石小江", "覃小湖"))
    assert "未留守的" not in page
    assert confirm(signed_in, batch).status_code == 200
    assert state(pupils) == before


def test_a_list_that_names_others_too_is_compared_with_the_whole_class(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    text = (
        "姓名,性别,班级,出生日期,是否留守\n韦小山,女,四（1）班,2016-05-04,是\n罗小雨,女,四（1）班,2016-05-04,非留守\n"
    )
    file = SimpleUploadedFile("名册.csv", text.encode())
    signed_in.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    batch = ImportBatch.objects.latest("pk")
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk]) + "?show=absent").content.decode()
    assert "未留守的" in page


@pytest.mark.parametrize("column, told", [("备注", True), ("是否留守", False)])
def test_a_list_that_may_mean_all_pupils_says_whom_it_was_compared_with(
    signed_in: Client, school: School, pupils: dict[str, Child], column: str, told: bool
) -> None:
    make_child("别班的", make_class(school, 5, 1))
    file = SimpleUploadedFile(
        "名册.csv", f"姓名,性别,班级,出生日期,{column}\n韦小山,女,四（1）班,2016-05-04,是".encode()
    )
    signed_in.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    address = reverse("children:import_preview", args=[ImportBatch.objects.latest("pk").pk])
    page, listed = (signed_in.get(address + show).content.decode() for show in ("", "?show=absent"))
    assert ("只核对系统里有父母外出的学生；这些班另有1名没有父母外出的学生也没写到，不核对。" in page) is told
    assert ("另有 1 名没有父母外出的学生也没写在名册里，不核对" in listed) is told


def test_only_classes_of_the_school_are_said_to_be_named(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    make_class(school, 5, 1)
    lines = ["姓名,性别,班级", "韦小山,女,四（1）班", ",女,四（1）班", "罗大五,女,六（5）班"]
    file = SimpleUploadedFile("名册.csv", "\n".join(lines).encode())
    signed_in.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    page = signed_in.get(
        reverse("children:import_preview", args=[ImportBatch.objects.latest("pk").pk])
    ).content.decode()
    assert "这份名单只有四（1）班，别的班不核对。" in page


def test_rows_that_cannot_be_read_count_among_those_the_list_names(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    four = pupils["韦小山"].school_class
    for name in ("岑小月", "岑小星", "岑小云"):
        make_left_behind(name, four)
    unread = [f"{name}、{name}弟" for name in ("田小雨", "田小雪", "田小霜", "田小雾", "田小露", "田小虹")]
    whole = planned(signed_in, school, "韦小山", "罗小雨", *unread)
    assert whole.counts["rejected"] == 6
    assert "像是部分名单" not in signed_in.get(reverse("children:import_preview", args=[whole.pk])).content.decode()
    part = planned(signed_in, school, "韦小山", "罗小雨")
    assert "像是部分名单" in signed_in.get(reverse("children:import_preview", args=[part.pk])).content.decode()


def test_decisions_are_registered_with_the_import_and_taken_back_with_it(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    before = state(pupils)
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    page = say(
        signed_in,
        batch,
        {pupils["蒙小河"]: "out_transfer", pupils["石小江"]: "parent_back", pupils["覃小湖"]: "keep"},
    ).content.decode()
    assert "将为 2 名学生办理变动" in page
    assert state(pupils) == before, "nothing before the confirmation"
    preview = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "已转出 1 人、父母已返乡 1 人" in preview
    done = confirm(signed_in, batch).content.decode()
    assert "蒙小河" in done
    gone = Child.objects.get(name="蒙小河")
    assert gone.school_class is None
    assert gone.enrollments.get().ends_on == DAY
    home = Child.objects.get(name="石小江")
    assert home.school_class is not None
    assert set(home.family.filter(relation__in=("51", "52")).values_list("status", flat=True)) == {"at_home"}
    kinds = StatusChange.objects.filter(child__in=(gone, home), on=DAY).values_list("kind", "made_by__name")
    assert set(kinds) == {("out_transfer", "岑老师"), ("parent_back", "岑老师"), ("type_change", "岑老师")}
    signed_in.post(reverse("children:import_undo", args=[batch.pk]))
    assert state(pupils) == before


def test_the_rest_of_a_page_is_decided_at_once(signed_in: Client, school: School, pupils: dict[str, Child]) -> None:
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    absent = {pupils["蒙小河"]: "keep", pupils["石小江"]: "", pupils["覃小湖"]: ""}
    say(signed_in, batch, absent, rest="graduate")
    batch.refresh_from_db()
    assert [decision.value for decision in leavers.decisions(batch).values()] == ["keep", "graduate", "graduate"]


def test_who_is_in_the_file_cannot_be_sent_away(signed_in: Client, school: School, pupils: dict[str, Child]) -> None:
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    with change_by(None, "test"), pytest.raises(ValidationError):
        leavers.decide(batch, {pupils["韦小山"].pk: "out_transfer"})
    with change_by(None, "test"), pytest.raises(ValidationError):
        leavers.decide(batch, {pupils["蒙小河"].pk: "death"})


def test_who_left_meanwhile_stops_the_import_by_name(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    batch = planned(signed_in, school, "韦小山", "新来的")
    say(signed_in, batch, {pupils["蒙小河"]: "out_transfer"})
    with change_by(None, "test"):
        leave_school(child=pupils["蒙小河"], on=DAY, kind="out_transfer", by=None)
    page = confirm(signed_in, batch).content.decode()
    assert "蒙小河" in page
    assert "不在班" in page
    assert not Child.objects.filter(name="新来的").exists(), "one transaction: nothing of the import is there"


def test_whose_absence_began_that_very_day_is_left_to_the_dossier(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    with change_by(None, "test"):
        AbsenceSpan.objects.filter(member__child=pupils["石小江"]).update(starts_on=DAY)
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {pupils["石小江"]: "parent_back"})
    assert "请到学生档案里办理" in confirm(signed_in, batch).content.decode()
    batch.refresh_from_db()
    assert batch.state == "planned"


def test_a_child_edited_since_is_spared_by_the_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {pupils["蒙小河"]: "out_transfer", pupils["石小江"]: "graduate"})
    confirm(signed_in, batch)
    with change_by(None, "test"):
        Child.objects.filter(pk=pupils["蒙小河"].pk).update(note="已联系新学校")
    page = signed_in.post(reverse("children:import_undo", args=[batch.pk]), follow=True).content.decode()
    assert "蒙小河" in page
    assert Child.objects.get(name="蒙小河").school_class is None
    assert Child.objects.get(name="石小江").school_class is not None


def test_the_mentors_of_those_who_left_are_freed_and_come_back_with_the_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    gone, stays = make_pairing(pupils["蒙小河"]), make_pairing(pupils["石小江"])
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {pupils["蒙小河"]: "out_transfer", pupils["石小江"]: "keep"})
    confirm(signed_in, batch)
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.ends_on, gone.end_reason, stays.ends_on) == (DAY, "child_changed", None)
    signed_in.post(reverse("children:import_undo", args=[batch.pk]))
    gone.refresh_from_db()
    assert (gone.ends_on, gone.end_reason) == (None, "")


def test_the_choices_have_a_button_above_and_say_when_they_are_carried_out(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    address = reverse("children:import_preview", args=[batch.pk])
    page = signed_in.get(f"{address}?show=absent").content.decode()
    form = page[page.index(reverse("children:import_leavers", args=[batch.pk])) :]
    assert form.index("保存选择") < form.index("蒙小河")
    assert "到“确认导入”时才一起办理" in page
    say(signed_in, batch, {pupils["蒙小河"]: "out_transfer"})
    signed_in.get(f"{address}?show=faults")
    again = signed_in.get(f"{address}?show=absent").content.decode()
    assert 'value="out_transfer" selected' in again


def undone(client: Client, batch: ImportBatch) -> list[str]:
    """Take the import back; the names that the page says were spared."""
    page = client.post(reverse("children:import_undo", args=[batch.pk]), follow=True)
    assert page.status_code == 200
    return [child["name"] for child in page.context["spared"]]


def test_who_has_come_back_since_is_spared_by_the_undo_and_named(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    back, gone = pupils["蒙小河"], pupils["石小江"]
    four = back.school_class
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {back: "out_transfer", gone: "out_transfer"})
    confirm(signed_in, batch)
    back.refresh_from_db()
    with change_by(None, "test"):
        enrol(child=back, school_class=four, on=DAY + dt.timedelta(days=1), by=None, kind="resume")
    lines = StatusChange.objects.filter(child=back).count()
    assert undone(signed_in, batch) == ["蒙小河"]
    assert Child.objects.get(pk=back.pk).school_class == four
    assert StatusChange.objects.filter(child=back).count() == lines, "that the child left and came back stays told"
    assert Child.objects.get(pk=gone.pk).school_class == four, "the other leaver is taken back"


@pytest.mark.parametrize("mentor", ["another", "the same"])
def test_who_was_paired_again_since_is_spared_by_the_undo_and_named(
    signed_in: Client, school: School, pupils: dict[str, Child], mentor: str
) -> None:
    paired, gone = pupils["蒙小河"], pupils["石小江"]
    first, _ = make_pairing(paired), make_pairing(gone)
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {paired: "out_transfer", gone: "out_transfer"})
    confirm(signed_in, batch)
    with change_by(None, "test"):
        again = make_pairing(paired, first.mentor if mentor == "the same" else None, DAY)
    assert undone(signed_in, batch) == ["蒙小河"]
    first.refresh_from_db()
    assert (first.ends_on, again.ends_on) == (DAY, None)
    assert Child.objects.get(pk=paired.pk).school_class is None
    assert Child.objects.get(pk=gone.pk).school_class is not None


def test_a_planned_change_of_mentor_comes_back_with_the_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    child = pupils["蒙小河"]
    make_term(school)
    former, heir = make_pairing(child), make_mentor(school=school)
    monday = DAY + dt.timedelta(days=3)
    with change_by(None, "test"):
        coming = change_mentor(pairing=former, mentor=heir, on=monday, today=DAY, by=make_staff())
    before = set(Pairing.objects.filter(child=child).values_list("pk", "mentor", "starts_on", "ends_on", "replaces"))
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {child: "out_transfer"})
    confirm(signed_in, batch)
    assert list(Pairing.objects.filter(child=child).values_list("pk", "ends_on")) == [(former.pk, DAY)]
    assert undone(signed_in, batch) == []
    assert (
        set(Pairing.objects.filter(child=child).values_list("pk", "mentor", "starts_on", "ends_on", "replaces"))
        == before
    )
    with change_by(None, "test"):
        assert take_back_pairing(pairing=coming, today=DAY, by=make_staff()) == former


def test_who_helps_another_child_helps_again_after_the_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    helped, helper = pupils["韦小山"], pupils["蒙小河"]
    with change_by(None, "test"):
        pair = pair_peers(child=helped, peer=helper, kind="one_to_one", on=DAY, today=DAY)
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {helper: "out_transfer"})
    confirm(signed_in, batch)
    pair.refresh_from_db()
    assert pair.ends_on == DAY
    assert undone(signed_in, batch) == []
    pair.refresh_from_db()
    assert pair.ends_on is None


def test_a_helper_paired_again_since_is_spared_by_the_undo(
    signed_in: Client, school: School, pupils: dict[str, Child]
) -> None:
    helped, helper = pupils["韦小山"], pupils["蒙小河"]
    batch = planned(signed_in, school, "韦小山", "罗小雨")
    say(signed_in, batch, {helper: "out_transfer"})
    confirm(signed_in, batch)
    with change_by(None, "test"):
        PeerPairing.objects.create(child=helped, peer=helper, kind="one_to_one", starts_on=DAY)
    assert undone(signed_in, batch) == ["蒙小河"]


LAST_CHARACTERS = "山水云月星雨风花草木石田江河湖海"


@pytest.fixture
def large(school: School) -> list[Child]:
    """Two classes of which many children have parents away."""
    four, five = make_class(school), make_class(school, grade=5)
    return [make_left_behind(f"韦小{last}", four) for last in LAST_CHARACTERS] + [make_left_behind("罗大五", five)]


def test_a_list_of_some_asks_nothing_of_those_who_are_not_in_it(
    signed_in: Client, school: School, large: list[Child]
) -> None:
    batch = planned(signed_in, school, "韦小山", "韦小水")
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "这份名单只写了四（1）班的2名学生，像是部分名单" in page
    assert "这些班还有14名有父母外出的学生没有写到，不逐个问，不作改动" in page
    assert "请逐个选一下" not in page
    listed = signed_in.get(reverse("children:import_preview", args=[batch.pk]) + "?show=absent").content.decode()
    assert "韦小海" in listed, "who has left can still be told"
    assert "罗大五" not in listed


def test_a_list_of_one_class_says_so_and_asks_of_that_class_only(
    signed_in: Client, school: School, large: list[Child]
) -> None:
    batch = planned(signed_in, school, *(f"韦小{last}" for last in LAST_CHARACTERS[:12]))
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert "这份名单只有四（1）班，别的班不核对。" in page
    assert "名册里的班有 4 名学生没有写在名册里" in page

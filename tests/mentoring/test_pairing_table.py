"""The list of mentors with their children (L10), as schools merge, split and reverse it."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from activities.models import FollowUp
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment
from children.models import Child
from mentoring.handover import change_mentor, hand_over_due_items
from mentoring.models import Mentor, Pairing
from tests.children.tables.conftest import Desk, desk, pupils, registrar, school  # noqa: F401  fixtures
from tests.children.tables.conftest import _day as _stop_at_the_day  # noqa: F401
from tests.support.factories import (
    agree_to_outsiders,
    make_class,
    make_mentor,
    make_outsider,
    make_pairing,
    make_record,
    make_staff,
)

DAY = dt.date(2026, 11, 20)
HEAD = ["序号", "结对教师", "职务", "联系电话", "留守儿童姓名", "班级", "帮扶内容"]


@pytest.fixture
def teachers(school) -> dict[str, Any]:  # noqa: F811
    first = make_class(school, 4, 1)
    return {name: make_staff(Role.TEACHER, first, name=name) for name in ("杨老师", "马老师")}


@pytest.fixture
def lead(desk, school, pupils, teachers) -> Desk:  # noqa: F811
    return desk(make_staff(Role.CARE_LEAD, school, name="冉主任"), "pairings")


def pairs() -> set[tuple[str, str, str]]:
    rows = Pairing.objects.filter(ends_on__isnull=True).values_list("mentor__name", "child__name", "role")
    return set(rows)


@pytest.mark.data
def test_merged_mentors_and_several_children_in_one_cell(lead: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["留守儿童与结对教师名册"])
    sheet.append(HEAD)
    sheet.append([1, "杨老师", "班主任", 13800000007, "李小兰", "四1", "学习、心理"])
    sheet.append([None, None, None, None, "韦小禾", "四2", "生活"])
    sheet.append([2, "马老师", "", "", "张伟", "四2", ""])
    for column in "ABCD":
        sheet.merge_cells(f"{column}3:{column}4")
    file = io.BytesIO()
    book.save(file)
    lead.send_file(SimpleUploadedFile("结对.xlsx", file.getvalue()))
    assert lead.counts() == (3, 0, 0, 0)
    lead.confirm()
    assert pairs() == {
        ("杨老师", "李小兰", "acting_parent"),
        ("杨老师", "韦小禾", "acting_parent"),
        ("马老师", "张伟", "acting_parent"),
    }
    assert Mentor.objects.count() == 2
    lead.send_file(SimpleUploadedFile("结对.xlsx", file.getvalue()))
    assert lead.counts() == (0, 0, 3, 0)


def test_children_in_one_cell_are_paired_one_by_one(lead: Desk) -> None:
    lead.check(HEAD, [1, "杨老师", "", "", "李小兰、韦小禾", "四1、四2", ""])
    assert lead.counts() == (2, 0, 0, 0)
    lead.confirm()
    assert len(pairs()) == 2


def test_a_second_teacher_helps(lead: Desk) -> None:
    lead.check(["姓名", "班级", "代理家长"], ["李小兰", "四1", "杨老师、马老师"])
    lead.confirm()
    assert pairs() == {("杨老师", "李小兰", "acting_parent"), ("马老师", "李小兰", "helper")}


@pytest.mark.parametrize(
    "mentor, children",
    [
        ("1.罗腊梅老师", "1.李小兰 2.韦小禾"),
        ("①罗腊梅", "①李小兰②韦小禾"),
        ("罗腊梅2", "李小兰1、韦小禾2"),
        ("罗腊梅13800000031", "（1）李小兰（2）韦小禾"),
    ],
)
def test_names_are_read_without_what_stands_around_them(lead: Desk, school, mentor: str, children: str) -> None:  # noqa: F811
    make_staff(Role.TEACHER, make_class(school, 4, 1), name="罗腊梅")
    lead.check(HEAD, [1, mentor, "", "", children, "四1、四2", ""])
    assert lead.counts() == (2, 0, 0, 0)
    lead.confirm()
    assert pairs() == {("罗腊梅", "李小兰", "acting_parent"), ("罗腊梅", "韦小禾", "acting_parent")}


@pytest.mark.data
def test_a_child_with_another_mentor_is_named_or_changed_over_and_given_back(lead: Desk, school, pupils) -> None:  # noqa: F811
    before = make_pairing(pupils["lan"], make_mentor(make_staff(Role.TEACHER, make_class(school, 4, 2), name="旧老师")))
    row = [1, "杨老师", "", "", "李小兰", "四1", ""]
    lead.check(HEAD, row)
    assert any("李小兰已有代理家长旧老师" in fault for fault in lead.faults())
    lead.check(HEAD, row, replace="replace")
    assert lead.counts() == (1, 0, 0, 0)
    lead.confirm()
    assert pairs() == {("杨老师", "李小兰", "acting_parent")}
    before.refresh_from_db()
    assert (before.ends_on, before.end_reason) == (DAY - dt.timedelta(days=1), "replaced")
    lead.act("undo")
    assert pairs() == {("旧老师", "李小兰", "acting_parent")}
    assert not Mentor.objects.filter(name="杨老师").exists()


class TestWhatIsOpen:
    """Whose follow-ups are open when the list names another 代理家长."""

    @pytest.fixture
    def item(self, pupils, school) -> FollowUp:  # noqa: F811
        old = make_mentor(make_staff(Role.TEACHER, make_class(school, 4, 2), name="旧老师"))
        make_pairing(pupils["lan"], old)
        return FollowUp.objects.create(child=pupils["lan"], what="给奶奶打电话", due_on=DAY, owner=old.staff)

    @pytest.mark.data
    def test_it_goes_to_the_new_one(self, lead: Desk, item, teachers) -> None:
        lead.check(HEAD, [1, "杨老师", "", "", "李小兰", "四1", ""], replace="replace")
        lead.confirm()
        hand_over_due_items(DAY)
        item.refresh_from_db()
        assert item.owner == teachers["杨老师"]

    def test_somebody_without_account_cannot_take_it(self, lead: Desk, item, pupils, school) -> None:  # noqa: F811
        make_outsider(school, "韦爷爷")
        agree_to_outsiders(pupils["lan"])
        lead.check(HEAD, [1, "韦爷爷", "", "", "李小兰", "四1", ""], replace="replace")
        assert lead.counts() == (0, 0, 0, 1)
        assert any("旧老师还有没有办结的跟进事项，韦爷爷没有账号" in fault for fault in lead.faults())


def test_a_mentor_who_is_gone_gives_way_without_being_asked(lead: Desk, school, pupils) -> None:  # noqa: F811
    old = make_mentor(make_staff(Role.TEACHER, make_class(school, 4, 2), name="旧老师"))
    before = make_pairing(pupils["lan"], old)
    old.staff.appointments.update(ends_on=DAY - dt.timedelta(days=1))
    lead.check(HEAD, [1, "杨老师", "", "", "李小兰", "四1", ""])
    lead.confirm()
    before.refresh_from_db()
    assert before.end_reason == "mentor_left"
    assert pairs() == {("杨老师", "李小兰", "acting_parent")}


def test_a_mentor_without_a_recent_check_is_refused(lead: Desk, teachers) -> None:
    teachers["杨老师"].background_checked_on = dt.date(2025, 1, 1)
    teachers["杨老师"].save()
    lead.check(HEAD, [1, "杨老师", "", "", "李小兰", "四1", ""])
    assert any("没有最近12个月内的从业查询" in fault for fault in lead.faults())


def test_a_mentor_from_outside_needs_the_consent_of_the_family(lead: Desk, school, pupils) -> None:  # noqa: F811
    make_outsider(school, "韦爷爷")
    agree_to_outsiders(pupils["lan"])
    lead.check(HEAD, [1, "韦爷爷", "", "", "李小兰、韦小禾", "四1、四2", ""])
    assert lead.counts() == (1, 0, 0, 1)
    assert any("要先取得监护人同意" in fault for fault in lead.faults())
    lead.confirm()
    assert pairs() == {("韦爷爷", "李小兰", "acting_parent")}


def test_somebody_unknown_is_named_or_entered_from_outside(lead: Desk, pupils) -> None:  # noqa: F811
    agree_to_outsiders(pupils["lan"])
    head = [*HEAD, "从业查询日期", "本人同意日期"]
    row = [1, "石爷爷", "村委会", "13800000041", "李小兰", "四1", "", "2026-09-01"]
    lead.check(head, [*row, "2026-09-02"])
    assert any("代理家长名单和本校教职工里没有“石爷爷”" in fault for fault in lead.faults())
    lead.check(head, [*row, ""], kind="five_elders")
    assert any("要写明本人同意担任代理家长的日期" in fault for fault in lead.faults())
    lead.check(head, [*row, "2026-09-02"], kind="five_elders")
    lead.confirm()
    mentor = Mentor.objects.get()
    assert (mentor.kind, mentor.phone, mentor.unit) == ("five_elders", "13800000041", "村委会")
    assert mentor.consented_on == dt.date(2026, 9, 2)
    assert pairs() == {("石爷爷", "李小兰", "acting_parent")}


def test_two_mentors_for_one_child_in_one_file(lead: Desk) -> None:
    lead.check(HEAD, [1, "杨老师", "", "", "李小兰", "四1", ""], [2, "马老师", "", "", "李小兰", "四1", ""])
    assert lead.counts() == (1, 0, 0, 1)
    assert any("在这份名册里已结对杨老师" in fault for fault in lead.faults())


def test_too_many_children_are_told(lead: Desk, school, pupils) -> None:  # noqa: F811
    school.mentor_soft_limit = 1
    school.save()
    lead.check(HEAD, [1, "杨老师", "", "", "李小兰、韦小禾", "四1、四2", ""])
    assert any("杨老师导入后带 2 名学生，建议不超过 1 名" in fault for fault in lead.faults())


def test_only_leads_import_pairings(desk, registrar, school) -> None:  # noqa: F811
    assert desk(registrar, "pairings").send(HEAD).status_code == 403
    assert Child.objects.count() == 0


@pytest.mark.data
def test_an_undo_spares_a_pairing_in_which_the_mentor_has_written(lead: Desk, pupils, teachers) -> None:  # noqa: F811
    lead.check(["姓名", "班级", "代理家长"], ["李小兰", "四1", "杨老师"], ["韦小禾", "四2", "马老师"])
    lead.confirm()
    make_record(pupils["lan"], teachers["杨老师"], on=DAY)
    page = lead.act("undo").content.decode()
    assert pairs() == {("杨老师", "李小兰", "acting_parent")}
    assert "李小兰" in page


def test_the_days_of_check_and_consent_may_be_said_once_for_the_whole_list(lead: Desk, pupils) -> None:  # noqa: F811
    agree_to_outsiders(pupils["lan"])
    rows = (["姓名", "班级", "代理家长"], ["李小兰", "四1", "黄大山"])
    lead.check(*rows, kind="cadre", consented_on="2026-09-01")
    assert lead.counts() == (0, 0, 0, 1)
    lead.check(*rows, kind="cadre", checked_on="2026-09-01", consented_on="2026-09-01")
    lead.confirm()
    assert pairs() == {("黄大山", "李小兰", "acting_parent")}


@pytest.mark.data
@pytest.mark.parametrize("options", [{}, {"replace": "replace"}])
def test_while_a_change_is_planned_the_same_list_changes_nothing(lead: Desk, pupils, teachers, options) -> None:  # noqa: F811
    now, later = (make_mentor(teachers[name]) for name in ("杨老师", "马老师"))
    pairing = make_pairing(pupils["lan"], now)
    change_mentor(pairing=pairing, mentor=later, on=DAY + dt.timedelta(days=3), today=DAY, by=make_staff())
    before = set(Pairing.objects.values_list("pk", "mentor", "ends_on", "version"))
    for name in ("杨老师", "马老师"):
        lead.check(["姓名", "班级", "代理家长"], ["李小兰", "四1", name], **options)
        assert lead.counts() == (0, 0, 1, 0)
    lead.check(["姓名", "班级", "代理家长"], ["李小兰", "四1", "冉主任"], **options, checked_on="2026-09-01")
    assert any("已定好从2026年11月23日起由马老师带" in fault for fault in lead.faults())
    assert set(Pairing.objects.values_list("pk", "mentor", "ends_on", "version")) == before


@pytest.mark.data
def test_a_teacher_whose_post_has_ended_is_refused(lead: Desk, teachers) -> None:
    make_mentor(teachers["杨老师"])
    Appointment.objects.filter(staff=teachers["杨老师"]).update(ends_on=DAY - dt.timedelta(days=1))
    lead.check(["姓名", "班级", "代理家长"], ["李小兰", "四1", "杨老师"])
    assert any("杨老师已经离岗" in fault for fault in lead.faults())

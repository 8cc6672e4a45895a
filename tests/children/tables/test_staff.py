"""Accounts and posts from the school's list of staff, and the slips that go with them."""

import datetime as dt
import io
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, Staff
from caretrack.schools.services import SLIP_ALPHABET, SLIP_LENGTH
from children.tables.slips import ISSUED
from tests.children.tables.conftest import DAY, Desk
from tests.support.factories import make_class, make_school, make_staff

HEAD = ["序号", "姓名", "性别", "手机号", "岗位", "职务", "任教班级", "从业查询日期"]
MA = [1, "马春兰", "女", 13800000031, "班主任", "语文教师", "四（1）班", "2026-08-20"]
QIN = [2, "覃老师", "", "", "任课教师、德育主任", "", "四1、四2", ""]


@pytest.fixture
def admin(school) -> Staff:
    make_class(school, 4, 1)
    make_class(school, 4, 2)
    return make_staff(Role.SYSADMIN, school, name="王老师")


@pytest.fixture
def clerk(desk, admin) -> Desk:
    return desk(admin, "staff")


def posts(name: str) -> set[tuple[str, str]]:
    held = Appointment.objects.filter(staff__name=name).select_related("school_class__school")
    return {(post.role, post.school_class.name_on(DAY) if post.school_class else "") for post in held}


@pytest.mark.data
def test_accounts_get_names_from_pinyin_posts_and_no_password(clerk: Desk) -> None:
    clerk.check(HEAD, MA, QIN)
    assert clerk.counts() == (2, 0, 0, 0)
    assert "四（1）班班主任" in clerk.page("preview", "?show=new").content.decode()
    assert Staff.objects.count() == 1, "nothing is written before the confirmation"
    clerk.confirm()
    ma = Staff.objects.get(name="马春兰")
    assert (ma.username, ma.phone, ma.sex, ma.title) == ("machunlan", "13800000031", "2", "语文教师")
    assert ma.background_checked_on == dt.date(2026, 8, 20)
    assert ma.must_change_password
    assert not ma.has_usable_password()
    assert posts("马春兰") == {("homeroom", "四（1）班")}
    assert posts("覃老师") == {("teacher", "四（1）班"), ("teacher", "四（2）班"), ("care_lead", "")}
    clerk.check(HEAD, MA, QIN)
    assert clerk.counts() == (0, 0, 2, 0)


@pytest.mark.parametrize("cell", ["1.马春兰", "①马春兰", "马春兰2", "马春兰①", "马春兰 13800000031", "马春兰（支教）"])
def test_a_name_is_the_name_alone(clerk: Desk, cell: str) -> None:
    clerk.check(HEAD, [1, cell, *MA[2:]])
    assert not any("学生" in fault for fault in clerk.faults())
    clerk.confirm()
    assert Staff.objects.filter(name="马春兰", username="machunlan", phone="13800000031").exists()


def test_a_phone_beside_a_name_is_taken_where_there_is_no_other(clerk: Desk) -> None:
    clerk.check(HEAD, [1, "马春兰13800000031", "女", "", *MA[4:]])
    assert any("姓名旁边的号码 13800000031 已记作电话" in fault for fault in clerk.faults())
    clerk.confirm()
    assert Staff.objects.get(name="马春兰").phone == "13800000031"


def test_one_phone_of_two_people_and_two_phones_of_one_are_told(clerk: Desk) -> None:
    clerk.check(HEAD, MA, [2, "覃老师", "", "13800000031 / 0859-0000005", *QIN[4:]])
    faults = clerk.faults()
    assert any("第3行 D列 马春兰登记的也是这个号码" in fault for fault in faults)
    assert any("第3行 D列 写了 2 个号码，只登记第一个 13800000031" in fault for fault in faults)
    assert not any("已分开保存" in fault for fault in faults)


def test_namesakes_told_apart_by_a_number_are_two_people(clerk: Desk) -> None:
    clerk.check(HEAD, [1, "覃老师1", *QIN[2:]], [2, "覃老师2", "", "", "心理教师", "", "", ""])
    assert clerk.counts() == (1, 0, 0, 1)
    assert any("第3行 D列 与第2行同名，姓名后面有区分记号" in fault for fault in clerk.faults())


def test_a_new_post_of_somebody_known_is_a_change_and_ends_nothing(clerk: Desk) -> None:
    clerk.check(HEAD, MA)
    clerk.confirm()
    clerk.check(HEAD, [*MA[:4], "心理教师", "", "", ""])
    assert clerk.counts() == (0, 1, 0, 0)
    clerk.confirm()
    assert posts("马春兰") == {("homeroom", "四（1）班"), ("counsellor", "")}
    assert Staff.objects.get(name="马春兰").title == "语文教师"


@pytest.mark.parametrize(
    "change, words",
    [
        ({1: ""}, "第2行 B列 没有写姓名"),
        ({3: 1380000003}, "第2行 D列 手机号有 10 位"),
        ({4: "宇航员"}, "第2行 E列 没有“宇航员”这个岗位"),
        ({6: ""}, "第2行 G列 班主任要写班级"),
        ({6: "九（9）班"}, "第2行 G列 学校没有“九（9）班”这个班"),
        ({4: "班主任、任课教师", 6: "四1、四2"}, "第2行 G列 既是班主任又是任课教师"),
    ],
)
def test_a_fault_names_its_cell_and_what_to_do(clerk: Desk, change: dict[int, Any], words: str) -> None:
    clerk.check(HEAD, [change.get(place, value) for place, value in enumerate(MA)])
    assert clerk.counts() == (0, 0, 0, 1)
    assert any(fault.startswith(words) for fault in clerk.faults()), clerk.faults()


@pytest.mark.parametrize(
    "username, words",
    [
        ("13800000031", "不要用手机号"),
        ("ma chunlan!", "不能用的字符"),
        ("wang", "是王老师的账号"),
        ("faraway", "已被别的学校使用"),
    ],
)
def test_log_in_names_that_cannot_be(clerk: Desk, admin: Staff, username: str, words: str) -> None:
    Staff.objects.filter(pk=admin.pk).update(username="wang")
    make_staff(Role.PRINCIPAL, make_school("石门村小学"), name="远", username="faraway")
    clerk.check([*HEAD, "登录名"], [*MA, username])
    assert any(words in fault for fault in clerk.faults()), clerk.faults()


def test_namesakes_are_asked_about(clerk: Desk, school) -> None:
    known = make_staff(Role.COUNSELLOR, school, name="马春兰", username="machunlan", phone="13900000001")
    clerk.check(HEAD, MA)
    assert clerk.counts() == (0, 0, 0, 1)
    assert "马春兰（登录名 machunlan，13900000001，心理教师）" in clerk.page("preview").content.decode()
    clerk.act("answer", {"q0": "new"})
    assert clerk.counts() == (1, 0, 0, 0)
    assert "machunlan2" in clerk.page("preview", "?show=new").content.decode()
    clerk.act("undo")
    clerk.check(HEAD, MA)
    clerk.act("answer", {"q0": str(known.pk)})
    assert clerk.counts() == (0, 1, 0, 0)


def test_a_title_that_is_a_post_appoints_and_another_only_stays_a_title(clerk: Desk) -> None:
    clerk.check(["姓名", "职务"], ["岑校长", "校长"], ["石老师", "炊事员"])
    clerk.confirm()
    assert posts("岑校长") == {("principal", "")}
    assert posts("石老师") == set()
    assert Staff.objects.get(name="石老师").title == "炊事员"


def test_nobody_appoints_oneself(clerk: Desk, admin: Staff) -> None:
    clerk.check(["姓名", "岗位"], [admin.name, "校长"])
    assert any("不能给自己任命岗位" in fault for fault in clerk.faults())


def test_a_class_that_has_a_class_teacher_is_told(clerk: Desk, school) -> None:
    make_staff(Role.HOMEROOM, make_class(school, 4, 1), name="前任")
    clerk.check(HEAD, MA)
    assert any("四（1）班已有班主任前任" in fault for fault in clerk.faults())
    assert clerk.counts() == (1, 0, 0, 0)


def slips_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/pdf", answer.content.decode()[:500]
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


@pytest.mark.data
def test_slips_are_printed_once_log_in_and_the_code_is_nowhere_else(clerk: Desk, client) -> None:
    clerk.check(HEAD, MA, QIN)
    done = clerk.confirm().content.decode()
    assert "打印 2 张登录条" in done
    text = slips_of(clerk.client.post(clerk.address("slips")))
    assert "马春兰 首次登录条" in text
    assert "machunlan" in text
    words = [word for word in text.split() if len(word) == SLIP_LENGTH and set(word) <= set(SLIP_ALPHABET)]
    assert len(words) == 2
    ma = Staff.objects.get(name="马春兰")
    code = next(word for word in words if ma.check_password(word))
    assert client.login(username="machunlan", password=code)
    batch = clerk.last
    kept = [batch.result, str(batch.answers), str(batch.counts), *(c.plan + c.written for c in batch.chunks.all())]
    assert not any(code in text for text in kept)
    assert ISSUED in batch.answers
    again = clerk.act("slips").content.decode()
    assert "登录条已经出过" in again
    assert "打印 2 张登录条" not in again


@pytest.mark.data
def test_accounts_with_slips_can_be_taken_back_until_somebody_uses_them(clerk: Desk) -> None:
    clerk.check(HEAD, MA, QIN)
    clerk.confirm()
    clerk.client.post(clerk.address("slips"))
    used = Staff.objects.get(name="覃老师")
    used.set_password("蓝天下的操场2026")
    used.must_change_password = False
    used.save()
    assert "覃老师" in clerk.act("undo").content.decode()
    assert not Staff.objects.filter(name="马春兰").exists()
    assert posts("覃老师") == {("teacher", "四（1）班"), ("teacher", "四（2）班"), ("care_lead", "")}


def test_only_the_importer_prints_slips_and_only_the_administrator_imports(
    clerk: Desk, desk, school, registrar
) -> None:
    clerk.check(HEAD, MA)
    clerk.confirm()
    other = desk(make_staff(Role.SYSADMIN, school, name="李管理"), "staff")
    assert "张登录条" not in other.page("done").content.decode()
    assert "登录条已经出过" in other.act("slips").content.decode()
    assert desk(registrar, "staff").page("done").status_code == 404
    assert desk(registrar, "staff").send(HEAD, MA).status_code == 403
    assert clerk.client.get(reverse("children:table_template", args=["staff"])).status_code == 200

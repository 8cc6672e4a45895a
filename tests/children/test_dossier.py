"""The dossier page: what it shows to whom, its timeline, and showing a number whole."""

from datetime import date, timedelta

import pytest
from django.test import Client

from activities.models import CareRecord, FollowUp
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import Award, Child, FamilyMember, HealthCheck, Phone, codes
from children.services import decide_support_level, leave_school
from tests.support.factories import (
    TODAY,
    appoint,
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
    make_term,
)

pytestmark = pytest.mark.django_db
NUMBER = id_number(date(2016, 5, 4), male=False)


@pytest.fixture
def child() -> Child:
    made = make_left_behind(
        id_no=NUMBER,
        student_no=f"G{NUMBER}",
        illness="轻度哮喘",
        aid_received="临时救助",
        note="备注内容",
        temper_note="爱画画",
    )
    make_term(made.school)
    return made


def dossier(client: Client, staff: Staff, child: Child, query: str = "") -> str:
    client.force_login(staff)
    response = client.get(f"/students/{child.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def homeroom(child: Child) -> Staff:
    return make_staff(Role.HOMEROOM, child.school_class, name="罗春燕")


def test_homeroom_teacher_sees_everything_with_numbers_masked(client: Client, child: Child) -> None:
    text = dossier(client, homeroom(child), child)
    for word in ("轻度哮喘", "临时救助", "备注内容", "爱画画", "王桂英", "父母双方外出", "138****1111"):
        assert word in text
    assert NUMBER not in text
    assert "13800001111" not in text


def test_the_four_definitions_stand_side_by_side(client: Client, child: Child) -> None:
    text = dossier(client, homeroom(child), child)
    for name in ("学校口径", "学籍口径", "民政口径", "教育统计口径"):
        assert name in text
    assert text.count("计入（双亲外出）") == 4


def test_what_had_to_be_assumed_is_told(client: Client, child: Child) -> None:
    child.birth_date = None
    child.save()
    assert "出生日期不详，按未满16周岁计" in dossier(client, homeroom(child), child)


def test_what_is_missing_leads_to_its_section(client: Client, child: Child) -> None:
    text = dossier(client, homeroom(child), child)
    assert "档案还缺什么" in text
    assert f"/students/{child.pk}/edit/home/#id_address" in text


def test_stranger_gets_404_and_leaves_no_view(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.get(f"/students/{child.pk}/").status_code == 404
    assert not AccessEntry.objects.filter(event=Event.VIEW).exists()


def test_sysadmin_gets_403(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.SYSADMIN, child.school))
    assert client.get(f"/students/{child.pk}/").status_code == 403


def test_post_is_refused(client: Client, child: Child) -> None:
    client.force_login(homeroom(child))
    assert client.post(f"/students/{child.pk}/").status_code == 405


def test_opening_leaves_one_line_in_the_log(client: Client, child: Child) -> None:
    staff = homeroom(child)
    dossier(client, staff, child)
    dossier(client, staff, child)
    entry = AccessEntry.objects.get(event=Event.VIEW)
    assert (entry.staff_id, entry.child_id, entry.detail) == (staff.pk, child.pk, "")


def test_mentor_sees_the_contact_card_and_own_records_only(client: Client, child: Child) -> None:
    staff = make_staff(name="杨帆")
    make_pairing(child, make_mentor(staff, child.school))
    make_record(child, homeroom(child), content="班主任谈的话")
    make_record(child, staff, content="代理家长谈的话")
    text = dossier(client, staff, child)
    for word in ("王桂英", "138****1111", "代理家长谈的话"):
        assert word in text
    for word in (
        "轻度哮喘",
        "临时救助",
        "备注内容",
        "爱画画",
        "班主任谈的话",
        "身份证号",
        "<dt>学籍号",
        ">修改<",
        "级别认定",
    ):
        assert word not in text


def test_teacher_sees_no_family(client: Client, child: Child) -> None:
    text = dossier(client, make_staff(Role.TEACHER, child.school_class), child)
    for word in ("王桂英", "138****1111", "轻度哮喘", "身份证号", "变动登记"):
        assert word not in text
    assert "记谈心" in text


def test_registrar_sees_the_dossier_without_records_and_support(client: Client, child: Child) -> None:
    make_record(child, homeroom(child), content="班主任谈的话")
    text = dossier(client, make_staff(Role.REGISTRAR, child.school), child)
    for word in ("轻度哮喘", "临时救助", "王桂英", "999***********"):
        assert word in text
    for word in ("班主任谈的话", "关爱记录</h2>", "备注内容", "帮扶级别", "记谈心"):
        assert word not in text


def test_a_post_elsewhere_gives_nothing_here(client: Client, child: Child) -> None:
    """The teacher of this class is class teacher of another: the family stays closed."""
    staff = make_staff(Role.TEACHER, child.school_class)
    appoint(staff, Role.HOMEROOM, make_class(child.school, number=2))
    text = dossier(client, staff, child)
    assert "王桂英" not in text
    assert ">修改<" not in text


def test_counselling_is_a_grey_line_for_others(client: Client, child: Child) -> None:
    counsellor = make_staff(Role.COUNSELLOR, child.school, name="农静")
    make_record(child, counsellor, kind="counselling", content="辅导里说的话", topics=("mood",))
    text = dossier(client, homeroom(child), child)
    assert "心理辅导" in text
    assert "内容由心理教师保管" in text
    assert "辅导里说的话" not in text
    assert "内容在辅导记录里" in dossier(client, counsellor, child)


def test_timeline_is_newest_first_with_the_entry_date_and_one_kind_at_will(client: Client, child: Child) -> None:
    staff = homeroom(child)
    make_record(child, staff, date(2026, 11, 2), content="较早的谈话", topics=("study",))
    make_record(child, staff, date(2026, 11, 18), "home_visit", content="较晚的家访")
    text = dossier(client, staff, child)
    assert text.index("较晚的家访") < text.index("较早的谈话")
    assert "2026年11月2日" in text
    assert "登记" in text
    only = dossier(client, staff, child, "?kind=home_visit")
    assert "较晚的家访" in only
    assert "较早的谈话" not in only


def test_timeline_has_pages(client: Client, child: Child) -> None:
    staff = homeroom(child)
    for day in range(1, 13):
        make_record(child, staff, date(2026, 11, day), content=f"第{day}天的谈话")
    text = dossier(client, staff, child)
    assert "第12天的谈话" in text
    assert "第1天的谈话" not in text
    assert "第1天的谈话" in dossier(client, staff, child, "?page=2")


def test_open_follow_ups_and_decisions_are_shown(client: Client, child: Child) -> None:
    staff = homeroom(child)
    FollowUp.objects.create(child=child, what="联系母亲", due_on=date(2026, 11, 1), owner=staff)
    decide_support_level(child=child, level="key", reason="情绪低落", on=TODAY, by=staff)
    text = dossier(client, staff, child)
    for word in ("联系母亲", "已逾期", "重点：情绪低落"):
        assert word in text


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_stay_the_same(client: Client, child: Child, rows: int, django_assert_max_num_queries) -> None:
    staff = make_staff(Role.PRINCIPAL, child.school)
    for number in range(rows):
        make_record(child, staff, content=f"第{number}次")
        member = FamilyMember.objects.create(child=child, relation=codes.Relation.OTHER_KIN, name=f"亲戚{number}")
        Phone.objects.create(child=child, member=member, number=f"1390000{number:04}")
        HealthCheck.objects.create(child=child, on=date(2026, 9, 1) + timedelta(days=number))
        Award.objects.create(child=child, title=f"奖状{number}", on=date(2026, 6, 1))
        cousin = make_child(f"同号{number}", child.school_class)
        aunt = FamilyMember.objects.create(child=cousin, relation=codes.Relation.OTHER_KIN, name="大姨")
        Phone.objects.create(child=cousin, member=aunt, number="13900000000")
    client.force_login(staff)
    with django_assert_max_num_queries(45):
        response = client.get(f"/students/{child.pk}/")
    assert "家人的电话或身份证号相同" in response.content.decode()
    assert len(response.content) <= 150_000
    assert CareRecord.objects.count() == rows


def reveal(client: Client, staff: Staff, child: Child, what: str, **headers: str):
    client.force_login(staff)
    return client.post(f"/students/{child.pk}/reveal/{what}/", headers=headers)


@pytest.mark.parametrize("what,value", [("id_no", NUMBER), ("student_no", f"G{NUMBER}")])
def test_a_number_is_shown_whole_on_demand_and_logged(client: Client, child: Child, what: str, value: str) -> None:
    response = reveal(client, homeroom(child), child, what)
    assert value in response.content.decode()
    entry = AccessEntry.objects.get(event=Event.REVEAL)
    assert (entry.child_id, entry.detail) == (child.pk, what)


def test_reveal_answers_htmx_with_a_fragment(client: Client, child: Child) -> None:
    phone = Phone.objects.get(child=child)
    response = reveal(client, homeroom(child), child, f"phone-{phone.pk}", **{"HX-Request": "true"})
    text = response.content.decode()
    assert "13800001111" in text
    assert "<html" not in text


def test_mentor_reveals_a_phone_but_no_number(client: Client, child: Child) -> None:
    staff = make_staff()
    make_pairing(child, make_mentor(staff, child.school))
    phone = Phone.objects.get(child=child)
    assert "13800001111" in reveal(client, staff, child, f"phone-{phone.pk}").content.decode()
    assert reveal(client, staff, child, "id_no").status_code == 404


def test_teacher_reveals_nothing(client: Client, child: Child) -> None:
    phone = Phone.objects.get(child=child)
    assert reveal(client, make_staff(Role.TEACHER, child.school_class), child, f"phone-{phone.pk}").status_code == 403


def test_the_phone_of_another_child_is_not_found(client: Client, child: Child) -> None:
    other = make_left_behind("安小禾")
    phone = Phone.objects.get(child=other)
    assert reveal(client, homeroom(child), child, f"phone-{phone.pk}").status_code == 404


@pytest.mark.parametrize("what", ["name", "phone-", "phone-x", "id_no-1", "member-0"])
def test_nothing_else_is_revealed(client: Client, child: Child, what: str) -> None:
    assert reveal(client, homeroom(child), child, what).status_code == 404


def test_a_get_reveals_nothing(client: Client, child: Child) -> None:
    client.force_login(homeroom(child))
    assert client.get(f"/students/{child.pk}/reveal/id_no/").status_code == 405


def test_a_child_that_left_offers_no_talk(client: Client) -> None:
    child = make_child()
    Child.objects.update(school_class=None)
    text = dossier(client, make_staff(Role.PRINCIPAL, child.school), child)
    assert "记谈心" not in text
    assert "不在班" in text


def test_a_pupil_who_left_counts_under_no_definition(client: Client, child: Child) -> None:
    staff = make_staff(Role.REGISTRAR, child.school)
    assert "计入（双亲外出）" in dossier(client, staff, child)
    leave_school(child=child, on=TODAY, kind="out_transfer", by=None)
    text = dossier(client, staff, child)
    assert text.count("不计入（不在班）") == 4
    assert "计入（双亲外出）" not in text

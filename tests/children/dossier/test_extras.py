"""What else hangs on a dossier: siblings, standing, pledges, the counsellor's note, its timeline."""

from datetime import date

import pytest
from django.test import Client

from caretrack.access.policy import Role
from caretrack.schools.models import Staff
from children.models import (
    Child,
    ChildFile,
    FamilyMember,
    MindNote,
    SafetyPledge,
    SiblingLink,
    SpecialStanding,
)
from children.siblings import household, say_sibling
from tests.children.dossier.conftest import dossier
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_staff,
)

pytestmark = pytest.mark.django_db


def test_a_shared_phone_proposes_and_a_person_says(client: Client, child: Child, homeroom: Staff) -> None:
    brother = make_left_behind("李小强", child.school_class)
    text = dossier(client, homeroom, child)
    assert "可能是兄弟姐妹" in text
    client.post(f"/students/{child.pk}/siblings/{brother.pk}/yes/")
    assert household(child, homeroom, TODAY, propose=True)[0][0].child == brother
    assert household(brother, homeroom, TODAY, propose=True)[0][0].child == child
    client.post(f"/students/{brother.pk}/siblings/{child.pk}/no/")
    assert household(child, homeroom, TODAY, propose=True) == ([], [])
    assert SiblingLink.objects.count() == 1


def test_a_sibling_out_of_sight_is_not_told(client: Client, child: Child, homeroom: Staff) -> None:
    other = make_left_behind("李小强", make_class(child.school, number=2))
    principal = make_staff(Role.PRINCIPAL, child.school)
    say_sibling(child=child, other=other, confirmed=True, by=principal, on=TODAY)
    assert "李小强" in dossier(client, principal, child)
    assert "李小强" not in dossier(client, homeroom, child)
    assert client.post(f"/students/{child.pk}/siblings/{other.pk}/yes/").status_code == 404


# 三特生, pledge, the counsellor's note


def test_standing_is_as_confidential_as_the_fact_behind_it(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    data = {"kind": "poor", "note": "低保户，父亲患病", "starts_on": "2026-09-10"}
    assert client.post(f"/students/{child.pk}/special/new/", data).status_code == 302
    client.post(f"/students/{child.pk}/special/new/", data | {"kind": "gifted", "note": "书法好"})
    again = client.post(f"/students/{child.pk}/special/new/", data)
    assert "已经登记在这一类里" in again.content.decode()
    assert "低保户，父亲患病" in dossier(client, homeroom, child)
    teacher = make_staff(Role.TEACHER, child.school_class)
    text = dossier(client, teacher, child)
    assert "书法好" in text
    assert "低保户" not in text
    listed = client.get("/students/special/").content.decode()
    assert "书法好" in listed
    assert "低保户" not in listed


def test_a_standing_ends_with_a_date(client: Client, child: Child, homeroom: Staff) -> None:
    row = SpecialStanding.objects.create(child=child, kind="poor", note="低保户", starts_on=date(2026, 9, 1))
    client.force_login(homeroom)
    data = {"kind": "poor", "note": "低保户", "starts_on": "2026-09-01", "ends_on": "2026-11-01", "opened_version": 1}
    assert client.post(f"/students/{child.pk}/special/{row.pk}/", data).status_code == 302
    assert not SpecialStanding.objects.on(TODAY).exists()


def test_a_pledge_opened_again_is_corrected(client: Client, child: Child, homeroom: Staff) -> None:
    client.force_login(homeroom)
    address = f"/students/{child.pk}/pledge/carer/"
    for opened, name in enumerate(("王桂英", "李大山")):
        data = {"signed_by": name, "signed_on": "2026-09-05", "opened_version": opened}
        assert client.post(address, data).status_code == 302
    assert SafetyPledge.objects.get(child=child).signed_by == "李大山"
    assert "李大山，2026年9月5日签" in dossier(client, homeroom, child)
    late = client.post(address, {"signed_by": "王秀英", "signed_on": "2026-09-06", "opened_version": 0})
    assert late.status_code == 409
    assert "李大山" in late.content.decode()
    assert SafetyPledge.objects.get(child=child).signed_by == "李大山"


def test_the_counsellor_s_note_is_the_counsellor_s_alone(client: Client, child: Child, homeroom: Staff) -> None:
    counsellor = make_staff(Role.COUNSELLOR, child.school)
    client.force_login(counsellor)
    assert client.post(f"/students/{child.pk}/mind/", {"text": "睡不好，想妈妈"}).status_code == 302
    assert MindNote.objects.get(child=child).text == "睡不好，想妈妈"
    assert "睡不好，想妈妈" in dossier(client, counsellor, child)
    for staff in (homeroom, make_staff(Role.PRINCIPAL, child.school)):
        text = dossier(client, staff, child)
        assert "睡不好" not in text
        assert "心理状况" not in text
        assert client.get(f"/students/{child.pk}/mind/").status_code == 403


# The timeline


def test_the_timeline_page_filters_by_kind_and_span(client: Client, child: Child, homeroom: Staff) -> None:
    SpecialStanding.objects.create(child=child, kind="gifted", note="书法好", starts_on=date(2026, 9, 20))
    client.force_login(homeroom)
    text = client.get(f"/students/{child.pk}/timeline/").content.decode()
    for words in ("登记为特长生", "父亲外出务工", "照护安排：祖辈", "新生入学"):
        assert words in text
    only = client.get(f"/students/{child.pk}/timeline/?kind=special").content.decode()
    assert "登记为特长生" in only
    assert "照护安排：祖辈" not in only
    late = client.get(f"/students/{child.pk}/timeline/?first=2026-09-19&last=2026-09-21").content.decode()
    assert "登记为特长生" in late
    assert "新生入学" not in late
    wrong = client.get(f"/students/{child.pk}/timeline/?first=2026-09-21&last=2026-09-01")
    assert "结束日期不能早于开始日期" in wrong.content.decode()


def test_a_teacher_s_timeline_holds_no_family(client: Client, child: Child) -> None:
    client.force_login(make_staff(Role.TEACHER, child.school_class))
    text = client.get(f"/students/{child.pk}/timeline/").content.decode()
    assert "建立档案" in text
    assert "外出务工" not in text
    assert "祖辈" not in text


@pytest.mark.parametrize("rows", [1, 12])
def test_the_dossier_and_its_timeline_stay_flat(
    client: Client, child: Child, rows: int, django_assert_max_num_queries
) -> None:
    staff = make_staff(Role.PRINCIPAL, child.school)
    for number in range(rows):
        ChildFile.objects.create(child=child, kind="work", title=f"作文{number}", on=TODAY)
        FamilyMember.objects.create(child=child, relation="97", name=f"亲戚{number}")
        say_sibling(
            child=child, other=make_child(f"弟弟{number}", child.school_class), confirmed=True, by=None, on=TODAY
        )
    client.force_login(staff)
    with django_assert_max_num_queries(44):
        client.get(f"/students/{child.pk}/")
    with django_assert_max_num_queries(44):
        client.get(f"/students/{child.pk}/timeline/")

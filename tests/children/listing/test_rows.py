"""The list of children: who stands on it, what it shows to whom, what it costs."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from children.models import Child, codes
from tests.children.listing.pages import LIST, names, page
from tests.support.factories import (
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db


def test_address() -> None:
    assert reverse("children:child_list") == LIST


def test_homeroom_teacher_sees_the_own_class_in_pinyin_order(client: Client) -> None:
    mine = make_class()
    other = make_class(mine.school, number=2)
    for name in ("张小川", "安小禾", "李小兰"):
        make_child(name, mine)
    make_child("龙小山", other)
    assert names(client, make_staff(Role.HOMEROOM, mine)) == ["安小禾", "李小兰", "张小川"]


def test_a_whole_page_names_the_definition(client: Client) -> None:
    school_class = make_class()
    make_left_behind(at=school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    text = client.get(f"{LIST}?away=left&definition=lb_mca").content.decode()
    assert "<h1>留守学生（民政口径）</h1>" in text
    assert "统计口径：民政口径" in text


def test_sysadmin_gets_403_with_the_reason(client: Client) -> None:
    client.force_login(make_staff(Role.SYSADMIN, make_school()))
    response = client.get(LIST)
    assert response.status_code == 403
    assert "查看学生名单" in response.content.decode()


def test_post_is_no_way_to_ask(client: Client) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    assert client.post(LIST).status_code == 405


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    school = make_school()
    text = page(client, make_staff(Role.REGISTRAR, school))
    assert "学校还没有登记学生" in text


def test_teacher_sees_no_family_and_no_level(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class)
    make_pairing(child)
    Child.objects.update(support_level=codes.SupportLevel.KEY)
    text = page(client, make_staff(Role.TEACHER, school_class))
    assert "李小兰" in text
    assert "双方" in text  # the kind of absence is identity (security requirements §2.1)
    assert "王桂英" not in text
    assert "代理家长" not in text
    assert "重点" not in text


def test_homeroom_teacher_sees_carer_mentor_level_and_last_record(client: Client) -> None:
    school_class = make_class()
    child = make_left_behind(at=school_class)
    staff = make_staff(Role.HOMEROOM, school_class)
    make_pairing(child, make_mentor(make_staff(Role.TEACHER, school_class, name="杨帆")))
    make_record(child, staff, date(2026, 11, 12))
    Child.objects.update(support_level=codes.SupportLevel.KEY)
    text = page(client, staff)
    for word in ("祖母 王桂英", "杨帆", "重点", "11月12日"):
        assert word in text


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_stay_the_same(client: Client, rows: int, django_assert_max_num_queries) -> None:
    school_class = make_class()
    staff = make_staff(Role.PRINCIPAL, school_class.school)
    for number in range(rows):
        child = make_left_behind(f"李小{number}", school_class)
        make_pairing(child)
        make_record(child, staff)
    client.force_login(staff)
    with django_assert_max_num_queries(24):
        text = client.get(f"{LIST}?away=left&definition=lb_mca").content.decode()
    assert text.count('<th scope="row">') == rows


def test_a_full_page_is_small(client: Client) -> None:
    school_class = make_class()
    for number in range(25):
        make_left_behind(f"李小{number}", school_class)
    client.force_login(make_staff(Role.PRINCIPAL, school_class.school))
    assert len(client.get(LIST).content) <= 150_000

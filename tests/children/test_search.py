"""The search box: what is typed in a school, who is found, why, and what never shows."""

from datetime import date

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.readings import LONGEST, MOST_READINGS, readings, refill
from caretrack.schools.models import Staff
from children.models import Child, Phone
from children.search import find
from tests.support.factories import (
    id_number,
    make_child,
    make_class,
    make_left_behind,
    make_school,
    make_staff,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FIND = "/students/find/"


@pytest.mark.parametrize(
    "name, typed",
    [
        ("韦小禾", "韦小禾"),
        ("韦小禾", "小禾"),
        ("韦小禾", "weixiaohe"),
        ("韦小禾", "wei xiao he"),
        ("韦小禾", "WeiXiaoHe"),
        ("韦小禾", "weixiao"),
        ("韦小禾", "wxh"),
        ("韦小禾", "wx"),
        ("韦小禾", "wxiaohe"),
        ("韦小禾", "weixh"),
        ("韦小禾", "weixiaoh"),
        ("韦小禾", "xiaohe"),
        ("韦小禾", "wei小禾"),
        ("韦小禾", "w小h"),
        ("韦小禾", "韦xh"),
        ("韦小禾", "韦xiaohe"),
        ("单小川", "shanxiaochuan"),
        ("单小川", "danxiao"),
        ("单小川", "dxc"),
        ("解小川", "xiexc"),
        ("解小川", "jiexiaochuan"),
        ("仇小川", "qiu"),
        ("仇小川", "chouxiao"),
        ("曾小川", "zeng"),
        ("曾小川", "ceng小川"),
        ("盖小川", "gexc"),
        ("盖小川", "gai"),
        ("韦长江", "weichangjiang"),
        ("韦长江", "changjiang"),
        ("韦长江", "wcj"),
        ("韦长江", "weizhangjiang"),
        ("韦长江", "zhangjiang"),
        ("韦大厦", "weidaxia"),
        ("单长生", "shanchangsheng"),
        ("单长生", "danchangsheng"),
        ("单长生", "shanzhangsheng"),
        ("单长生", "danzhangsheng"),
        ("单长生", "dzs"),
        ("单长生", "szs"),
        ("单长生", "dan长s"),
        ("单长生", "dzhang"),
        ("单长生", "zhangsheng"),
        ("王乐行", "wanglehang"),
        ("王乐行", "wangyuexing"),
        ("王乐行", "wlehang"),
        ("覃小川", "tan小川"),
        ("覃小川", "qxc"),
        ("区小川", "ou"),
        ("李安安", "li安安"),
        ("麦麦提·艾力", "maimaiti"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name: str, typed: str) -> None:
    school_class = make_class()
    make_child(name, school_class)
    make_child("罗大春", school_class)
    found = find(Child.objects.all(), make_staff(Role.HOMEROOM, school_class), typed)
    assert [hit.child.name for hit in found.hits] == [name]


@pytest.mark.parametrize("typed", ["w%", "_xh", "%", "韦_禾", "xh大", "wxhz", "weihe"])
def test_what_does_not_fit_finds_nobody(typed: str) -> None:
    school_class = make_class()
    make_child("韦小禾", school_class)
    assert find(Child.objects.all(), make_staff(Role.HOMEROOM, school_class), typed).hits == []


def test_the_surname_reading_orders_the_list() -> None:
    assert readings("单小川").pinyin == "shanxiaochuan"
    assert readings("单小川").pinyin_other == "danxiaochuan"
    assert readings("韦小禾").pinyin_other == ""
    assert readings("长小川").pinyin == "zhangxiaochuan"
    assert readings("曾长江").pinyin_other == "cengchangjiang zengzhangjiang cengzhangjiang"
    assert readings("曾长江").initials_other == "ccj zzj czj"
    assert readings("柏小川").initials_other == "bxc"


def test_the_readings_of_a_name_are_few_and_fit_their_column() -> None:
    many = readings("单长乐行")
    assert len(many.pinyin_other.split()) == MOST_READINGS - 1
    long = readings("单长" + "双" * 9)
    assert len(long.pinyin_other) <= LONGEST
    assert all(reading.endswith("shuang" * 9) for reading in long.pinyin_other.split())


@pytest.mark.data
def test_stored_names_are_read_again() -> None:
    """What the migrations do where names were read otherwise before; rows that are right keep their version."""
    school_class = make_class()
    river, plain = make_child("韦长江", school_class), make_child("韦小禾", school_class)
    teacher = make_staff(Role.HOMEROOM, school_class, name="罗长青")
    with change_by(None, "test"):
        for row, read in ((river, "weizhangjiang"), (teacher, "luozhangqing")):
            type(row).objects.filter(pk=row.pk).update(pinyin=read, version=F("version") + 1)
    before = plain.version
    refill(Child.objects.all())
    refill(Staff.objects.all())
    for row in (river, plain, teacher):
        row.refresh_from_db()
    assert (river.pinyin, river.pinyin_other, river.initials) == ("weichangjiang", "weizhangjiang", "wcj")
    assert (teacher.pinyin, plain.version) == ("luochangqing", before)


def test_a_renamed_child_is_found_by_the_new_name_only() -> None:
    school_class = make_class()
    child = make_child("韦小禾", school_class)
    with change_by(None, "更名"):
        child.name = "曾小禾"
        child.save(update_fields=["name"])
    staff = make_staff(Role.HOMEROOM, school_class)
    assert find(Child.objects.all(), staff, "wxh").hits == []
    assert len(find(Child.objects.all(), staff, "cengxiaohe").hits) == 1


def test_own_class_stands_first_then_exact_names() -> None:
    school = make_school()
    mine, other = make_class(school, number=1), make_class(school, number=2)
    make_child("安小禾", other)
    make_child("安小禾苗", mine)
    make_child("安小", other)
    lead = make_staff(Role.CARE_LEAD, school)
    assert [h.child.name for h in find(Child.objects.all(), lead, "安小").hits] == ["安小", "安小禾", "安小禾苗"]
    homeroom = make_staff(Role.HOMEROOM, mine)
    assert [h.child.name for h in find(Child.objects.all(), homeroom, "安小").hits][0] == "安小禾苗"


def _family(school_class):  # type: ignore[no-untyped-def]
    child = make_left_behind("韦小禾", at=school_class)
    with change_by(None, "测试"):
        child.village_group = "大坪组"
        child.id_no = id_number(date(2015, 3, 12))
        child.save()
        mother = child.family.get(relation="52")
        Phone.objects.create(child=child, member=mother, number="13800001234")
    return child


@pytest.mark.parametrize(
    "typed, why", [("罗春花", "母亲 罗春花"), ("大坪", "大坪组"), ("00001234", "母亲 138****1234")]
)
def test_family_finds_the_child_and_says_why(typed: str, why: str) -> None:
    school_class = make_class()
    child = _family(school_class)
    found = find(Child.objects.all(), make_staff(Role.HOMEROOM, school_class), typed)
    assert [(hit.child.pk, hit.why) for hit in found.hits] == [(child.pk, why)]


@pytest.mark.parametrize("typed", ["罗春花", "大坪", "00001234"])
def test_family_does_not_find_for_those_who_do_not_get_it(typed: str) -> None:
    school_class = make_class()
    _family(school_class)
    found = find(Child.objects.all(), make_staff(Role.TEACHER, school_class), typed)
    assert found.hits == []
    assert not found.more


def test_the_tail_of_an_id_number_is_logged_and_stays_out_of_addresses(client: Client) -> None:
    school_class = make_class()
    child = _family(school_class)
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    tail = child.id_no[-6:]
    text = client.post(FIND, {"q": tail}, headers=HTMX).content.decode()
    assert "韦小禾" in text
    assert "身份证尾号" in text
    assert AccessEntry.objects.filter(event=Event.SEARCH_ID, child_id=child.pk).count() == 1
    response = client.post(FIND, {"q": tail})
    assert response.status_code == 302
    assert tail not in response["Location"]


def test_a_tail_of_four_may_end_in_x(client: Client) -> None:
    school_class = make_class()
    child = _family(school_class)
    child.id_no = next(n for n in (id_number(date(2016, 3, 1), order) for order in range(40)) if n.endswith("X"))
    with change_by(None, "测试"):
        child.save()
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    tail = child.id_no[-4:].lower()
    assert "身份证尾号" in client.post(FIND, {"q": tail}, headers=HTMX).content.decode()
    response = client.post(FIND, {"q": tail})
    assert tail not in response["Location"]
    assert AccessEntry.objects.filter(event=Event.SEARCH_ID, child_id=child.pk).count() == 2


def test_a_wrong_tail_finds_nobody_and_no_tail_is_told_to_a_teacher() -> None:
    school_class = make_class()
    child = _family(school_class)
    registrar = make_staff(Role.REGISTRAR, school_class.school)
    wrong = ("0" if child.id_no[-6] != "0" else "1") + child.id_no[-5:]
    assert find(Child.objects.all(), registrar, wrong).numbers == []
    teacher = make_staff(Role.TEACHER, school_class)
    assert find(Child.objects.all(), teacher, child.id_no[-6:]).hits == []


def test_other_classes_do_not_show_while_typing(client: Client) -> None:
    mine = make_class()
    other = make_class(mine.school, number=2)
    make_child("韦小禾", other)
    client.force_login(make_staff(Role.HOMEROOM, mine))
    text = client.post(FIND, {"q": "wxh"}, headers=HTMX).content.decode()
    assert "韦小禾" not in text
    assert "没有找到" in text


def test_words_sent_off_lead_to_the_list(client: Client) -> None:
    client.force_login(make_staff(Role.HOMEROOM, make_class()))
    response = client.post(FIND, {"q": "wei小"})
    assert response["Location"].startswith(reverse("children:child_list") + "?q=wei")


def test_typing_costs_the_same_with_one_and_with_twelve(client: Client, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    school_class = make_class()
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    make_child("韦小禾", school_class)
    counts = []
    for _ in range(2):
        client.post(FIND, {"q": "韦小"}, headers=HTMX)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.post(FIND, {"q": "韦小"}, headers=HTMX)
        counts.append(len(seen))
        for number in range(11):
            make_child(f"韦小{'甲乙丙丁戊己庚辛壬癸子'[number]}", school_class)
    assert counts[0] == counts[1]

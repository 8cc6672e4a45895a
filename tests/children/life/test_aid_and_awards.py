"""Aid and awards: one list for many pupils, heads and occurrences and money apart."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff, Term
from children.life.figures import aid_figures, in_ten_thousands
from children.models import AidGrant, Award
from tests.support.factories import make_child, make_class, make_left_behind, make_staff, make_term

pytestmark = pytest.mark.django_db


AID_MANY = "children:aid_many"
SHARED = {"programme": "春蕾计划", "source": "妇联", "on": "2026-11-02", "each": "300", "batch": "第一批"}


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_one_grant_for_those_who_are_ticked(client: Client, four: SchoolClass, lead: Staff) -> None:
    lan, chuan, left_out = (make_child(name, four) for name in ("李小兰", "张小川", "安小禾"))
    sent = SHARED | {
        f"take_{lan.pk}": "on",
        f"take_{chuan.pk}": "on",
        f"amount_{chuan.pk}": "500",
        f"received_by_{chuan.pk}": "王桂英",
    }
    response = client.post(f"{reverse(AID_MANY)}?group={four.pk}", sent)
    assert response.status_code == 302
    assert AidGrant.objects.get(child=lan).amount == 300
    own = AidGrant.objects.get(child=chuan)
    assert (own.amount, own.received_by, own.source) == (500, "王桂英", "妇联")
    assert not AidGrant.objects.filter(child=left_out).exists()
    page = text(client, response.headers["Location"])
    assert "800" in page
    assert "0.08" in page
    assert "撤销这 2 条" in page


def test_nobody_ticked_or_nothing_given_is_refused(client: Client, four: SchoolClass, lead: Staff) -> None:
    lan = make_child("李小兰", four)
    url = f"{reverse(AID_MANY)}?group={four.pk}"
    assert "还没有勾选学生" in client.post(url, SHARED).content.decode()
    nothing = client.post(url, SHARED | {"each": "", f"take_{lan.pk}": "on"})
    assert nothing.status_code == 422
    assert "请填写每人金额或物资" in nothing.content.decode()
    assert not AidGrant.objects.exists()


def test_the_left_behind_of_all_classes_stand_in_one_grid(client: Client, four: SchoolClass, lead: Staff) -> None:
    five = make_class(four.school, 5)
    make_left_behind("李小兰", four)
    make_left_behind("石小禾", five)
    make_child("在家生", four)
    page = text(client, f"{reverse(AID_MANY)}?group=left")
    assert "李小兰" in page
    assert "石小禾" in page
    assert "在家生" not in page
    assert "四（1）班" in page
    assert "五（1）班" in page


def test_families_in_hardship_stand_in_one_grid(client: Client, four: SchoolClass, lead: Staff) -> None:
    make_child("李小兰", four, hardship=["minimum"])
    make_child("在家生", four)
    page = text(client, f"{reverse(AID_MANY)}?group=hardship")
    assert "李小兰" in page
    assert "在家生" not in page


def test_heads_occurrences_and_money(four: SchoolClass) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    for child, programme, amount in ((lan, "两免一补", "625.50"), (lan, "春蕾计划", "300"), (chuan, "春蕾计划", "300")):
        AidGrant.objects.create(child=child, programme=programme, amount=amount, on=date(2026, 10, 8))
    AidGrant.objects.create(child=chuan, programme="社会捐助", goods="棉被1床", on=date(2026, 11, 8))
    total, parts = aid_figures(AidGrant.objects.all())
    assert (total.pupils, total.occurrences, total.yuan, total.goods) == (2, 4, "1,225.50", 1)
    assert [(p.programme, p.pupils, p.occurrences) for p in parts] == [
        ("两免一补", 1, 1),
        ("春蕾计划", 2, 2),
        ("社会捐助", 1, 1),
    ]


def test_ten_thousands_are_written_with_two_places() -> None:
    assert in_ten_thousands(None) == "0.00"
    assert in_ten_thousands(aid := 12345) == "1.23", aid


def test_a_grant_of_one_needs_money_or_goods(client: Client, four: SchoolClass, lead: Staff) -> None:
    lan = make_child("李小兰", four)
    add = reverse("children:aid_add", args=[lan.pk])
    refused = client.post(add, {"programme": "春蕾计划", "on": "2026-11-02"})
    assert refused.status_code == 422
    assert "请填写金额或物资" in refused.content.decode()
    assert client.post(add, {"programme": "春蕾计划", "on": "2026-11-02", "goods": "书包1个"}).status_code == 302
    assert AidGrant.objects.get().goods == "书包1个"


@pytest.fixture
def spring(four: SchoolClass) -> Term:
    return make_term(four.school, year=2025, season=2, starts_on=date(2026, 3, 1), ends_on=date(2026, 7, 5))


@pytest.mark.data
@pytest.mark.parametrize("many", [False, True])
def test_the_term_of_a_grant_is_that_of_its_day_or_asked_about(
    client: Client, four: SchoolClass, lead: Staff, spring: Term, many: bool
) -> None:
    lan = make_child("李小兰", four)
    sent = {"programme": "春蕾计划", "on": "2026-11-02", "amount": "300", "each": "300", f"take_{lan.pk}": "on"}
    url = f"{reverse(AID_MANY)}?group={four.pk}" if many else reverse("children:aid_add", args=[lan.pk])
    asked = client.post(url, sent | {"term": spring.pk})
    assert asked.status_code == 422
    assert "发放日期在2026—2027学年第一学期。如果是补发所选学期的，请再按一次保存" in asked.content.decode()
    meant = re.search(r'name="term_meant" value="([^"]+)"', asked.content.decode())[1]
    other_day = client.post(url, sent | {"term": spring.pk, "term_meant": meant, "on": "2026-11-03"})
    assert other_day.status_code == 422, "another day is asked about anew"
    assert client.post(url, sent | {"term": spring.pk, "term_meant": meant}).status_code == 302
    assert AidGrant.objects.get().term == spring
    assert client.post(url, sent | {"on": "2026-11-04"}).status_code == 302
    assert client.post(url, sent | {"on": "2026-08-04", "batch": "暑假"}).status_code == 302
    terms = AidGrant.objects.order_by("pk").values_list("term__season", flat=True)
    assert list(terms) == [2, 1, None], "the holidays belong to no term"


def test_a_grant_of_another_term_is_corrected_without_being_asked_again(
    client: Client, four: SchoolClass, lead: Staff, spring: Term
) -> None:
    grant = AidGrant.objects.create(
        child=make_child("李小兰", four), programme="春蕾", amount=300, on=date(2026, 11, 2), term=spring
    )
    sent = {
        "programme": "春蕾",
        "on": "2026-11-02",
        "amount": "320",
        "term": spring.pk,
        "opened_version": grant.version,
    }
    assert client.post(reverse("children:aid_edit", args=[grant.child_id, grant.pk]), sent).status_code == 302
    grant.refresh_from_db()
    assert (grant.amount, grant.term) == (320, spring)


def test_the_class_teacher_sees_and_exports_the_own_class_only(client: Client, four: SchoolClass, lead: Staff) -> None:
    other = make_class(four.school, number=2)
    for name, school_class in (("李小兰", four), ("龙小山", other)):
        AidGrant.objects.create(child=make_child(name, school_class), programme="春蕾", amount=1, on=date(2026, 9, 2))
    client.force_login(make_staff(Role.HOMEROOM, four))
    page = text(client, reverse("children:aid_list"))
    assert "李小兰" in page
    assert "龙小山" not in page
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("children:aid_export")).content)).active
    assert [row[0].value for row in sheet.iter_rows()] == ["姓名", "李小兰"]


def test_mentors_get_no_aid(client: Client, four: SchoolClass) -> None:
    client.force_login(make_staff(Role.TEACHER, four))
    assert client.get(reverse("children:aid_list")).status_code == 403


def test_one_honour_for_several(client: Client, four: SchoolClass, lead: Staff) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    sent = {"title": "自强少年", "scope": "county", "on": "2026-11-12", "evidence": "县教育局文件", f"take_{lan.pk}": "on",
            f"take_{chuan.pk}": "on", f"reason_{chuan.pk}": "照顾祖母"}  # fmt: skip
    response = client.post(f"{reverse('children:awards_many')}?group={four.pk}", sent)
    assert response.status_code == 302
    assert Award.objects.get(child=lan).evidence == "县教育局文件"
    assert Award.objects.get(child=chuan).evidence == "县教育局文件；照顾祖母"
    page = text(client, reverse("children:awards_list"))
    assert "区县" in page
    assert "自强少年" in page


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("slug", ["aid", "awards"])
def test_lists_stay_flat(
    client: Client, four: SchoolClass, lead: Staff, rows: int, slug: str, django_assert_max_num_queries
) -> None:
    for number in range(rows):
        child = make_child(f"学生{number}", four)
        AidGrant.objects.create(child=child, programme="春蕾计划", amount=300, on=date(2026, 10, 8))
        Award.objects.create(child=child, title="阳光少年", scope="school", on=date(2026, 10, 8))
    with django_assert_max_num_queries(24):
        client.get(reverse(f"children:{slug}_list"))
    with django_assert_max_num_queries(18):
        client.get(f"{reverse(f'children:{slug}_many')}?group={four.pk}")

"""The roll of pairings on paper and as a workbook: what the list shows, by mentor, to be signed."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from caretrack.access.models import AccessEntry
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment
from mentoring.services import end_pairing
from tests.support.factories import make_class, make_left_behind, make_mentor, make_pairing, make_staff
from tests.support.paper import pages_of, silent_layout, text_of

pytestmark = pytest.mark.django_db
PRINT, EXPORT = "mentoring:pairing_list_print", "mentoring:pairing_list_export"


@pytest.fixture
def paired(school_class, two):
    """李小兰 with 石老师, 龙小川 with 韦老师, 吴小山 with nobody."""
    children = [make_left_behind(name, school_class) for name in ("李小兰", "龙小川", "吴小山")]
    for child, mentor in zip(children, two, strict=False):
        make_pairing(child, mentor)
    return children


def rows_of(answer) -> list[tuple]:
    sheet = load_workbook(BytesIO(answer.content)).active
    return [row for row in sheet.iter_rows(values_only=True) if row[3]]


def named(event: str) -> set[int]:
    return set(
        AccessEntry.objects.filter(event=event, page__contains="pairing_list").values_list("child_id", flat=True)
    )


def test_the_roll_is_signed_by_mentor_and_names_who_has_none(client, lead, paired) -> None:
    client.force_login(lead)
    with silent_layout():
        paper = text_of(client.get(reverse(PRINT)).content)
    for said in ("代理家长结对名册", paired[0].school.name, "应结对学生", "代理家长签名", "2026-09-01", "韦老师"):
        assert said in paper
    assert paper.index("石老师") < paper.index("李小兰") < paper.index("韦老师") < paper.index("龙小川")
    assert "还没有代理家长：吴小山（四（1）班）" in paper
    assert "留守" not in paper
    assert named("print") == {child.pk for child in paired}


def test_both_follow_the_filter_and_say_so(client, lead, paired, two) -> None:
    client.force_login(lead)
    asked = {"mentor": two[1].pk}
    drawn_anew = {"HX-Request": "true"}
    listed = client.get(reverse("mentoring:pairing_list"), asked, headers=drawn_anew).content.decode()
    assert f'{reverse(PRINT)}?mentor={two[1].pk}"' in listed
    assert f'{reverse(EXPORT)}?mentor={two[1].pk}"' in listed
    paper = text_of(client.get(reverse(PRINT), asked).content)
    assert "代理家长：韦老师" in paper
    assert "李小兰" not in paper
    head, *rows = rows_of(client.get(reverse(EXPORT), asked))
    assert head[:4] == ("代理家长", "职务", "单位", "学生")
    assert [(row[0], row[3], row[5], row[6]) for row in rows] == [("韦老师", "龙小川", "四（1）班", "2026-09-01")]
    assert named("export") == named("print") == {paired[1].pk}


def test_what_is_to_end_and_who_has_left_are_told(client, lead, paired, two) -> None:
    today = timezone.localdate()
    last = today + timedelta(days=7)
    end_pairing(pairing=paired[0].pairings.get(), on=last, reason="expired", by=lead)
    Appointment.objects.filter(staff=two[1].staff).update(ends_on=today - timedelta(days=1))
    client.force_login(lead)
    _, ending, *left = rows_of(client.get(reverse(EXPORT)))
    assert ending[7] == f"到{last.year}年{last.month}月{last.day}日为止"
    assert {(row[0], row[3], row[7]) for row in left} == {
        (None, "龙小川", "韦老师已离岗"),
        (None, "吴小山", "还没有代理家长"),
    }
    assert "龙小川（四（1）班，韦老师已离岗）" in text_of(client.get(reverse(PRINT)).content)


def test_a_class_teacher_gets_the_own_class_only(client, school_class, paired) -> None:
    make_pairing(make_left_behind("外班孩子", make_class(school_class.school, grade=5)))
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    assert "外班孩子" not in text_of(client.get(reverse(PRINT)).content)
    assert {row[3] for row in rows_of(client.get(reverse(EXPORT)))[1:]} == {"李小兰", "龙小川", "吴小山"}


def test_those_without_alone_need_no_table_to_sign(client, lead, paired) -> None:
    client.force_login(lead)
    paper = text_of(client.get(reverse(PRINT), {"missing": "on"}).content)
    assert "还没有代理家长：吴小山（四（1）班）" in paper
    assert "代理家长签名" not in paper
    assert "李小兰" not in paper


def test_where_nobody_is_listed_there_is_nothing_to_print(client, lead, paired) -> None:
    client.force_login(lead)
    asked = {"q": "无此人"}
    assert "打印名册" not in client.get(reverse("mentoring:pairing_list"), asked).content.decode()
    for name in (PRINT, EXPORT):
        assert "没有符合条件的学生" in client.get(reverse(name), asked, follow=True).content.decode()
    assert "没有符合条件的学生" in client.get(reverse(PRINT), {"mentor": "x"}, follow=True).content.decode()


def test_a_roll_of_two_sheets_repeats_its_head(client, lead, school_class, two) -> None:
    for number in range(60):
        make_pairing(make_left_behind(f"学生{number}", school_class), two[number % 2])
    client.force_login(lead)
    pages = pages_of(client.get(reverse(PRINT)).content)
    assert len(pages) > 1
    assert "代理家长签名" in pages[1]


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("name", [PRINT, EXPORT])
def test_statements_stay_flat(client, lead, school_class, name, rows, django_assert_max_num_queries) -> None:
    for number in range(rows):
        make_pairing(make_left_behind(f"学生{number}", school_class), make_mentor(school=school_class.school))
        make_left_behind(f"候补{number}", school_class)
    client.force_login(lead)
    with django_assert_max_num_queries(14):
        client.get(reverse(name))

"""Boarders: one bed each, who answers for them, how the term went, the paper by room."""

import io
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff, Term
from children.life.boarding import bed_gaps, beds_of, boarders, boarding_figures, split_bed
from children.models import BoardingTerm, Child
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_mentor, make_staff, make_term
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
LIST = "children:boarding_list"


@pytest.fixture
def four() -> SchoolClass:
    return make_class()


@pytest.fixture
def term(four: SchoolClass) -> Term:
    return make_term(four.school)


@pytest.fixture
def teacher(client: Client, four: SchoolClass, term: Term) -> Staff:
    staff = make_staff(Role.HOMEROOM, four, name="田老师")
    client.force_login(staff)
    return staff


def boarder(name: str, four: SchoolClass, bed: str = "", **kw: object) -> Child:
    return make_child(name, four, boarding="2", dorm_bed=bed, **kw)


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "written, parted",
    [
        ("女生楼201-3", ("女生楼201", "3")),
        ("301室2床", ("301室", "2床")),
        ("３栋105 4号床", ("3栋105", "4号床")),
        ("201", ("201", "")),
        ("", ("", "")),
    ],
)
def test_a_bed_is_parted_into_room_and_bed(written: str, parted: tuple[str, str]) -> None:
    assert split_bed(written) == parted


def test_beds_of_a_class_are_given_in_one_press(client: Client, four: SchoolClass, term: Term, teacher: Staff) -> None:
    lan, chuan = boarder("李小兰", four), boarder("张小川", four, "201-2")
    make_child("走读生", four, boarding="1")
    url = f"{reverse('children:boarding_many')}?group={four.pk}"
    page = text(client, url)
    assert "走读生" not in page
    assert 'value="201-2"' in page, "what the roster said stands in the cell"
    sent = {"keeper": teacher.pk, f"bed_{lan.pk}": "201 -1", f"bed_{chuan.pk}": "201-2", f"rating_{lan.pk}": "good",
            f"comment_{lan.pk}": "内务整齐"}  # fmt: skip
    assert client.post(url, sent).status_code == 302
    lan.refresh_from_db()
    assert lan.dorm_bed == "201-1"
    stay = BoardingTerm.objects.get(child=lan)
    assert (stay.term, stay.keeper, stay.rating, stay.bed) == (term, teacher, "good", "201-1")
    listed = text(client, reverse(LIST))
    assert "田老师" in listed
    assert "内务整齐" in listed


def test_two_in_one_bed_are_refused_in_the_grid(client: Client, four: SchoolClass, term: Term, teacher: Staff) -> None:
    lan, an = boarder("李小兰", four), boarder("安小禾", four)
    url = f"{reverse('children:boarding_many')}?group={four.pk}"
    response = client.post(url, {f"bed_{lan.pk}": "201-1", f"bed_{an.pk}": "201－1"})
    assert response.status_code == 422
    assert "一床一人" in response.content.decode()
    assert not BoardingTerm.objects.exists()


def test_gaps_and_clashes_are_counted_and_found(client: Client, four: SchoolClass, term: Term, teacher: Staff) -> None:
    boarder("没床位", four)
    boarder("甲同学", four, "201-1")
    boarder("乙同学", make_class(four.school, number=2), "201-1")
    boarder("男同学", four, "201-1", sex="1")
    figures = boarding_figures(boarders(Child.objects.all(), term, TODAY), term)
    assert (figures.pupils, figures.no_bed, figures.clashes, figures.no_keeper) == (4, 1, 2, 4)
    assert bed_gaps(beds_of(Child.objects.all())) == (1, 2)
    assert bed_gaps(beds_of(Child.objects.filter(school_class=four))) == (1, 1), (
        "the other pupil of the bed is in another class"
    )
    assert bed_gaps(beds_of(Child.objects.filter(name="没床位"))) == (1, 0)
    page = text(client, f"{reverse(LIST)}?gap=clash")
    assert "甲同学" in page
    assert "男同学" not in page, "boys and girls live in different houses"
    assert "乙同学" not in page, "another class is out of sight"


def test_one_boarder_is_written_up_and_a_day_pupil_refused(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan, day = boarder("李小兰", four, "201-1"), make_child("走读生", four, boarding="1")
    add = reverse("children:boarding_add", args=[lan.pk])
    assert (
        client.post(add, {"bed": "202-1", "keeper": teacher.pk, "rating": "fair", "comment": "好"}).status_code == 302
    )
    lan.refresh_from_db()
    assert lan.dorm_bed == "202-1"
    stay = BoardingTerm.objects.get()
    assert stay.since is None
    edit = reverse("children:boarding_edit", args=[lan.pk, stay.pk])
    sent = {"bed": "203-1", "keeper": "", "rating": "good", "comment": "", "opened_version": str(stay.version)}
    assert client.post(edit, sent).status_code == 302
    lan.refresh_from_db()
    assert lan.dorm_bed == "203-1"
    refused = client.post(reverse("children:boarding_add", args=[day.pk]), {"bed": "1-1"})
    assert refused.status_code == 422
    assert "不是住校" in refused.content.decode()


def test_the_day_of_moving_in_is_written_shown_and_exported(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan = boarder("李小兰", four, "201-1")
    add = reverse("children:boarding_add", args=[lan.pk])
    late = client.post(add, {"bed": "201-1", "since": "2099-01-01"})
    assert late.status_code == 422
    assert "2099-01-01" in late.content.decode(), "what was typed stays"
    assert client.post(add, {"bed": "201-1", "since": "2025-09-01"}).status_code == 302
    assert BoardingTerm.objects.get().since == date(2025, 9, 1)
    assert "2025年9月1日" in text(client, reverse(LIST))
    assert "2025年9月1日入住" in text(client, reverse("children:child_show", args=[lan.pk]))
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("children:boarding_export")).getvalue())).active
    head, row = [cells for cells in book.iter_rows(values_only=True) if "李小兰" in cells or "入住日期" in cells]
    assert row[head.index("入住日期")] == "2025-09-01"


def test_a_keeper_without_a_post_is_offered_and_one_who_has_left_stays(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan = boarder("李小兰", four, "201-1")
    gone, matron = make_staff(Role.CARE_LEAD, four.school, name="去年老师"), make_staff(name="宿管阿姨")
    gone.appointments.update(starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 31))
    make_mentor(matron, four.school)
    stay = BoardingTerm.objects.create(child=lan, term=term, bed="201-1", keeper=gone)
    edit = reverse("children:boarding_edit", args=[lan.pk, stay.pk])
    assert f'<option value="{gone.pk}" selected>' in text(client, edit)
    sent = {"bed": "201-2", "keeper": gone.pk, "opened_version": str(stay.version)}
    assert client.post(edit, sent).status_code == 302
    stay.refresh_from_db()
    assert (stay.bed, stay.keeper) == ("201-2", gone)
    sent = {"bed": "201-2", "keeper": matron.pk, "opened_version": str(stay.version)}
    assert client.post(edit, sent).status_code == 302
    stay.refresh_from_db()
    assert stay.keeper == matron
    assert "去年老师" not in text(client, edit)


def test_an_earlier_term_keeps_its_beds(client: Client, four: SchoolClass, term: Term, teacher: Staff) -> None:
    before = make_term(four.school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
    lan = boarder("李小兰", four, "202-1")
    BoardingTerm.objects.create(child=lan, term=before, bed="101-5")
    assert "101-5" in text(client, f"{reverse(LIST)}?term={before.pk}")
    assert "202-1" in text(client, reverse(LIST))


def test_registrar_gives_beds_and_reads_no_evaluation(client: Client, four: SchoolClass, term: Term) -> None:
    lan = boarder("李小兰", four, "201-1")
    BoardingTerm.objects.create(child=lan, term=term, bed="201-1", comment="想家爱哭")
    client.force_login(make_staff(Role.REGISTRAR, four.school))
    assert "想家爱哭" not in text(client, reverse(LIST))
    grid = text(client, f"{reverse('children:boarding_many')}?group={four.pk}")
    assert "学期评语" not in grid
    assert "想家爱哭" not in grid


def test_the_paper_goes_by_room_with_phones(client: Client, four: SchoolClass, term: Term, teacher: Staff) -> None:
    lan = make_left_behind("李小兰", four)
    Child.objects.filter(pk=lan.pk).update(boarding="2", dorm_bed="女生楼201-3")
    response = client.get(reverse("children:boarding_print"))
    words = text_of(response.content).replace("\n", "")
    for word in ("寄宿学生名册", "女生楼201", "李小兰", "13800001111", "王桂英"):
        assert word in words


@pytest.mark.parametrize("rows", [1, 12])
def test_pages_stay_flat(
    client: Client, four: SchoolClass, term: Term, teacher: Staff, rows: int, django_assert_max_num_queries
) -> None:
    for number in range(rows):
        lan = boarder(f"学生{number}", four, f"20{number}-1")
        BoardingTerm.objects.create(child=lan, term=term, bed=lan.dorm_bed, keeper=teacher)
    for url in (reverse(LIST), f"{reverse('children:boarding_many')}?group={four.pk}"):
        with django_assert_max_num_queries(24):
            assert client.get(url).status_code == 200

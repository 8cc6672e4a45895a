"""Results: a class in one subject at once, by pupil in the order of the roll, by class as figures; never a ranking."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff, Term
from children.life.results import spreads, term_before, with_move
from children.models import Child, Result
from tests.support.factories import make_child, make_class, make_mentor, make_pairing, make_staff, make_term

pytestmark = pytest.mark.django_db
LIST = "children:results_list"


@pytest.fixture
def four() -> SchoolClass:
    return make_class()


@pytest.fixture
def term(four: SchoolClass) -> Term:
    return make_term(four.school)


@pytest.fixture
def last_term(four: SchoolClass) -> Term:
    return make_term(four.school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))


@pytest.fixture
def teacher(client: Client, four: SchoolClass, term: Term) -> Staff:
    staff = make_staff(Role.HOMEROOM, four)
    client.force_login(staff)
    return staff


def result(child: Child, term: Term, mark: float | None = None, subject: str = "语文", **kw: object) -> Result:
    return Result.objects.create(child=child, term=term, subject=subject, mark=mark, **{"occasion": "期中"} | kw)


def grid(four: SchoolClass, term: Term, subject: str = "语文") -> str:
    return f"{reverse('children:results_many')}?group={four.pk}&term={term.pk}&subject={subject}&occasion=期中"


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_marks_of_a_class_are_entered_and_corrected(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan, chuan, absent = (make_child(name, four) for name in ("李小兰", "张小川", "安小禾"))
    sent = {"full_mark": "100", f"mark_{lan.pk}": "92", f"level_{chuan.pk}": "良"}
    assert client.post(grid(four, term), sent).status_code == 302
    assert Result.objects.get(child=lan).stated_or_reached == "优"
    assert Result.objects.get(child=chuan).stated_or_reached == "良"
    assert not Result.objects.filter(child=absent).exists()
    first = Result.objects.get(child=lan)
    assert first.entered_by == teacher
    again = sent | {f"mark_{lan.pk}": "95", f"version_{lan.pk}": str(first.version), f"version_{chuan.pk}": "1"}
    response = client.post(grid(four, term), again)
    assert response.status_code == 302
    assert Result.objects.get(child=lan).mark == 95
    assert "更改 1 人" in text(client, response.headers["Location"])


def test_a_mark_above_the_full_mark_is_refused_at_its_pupil(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan, chuan = make_child("李小兰", four), make_child("张小川", four)
    sent = {"full_mark": "100", f"mark_{lan.pk}": "120", f"mark_{chuan.pk}": "88"}
    response = client.post(grid(four, term), sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert "分数应在0到100之间" in page
    assert 'value="88"' in page
    assert not Result.objects.exists()


def test_two_teachers_at_one_grid_do_not_overwrite_unseen(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    row = result(make_child("李小兰", four), term, 80)
    opened = str(row.version)
    row.mark = 85
    row.save()
    sent = {"full_mark": "100", f"mark_{row.child_id}": "90", f"version_{row.child_id}": opened}
    answer = client.post(grid(four, term), sent)
    assert answer.status_code == 422
    assert "刚刚改过这一行" in answer.content.decode()
    row.refresh_from_db()
    assert row.mark == 85
    shown = re.search(rf'name="version_{row.child_id}" value="(\d+)"', answer.content.decode())
    assert shown is not None
    assert client.post(grid(four, term), sent | {f"version_{row.child_id}": shown[1]}).status_code == 302
    row.refresh_from_db()
    assert row.mark == 90


def test_a_standing_mark_is_not_cleared_by_an_empty_cell(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    row = result(make_child("李小兰", four), term, 80)
    answer = client.post(grid(four, term), {"full_mark": "100", f"mark_{row.child_id}": ""})
    assert answer.status_code == 422
    assert Result.objects.filter(mark=80).exists()


def test_the_list_goes_by_name_and_shows_who_got_better(
    client: Client, four: SchoolClass, term: Term, last_term: Term, teacher: Staff
) -> None:
    lan, an = make_child("李小兰", four), make_child("安小禾", four)
    result(lan, last_term, 70)
    result(lan, term, 90)
    result(an, term, 60)
    page = text(client, f"{reverse(LIST)}?term={term.pk}&occasion=期中")
    assert "90 优 ↑" in page
    assert page.index("安小禾") < page.index("李小兰"), "by name, not by mark"
    assert "名次" not in re.sub(r"不排名次?|没有平均分排名", "", page)


def test_levels_and_marks_are_compared_each_with_its_like(four: SchoolClass, term: Term, last_term: Term) -> None:
    up, same, down, new = (make_child(name, four) for name in ("甲", "乙", "丙", "丁"))
    for child, before, now in ((up, 60, 90), (same, 80, 80), (down, 90, 60)):
        result(child, last_term, before)
        result(child, term, now)
    result(new, term, 50)
    for child, before, now in ((up, "合格", "优"), (down, "优", "合格")):
        result(child, last_term, subject="科学", level=before)
        result(child, term, subject="科学", level=now)
    moves = dict(
        with_move(Result.objects.filter(term=term, subject="语文"), last_term).values_list("child__name", "move")
    )
    assert moves == {"甲": "up", "乙": "same", "丙": "down", "丁": ""}
    assert term_before(term) == last_term
    chinese, science = spreads(Result.objects.filter(term=term), last_term)
    assert (chinese.subject, chinese.pupils, chinese.levels) == ("语文", 4, (1, 1, 1, 1))
    assert (chinese.up, chinese.same, chinese.down) == (1, 1, 1)
    assert (chinese.good, chinese.passed, chinese.graded) == (2, 3, 4)
    assert (science.levels, science.up, science.down) == ((1, 0, 1, 0), 1, 1)


@pytest.mark.data
def test_full_marks_other_than_a_hundred_count_by_share(four: SchoolClass, term: Term, last_term: Term) -> None:
    lan = make_child("李小兰", four)
    result(lan, last_term, 90, full_mark=100)
    result(lan, term, 102, full_mark=120)
    row = with_move(Result.objects.filter(term=term), last_term).get()
    assert (row.step, row.move) == ("优", "down"), "102 of 120 are 85 %, less than 90 %"


def test_subject_teacher_gets_only_what_this_person_entered(client: Client, four: SchoolClass, term: Term) -> None:
    lan = make_child("李小兰", four)
    result(lan, term, 81, subject="数学")
    maths = make_staff(Role.TEACHER, four)
    client.force_login(maths)
    assert "81 良" not in text(client, f"{reverse(LIST)}?term={term.pk}&occasion=期中")
    refused = client.post(grid(four, term, "数学"), {"full_mark": "100", f"mark_{lan.pk}": "99"})
    assert refused.status_code == 422
    assert "已由别的老师登记" in refused.content.decode()
    assert client.post(grid(four, term), {"full_mark": "100", f"mark_{lan.pk}": "77"}).status_code == 302
    page = text(client, f"{reverse(LIST)}?term={term.pk}&occasion=期中")
    assert "77 良" in page
    assert "81 良" not in page


def test_mentor_reads_mentees_and_writes_nothing(client: Client, four: SchoolClass, term: Term) -> None:
    mine, other = make_child("李小兰", four), make_child("张小川", four)
    result(mine, term, 91)
    result(other, term, 66)
    mentor = make_mentor(make_staff(Role.TEACHER, make_class(four.school, 5)), four.school)
    make_pairing(mine, mentor)
    client.force_login(mentor.staff)
    page = text(client, f"{reverse(LIST)}?term={term.pk}&occasion=期中")
    assert "91 优" in page
    assert "66" not in page
    assert "修改李小兰" not in page


def test_registrar_has_no_results(client: Client, four: SchoolClass) -> None:
    client.force_login(make_staff(Role.REGISTRAR, four.school))
    assert client.get(reverse(LIST)).status_code == 403


def test_the_workbook_has_a_line_for_each_subject(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    lan = make_child("李小兰", four)
    result(lan, term, 92)
    result(lan, term, subject="数学", level="良")
    answer = client.get(f"{reverse('children:results_export')}?term={term.pk}&occasion=期中")
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows()
    ]
    assert rows[0][-6:] == ["学期", "学科", "考查", "成绩", "等级", "满分"]
    found = sorted((row[-5], row[-3] or "", row[-2] or "") for row in rows[1:])
    assert found == [("数学", "", "良"), ("语文", "92", "")]


def test_all_examinations_of_all_terms_come_in_one_workbook(
    client: Client, four: SchoolClass, term: Term, last_term: Term, teacher: Staff
) -> None:
    lan, other = make_child("李小兰", four), make_child("张小川", make_class(four.school, 5))
    result(lan, last_term, 81)
    result(lan, term, 92)
    result(lan, term, 95, occasion="期末")
    result(other, term, 66)
    page = client.get(f"{reverse(LIST)}?term={term.pk}&occasion=期中&school_class={four.pk}")
    answer = client.get(page.context["export_all_url"])
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [(row[-6], row[-4], row[-3]) for row in rows[1:]] == [
        (str(term), "期中", "92"),
        (str(term), "期末", "95"),
        (str(last_term), "期中", "81"),
    ]


def test_the_examinations_of_the_chosen_class_and_term_are_offered_first_the_latest_before_others(
    client: Client, four: SchoolClass, term: Term, last_term: Term
) -> None:
    client.force_login(make_staff(Role.CARE_LEAD, four.school))
    lan, other = make_child("李小兰", four), make_child("张小川", make_class(four.school, 5))
    result(lan, term, 90, occasion="九月月考")
    result(lan, term, 91, occasion="期中")
    result(other, term, 66, occasion="摸底")
    result(lan, last_term, 81, occasion="期末")

    def offered(query: str) -> tuple[str, list[str]]:
        form = client.get(f"{reverse(LIST)}?{query}").context["filter_form"]
        return form["occasion"].value(), [name for name, _ in form.fields["occasion"].choices]

    each = "each"
    assert offered(f"school_class={four.pk}") == ("期中", ["期中", "九月月考", "期末", "摸底", each])
    assert offered(f"term={last_term.pk}") == ("期末", ["期末", "摸底", "期中", "九月月考", each])
    assert offered(f"school_class={four.pk}&occasion=九月月考")[0] == "九月月考"


def test_the_examinations_of_a_term_stand_side_by_side(
    client: Client, four: SchoolClass, term: Term, last_term: Term, teacher: Staff
) -> None:
    lan, chuan, before = make_child("李小兰", four), make_child("张小川", four), make_child("石小禾", four)
    for occasion, mark in (("期中", 70), ("期末", 95)):
        result(lan, term, mark, occasion=occasion)
    result(lan, term, 88, subject="数学")
    result(chuan, term, 60, occasion="期末")
    result(lan, last_term, 80, occasion="期末")
    result(before, last_term, 50, occasion="期末")
    page = client.get(f"{reverse(LIST)}?term={term.pk}&school_class={four.pk}&occasion=each")
    assert {row.child.name: [(cell.label, cell.text) for cell in row.cells] for row in page.context["rows"]} == {
        "李小兰": [("语文 期中", "70 良"), ("语文 期末", "95 优 ↑"), ("数学 期中", "88 优")],
        "张小川": [("语文 期中", ""), ("语文 期末", "60 合格"), ("数学 期中", "")],
    }
    assert "each" not in page.context["spread_url"], "figures are of one examination"
    answer = client.get(page.context["export_url"])
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 5


def test_an_examination_without_marks_is_said_and_not_exported(
    client: Client, four: SchoolClass, term: Term, teacher: Staff
) -> None:
    result(make_child("李小兰", four), term, 92)
    answer = client.get(f"{reverse('children:results_export')}?term={term.pk}&occasion=期末", follow=True)
    assert answer.redirect_chain
    assert "没有可以导出的" in answer.content.decode()


@pytest.mark.parametrize("pupils", [1, 12])
def test_pages_stay_flat(
    client: Client,
    four: SchoolClass,
    term: Term,
    last_term: Term,
    teacher: Staff,
    pupils: int,
    django_assert_max_num_queries,
) -> None:
    for number in range(pupils):
        child = make_child(f"学生{number}", four)
        for subject in ("语文", "数学"):
            result(child, last_term, 70, subject=subject)
            result(child, term, 80, subject=subject)
    query = f"?term={term.pk}&occasion=期中"
    for url, most in (
        (f"{reverse(LIST)}{query}", 27),
        (f"{reverse(LIST)}?term={term.pk}&occasion=each", 27),
        (f"{reverse('children:results_spread')}{query}", 20),
        (grid(four, term), 22),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(url).status_code == 200

"""A round about poverty: who is asked, one press, what the registrar makes true, what stands in the table (system 23)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caretrack.access.policy import Role
from children.census.answers import answer, answer_rest, propose
from children.census.figures import census_figures
from children.census.poverty import ask_too
from children.census.review import confirm, proposals
from children.census.rounds import close_round, open_round, progress
from children.models import Census, CensusRow, Child, SpecialStanding
from children.services import leave_school
from children.timeline import timeline
from tests.support.factories import (
    TODAY,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
Answer = CensusRow.Answer


def opened(school_class: Any, cut_off: date = TODAY) -> Census:
    return open_round(school=school_class.school, kind="poverty", cut_off=cut_off, due_on=TODAY, by=None, today=TODAY)


def row_of(census: Census, child: Child) -> CensusRow:
    return census.rows.select_related("census", "child").get(child=child)


def put_forward(row: CensusRow, by: Any, **economy: Any) -> None:
    before = {name: getattr(row.child, name) for name in economy}
    propose(row=row, proposed={"economy": economy, "economy_before": before}, by=by, version=row.version)


def told(census: Census) -> dict[str, int]:
    figures = census_figures(census, make_staff(Role.PRINCIPAL, census.school))
    return dict(zip(figures.columns[1:], figures.total[1:], strict=True))  # type: ignore[arg-type]


def test_the_poor_and_those_not_known_are_asked_about(school_class: Any) -> None:
    poor = make_child("田小雨", school_class, hardship=["minimum"])
    aided = make_child("龙小山", school_class, aid_received="临时救助")
    listed = make_child("石小竹", school_class, income_per_head=9000)
    SpecialStanding.objects.create(child=listed, kind="poor", note="父亲长期患病", starts_on=date(2026, 9, 1))
    unknown = make_child("韦小兰", school_class)
    make_child("杨小海", school_class, income_per_head=20000)
    census = opened(school_class)
    assert set(census.rows.values_list("child", flat=True)) == {poor.pk, aided.pk, listed.pk, unknown.pk}


def test_who_was_found_not_to_be_poor_is_not_asked_again(school_class: Any) -> None:
    teacher = make_staff(Role.HOMEROOM, school_class)
    child, open_still = make_child("韦小兰", school_class), make_child("田小雨", school_class)
    first = opened(school_class, TODAY - timedelta(days=30))
    answer(row=row_of(first, child), answer=Answer.UNCHANGED, by=teacher, version=1)
    close_round(census=first, by=teacher, reason="外出未回")
    assert set(opened(school_class).rows.values_list("child", flat=True)) == {open_still.pk}


def test_nobody_to_ask_about_is_said(school_class: Any) -> None:
    make_child("杨小海", school_class, income_per_head=20000)
    with pytest.raises(ValidationError, match="没有要摸底的学生"):
        opened(school_class)


def test_one_press_needs_no_known_parents_but_a_known_economy_for_the_rest(school_class: Any) -> None:
    teacher = make_staff(Role.HOMEROOM, school_class)
    poor, unknown = make_child("田小雨", school_class, hardship=["minimum"]), make_child("韦小兰", school_class)
    census = opened(school_class)
    assert answer_rest(census=census, school_class=school_class.pk, by=teacher) == (1, 1)
    assert row_of(census, poor).answer == Answer.UNCHANGED
    answer(row=row_of(census, unknown), answer=Answer.UNCHANGED, by=teacher, version=1)
    assert progress(census, TODAY)[0].complete


def test_a_confirmed_change_is_written_and_dated(school_class: Any) -> None:
    teacher = make_staff(Role.HOMEROOM, school_class)
    child = make_left_behind("田小雨", school_class)
    Child.objects.filter(pk=child.pk).update(hardship=["minimum"])
    census = opened(school_class, TODAY - timedelta(days=5))
    put_forward(row_of(census, child), teacher, hardship=["lifted"], income_per_head=6000)
    [found] = proposals(census.rows.select_related("census", "child"))
    assert found.lines == ("困难类别：低保 → 脱贫户", "人均年收入（元）：未登记 → 6000")
    assert found.no_effect
    confirm(rows=[row_of(census, child)], by=teacher)
    child.refresh_from_db()
    assert (child.hardship, child.income_per_head) == (["lifted"], 6000)
    [item] = timeline([child], teacher, kinds=["poverty"])
    assert (item.on, item.text) == (census.cut_off, "困难类别：低保 → 脱贫户；人均年收入（元）：未登记 → 6000")


def test_what_makes_a_child_poor_is_told_as_its_effect(school_class: Any) -> None:
    teacher, child = make_staff(Role.HOMEROOM, school_class), make_child("韦小兰", school_class)
    census = opened(school_class)
    put_forward(row_of(census, child), teacher, hardship=["illness"])
    [found] = proposals(census.rows.select_related("census", "child"))
    assert found.effects == ("困难学生：不计入 → 计入",)


def test_a_fact_that_moved_meanwhile_is_not_overwritten(school_class: Any) -> None:
    teacher, child = make_staff(Role.HOMEROOM, school_class), make_child("韦小兰", school_class)
    census = opened(school_class)
    put_forward(row_of(census, child), teacher, hardship=["illness"], household_size=5)
    Child.objects.filter(pk=child.pk).update(hardship=["minimum"])
    with pytest.raises(ValidationError, match="韦小兰：班主任提交以后档案里的困难类别又改过"):
        confirm(rows=[row_of(census, child)], by=teacher)
    child.refresh_from_db()
    assert (child.hardship, child.household_size) == (["minimum"], None)


def test_the_table_stays_as_it_was_closed(school_class: Any) -> None:
    teacher = make_staff(Role.HOMEROOM, school_class)
    child = make_left_behind("田小雨", school_class)
    Child.objects.filter(pk=child.pk).update(hardship=["minimum", "disabled"])
    make_child("韦小兰", school_class)
    census = opened(school_class)
    answer(row=row_of(census, child), answer=Answer.UNCHANGED, by=teacher, version=1)
    close_round(census=census, by=teacher, reason="一户外出未回")
    Child.objects.filter(pk=child.pk).update(hardship=[])
    found = told(Census.objects.get(pk=census.pk))
    assert {name: count for name, count in found.items() if count} == {
        "调查学生": 2, "已核对": 1, "困难学生": 1, "其中留守": 1, "低保": 1, "残疾": 1, "未登记": 1,
    }  # fmt: skip


def test_the_page_of_a_closed_round_begins_with_its_figures(client: Client, school_class: Any) -> None:
    make_child("韦小兰", school_class)
    census = opened(school_class)
    client.force_login(principal := make_staff(Role.PRINCIPAL, school_class.school))
    running = client.get(f"/students/census/{census.pk}/").content.decode()
    assert running.index("各班进度") < running.index("困难学生")
    close_round(census=census, by=principal, reason="测试")
    closed = client.get(f"/students/census/{census.pk}/").content.decode()
    assert closed.index("困难学生") < closed.index("各班进度")


def test_it_is_compared_with_the_last_round_about_poverty(school_class: Any) -> None:
    teacher = make_staff(Role.HOMEROOM, school_class)
    child = make_child("田小雨", school_class, hardship=["minimum"])
    gone = make_child("龙小山", school_class, hardship=["illness"])
    for kind, days in (("poverty", 40), ("term_start", 20)):
        cut_off = TODAY - timedelta(days=days)
        census = open_round(school=school_class.school, kind=kind, cut_off=cut_off, due_on=None, by=None, today=cut_off)
        close_round(census=census, by=teacher, reason="测试")
    Child.objects.filter(pk=child.pk).update(hardship=[], aid_received="医疗救助")
    Child.objects.filter(pk=gone.pk).update(hardship=[], income_per_head=30000)
    make_child("石小竹", school_class, hardship=["orphan"])
    figures = census_figures(opened(school_class), make_staff(Role.PRINCIPAL, school_class.school))
    assert "贫困摸底" in figures.compared_with
    assert [(c.name, c.kind, c.before, c.after) for c in figures.changes] == [
        ("石小竹", "新列入", "—", "困难类别：孤儿"),
        ("田小雨", "不再困难", "低保", "无"),
        ("田小雨", "救助情况变化", "无", "医疗救助"),
        ("龙小山", "不再列入", "困难类别：重病", "—"),
    ]


def test_who_has_graduated_stands_under_the_year_and_not_beside_this_years_class(school_class: Any) -> None:
    principal, then = make_staff(Role.PRINCIPAL, school_class.school), date(2026, 6, 20)
    finished, sixth = (make_class(school_class.school, grade) for grade in (7, 6))
    assert finished.name_on(then) == sixth.name_on(TODAY)
    came = date(2025, 9, 1)
    span = {"starts_on": date(2026, 2, 20), "ends_on": date(2026, 7, 12)}
    make_term(school_class.school, year=2025, season=2, **span)
    pupil = make_child("龙小山", finished, came=came, hardship=["illness"])
    left = make_child("石小竹", finished, came=came, hardship=["illness"])
    make_child("韦小兰", sixth)
    before = open_round(school=school_class.school, kind="poverty", cut_off=then, due_on=None, by=None, today=then)
    close_round(census=before, by=principal, reason="测试")
    leave_school(child=pupil, on=date(2026, 7, 10), kind="graduate", by=None)
    leave_school(child=left, on=date(2026, 7, 1), kind="out_transfer", by=None)
    changes = census_figures(opened(school_class), principal).changes
    assert {c.name: (c.class_name, c.after) for c in changes} == {
        "石小竹": ("2026届（1）班", "—"),
        "龙小山": ("2026届（1）班", "已毕业"),
    }


def test_a_pupil_who_became_poor_is_added_once(school_class: Any) -> None:
    child = make_child("杨小海", school_class, income_per_head=20000)
    make_child("韦小兰", school_class)
    census = opened(school_class)
    rows = {ask_too(census=census, child=child).pk for _ in range(2)}
    assert rows == {row_of(census, child).pk}
    close_round(census=census, by=make_staff(Role.PRINCIPAL, school_class.school), reason="测试")
    with pytest.raises(ValidationError, match="已经定稿"):
        ask_too(census=census, child=child)


def test_the_form_puts_forward_what_differs_only(client: Client, school_class: Any) -> None:
    child = make_child("田小雨", school_class, hardship=["minimum"], income_sources="打工,卖药材", income_per_head=4000)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    row = row_of(opened(school_class), child)
    page = client.get(f"/students/census/rows/{row.pk}/economy/")
    assert "卖药材" in page.content.decode()
    given = {"version": "1", "hardship": ["disabled", "minimum"], "income_sources": ["打工", "卖药材"]}
    given |= {
        "income_per_head": "4000",
        "boarding_subsidy": "unknown",
        "aid_received_other": "村里救助",
        "remark": "家访",
    }
    assert client.post(f"/students/census/rows/{row.pk}/economy/", given).status_code == 302
    row.refresh_from_db()
    assert row.proposed == {
        "economy": {"hardship": ["disabled", "minimum"], "aid_received": "村里救助"},
        "economy_before": {"hardship": ["minimum"], "aid_received": ""},
        "remark": "家访",
    }
    child.refresh_from_db()
    assert child.hardship == ["minimum"]
    assert "disabled" in client.get(f"/students/census/rows/{row.pk}/economy/").context["form"].initial["hardship"]


def test_a_press_without_changes_is_refused_and_keeps_the_page(client: Client, school_class: Any) -> None:
    child = make_child("田小雨", school_class, hardship=["minimum"])
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    row = row_of(opened(school_class), child)
    given = {"version": "1", "hardship": ["minimum"], "boarding_subsidy": "unknown"}
    refused = client.post(f"/students/census/rows/{row.pk}/economy/", given)
    assert refused.status_code == 422
    assert "还没有填写有什么变化" in refused.content.decode()


def test_the_class_page_asks_about_the_economy(client: Client, school_class: Any) -> None:
    known, unknown = make_child("田小雨", school_class, hardship=["minimum"]), make_child("韦小兰", school_class)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    census = opened(school_class)
    url = f"/students/census/{census.pk}/classes/{school_class.pk}/"
    page = client.get(url).content.decode()
    assert "困难类别：低保" in page
    assert "家庭经济未登记" in page
    assert "没有困难" in page
    assert "情况说明" not in page
    # The form about parents is another round's.
    for path in ("change", "parts"):
        assert client.get(f"/students/census/rows/{row_of(census, known).pk}/{path}/").status_code == 404
    mark = f"/students/census/rows/{row_of(census, unknown).pk}/mark/"
    pressed = client.post(mark, {"answer": "unchanged", "version": "1"}, headers={"HX-Request": "true"})
    assert "care-census-said" in pressed.content.decode()
    assert row_of(census, unknown).answer == Answer.UNCHANGED


def test_a_pupil_is_added_from_the_page(client: Client, school_class: Any) -> None:
    make_child("韦小兰", school_class)
    added = make_child("杨小海", school_class, income_per_head=20000)
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    census = opened(school_class)
    url = f"/students/census/{census.pk}/classes/{school_class.pk}/add/"
    assert [child.name for child in client.get(url).context["form"].fields["child"].queryset] == ["杨小海"]
    response = client.post(url, {"child": added.pk})
    assert response.headers["Location"] == f"/students/census/rows/{row_of(census, added).pk}/economy/"


def test_a_mentor_is_not_told_that_a_child_was_asked_about(school_class: Any) -> None:
    teacher, child = make_staff(Role.HOMEROOM, school_class), make_child("田小雨", school_class, hardship=["minimum"])
    mentor = make_mentor(school=school_class.school)
    make_pairing(child, mentor)
    answer(row=row_of(opened(school_class), child), answer=Answer.UNCHANGED, by=teacher, version=1)
    assert [item.kind for item in timeline([child], teacher, kinds=["poverty", "census"])] == ["poverty"]
    assert not timeline([child], mentor.staff, kinds=["poverty", "census"])


@pytest.mark.parametrize("path", ["classes/{place}/", "", "print/"])
def test_the_pages_cost_the_same_for_one_and_for_twelve(client: Client, school_class: Any, path: str) -> None:
    client.force_login(make_staff(Role.HOMEROOM, school_class))
    counted = []
    for day, names in ((1, 1), (0, 11)):
        for at in range(names):
            make_child(f"田小{'雨雪风云山水竹兰梅菊松'[at]}{day}", school_class, hardship=["minimum"])
        census = opened(school_class, TODAY - timedelta(days=day))
        url = f"/students/census/{census.pk}/" + path.format(place=school_class.pk)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]

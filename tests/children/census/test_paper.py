"""What the paper of a round says at first sight: whether it is final and checked, and who changed, each once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from caretrack.access.policy import Role
from children.census.answers import answer_rest, propose
from children.census.figures import CensusFigures, census_figures
from children.census.review import confirm
from children.census.rounds import close_round, open_round
from children.models import Census, codes
from children.services import leave_school
from tests.support.factories import TODAY, make_child, make_class, make_left_behind, make_parent, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
THEN = date(2026, 10, 8)


@pytest.fixture
def principal(school_class: Any) -> Any:
    return make_staff(Role.PRINCIPAL, school_class.school)


def opened(school_class: Any, cut_off: date = TODAY, kind: str = "term_start") -> Census:
    return open_round(school=school_class.school, kind=kind, cut_off=cut_off, due_on=None, by=None, today=TODAY)


def closed(school_class: Any, principal: Any, cut_off: date = THEN) -> None:
    census = opened(school_class, cut_off)
    answer_rest(census=census, school_class=school_class.pk, by=principal)
    close_round(census=census, by=principal, reason="测试")


def printed(figures: CensusFigures) -> list[tuple[int | None, str, str, str]]:
    return [(line.number, line.name, line.kind, line.after) for line in figures.lines]


def test_a_round_closed_unchecked_says_so_beside_its_day(client: Client, school_class: Any, principal: Any) -> None:
    for name in ("韦小兰", "田小雨"):
        make_child(name, school_class)
    census = opened(school_class, kind="poverty")
    running = census_figures(census, principal)
    assert running.standing == "未定稿"
    assert not any("没有核对" in note for note in running.notes)
    close_round(census=census, by=principal, reason="全县统一停课。")
    figures = census_figures(Census.objects.get(), principal)
    assert figures.standing.endswith("定稿（2人未核对）")
    assert figures.notes[0] == "有2名学生没有核对，按档案里登记的情况统计。未核对学生的原因：全县统一停课。"
    client.force_login(principal)
    assert "定稿（2人未核对）" in client.get(f"/students/census/{census.pk}/").content.decode()


def test_a_round_that_was_checked_says_only_its_day(school_class: Any, principal: Any) -> None:
    make_left_behind(at=school_class)
    closed(school_class, principal, TODAY)
    figures = census_figures(Census.objects.get(), principal)
    assert figures.standing.endswith("日定稿")
    assert figures.unanswered == 0


def test_two_changes_of_one_pupil_have_one_number(school_class: Any, principal: Any) -> None:
    child, other = make_child("田小雨", school_class), make_child("龙小山", school_class)
    for pupil in (child, other):
        for relation in ("51", "52"):
            make_parent(pupil, relation, codes.ParentStatus.AT_HOME, None)
    closed(school_class, principal)
    leave_school(child=other, on=date(2026, 10, 20), kind="out_transfer", by=None)
    census = opened(school_class)
    row = census.rows.select_related("census", "child").get(child=child)
    father = {"status": "away_work", "left_on": "2026-10-10", "place": "广东省", "name": "田勇", "phone": "13800001111"}
    propose(row=row, proposed={"father": father}, by=principal, version=row.version)
    confirm(rows=[census.rows.select_related("census", "child").get(child=child)], by=principal)
    lines = printed(census_figures(census, principal))
    assert [line[:3] for line in lines] == [
        (1, "田小雨", "新增留守"),
        (None, "田小雨", "联系方式变化"),
        (2, "龙小山", "不在册"),
    ]


def test_a_class_that_came_or_graduated_is_one_line_and_the_export_names_all(
    client: Client, school_class: Any, principal: Any
) -> None:
    last, staying = make_class(school_class.school, grade=6), make_child("田小雨", school_class)
    graduates = [make_child(f"石小{word}", last) for word in "甲乙丙丁戊己"]
    closed(school_class, principal)
    for pupil in graduates:
        leave_school(child=pupil, on=date(2026, 10, 20), kind="graduate", by=None)
    leave_school(child=staying, on=date(2026, 10, 20), kind="out_transfer", by=None)
    first = make_class(school_class.school, grade=1)
    for word in "甲乙丙丁戊己庚":
        make_child(f"韦小{word}", first)
    make_child("杨小海", school_class)
    census = opened(school_class)
    figures = census_figures(census, principal)
    lines = printed(figures)
    assert lines[:2] == [(1, "共7人", "新进册", "整班新进册"), (2, "杨小海", "新进册", "父亲未登记、母亲未登记")]
    assert {line[1:] for line in lines[2:]} == {("田小雨", "不在册", "—"), ("共6人", "不在册", "已毕业")}
    assert [line[0] for line in lines] == [1, 2, 3, 4]
    assert "整班新进册、毕业的只列人数，名单见导出的表格。" in figures.notes
    assert {change.name for change in figures.changes} >= {"石小甲", "韦小庚"}


def test_a_few_graduates_are_named(school_class: Any, principal: Any) -> None:
    last = make_class(school_class.school, grade=6)
    make_child("田小雨", school_class)
    few = [make_child(f"石小{word}", last) for word in "甲乙"]
    closed(school_class, principal)
    for pupil in few:
        leave_school(child=pupil, on=date(2026, 10, 20), kind="graduate", by=None)
    figures = census_figures(opened(school_class), principal)
    lines = figures.lines
    assert not any("只列人数" in note for note in figures.notes)
    assert {(line.name, line.after) for line in lines} == {("石小甲", "已毕业"), ("石小乙", "已毕业")}


def test_newly_poor_pupils_are_named_also_where_a_class_had_none(school_class: Any, principal: Any) -> None:
    other = make_class(school_class.school, number=2)
    make_child("田小雨", school_class)
    census = opened(school_class, THEN, kind="poverty")
    close_round(census=census, by=principal, reason="测试")
    for word in "甲乙丙丁戊己":
        make_child(f"韦小{word}", other, hardship=["minimum"])
    lines = census_figures(opened(school_class, kind="poverty"), principal).lines
    assert {line.name for line in lines} == {f"韦小{word}" for word in "甲乙丙丁戊己"}

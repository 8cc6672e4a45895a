"""Rounds and questionnaires are due: so many a term, a half-year and a year, and the lead reads what is missing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from caretrack.access.history import change_by
from caretrack.access.policy import Role
from caretrack.schools.models import School
from children.census.plan import Due, census_plan, held_in, survey_plan
from children.models import Census, Survey
from children.views.census_panels import plan_panel
from reports.builders.term import build_semester
from tests.support.factories import TODAY, make_class, make_school, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]
BEGAN, MIDDLE, ENDS = date(2026, 9, 1), date(2026, 11, 8), date(2027, 1, 15)


@pytest.fixture
def school() -> School:
    found = make_school()
    make_term(found, starts_on=BEGAN, ends_on=ENDS)
    return found


def a_round(school: School, kind: str, cut_off: date, *, closed: bool = True) -> Census:
    closed_at = datetime(2026, 11, 19, tzinfo=UTC) if closed else None
    term = school.terms.get(starts_on__lte=cut_off, ends_on__gte=cut_off)
    with change_by(None, "测试"):
        return Census.objects.create(school=school, term=term, kind=kind, cut_off=cut_off, closed_at=closed_at)


def a_survey(school: School, **given: Any) -> Survey:
    with change_by(None, "测试"):
        return Survey.objects.create(school=school, term=school.terms.latest("starts_on"), title="问卷", **given)


def of_term(school: School, today: date = TODAY) -> Due:
    return census_plan([school], today)[0]


def test_the_first_census_is_due_in_the_first_half_of_the_term_the_second_in_the_other(school: School) -> None:
    due = of_term(school)
    assert (due.wanted, due.done, due.due_on) == (2, 0, MIDDLE)
    assert (due.late(TODAY), due.late(MIDDLE)) == (True, False)
    a_round(school, "term_start", date(2026, 9, 10))
    due = of_term(school)
    assert (due.done, due.due_on) == (1, ENDS)
    assert not due.late(TODAY)
    a_round(school, "half_term", date(2026, 11, 10))
    assert of_term(school).complete


def test_a_round_that_runs_is_begun_but_not_done(school: School) -> None:
    a_round(school, "term_start", date(2026, 9, 10))
    a_round(school, "half_term", date(2026, 11, 10), closed=False)
    due = of_term(school)
    assert (due.done, due.running, due.started, due.complete) == (1, 1, True, False)


def test_a_round_about_the_poor_is_no_census_of_everybody(school: School) -> None:
    a_round(school, "poverty", date(2026, 10, 1))
    assert [due.done for due in census_plan([school], TODAY)] == [0, 0, 0]


def test_the_more_complete_round_is_also_the_lesser_one_but_only_in_its_half_year(school: School) -> None:
    make_term(school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
    a_round(school, "annual", date(2026, 3, 5))
    assert [due.done for due in census_plan([school], date(2026, 6, 1))] == [1, 1, 1]
    assert [due.done for due in census_plan([school], TODAY)] == [0, 0, 1]


def test_a_school_that_began_in_autumn_is_not_late_with_what_was_due_in_spring(school: School) -> None:
    assert census_plan([school], TODAY)[2].due_on == date(2026, 12, 31)
    make_term(school, year=2025, season=2, starts_on=date(2026, 2, 20), ends_on=date(2026, 7, 5))
    assert census_plan([school], TODAY)[2].late(TODAY)


def test_a_questionnaire_counts_once_it_is_handed_out(school: School) -> None:
    a_survey(school)
    assert survey_plan([school], TODAY)[0].done == 0
    Survey.objects.update(opened_on=TODAY)
    assert survey_plan([school], TODAY)[0].complete


def test_nothing_is_due_in_the_holidays(school: School) -> None:
    assert census_plan([school], date(2027, 1, 20)) == survey_plan([school], date(2027, 1, 20)) == []


def test_many_schools_cost_the_same_as_one(school: School) -> None:
    others = [make_school(f"{number}小学") for number in "一二三四五"]
    for other in others:
        make_term(other, starts_on=BEGAN, ends_on=ENDS)
        a_round(other, "term_start", date(2026, 9, 10))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(census_plan([school, *others], TODAY)) == 18
        assert len(survey_plan([school, *others], TODAY)) == 6
    assert len(asked) == 4


def test_the_lead_reads_on_the_workbench_what_is_missing_and_where_to_begin_it(school: School) -> None:
    a_round(school, "term_start", date(2026, 9, 10))
    panel = plan_panel(make_staff(Role.CARE_LEAD, school), TODAY)
    lines = {line.text: line for line in panel.data["lines"]}  # type: ignore[union-attr]
    assert lines["本学期应普查2次，已做1次"].url == reverse("children:census_open") + "?kind=half_term"
    assert lines["本学期应问卷调查1次，已做0次"].url == reverse("children:survey_add")
    assert lines["本学期应普查2次，已做1次"].badge == "1月15日前"


def test_each_reads_only_what_is_theirs_to_begin(school: School) -> None:
    def read(role: Role) -> set[str]:
        at = school if role != Role.HOMEROOM else make_class(school)
        panel = plan_panel(make_staff(role, at), TODAY)
        return {"问卷" if "问卷" in line.text else "普查" for line in panel.data["lines"]} if panel else set()

    assert read(Role.REGISTRAR) == {"普查"}
    assert read(Role.COUNSELLOR) == {"问卷"}
    assert read(Role.PRINCIPAL) == {"普查", "问卷"}
    assert read(Role.HOMEROOM) == set()


def test_a_plan_that_is_kept_leaves_the_workbench(school: School) -> None:
    a_round(school, "annual", date(2026, 9, 10))
    a_round(school, "half_term", date(2026, 11, 10))
    a_survey(school, opened_on=TODAY)
    assert plan_panel(make_staff(Role.PRINCIPAL, school), TODAY) is None


def test_the_page_of_censuses_shows_the_plan_and_the_form_begins_with_its_kind(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)
    a_round(school, "term_start", date(2026, 9, 10))
    client = Client()
    client.force_login(make_staff(Role.CARE_LEAD, school))
    assert "本学期应普查2次，已做1次" in client.get(reverse("children:census_list")).content.decode()
    answer = client.get(reverse("children:census_open"), {"kind": "annual"})
    assert answer.context["form"]["kind"].value() == "annual"


def test_the_semester_says_how_often_everybody_was_asked(school: School) -> None:
    term = school.terms.get()
    a_round(school, "term_start", date(2026, 9, 10))
    a_round(school, "half_term", date(2026, 11, 10), closed=False)
    a_survey(school, opened_on=date(2026, 10, 8))
    assert held_in(term, date(2026, 9, 30)) == (1, 0)
    figures = build_semester(school, term, definition="lb_edu", cut_off=TODAY, taken_on=TODAY)
    assert "本学期普查1次（应2次，以定稿为准），问卷调查1次（应1次，以发放为准）" in figures.activity.notes

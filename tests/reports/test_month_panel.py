"""The workbench tells leads and the 中心校 which months wait for them."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from caretrack.access.policy import Role
from caretrack.schools.models import School
from reports.models import MonthlyReport
from tests.support.factories import make_school, make_staff, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def at(monkeypatch):
    """at(day, staff): the workbench of this person on that day."""

    def home(day: date, staff) -> str:
        monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: day)
        client = Client()
        client.force_login(staff)
        return client.get("/").content.decode()

    return home


def report(school: School, month: str, state: str) -> MonthlyReport:
    figures = None if state in ("draft", "returned") else {"rows": []}
    return MonthlyReport.objects.create(school=school, month=month, state=state, figures=figures)


@pytest.mark.parametrize(
    "day, told",
    [
        (date(2026, 11, 19), None),
        (date(2026, 11, 20), "还有 5 天截止"),
        (date(2026, 11, 25), "今天截止"),
        (date(2026, 11, 28), "已过 3 天"),
    ],
)
def test_the_lead_is_told_before_and_after_the_closing_day(school, at, day, told) -> None:
    for month in ("2026-09", "2026-10"):
        report(school, month, "approved")
    shown = at(day, make_staff(Role.CARE_LEAD, school))
    assert ("2026年11月月报" in shown) is (told is not None)
    assert told is None or told in shown


def test_a_submitted_month_waits_for_the_principal_only(school, at) -> None:
    for month, state in (("2026-09", "approved"), ("2026-10", "submitted")):
        report(school, month, state)
    day = date(2026, 11, 10)
    assert "等您审定" in at(day, make_staff(Role.PRINCIPAL, school))
    assert "2026年10月月报" not in at(day, make_staff(Role.CARE_LEAD, school))


def test_a_month_sent_back_says_so(school, at) -> None:
    for month, state in (("2026-09", "approved"), ("2026-10", "returned")):
        report(school, month, state)
    assert "被退回" in at(date(2026, 11, 10), make_staff(Role.CARE_LEAD, school))


def test_holidays_ask_for_no_month(school, at) -> None:
    assert "月月报" not in at(date(2026, 8, 20), make_staff(Role.CARE_LEAD, school))


def test_the_township_reads_which_schools_are_silent(school, at) -> None:
    above = make_school(name="青榕中心校")
    School.objects.filter(pk=school.pk).update(parent=above)
    superior = make_staff(Role.SUPERIOR, above)
    day = date(2026, 11, 10)
    shown = at(day, superior)
    assert "2026年10月月报没有报来" in shown
    assert school.label in shown
    report(school, "2026-09", "approved")
    report(school, "2026-10", "submitted")
    assert "没有报来" not in at(day, superior)


def test_many_schools_cost_no_more(at) -> None:
    above = make_school(name="青榕中心校")
    superior = make_staff(Role.SUPERIOR, above)

    def asked(more: int) -> int:
        for _ in range(more):
            below = make_school()
            make_term(below)
            School.objects.filter(pk=below.pk).update(parent=above)
        at(date(2026, 11, 10), superior)
        with CaptureQueriesContext(connection) as told:
            at(date(2026, 11, 10), superior)
        return len(told)

    assert asked(1) == asked(5)

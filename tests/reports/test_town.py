"""The programme of several schools side by side, from what they handed in."""

from datetime import date

import pytest
from django.urls import reverse

from activities.programmes import adopt
from caretrack.access.policy import Role
from caretrack.periods import Month
from children.left_behind import Definition
from reports.builders.unit import Unit
from reports.services import move_report, open_month
from tests.support.factories import (  # fmt: skip
    TERM_START,
    TODAY,
    make_class,
    make_left_behind,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_the_superior_reads_figures_of_schools_that_handed_in(client):
    top = make_school("青榕镇中心校")
    school, silent = make_school("青榕小学", parent=top), make_school("栗坪小学", parent=top)
    make_term(school)
    adopt("six_ones", school, TERM_START, None)
    make_pairing(make_left_behind("李小兰", make_class(school)))
    lead = make_staff(Role.CARE_LEAD, school)
    month = Month.of(date(2026, 10, 10))
    report = open_month(unit=Unit(school), month=month, definition=Definition.SEED, by=lead)
    move_report(report=report, move="submit", by=lead, on=TODAY)
    client.force_login(make_staff(Role.SUPERIOR, top))
    page = client.get(reverse("reports:submitted_programmes"), {"month": "2026-10"})
    told = {one.name: total for one, total in page.context["rows"]}
    assert (told["青榕小学"].mentees, told["青榕小学"].due, told["青榕小学"].done) == (1, 5, 0)
    assert told["青榕小学"].rate == "0.0%"
    assert told[silent.name] is None
    assert page.context["whole"].due == 5
    assert "李小兰" not in page.content.decode()
    assert "2026年10月还有 2 所学校没有上报" in page.content.decode()
    assert silent.label in page.context["silent"]
    assert school.label not in page.context["silent"]


def test_the_lists_of_reports_do_not_read_figures(client, django_assert_max_num_queries):
    top = make_school("青榕镇中心校")
    month = Month.of(date(2026, 10, 10))
    for name in ("青榕小学", "栗坪小学"):
        school = make_school(name, parent=top)
        lead = make_staff(Role.CARE_LEAD, school)
        report = open_month(unit=Unit(school), month=month, definition=Definition.SEED, by=lead)
        move_report(report=report, move="submit", by=lead, on=TODAY)
    for who, address in ((make_staff(Role.SUPERIOR, top), "submitted_list"), (lead, "month_list")):
        client.force_login(who)
        with django_assert_max_num_queries(40) as asked:
            page = client.get(reverse(f"reports:{address}"))
        assert "已提交" in page.content.decode()
        [listed] = [query["sql"] for query in asked if 'FROM "reports_monthlyreport"' in query["sql"]]
        assert '"figures"' not in listed

"""督查: who was not checked, a check written down, and that nobody but the leads learns what a child said."""

from datetime import date

import pytest
from django.urls import reverse

from activities.models import CheckIn, FollowUp
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from children.timeline import timeline
from mentoring.services import mentor_for
from tests.support.factories import (
    TODAY,
    make_class,
    make_left_behind,
    make_pairing,
    make_school,
    make_staff,
    make_term,
)
from tests.support.paper import silent_layout, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    made = make_school()
    make_term(made)
    return made


@pytest.fixture
def lead(school):
    return make_staff(Role.CARE_LEAD, school, name="石主任")


@pytest.fixture
def homeroom(school):
    return make_staff(Role.HOMEROOM, make_class(school), name="罗老师")


@pytest.fixture
def child(school, homeroom):
    made = make_left_behind("李小兰", make_class(school))
    make_pairing(made, mentor_for(homeroom, school))
    return made


def told(**changed):
    return {
        "on": str(TODAY),
        "child_said": "老师上周没有来家里。",
        "finding": "not_so",
        "note": "请罗老师补家访",
    } | changed


def test_a_check_is_written_down_with_what_follows(client, lead, homeroom, child):
    client.force_login(lead)
    url = reverse("activities:check_in_add", args=[child.pk])
    assert client.post(url, told(note="")).status_code == 422, "what is not so must be said"
    assert client.post(url, {"on": str(TODAY), "finding": "as_written"}).status_code == 422, "nobody was asked"
    half = client.post(url, told(follow_up="补一次家访"))
    assert "由谁、到哪天" in half.content.decode()
    sent = told(follow_up="补一次家访", owner=homeroom.pk, due_on="2026-11-27")
    assert client.post(url, sent).status_code == 302
    row = CheckIn.objects.get()
    assert (row.asked_child, row.asked_mentor, row.mentor.name, row.asked) == (True, False, "罗老师", "学生")
    promised = FollowUp.objects.get()
    assert (promised.owner, promised.given_by, promised.what) == (homeroom, lead, "补一次家访")


def test_those_not_checked_this_term_come_first(client, lead, child, school):
    other = make_left_behind("罗小山", child.school_class)
    client.force_login(lead)
    client.post(reverse("activities:check_in_add", args=[child.pk]), told())
    page = client.get(reverse("activities:check_in_list"))
    assert [row["child"].pk for row in page.context["rows"]] == [other.pk, child.pk]
    assert (page.context["checked"], page.context["total"]) == (1, 2)
    open_ones = client.get(reverse("activities:check_in_list"), {"state": "open"})
    assert [row["child"].pk for row in open_ones.context["rows"]] == [other.pk]
    wrong = client.get(reverse("activities:check_in_list"), {"state": "wrong"})
    assert [row["child"].pk for row in wrong.context["rows"]] == [child.pk]


def test_a_check_of_last_term_does_not_count(client, lead, child):
    CheckIn.objects.create(
        school=child.school, child=child, on=date(2026, 6, 1), checked_by=lead, asked_child=True, finding="as_written"
    )
    client.force_login(lead)
    assert client.get(reverse("activities:check_in_list")).context["checked"] == 0


def test_the_teacher_who_is_spoken_about_learns_nothing_of_it(client, lead, homeroom, child):
    client.force_login(lead)
    client.post(reverse("activities:check_in_add", args=[child.pk]), told())
    row = CheckIn.objects.get()
    client.force_login(homeroom)
    assert client.get(reverse("activities:check_in_show", args=[row.pk])).status_code == 403
    [line] = timeline([child], homeroom, last=TODAY, kinds={"check_in"})
    assert line.sealed
    assert "家访" not in line.title + line.text + str(line.details)
    dossier = client.get(reverse("children:child_show", args=[child.pk])).content.decode()
    assert "老师上周没有来家里" not in dossier
    assert "请罗老师补家访" not in dossier
    [open_line] = timeline([child], lead, last=TODAY, kinds={"check_in"})
    assert ("发现的问题和处理", "请罗老师补家访") in open_line.details


def test_the_register_is_printed(client, lead, child):
    client.force_login(lead)
    client.post(reverse("activities:check_in_add", args=[child.pk]), told())
    with silent_layout():
        text = text_of(client.get(reverse("activities:check_in_print")).content)
    for word in ("关爱工作督查登记表", "李小兰", "与记录不符", "请罗老师补家访", "应督查1人，已督查1人", "校长签字"):
        assert word in text, word
    assert "老师上周没有来家里" not in text, "what the child said stays in the file"
    assert list(
        AccessEntry.objects.filter(event=Event.PRINT, page="activities:check_in_print").values_list(
            "child_id", flat=True
        )
    ) == [child.pk]


def test_the_list_costs_the_same_for_one_and_for_twelve(client, lead, child):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse("activities:check_in_list"))
        return len(counted)

    client.force_login(lead)
    asked()
    one = asked()
    for n in range(11):
        make_left_behind(f"罗小{'一二三四五六七八九十云'[n]}", child.school_class)
    assert asked() == one

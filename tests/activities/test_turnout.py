"""Families at meetings: who came, who was asked and never came, whom nobody asked; and what coming proves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.compliance.evidence import refusal
from activities.family.turnout import turnout
from activities.gatherings import call_roll, invite
from activities.models import Meeting
from children.models import Child
from tests.activities.test_gatherings import TODAY
from tests.support.factories import make_class, make_left_behind
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
FIRST = TODAY - timedelta(days=60)


def meeting(school_class, *came, kind="carers", on=TODAY, called=True):
    row = Meeting.objects.create(school=school_class.school, school_class=school_class, kind=kind, on=on)
    invite(row, Child.objects.filter(school_class=school_class), today=TODAY)
    row.participants.filter(child__in=came).update(carer_came=True)
    if called:
        call_roll(row.participants.all(), ())
    return row


def names(children):
    return [child.name for child in children]


def test_a_family_that_came_once_came_and_one_that_was_only_asked_never_did(school_class):
    there, away = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    other = make_left_behind("石小军", make_class(school_class.school, grade=5))
    meeting(school_class, there)
    meeting(school_class, kind="parent_school")
    meeting(school_class, away, on=FIRST - timedelta(days=1))
    meeting(school_class, away, kind="roundtable")
    meeting(other.school_class, called=False)
    mine, theirs = turnout(Child.objects.all(), FIRST, TODAY)
    assert (names(mine.came), names(mine.never), names(mine.not_asked)) == (["李小兰"], ["王大明"], [])
    assert (theirs.pupils, names(theirs.not_asked)) == (1, ["石小军"]), "no roll was called, so nobody stayed away"


def test_each_teacher_reads_and_prints_the_families_of_the_own_class(client, school_class, homeroom, lead):
    there = make_left_behind("李小兰", school_class)
    make_left_behind("王大明", school_class)
    make_left_behind("石小军", make_class(school_class.school, grade=5))
    meeting(school_class, there)
    page, paper = reverse("activities:meeting_families"), reverse("activities:meeting_families_print")
    assert page in client_of(client, homeroom).get(reverse("activities:meeting_list")).content.decode()
    shown, printed = client.get(page).content.decode(), text_of(client.get(paper).content)
    for text in (shown, printed):
        assert "王大明" in text
        assert "石小军" not in text
    assert "1户：王大明" in printed.replace(" ", "")
    assert "石小军" in text_of(client_of(client, lead).get(paper).content)


def client_of(client, staff):
    client.force_login(staff)
    return client


def test_the_page_costs_the_same_for_one_and_for_many(client, school_class, lead):
    client.force_login(lead)
    counts = []
    for number in (1, 11):
        for n in range(number):
            make_left_behind(f"李{number}{n}", make_class(school_class.school, grade=1 + n % 6))
        meeting(school_class)
        client.get(reverse("activities:meeting_families"))
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("activities:meeting_families")).status_code == 200
        counts.append(len(told))
    assert counts[0] == counts[1]


def test_a_meeting_for_carers_may_prove_what_carers_owe_and_other_meetings_may_not():
    assert refusal("carer", "term", ["meeting:carers", "meeting:parent_school"]) == ""
    assert "不能作为" in refusal("carer", "term", ["meeting:mentors"])

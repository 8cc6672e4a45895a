"""The roll of an activity, class by class: who came, who is absent, whose class was not called yet."""

import pytest
from django.urls import reverse

from activities.gatherings import attendance, invite
from activities.models import Meeting
from caretrack.access.models import AccessEntry, Event
from children.models import Child
from tests.activities.test_gatherings import TODAY, activity
from tests.support.factories import make_class, make_left_behind
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db


def called(client, gathering, *came, school_class=None):
    """The roll is called: of all, or of one class."""
    page = "meeting" if isinstance(gathering, Meeting) else "event"
    box = "carer_came" if gathering.for_carers else "came"
    rows = [row for row in gathering.participants.all() if school_class in (None, row.child.school_class)]
    told = {f"{box}_{row.pk}": "on" for row in rows if row.child in came}
    told |= {f"version_{row.pk}": row.version for row in rows}
    query = f"?class={school_class.pk}" if school_class else ""
    answer = client.post(reverse(f"activities:{page}_roll", args=[gathering.pk]) + query, told)
    assert answer.status_code == 302


def test_who_was_not_marked_when_the_roll_was_called_is_absent(client, lead, school_class):
    there, _ = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    talk = activity(school_class, lead)
    invite(talk, Child.objects.all(), today=TODAY)
    client.force_login(lead)
    called(client, talk, there)
    page = client.get(reverse("activities:event_show", args=[talk.pk])).content.decode()
    assert page.count("没到") == 1
    assert "未点" not in page
    paper = text_of(client.get(reverse("activities:event_print", args=[talk.pk])).content)
    assert "王大明" in paper.partition("缺席")[2]
    assert "未点名" not in paper


def test_one_class_called_leaves_the_others_uncalled_in_names_and_numbers(client, lead, school_class):
    other = make_class(school_class.school, grade=5)
    there, absent = make_left_behind("李小兰", school_class), make_left_behind("王大明", school_class)
    later = make_left_behind("石小军", other)
    talk = activity(school_class, lead)
    invite(talk, Child.objects.all(), today=TODAY)
    client.force_login(lead)
    called(client, talk, there, school_class=school_class)

    def lines():
        page = client.get(reverse("activities:event_show", args=[talk.pk])).content.decode()
        state = {"未点": page.count(">未点<"), "没到": page.count("没到")}
        return state, text_of(client.get(reverse("activities:event_print", args=[talk.pk])).content)

    state, paper = lines()
    assert state == {"未点": 1, "没到": 1}
    assert "应到3人，1人未点名" in paper.replace(" ", "")
    assert "石小军" not in paper, "neither there nor absent"
    (listed,) = client.get(reverse("activities:event_list")).context["rows"]
    assert (listed["expected"], listed["present"], listed["waiting"]) == (3, 1, 1)
    sheet = text_of(client.get(reverse("activities:event_sign_in", args=[talk.pk]) + "?filled=1").content)
    assert (sheet.count("待点名"), sheet.count("未到")) == (1, 1)
    named = AccessEntry.objects.filter(event=Event.PRINT, page="activities:event_sign_in").values_list(
        "child_id", flat=True
    )
    assert set(named) == set(Child.objects.values_list("pk", flat=True))
    called(client, talk, school_class=other)
    state, paper = lines()
    assert state == {"未点": 0, "没到": 2}, "a class of which nobody came is called all the same"
    assert "石小军" in paper.partition("缺席")[2]
    assert attendance(talk).waiting == 0
    assert {absent.pk, later.pk} == set(talk.participants.filter(came=False).values_list("child", flat=True))


def test_who_is_added_after_the_roll_was_called_is_not_absent(client, lead, school_class):
    there = make_left_behind("李小兰", school_class)
    talk = activity(school_class, lead)
    invite(talk, Child.objects.all(), today=TODAY)
    client.force_login(lead)
    called(client, talk, there)
    make_left_behind("王大明", school_class)
    invite(talk, Child.objects.all(), today=TODAY)
    assert attendance(talk).waiting == 1
    assert "没到" not in client.get(reverse("activities:event_show", args=[talk.pk])).content.decode()

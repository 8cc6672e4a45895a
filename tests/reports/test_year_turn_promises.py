"""The turn of the year names what a class teacher who is replaced has promised and the next one will find."""

import pytest
from django.test import Client

from activities.models import FollowUp
from reports.turn_forms import YearTurnForm
from reports.year_turn import situation, steps
from tests.reports.test_year_turn import SUMMER, URL, Township, _day, confirm, town  # noqa: F401
from tests.support.factories import make_left_behind

pytestmark = pytest.mark.django_db


def changed(town: Township) -> dict:  # noqa: F811
    return town.data(**{f"teacher_{town.three.pk}": town.he.pk})


def test_open_follow_ups_are_named_beside_the_new_class_teacher(client: Client, town: Township) -> None:  # noqa: F811
    client.force_login(town.registrar)
    assert "没有办结的跟进" not in client.post(URL, changed(town)).content.decode()
    FollowUp.objects.create(child=town.li, what="问视频", due_on=SUMMER, owner=town.luo)
    page = client.post(URL, changed(town)).content.decode()
    assert "罗老师没有办结的跟进 1 项，换班主任那天转给新班主任" in page
    assert "何老师没有办结" not in page


def test_one_closed_meanwhile_does_not_ask_for_another_look(client: Client, town: Township) -> None:  # noqa: F811
    row = FollowUp.objects.create(child=town.li, what="问视频", due_on=SUMMER, owner=town.luo)
    client.force_login(town.registrar)
    preview = client.post(URL, changed(town))
    row.done_on, row.outcome = SUMMER, "问了"
    row.save()
    done = client.post(URL, changed(town) | {"confirm": preview.context["mark"]})
    assert done.status_code == 302


def test_twelve_promises_cost_what_one_costs(town: Township, django_assert_num_queries) -> None:  # noqa: F811
    now = situation(town.school, 2027, SUMMER)
    form = YearTurnForm(changed(town), now=now, today=SUMMER)
    assert form.is_valid(), form.errors
    decided = form.decisions()
    FollowUp.objects.create(child=town.li, what="问视频", due_on=SUMMER, owner=town.luo)
    for number in range(12):
        child = make_left_behind(f"李{number}", town.three)
        FollowUp.objects.create(child=child, what="问视频", due_on=SUMMER, owner=town.luo)
    with django_assert_num_queries(2):
        found = [step.beside for step in steps(now, decided, town.registrar, SUMMER)]
    assert any("13 项" in beside for beside in found)

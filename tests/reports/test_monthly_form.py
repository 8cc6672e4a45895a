from datetime import date

import pytest
from django.urls import reverse

from caretrack.access.policy import Role
from reports.models import MonthlyForm
from tests.support.factories import make_mentor, make_pairing, make_record, make_school, make_staff

MONTH = "2026-11"


def address(child, month=MONTH):
    return reverse("reports:monthly_form", args=[child.pk, month])


@pytest.fixture
def mentor(world):
    mentor = make_mentor(school=world.school)
    make_pairing(world.child, mentor)
    return mentor


def test_the_mentor_sees_the_records_and_adds_three_texts(client, world, mentor):
    make_record(world.child, mentor.staff, date(2026, 11, 3), content="聊了作业")
    client.force_login(mentor.staff)
    answer = client.get(address(world.child))
    assert "聊了作业" in answer.content.decode()
    version = answer.context["form"]["version"].value()
    sent = {"version": version, "conduct": "进步明显", "next_steps": "家访一次", "handed_in": "on"}
    assert client.post(address(world.child), sent).status_code == 302
    form = MonthlyForm.objects.get()
    assert (form.conduct, form.mentor, form.handed_in_on) == ("进步明显", mentor, date(2026, 11, 28))


def test_handing_in_without_a_word_is_refused_and_keeps_the_rest(client, world, mentor):
    client.force_login(mentor.staff)
    answer = client.post(address(world.child), {"version": 0, "problems": "爱走神", "handed_in": "on"})
    assert answer.status_code == 422
    assert "爱走神" in answer.content.decode()
    assert not MonthlyForm.objects.exists()


def test_a_second_writer_sees_both_texts(client, world, mentor):
    client.force_login(mentor.staff)
    client.post(address(world.child), {"version": 0, "conduct": "先写的"})
    answer = client.post(address(world.child), {"version": 0, "conduct": "后写的"})
    assert answer.status_code == 409
    assert "先写的" in answer.content.decode()
    assert "后写的" in answer.content.decode()


def test_sight_decides(client, world, mentor):
    client.force_login(mentor.staff)
    assert client.get(address(world.other)).status_code == 404
    assert client.get(address(world.child, "2027-03")).status_code == 404
    client.force_login(world.homeroom)
    assert client.get(address(world.child)).status_code == 200
    client.force_login(make_staff(Role.PRINCIPAL, make_school("另一所小学")))
    assert client.get(address(world.child)).status_code == 404
    client.force_login(make_staff(Role.REGISTRAR, world.school))
    assert client.get(address(world.child)).status_code == 403

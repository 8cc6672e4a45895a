"""A leaving that was wrong and is taken back: what was promised and who was being persuaded stand as before."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.dropout import add_case_step, close_case, open_case
from activities.follow_ups import close_follow_up
from activities.incidents.services import open_incident
from activities.models import DropoutCase, FollowUp
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.corrections import correct
from children.models import StatusChange
from children.services import leave_school
from tests.support.factories import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
BEFORE = TODAY - timedelta(days=5)


def leaves(child) -> None:
    with change_by(None, "转出"):
        leave_school(child=child, on=TODAY, kind="out_transfer", by=None)


def is_back(child) -> None:
    with change_by(None, "误登"):
        correct(change=StatusChange.objects.filter(child=child).latest("pk"), reason="误登", on=TODAY, by=None)


def test_what_was_promised_is_promised_again_but_not_what_was_done(child, homeroom) -> None:
    waits, done = (
        FollowUp.objects.create(child=child, what=what, due_on=TODAY, owner=homeroom) for what in ("问视频", "家访")
    )
    close_follow_up(follow_up=done, on=TODAY, by=homeroom, outcome="去过了")
    leaves(child)
    assert not FollowUp.objects.open().exists()
    is_back(child)
    assert list(FollowUp.objects.open()) == [waits]
    done.refresh_from_db()
    assert done.outcome == "去过了"


def test_of_attempts_to_be_made_again_only_one_waits(child, homeroom) -> None:
    FollowUp.objects.create(child=child, what="再打", due_on=TODAY, owner=homeroom, retry="call")
    leaves(child)
    newer = FollowUp.objects.create(child=child, what="再打一次", due_on=TODAY, owner=homeroom, retry="call")
    is_back(child)
    assert list(FollowUp.objects.open()) == [newer]


def test_a_case_ended_by_the_leaving_is_open_again(child, homeroom) -> None:
    case = open_case(child=child, away_since=BEFORE, cause="外出务工", by=homeroom, on=TODAY)
    leaves(child)
    assert DropoutCase.objects.get().state == "left"
    is_back(child)
    case.refresh_from_db()
    assert (case.state, case.closed_on, case.outcome) == ("open", None, "")


def test_a_case_that_ended_as_dropped_out_is_open_again_and_keeps_its_words(child, homeroom) -> None:
    case = open_case(child=child, away_since=BEFORE, cause="外出务工", by=homeroom, on=TODAY)
    for kind in ("letter", "education"):
        add_case_step(case=case, kind=kind, on=TODAY, result="已送达", by=homeroom, today=TODAY)
    close_case(case=case, back=False, on=TODAY, outcome="劝返无效", by=homeroom, today=TODAY)
    child.refresh_from_db()
    assert child.school_class is None
    is_back(child)
    case.refresh_from_db()
    assert (case.state, case.register_line) == ("open", None)
    assert "劝返无效" in case.steps.order_by("pk").last().result


def test_a_case_ended_otherwise_stays_as_it_was(child, homeroom) -> None:
    case = open_case(child=child, away_since=BEFORE, cause="", by=homeroom, on=TODAY)
    close_case(case=case, back=True, on=TODAY, outcome="已返校上课", by=homeroom, today=TODAY)
    leaves(child)
    is_back(child)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("back", "已返校上课")


def test_a_line_that_an_incident_stands_on_stays_and_is_answered(client, child, lead) -> None:
    now = timezone.now()
    with change_by(None, "失踪"):
        line = leave_school(child=child, on=TODAY, kind="missing", by=lead)
        incident = open_incident(
            school=child.school, by=lead, found_at=now, account="x", now=now, children=[child], register_line=line
        )
    client.force_login(make_staff(Role.REGISTRAR, child.school))
    url = reverse("children:change_correct", args=[line.pk])
    asked = client.get(url).content.decode()
    assert "原登记保留" in asked
    assert "事件" not in asked.split("<main", 1)[1].split("</main>")[0]
    assert client.post(url, {"reason": "人在亲戚家"}).status_code == 302
    counter = StatusChange.objects.get(corrects=line)
    assert (counter.kind, counter.reason) == ("error", "人在亲戚家")
    incident.refresh_from_db()
    assert incident.register_line == line
    child.refresh_from_db()
    assert child.school_class is not None

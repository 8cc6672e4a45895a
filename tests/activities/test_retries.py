"""Not reached: tried again within three school days, closed by the next contact that is reached."""

from datetime import date

import pytest

from activities.follow_ups import attempts
from activities.models import CareRecord, FollowUp
from activities.services import Contact, correct_record, record_contact
from caretrack.access.policy import Role
from tests.support.factories import TODAY, make_class, make_left_behind, make_record, make_staff, make_term

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRIDAY = TODAY
WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def child():
    child = make_left_behind("李小兰", make_class())
    make_term(child.school)
    return child


@pytest.fixture
def teacher(child):
    return make_staff(Role.HOMEROOM, child.school_class)


def attempt(child, by, kind: str = "home_visit", on: date = FRIDAY, **kw):
    contact = Contact(kind, on, reached=False, **kw)
    (record,), _ = record_contact(children=[child], contact=contact, by=by, today=max(on, TODAY))
    return record


def test_a_failed_visit_on_friday_is_due_again_on_wednesday(child, teacher) -> None:
    record = attempt(child, teacher)
    retry = FollowUp.objects.get()
    assert (retry.due_on, retry.owner, retry.record, retry.retry) == (WEDNESDAY, teacher, record, "home_visit")


def test_the_next_visit_that_is_reached_closes_it(child, teacher) -> None:
    attempt(child, teacher)
    made = make_record(child, make_staff(Role.CARE_LEAD, child.school), WEDNESDAY, "home_visit")
    retry = FollowUp.objects.get()
    assert (retry.done_on, retry.closed_by) == (WEDNESDAY, made)


def test_another_kind_of_contact_leaves_it_open(child, teacher) -> None:
    attempt(child, teacher)
    make_record(child, teacher, WEDNESDAY, "talk")
    assert FollowUp.objects.open().count() == 1


def test_a_video_makes_a_failed_call_good(child, teacher) -> None:
    attempt(child, teacher, "call")
    make_record(child, teacher, WEDNESDAY, "video")
    assert not FollowUp.objects.open().exists()


def test_an_earlier_visit_that_is_entered_late_does_not_make_it_good(child, teacher) -> None:
    attempt(child, teacher)
    make_record(child, teacher, date(2026, 11, 18), "home_visit")
    assert FollowUp.objects.open().count() == 1


def test_a_second_failure_moves_the_one_retry_on_and_is_counted(child, teacher) -> None:
    attempt(child, teacher)
    attempt(child, teacher, on=WEDNESDAY)
    retry = FollowUp.objects.get()
    assert retry.due_on == date(2026, 11, 30)
    assert attempts(retry) == 2


def test_kinds_that_are_not_reached_or_not_leave_nothing(child, teacher) -> None:
    make_record(child, teacher, kind="tutoring")
    make_record(child, teacher, kind="homework")
    assert not FollowUp.objects.exists()


def test_an_illness_of_which_the_family_could_not_be_told_is_told_again(child, teacher) -> None:
    make_record(child, teacher, kind="illness", detail={"told": "未能联系上"})
    assert "告知" in FollowUp.objects.open().get().what
    make_record(child, teacher, kind="illness", detail={"told": "已告知"})
    assert not FollowUp.objects.open().exists()


def test_correcting_the_result_settles_it_too(child, teacher) -> None:
    record = attempt(child, teacher)
    reached = Contact("home_visit", FRIDAY, "奶奶在家，聊了作业。")
    correct_record(record=record, contact=reached, version=1, by=teacher, today=TODAY)
    assert FollowUp.objects.get().closed_by == CareRecord.objects.get()

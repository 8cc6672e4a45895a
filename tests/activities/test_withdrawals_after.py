"""What a record that is taken back leaves behind: promises, retries, turns at the phone, appointments, looks into it."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.calls import book, log_call
from activities.models import CallLine, CareRecord, CounsellingAppointment, FamilyFeedback, FollowUp, SpecialOpening
from activities.services import Contact, record_contact
from activities.withdrawals import withdraw_records
from caretrack.access.policy import Role
from children.models import Child, Phone
from tests.support.factories import (
    appoint,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_staff,
    morning,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def call(child, by, *, reached, days_ago):
    contact = Contact(
        kind="call", on=TODAY - timedelta(days=days_ago), reached=reached, way="phone", content="说了学习。"
    )
    (record,), _ = record_contact(children=[child], contact=contact, by=by, today=TODAY)
    return record


def back(record, by):
    withdraw_records(records=[CareRecord.objects.get(pk=record.pk)], reason="重复登记", by=by, today=TODAY)


def test_a_kept_promise_of_a_restricted_record_does_not_become_open(homeroom, lead, child):
    record = make_record(child, lead, TODAY, visibility="restricted")
    kept = FollowUp.objects.create(
        child=child, record=record, what="复查伤情", due_on=TODAY, owner=lead, done_on=TODAY, outcome="好了"
    )
    back(record, lead)
    assert not FollowUp.objects.visible_to(homeroom).filter(pk=kept.pk).exists()


def test_of_a_call_entered_twice_the_other_one_still_made_it_good(homeroom, child):
    call(child, homeroom, reached=False, days_ago=3)
    first = call(child, homeroom, reached=True, days_ago=1)
    call(child, homeroom, reached=True, days_ago=1)
    back(first, homeroom)
    assert not FollowUp.objects.open().exists()


def test_a_failed_call_that_is_left_is_still_tried_again_and_only_once(homeroom, child):
    first = call(child, homeroom, reached=False, days_ago=5)
    reached = call(child, homeroom, reached=True, days_ago=4)
    call(child, homeroom, reached=False, days_ago=1)
    back(reached, homeroom)
    assert FollowUp.objects.open().exclude(retry="").count() == 1
    back(first, homeroom)
    assert FollowUp.objects.open().exclude(retry="").count() == 1


def test_the_feedback_that_it_told_is_told_no_more(homeroom, child):
    record = call(child, homeroom, reached=True, days_ago=0)
    told = FamilyFeedback.objects.create(child=child, month="2026-11", words="进步了", record=record)
    back(record, homeroom)
    told.refresh_from_db()
    assert told.record_id is None


def test_nothing_is_owed_again_to_a_child_that_has_left(homeroom, child):
    call(child, homeroom, reached=False, days_ago=3)
    reached = call(child, homeroom, reached=True, days_ago=1)
    Child.objects.filter(pk=child.pk).update(school_class=None)
    back(reached, homeroom)
    assert not FollowUp.objects.open().exists()


def test_a_turn_at_the_phone_is_booked_again_unless_the_child_had_another(homeroom, child):
    line = CallLine.objects.create(
        school=child.school, name="亲情电话1", number="05510000001", weekdays=[1, 2, 3, 4, 5, 6, 7],
        opens=time(12), closes=time(13), minutes=15,
    )  # fmt: skip
    phone = Phone.objects.filter(child=child).first()

    def turn(at, outcome):
        booked = book(
            child=child, line=line, on=TODAY, at=at, phone=phone, with_whom="", by=homeroom, now=morning(TODAY)
        )
        return log_call(booking=booked, outcome=outcome, by=homeroom, today=TODAY)

    missed, done = turn(time(12), "no_answer"), turn(time(12, 15), "done")
    back(missed.record, homeroom)
    missed.refresh_from_db()
    assert (missed.record_id, missed.state) == (None, "skipped")
    back(done.record, homeroom)
    done.refresh_from_db()
    assert (done.record_id, done.state) == (None, "booked")


def test_an_appointment_is_as_it_was_and_a_looked_into_counselling_stays(school_class, child):
    counsellor = make_staff(Role.COUNSELLOR, school_class.school)
    hour = {"on": TODAY, "at": time(10), "counsellor": counsellor}
    appointment = CounsellingAppointment.objects.create(
        child=child, school=child.school, state="booked", asked_by=counsellor, **hour
    )
    contact = Contact(kind="counselling", on=TODAY)

    def talk():
        (record,), _ = record_contact(
            children=[child], contact=contact, by=counsellor, today=TODAY, counselling={"process": "谈了半小时"}
        )
        return record

    back(talk(), counsellor)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.on, appointment.at) == ("booked", TODAY, time(10))
    assert appointment.counsellor == counsellor
    seen = talk()
    principal = make_staff(Role.PRINCIPAL, school_class.school)
    SpecialOpening.objects.create(staff=principal, record=seen, ends_at=timezone.now())
    with pytest.raises(ValidationError, match="不能撤回"):
        back(seen, counsellor)
    assert CareRecord.objects.filter(pk=seen.pk).exists()


class TestPromiseOfAnotherChild:
    """What a record moved to another child had promised comes to who answers for that child."""

    @pytest.fixture
    def next_door(self, school_class):
        """A child of another class, whom the writer teaches too."""
        return make_left_behind("龙小川", make_class(school_class.school, grade=6))

    @pytest.fixture
    def writer(self, homeroom, next_door):
        appoint(homeroom, Role.TEACHER, next_door.school_class)
        return homeroom

    def moved(self, client, writer, wrong, right, **said):
        due = TODAY + timedelta(days=5)
        contact = Contact(
            kind="talk", on=TODAY, content=f"想妈妈{said}", follow_up="问问爷爷的药", follow_up_on=due, **said
        )
        (record,), _ = record_contact(children=[wrong], contact=contact, by=writer, today=TODAY)
        client.force_login(writer)
        answer = client.post(
            reverse("activities:record_withdraw", args=[record.pk]), {"reason": "登错了学生", "move": "on"}
        )
        form = client.get(answer.url).context["form"]
        sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}
        saved = client.post(answer.url, sent | {"children": [right.pk], "care_sheet": form.sheet.token()})
        assert saved.status_code == 302, saved.context["form"].errors
        told = FollowUp.objects.get()
        assert told.child == right
        return told, form

    def test_it_comes_to_the_class_teacher(self, client, child, next_door, writer) -> None:
        teacher = make_staff(Role.HOMEROOM, next_door.school_class, "罗老师")
        make_pairing(next_door, make_mentor(make_staff(Role.TEACHER, next_door.school_class, "石老师")))
        told, form = self.moved(client, writer, child, next_door)
        assert (told.owner, told.given_by) == (teacher, writer)
        assert form.fields["follow_up_owner"].empty_label == "不是我负责的学生交给班主任或代理家长"

    def test_without_a_class_teacher_to_the_mentor(self, client, child, next_door, writer) -> None:
        mentor = make_staff(Role.TEACHER, next_door.school_class, "石老师")
        make_pairing(next_door, make_mentor(mentor))
        told, _ = self.moved(client, writer, child, next_door)
        assert told.owner == mentor

    def test_the_writers_own_mentee_stays_with_the_writer(self, client, child, next_door, writer) -> None:
        make_staff(Role.HOMEROOM, next_door.school_class, "罗老师")
        make_pairing(next_door, make_mentor(writer))
        told, _ = self.moved(client, writer, child, next_door)
        assert (told.owner, told.given_by) == (writer, None)

    def test_what_few_may_know_and_a_child_of_nobody_stay_with_the_writer(
        self, client, child, next_door, writer
    ) -> None:
        assert self.moved(client, writer, child, next_door)[0].owner == writer
        FollowUp.objects.all().delete()
        make_staff(Role.HOMEROOM, next_door.school_class, "罗老师")
        assert self.moved(client, writer, child, next_door, visibility="restricted")[0].owner == writer

    def test_an_ordinary_promise_is_the_writers(self, child, next_door, writer) -> None:
        make_staff(Role.HOMEROOM, next_door.school_class, "罗老师")
        contact = Contact(kind="talk", on=TODAY, content="想妈妈", follow_up="问药", follow_up_on=TODAY)
        record_contact(children=[next_door], contact=contact, by=writer, today=TODAY)
        assert FollowUp.objects.get().owner == writer

"""Activities and meetings: who is asked, who came, what was decided, and what each person learns of it."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.gatherings import attendance, invite
from activities.models import Activity, ActivityParticipant, Meeting, MeetingAttendee, MeetingTask
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from children.models import Child
from children.timeline import timeline
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_school,
    make_staff,
)
from tests.support.paper import text_of

pytestmark = pytest.mark.django_db
# Pages compare with the day on which they are opened.
TODAY = timezone.localdate()
YESTERDAY = TODAY - timedelta(days=1)


def activity(school_class, leader, *, on=TODAY, **kw):
    return Activity.objects.create(
        school=school_class.school, kind="lecture", name="防溺水讲座", on=on, leader=leader, **kw
    )


def new_activity(lead, school_class, **kw):
    return {
        "school": school_class.school_id, "name": "防溺水讲座", "kind": "lecture", "on": TODAY.isoformat(),
        "leader": lead.pk, "client_key": "5b8a7c1e-3a0e-4a7c-9a51-2f4e5d6c7b8a", **kw,
    }  # fmt: skip


def test_pressing_twice_makes_one_activity(client, lead, school_class):
    client.force_login(lead)
    for _ in range(2):
        answer = client.post(reverse("activities:event_add"), new_activity(lead, school_class))
        assert answer.status_code == 302
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    "on, why", [("0202-11-23", "年份 202 不对"), ("2202-11-23", "年份 2202 不对"), ("2002-11-23", "请核对年份")]
)
def test_a_slip_in_the_year_is_told_before_it_is_kept(client, lead, school_class, on, why):
    client.force_login(lead)
    answer = client.post(reverse("activities:event_add"), new_activity(lead, school_class, on=on))
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert "防溺水讲座" in answer.content.decode()
    assert not Activity.objects.exists()


@pytest.mark.parametrize("name", ["record_list", "follow_up_list", "record_cards"])
def test_an_odd_number_in_an_address_is_no_accident(client, lead, name):
    client.force_login(lead)
    assert client.get(reverse(f"activities:{name}"), {"child": "9" * 25}, follow=True).status_code == 200


def test_a_class_is_asked_in_one_press_and_only_the_left_behind(client, lead, school_class):
    behind, other = make_left_behind("李小兰", school_class), make_child("王大明", school_class)
    talk = activity(school_class, lead, on=YESTERDAY)
    client.force_login(lead)
    given = {"audience": "left_behind", "classes": [school_class.pk]}
    client.post(reverse("activities:event_invite", args=[talk.pk]), given)
    assert list(talk.participants.values_list("child", "came")) == [(behind.pk, True)]
    client.post(reverse("activities:event_invite", args=[talk.pk]), given | {"audience": "everybody"})
    assert set(talk.participants.values_list("child", flat=True)) == {behind.pk, other.pk}
    assert talk.participants.get(child=behind).priority
    assert not talk.participants.get(child=other).priority


def test_the_look_around_the_school_is_written_point_by_point_and_asks_nobody_to_come(client, lead, school_class):
    client.force_login(lead)
    page = client.get(reverse("activities:event_add") + "?kind=surroundings")
    begun = page.context["form"].initial
    assert (begun["name"], begun["kind"]) == ("校园周边整治", "surroundings")
    assert "河塘水库等溺水隐患：" in begun["process"]
    sent = new_activity(
        lead, school_class, name=begun["name"], kind="surroundings", process="流动摊点和食品：两处，已劝离"
    )
    answer = client.post(reverse("activities:event_add"), sent, follow=True)
    shown = answer.content.decode()
    assert "流动摊点和食品：两处，已劝离" in shown
    assert "请谁来" not in shown
    look = Activity.objects.get(kind="surroundings")
    Activity.objects.filter(pk=look.pk).update(others_count=9)
    paper = text_of(client.get(reverse("activities:event_print", args=[look.pk])).content)
    assert "参加人数9人" in paper.replace(" ", "")
    assert "学生" not in paper
    drill = client.get(reverse("activities:event_add") + "?kind=drill").context["form"].initial
    assert "清点人数：" in drill["process"]


@pytest.mark.parametrize("page, model", [("event", Activity), ("meeting", Meeting)])
def test_the_hour_stands_on_the_page_and_on_the_papers(client, lead, school_class, page, model):
    named = {"name": "远足", "kind": "outing"} if model is Activity else {"title": "会", "kind": "carers"}
    row = model.objects.create(school=school_class.school, on=TODAY, at=time(14, 5), place="操场", **named)
    client.force_login(lead)
    assert "14:05" in client.get(reverse(f"activities:{page}_show", args=[row.pk])).content.decode()
    for paper in ("sign_in", "print"):
        assert "14:05" in text_of(client.get(reverse(f"activities:{page}_{paper}", args=[row.pk])).content)


def test_before_the_day_nobody_has_come_yet(lead, school_class):
    child = make_left_behind("李小兰", school_class)
    talk = activity(school_class, lead, on=TODAY + timedelta(days=3))
    invite(talk, Child.objects.filter(pk=child.pk), today=TODAY)
    assert (attendance(talk).expected, attendance(talk).came) == (1, 0)
    assert timeline([child], lead, last=TODAY + timedelta(days=9), kinds={"activity"}) == []


@pytest.mark.parametrize("on, came", [(TODAY, False), (YESTERDAY, True)])
def test_nobody_has_come_on_the_day_itself_before_the_roll_is_called(client, lead, school_class, on, came):
    child = make_left_behind("李小兰", school_class)
    talk = activity(school_class, lead, on=on)
    invite(talk, Child.objects.filter(pk=child.pk), today=TODAY)
    assert talk.participants.get().came is came
    client.force_login(lead)
    page = client.get(reverse("activities:event_show", args=[talk.pk])).content.decode()
    assert ("未点" in page) is not came
    assert "没到" not in page
    paper = text_of(client.get(reverse("activities:event_print", args=[talk.pk])).content)
    assert ("未点名" in paper) is not came
    assert "缺席" not in paper
    (listed,) = client.get(reverse("activities:event_list")).context["rows"]
    assert (listed["expected"], listed["present"]) == (1, 1 if came else None)


def test_carers_and_grown_ups_of_a_meeting_are_absent_only_after_they_could_sign(client, lead, school_class):
    make_left_behind("李小兰", school_class)
    meeting = Meeting.objects.create(school=school_class.school, kind="carers", on=TODAY, keeper=lead)
    invite(meeting, Child.objects.all(), today=TODAY)
    guests = [meeting.attendees.create(name=name) for name in ("石老师", "村主任")]
    client.force_login(lead)

    def seen():
        page = client.get(reverse("activities:meeting_show", args=[meeting.pk])).content.decode()
        sheets = [("meeting_print", ""), ("meeting_sign_in", "?filled=1")]
        papers = [client.get(reverse(f"activities:{n}", args=[meeting.pk]) + q).content for n, q in sheets]
        return page, *map(text_of, papers)

    page, minutes, sheet = seen()
    assert (page.count("待签到"), "没到" in page) == (3, False)
    assert "缺席" not in minutes
    assert "应到1人、未点名" in minutes
    assert "应到2人、未签到" in minutes
    assert (sheet.count("待签到"), "未到" in sheet) == (3, False)
    meeting.attendees.filter(pk=guests[0].pk).update(came=True)
    page, minutes, sheet = seen()
    assert (page.count("待签到"), page.count("没到")) == (1, 1)
    assert "村主任" in minutes.partition("缺席")[2]
    assert "李小兰" not in minutes
    assert (sheet.count("待签到"), sheet.count("未到")) == (1, 1)


def test_the_roll_writes_who_was_away_and_why(client, lead, school_class):
    child = make_left_behind("李小兰", school_class)
    talk = activity(school_class, lead, on=YESTERDAY)
    invite(talk, Child.objects.filter(pk=child.pk), today=TODAY)
    row = talk.participants.get()
    client.force_login(lead)
    answer = client.post(
        reverse("activities:event_roll", args=[talk.pk]),
        {f"absence_{row.pk}": "生病", f"version_{row.pk}": row.version},
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.came, row.absence) == (False, "生病")
    assert timeline([child], lead, last=TODAY, kinds={"activity"}) == []


def test_of_two_who_call_the_roll_the_second_is_told_and_nothing_is_lost(client, lead, school_class):
    child = make_left_behind("李小兰", school_class)
    talk = activity(school_class, lead, on=YESTERDAY)
    invite(talk, Child.objects.filter(pk=child.pk), today=TODAY)
    row = talk.participants.get()
    opened = row.version
    with change_by(lead, "先点名"):
        row.role = "主持"
        row.save()
    client.force_login(lead)
    url = reverse("activities:event_roll", args=[talk.pk])
    answer = client.post(url, {f"absence_{row.pk}": "请假", f"version_{row.pk}": opened})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "李小兰的这一行刚刚由别人改过" in page
    assert "请假" in page
    row.refresh_from_db()
    assert (row.came, row.role) == (True, "主持")
    again = client.post(url, {f"absence_{row.pk}": "请假", f"version_{row.pk}": row.version})
    assert again.status_code == 302
    row.refresh_from_db()
    assert (row.came, row.absence) == (False, "请假")


def test_whoever_saves_second_reads_what_the_other_saved(client, lead, school_class):
    talk = activity(school_class, lead)
    opened = talk.version
    with change_by(lead, "先改"):
        talk.place = "操场"
        talk.save()
    client.force_login(lead)
    given = new_activity(lead, school_class, place="教室", version=opened)
    url = reverse("activities:event_edit", args=[talk.pk])
    answer = client.post(url, given)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "操场" in page
    assert "教室" in page
    talk.refresh_from_db()
    assert talk.place == "操场"
    assert client.post(url, given | {"version": talk.version}).status_code == 302


def test_a_teacher_of_one_class_sees_the_others_only_as_a_number(client, lead, homeroom, school_class):
    mine = make_left_behind("李小兰", school_class)
    elsewhere = make_left_behind("王大明", make_class(school_class.school, grade=5))
    talk = activity(school_class, lead, on=YESTERDAY)
    invite(talk, Child.objects.filter(pk__in=[mine.pk, elsewhere.pk]), today=TODAY)
    client.force_login(homeroom)
    page = client.get(reverse("activities:event_show", args=[talk.pk])).content.decode()
    assert "李小兰" in page
    assert "王大明" not in page
    assert "另有 1 名别的班的学生" in page
    paper = text_of(client.get(reverse("activities:event_print", args=[talk.pk])).content)
    assert "李小兰" in paper
    assert "王大明" not in paper


def test_a_class_teacher_changes_the_meetings_of_the_own_class_only(client, lead, homeroom, school_class):
    own = Meeting.objects.create(school=school_class.school, school_class=school_class, kind="class", on=TODAY)
    whole = Meeting.objects.create(school=school_class.school, kind="mentors", on=TODAY, minutes="谁家的情况")
    client.force_login(homeroom)
    assert client.get(reverse("activities:meeting_edit", args=[own.pk])).status_code == 200
    assert client.get(reverse("activities:meeting_edit", args=[whole.pk])).status_code == 404
    page = client.get(reverse("activities:meeting_show", args=[whole.pk])).content.decode()
    assert "谁家的情况" not in page


def test_a_mentor_on_the_list_reads_the_minutes(client, lead, school_class):
    staff = make_staff(Role.TEACHER, school_class, name="石老师")
    make_mentor(staff, school_class.school)
    client.force_login(lead)
    client.post(
        reverse("activities:meeting_add"),
        {
            "school": school_class.school_id, "kind": "mentors", "on": TODAY.isoformat(), "minutes": "下月家访安排",
            "client_key": "5b8a7c1e-3a0e-4a7c-9a51-2f4e5d6c7b8b",
        },
    )  # fmt: skip
    meeting = Meeting.objects.get()
    assert [one.name for one in meeting.attendees.all()] == ["石老师"]
    client.force_login(staff)
    assert "下月家访安排" in client.get(reverse("activities:meeting_show", args=[meeting.pk])).content.decode()


def test_carers_sign_and_are_counted_as_carers(client, lead, school_class):
    child = make_left_behind("李小兰", school_class)
    meeting = Meeting.objects.create(school=school_class.school, kind="parent_school", on=TODAY, keeper=lead)
    invite(meeting, Child.objects.filter(pk=child.pk), today=TODAY)
    row = meeting.participants.get()
    assert not row.came
    client.force_login(lead)
    url = reverse("activities:meeting_roll", args=[meeting.pk])
    given = {f"carer_came_{row.pk}": "on", f"carer_{row.pk}": "奶奶", f"version_{row.pk}": row.version}
    client.post(url, given)
    counted = attendance(meeting)
    assert (counted.expected, counted.came, counted.carers) == (1, 0, 1)
    (line,) = timeline([child], lead, last=TODAY, kinds={"activity"})
    assert line.title == "监护人参加会议：家长学校"


def test_a_task_waits_on_the_workbench_until_its_owner_closes_it(client, lead, homeroom, school_class):
    meeting = Meeting.objects.create(school=school_class.school, kind="joint", on=TODAY, keeper=lead)
    client.force_login(lead)
    client.post(
        reverse("activities:meeting_task_add", args=[meeting.pk]),
        {"what": "走访三户", "owner": homeroom.pk, "due_on": (TODAY + timedelta(days=2)).isoformat()},
    )
    task = MeetingTask.objects.get()
    client.force_login(homeroom)
    assert "走访三户" in client.get("/").content.decode()
    close = reverse("activities:meeting_task_close", args=[task.pk])
    client.post(close, {"outcome": ""}, follow=True)
    task.refresh_from_db()
    assert task.done_on is None
    client.post(close, {"outcome": "三户都去了"}, follow=True)
    task.refresh_from_db()
    assert (task.done_on, task.outcome) == (TODAY, "三户都去了")
    assert "走访三户" not in client.get("/").content.decode()


def test_whoever_only_runs_accounts_or_watches_from_the_town_is_not_offered_as_the_one_who_does_it(
    client, lead, school_class
):
    school = school_class.school
    make_staff(Role.SYSADMIN, school, name="罗明远")
    make_staff(Role.SUPERIOR, school, name="唐主任")
    make_staff(Role.TEACHER, make_class(make_school()), name="外校莫老师")
    both = make_staff(Role.SYSADMIN, school, name="石老师")
    appoint(both, Role.TEACHER, school_class)
    client.force_login(lead)
    meeting = Meeting.objects.create(school=school, kind="joint", on=TODAY, keeper=lead)
    owners = client.get(reverse("activities:meeting_show", args=[meeting.pk])).context["task_form"].fields["owner"]
    leaders = client.get(reverse("activities:event_add")).context["form"].fields["leader"]
    for field in (owners, leaders):
        assert {person.name for person in field.queryset} == {"潘主任", "石老师"}


def test_a_task_cannot_be_due_before_its_meeting(client, lead, school_class):
    meeting = Meeting.objects.create(school=school_class.school, kind="joint", on=TODAY, keeper=lead)
    client.force_login(lead)
    given = {"what": "走访三户", "owner": lead.pk, "due_on": (TODAY - timedelta(days=2)).isoformat()}
    refused = client.post(reverse("activities:meeting_task_add", args=[meeting.pk]), given)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "期限不能早于开会日期" in page
    assert "走访三户" in page, "what was typed stays"
    assert not MeetingTask.objects.exists()


def test_a_refused_guest_stays_in_the_form(client, lead, school_class):
    meeting = Meeting.objects.create(school=school_class.school, kind="joint", on=TODAY, keeper=lead)
    client.force_login(lead)
    refused = client.post(reverse("activities:meeting_guest_add", args=[meeting.pk]), {"capacity": "派出所民警"})
    assert refused.status_code == 422
    assert "派出所民警" in refused.content.decode()


def test_two_at_the_door_do_not_overwrite_each_other(client, lead, school_class):
    meeting = Meeting.objects.create(school=school_class.school, kind="joint", on=TODAY, keeper=lead)
    guest = MeetingAttendee.objects.create(meeting=meeting, name="民警老田")
    client.force_login(lead)
    page = reverse("activities:meeting_guests", args=[meeting.pk])
    opened = {f"version_{guest.pk}": guest.version}
    assert client.post(page, opened | {f"came_{guest.pk}": "on"}).status_code == 302
    late = client.post(page, opened | {f"absence_{guest.pk}": "出警"})
    assert late.status_code == 422
    assert "刚刚由别人改过" in late.content.decode()
    guest.refresh_from_db()
    assert (guest.came, guest.absence) == (True, "")


@pytest.mark.parametrize("name", ["event_list", "meeting_list"])
def test_a_list_costs_the_same_for_one_and_for_many(client, lead, school_class, name):
    client.force_login(lead)
    counts = []
    for number in (1, 11):
        for day in range(number):
            on = date(2026, 9, 1) + timedelta(days=day)
            activity(school_class, lead, on=on)
            meeting = Meeting.objects.create(school=school_class.school, school_class=school_class, kind="class", on=on)
            ActivityParticipant.objects.create(meeting=meeting, child=make_child(f"李{number}{day}", school_class))
        client.get(reverse(f"activities:{name}"))
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse(f"activities:{name}")).status_code == 200
        counts.append(len(told))
    assert counts[0] == counts[1]

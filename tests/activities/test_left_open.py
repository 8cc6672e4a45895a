"""A class changes hands, somebody leaves the school: what they had promised goes on with somebody who can keep it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.campaigns import add_targets
from activities.follow_ups import staff_who_see
from activities.gatherings import add_task
from activities.jobs import pass_on_classes
from activities.left_open import passing_on, unseen_by
from activities.models import Campaign, CampaignTarget, FollowUp, Meeting
from activities.views.left_open_panel import left_open
from caretrack.access.history import change_by
from caretrack.access.lately import Looked
from caretrack.access.models import ChangeSet
from caretrack.access.policy import Role
from caretrack.schools import succession
from caretrack.schools.models import Appointment
from children.models import Child
from children.services import change_class
from mentoring.models import MentorAbsence, Pairing, PairingRole
from tests.support.factories import (
    appoint,
    make_child,
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TODAY = timezone.localdate()
BEFORE = TODAY - timedelta(days=1)


@pytest.fixture
def promised(child, homeroom) -> FollowUp:
    with change_by(homeroom, "登记"):
        return FollowUp.objects.create(child=child, what="问视频", due_on=TODAY, owner=homeroom)


@pytest.fixture
def campaign(school_class) -> Campaign:
    return Campaign.objects.create(
        school=school_class.school, kind="other", name="冬季大家访", record_kinds=["home_visit"],
        starts_on=TODAY - timedelta(days=3), ends_on=TODAY + timedelta(days=20),
    )  # fmt: skip


@pytest.fixture
def admin(school_class):
    return make_staff(Role.SYSADMIN, school_class.school, "管理员")


def ends(staff, on=BEFORE) -> Appointment:
    post = Appointment.objects.get(staff=staff)
    post.ends_on = on
    post.save()
    return post


def new_teacher(school_class, **kw):
    staff = make_staff(name="覃老师")
    appoint(staff, Role.HOMEROOM, school_class, **({"starts_on": TODAY} | kw))
    return staff


def owner(promised) -> str:
    return FollowUp.objects.get(pk=promised.pk).owner.name


def test_the_next_class_teacher_takes_over_what_is_open(client, admin, school_class, homeroom, promised, campaign):
    add_targets(campaign, Child.objects.filter(school_class=school_class), on=TODAY)
    client.force_login(admin)
    next_one = make_staff(name="覃老师")
    ending = reverse("schools:appointment_end", args=[Appointment.objects.get(staff=homeroom).pk])
    asked = client.get(ending).content.decode()
    assert "韦老师还有未办结的跟进 1 项、专项行动里没走到的学生 1 名：任命新班主任后自动转给新班主任" in asked
    assert "李小兰" not in asked
    client.post(ending, {"ends_on": BEFORE})
    assert owner(promised) == "韦老师"
    data = {
        "role": Role.HOMEROOM,
        "school": school_class.school_id,
        "school_class": school_class.pk,
        "starts_on": TODAY,
    }
    adding = reverse("schools:appointment_add", args=[next_one.pk])
    shown = client.post(adding, data, follow=True).content.decode()
    assert "原班主任留下的未办结的跟进 1 项、专项行动里没走到的学生 1 名，已转给现任班主任。" in shown
    assert owner(promised) == "覃老师"
    client.force_login(next_one)
    home = client.get(reverse("workbench")).content.decode()
    assert "问视频" in home
    assert "冬季大家访" in home


def test_it_goes_over_on_the_day_when_the_post_ends(school_class, homeroom, promised) -> None:
    next_one = new_teacher(school_class)
    post = ends(homeroom, TODAY)
    pass_on_classes()
    assert owner(promised) == "韦老师"
    Appointment.objects.filter(pk=post.pk).update(ends_on=BEFORE)
    pass_on_classes()
    assert owner(promised) == next_one.name


def test_a_child_that_changes_class_takes_its_follow_ups_along(child, school_class, homeroom, promised) -> None:
    other = make_class(school_class.school, number=2)
    new_teacher(other, starts_on=BEFORE)
    change_class(child=child, to=other, on=TODAY, by=None, reason="调班")
    pass_on_classes()
    assert owner(promised) == "覃老师"


def long_ago() -> None:
    ChangeSet.objects.update(made_at=timezone.now() - timedelta(hours=1))


def test_a_minute_in_which_nobody_lost_sight_of_a_child_looks_at_no_promise(school_class, homeroom, campaign) -> None:
    counts = []
    for children in (1, 12):
        for number in range(children):
            make_left_behind(f"李{children}{number}", school_class)
        add_targets(campaign, Child.objects.filter(school_class=school_class), on=TODAY)
        long_ago()
        pass_on_classes()
        with change_by(homeroom, "谈话"):
            for child in Child.objects.all():
                make_record(child, homeroom, TODAY)
        with CaptureQueriesContext(connection) as asked:
            pass_on_classes()
        assert not any("campaigntarget" in one["sql"] or "followup" in one["sql"] for one in asked.captured_queries)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_a_pairing_that_was_deleted_is_seen_within_a_minute(child, school_class, homeroom, promised) -> None:
    pairing = make_pairing(child, make_mentor(homeroom, school_class.school))
    ends(homeroom)
    appoint(homeroom, Role.TEACHER, make_class(school_class.school, grade=6))
    next_one = new_teacher(school_class)
    long_ago()
    pass_on_classes()
    assert owner(promised) == "韦老师"
    pairing.delete()
    pass_on_classes()
    assert owner(promised) == next_one.name


def test_a_deletion_is_seen_when_it_comes_late_and_not_for_ever(child, school_class, homeroom) -> None:
    """One that was not committed yet when somebody looked is seen the next time, ten minutes later it is old."""
    pairing = make_pairing(child, make_mentor(homeroom, school_class.school))
    long_ago()
    with change_by(homeroom, "删除"):
        pairing.delete()
    since = Looked.now(timezone.now())
    assert since.touched([Pairing])
    long_ago()
    assert not since.touched([Pairing])
    assert not since.deleted().exists()


def test_who_still_sees_the_child_keeps_it(child, school_class, homeroom, promised) -> None:
    make_pairing(child, make_mentor(homeroom, school_class.school))
    ends(homeroom)
    appoint(homeroom, Role.TEACHER, make_class(school_class.school, grade=6))
    new_teacher(school_class)
    pass_on_classes()
    assert owner(promised) == "韦老师"


def test_who_goes_on_teaching_the_class_gives_up_what_the_class_teacher_promised(
    client, admin, school_class, homeroom, promised
) -> None:
    appoint(homeroom, Role.TEACHER, school_class)
    client.force_login(admin)
    post = Appointment.objects.get(staff=homeroom, role=Role.HOMEROOM)
    asked = client.get(reverse("schools:appointment_end", args=[post.pk])).content.decode()
    assert "未办结的跟进 1 项" in asked
    yesterday(promised)
    client.post(reverse("schools:appointment_end", args=[post.pk]), {"ends_on": BEFORE})
    assert owner(promised) == "韦老师", "nobody is there to take it"
    new_teacher(school_class)
    pass_on_classes()
    assert owner(promised) == "覃老师"


def test_what_a_subject_teacher_takes_on_after_the_class_was_handed_over_stays(
    school_class, homeroom, promised
) -> None:
    post = ends(homeroom, TODAY - timedelta(days=2))
    appoint(homeroom, Role.TEACHER, school_class)
    new_teacher(school_class, starts_on=BEFORE)
    yesterday(promised)
    succession.pass_on(TODAY)
    assert owner(promised) == "韦老师"
    Appointment.objects.filter(pk=post.pk).update(ends_on=BEFORE)
    succession.pass_on(TODAY)
    assert owner(promised) == "覃老师"


def test_what_the_mentor_of_the_child_promised_stays_with_the_mentor(child, school_class, homeroom, promised) -> None:
    make_pairing(child, make_mentor(homeroom, school_class.school))
    appoint(homeroom, Role.TEACHER, school_class)
    yesterday(promised)
    post = Appointment.objects.get(staff=homeroom, role=Role.HOMEROOM)
    assert passing_on([post], TODAY) == {}
    Appointment.objects.filter(pk=post.pk).update(ends_on=BEFORE)
    new_teacher(school_class)
    succession.pass_on(TODAY)
    assert owner(promised) == "韦老师"


def yesterday(row) -> None:
    ChangeSet.objects.filter(pk=row.change_id).update(made_at=timezone.now() - timedelta(days=1))


def test_only_who_is_given_it_anew_keeps_it(school_class, homeroom, lead, promised) -> None:
    ends(homeroom)
    appoint(homeroom, Role.TEACHER, school_class)
    new_teacher(school_class)
    yesterday(promised)
    own = FollowUp.objects.filter(pk=promised.pk)
    for kept_by in (lead, homeroom):
        own.update(owner=kept_by)
    own.update(due_on=TODAY + timedelta(days=2))
    succession.pass_on(TODAY)
    assert owner(promised) == "韦老师", "given back to the former teacher today"


def test_another_day_for_it_is_not_taking_it_up_again(school_class, homeroom, promised) -> None:
    """A lead sets one, and so does a call that nobody answered."""
    ends(homeroom)
    appoint(homeroom, Role.TEACHER, school_class)
    new_teacher(school_class)
    yesterday(promised)
    FollowUp.objects.filter(pk=promised.pk).update(due_on=TODAY + timedelta(days=2))
    succession.pass_on(TODAY)
    assert owner(promised) == "覃老师"


def test_what_few_may_know_of_waits_for_the_lead(client, child, school_class, homeroom, lead, promised) -> None:
    record = make_record(child, homeroom, visibility="restricted")
    FollowUp.objects.filter(pk=promised.pk).update(record=record)
    ends(homeroom)
    new_teacher(school_class)
    pass_on_classes()
    assert owner(promised) == "韦老师"
    client.force_login(lead)
    assert "负责人已看不到学生的跟进" in client.get(reverse("workbench")).content.decode()


def test_reached_children_and_old_campaigns_stay_where_they_are(child, school_class, homeroom, campaign) -> None:
    over = Campaign.objects.create(
        school=school_class.school, kind="other", name="暑期大家访", record_kinds=["home_visit"],
        starts_on=TODAY - timedelta(days=90), ends_on=TODAY - timedelta(days=40),
    )  # fmt: skip
    for one in (campaign, over):
        add_targets(one, Child.objects.filter(pk=child.pk), on=TODAY)
    make_record(child, homeroom, TODAY, kind="home_visit", detail={"form": "door"}, with_whom="奶奶")
    ends(homeroom)
    new_teacher(school_class)
    pass_on_classes()
    assert set(CampaignTarget.objects.values_list("assignee__name", flat=True)) == {"韦老师"}


def test_the_lead_is_told_what_nobody_can_keep_and_finds_it(client, child, homeroom, lead, promised, campaign) -> None:
    add_targets(campaign, Child.objects.filter(pk=child.pk), on=TODAY)
    mine = FollowUp.objects.create(child=child, what="自己的事", due_on=TODAY, owner=lead)
    client.force_login(lead)
    assert "要另找人接着办" not in client.get(reverse("workbench")).content.decode()
    ends(homeroom)
    shown = client.get(reverse("workbench")).content.decode()
    assert "负责人已看不到学生的跟进" in shown
    assert "冬季大家访：负责教师已看不到学生" in shown
    listed = client.get(reverse("activities:follow_up_list"), {"owner": "gone"})
    assert [row["follow_up"] for row in listed.context["rows"]] == [promised]
    assert mine.what not in listed.content.decode()
    url = reverse("activities:campaign_show", args=[campaign.pk])
    assert [one["row"].child for one in client.get(url, {"assignee": "gone"}).context["rows"]] == [child]


def test_a_task_of_somebody_who_left_is_given_to_another(client, school_class, homeroom, lead) -> None:
    meeting = Meeting.objects.create(
        school=school_class.school, kind="work", title="工作会", on=TODAY, chair="潘主任", keeper=lead
    )
    task = add_task(meeting, what="修好亲情电话", owner=homeroom, due_on=TODAY + timedelta(days=3))
    ends(homeroom)
    client.force_login(lead)
    assert "落实人已离岗的会议事项" in client.get(reverse("workbench")).content.decode()
    url = reverse("activities:meeting_tasks")
    listed = client.get(url, {"owner": "gone"}).content.decode()
    moving = reverse("activities:meeting_task_move", args=[task.pk])
    assert moving in listed
    past = client.post(moving, {"owner": lead.pk, "due_on": BEFORE})
    assert past.status_code == 422
    assert "期限不能早于今天" in past.content.decode()
    assert client.post(moving, {"owner": lead.pk, "due_on": TODAY}).status_code == 302
    task.refresh_from_db()
    assert task.owner == lead
    assert not list(client.get(url, {"owner": "gone"}).context["rows"])


def test_ending_the_last_post_names_the_children_of_a_mentor(client, admin, child, school_class, homeroom) -> None:
    make_pairing(child, make_mentor(homeroom, school_class.school))
    client.force_login(admin)
    url = reverse("schools:appointment_end", args=[Appointment.objects.get(staff=homeroom).pk])
    assert "结对的学生 1 名：请告诉德育主任另作安排" in client.get(url).content.decode()
    appoint(homeroom, Role.TEACHER, school_class)
    assert "结对的学生" not in client.get(url).content.decode()


def test_other_schools_campaigns_make_no_question_longer(child, homeroom, lead, campaign) -> None:
    add_targets(campaign, Child.objects.filter(pk=child.pk), on=TODAY)
    ends(homeroom)

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert left_open(lead, TODAY)
            pass_on_classes()
        return sum(len(one["sql"]) for one in statements)

    asked()
    alone = asked()
    for number in range(5):
        place = make_class(make_school(f"第{number}小学"))
        theirs = Campaign.objects.create(
            school=place.school, kind="other", name="大家访", record_kinds=["home_visit"],
            starts_on=TODAY - timedelta(days=3), ends_on=TODAY + timedelta(days=20),
        )  # fmt: skip
        teacher = make_staff(Role.HOMEROOM, place, f"班主任{number}")
        theirs.targets.create(child=make_child("韦小小", place), assignee=teacher)
    assert asked() - alone < 100


def test_who_is_offered_a_promise_is_who_can_keep_it(child, school_class, homeroom, lead) -> None:
    """The list of those whom a follow-up may be given to and the question who sees the child no more answer alike."""
    gone, away, deputy = (make_mentor(school=school_class.school) for _ in range(3))
    make_pairing(child, gone)
    Pairing.objects.create(child=child, mentor=away, role=PairingRole.SUPPORT_TEACHER, starts_on=BEFORE)
    MentorAbsence.objects.create(mentor=away, deputy=deputy, starts_on=BEFORE, ends_on=TODAY, reason="出差")
    ends(gone.staff)
    named = [homeroom, lead, gone.staff, away.staff, deputy.staff]
    for one in named:
        FollowUp.objects.create(child=child, what="看作业", due_on=TODAY, owner=one)
    lost = set(FollowUp.objects.filter(unseen_by("owner", TODAY)).values_list("owner", flat=True))
    assert lost == {gone.staff.pk}
    assert set(staff_who_see(child, TODAY)) == {homeroom, lead, away.staff, deputy.staff}

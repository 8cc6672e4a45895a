"""The principal asks, the teacher answers; 'read, with thanks'; promises that were let pass."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from activities.models import FollowUp, RecordRemark
from activities.remarks import answer, ask, thank
from activities.views.remark_panels import SHOWN
from caretrack.access.history import change_by
from caretrack.access.policy import Role
from tests.support.factories import make_mentor, make_pairing, make_record, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(child):
    return make_staff(Role.HOMEROOM, child.school_class, "罗老师")


@pytest.fixture
def principal(child):
    return make_staff(Role.PRINCIPAL, child.school, "覃校长")


@pytest.fixture
def record(child, teacher):
    return make_record(child, teacher)


def test_a_question_waits_at_the_teachers_workbench_and_its_answer_at_the_principals(
    client, record, teacher, principal
) -> None:
    client.force_login(principal)
    client.post(reverse("activities:remark_ask", args=[record.pk]), {"text": "妈妈回电话了吗？"})
    client.force_login(teacher)
    assert "妈妈回电话了吗？" in client.get("/").content.decode()
    question = RecordRemark.objects.get()
    client.post(reverse("activities:remark_answer", args=[question.pk]), {"text": "昨晚回了。"})
    assert "妈妈回电话了吗？" not in client.get("/").content.decode()
    client.force_login(principal)
    assert "昨晚回了。" in client.get("/").content.decode()
    shown = client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert "妈妈回电话了吗？" in shown
    assert "昨晚回了。" in shown


def test_one_press_says_read_with_thanks_once(client, record, teacher, principal) -> None:
    client.force_login(principal)
    for _ in range(2):
        client.post(reverse("activities:remark_thank", args=[record.pk]))
    assert RecordRemark.objects.get().text == "已阅，谢谢！"
    unread = client.get(reverse("activities:record_list"), {"review": "unread"}).content.decode()
    assert "李小兰" not in unread
    client.force_login(teacher)
    assert "已阅，谢谢！" in client.get("/").content.decode()


def test_only_leads_review_and_nobody_himself(record, teacher, principal) -> None:
    with pytest.raises(ValidationError):
        thank(record=record, by=teacher)
    own = make_record(record.child, principal)
    with pytest.raises(ValidationError):
        ask(record=own, text="？", by=principal)


def test_only_the_author_answers_and_only_once(record, teacher, principal) -> None:
    question = ask(record=record, text="后来呢？", by=principal)
    with pytest.raises(ValidationError):
        answer(question=question, text="不知道", by=principal)
    answer(question=question, text="好多了", by=teacher)
    with pytest.raises(ValidationError, match="已经答复"):
        answer(question=question, text="再答", by=teacher)


def test_what_leaders_and_author_say_is_not_for_other_readers(record, principal) -> None:
    ask(record=record, text="后来呢？", by=principal)
    counsellor = make_staff(Role.COUNSELLOR, record.school)
    assert not RecordRemark.objects.visible_to(counsellor).exists()


def test_a_counselling_record_is_not_read_over(child, principal) -> None:
    counselled = make_record(child, make_staff(Role.COUNSELLOR, child.school), kind="counselling")
    with pytest.raises(ValidationError):
        ask(record=counselled, text="谈了什么？", by=principal)


def test_a_promise_let_pass_comes_to_the_lead_with_the_name_of_who_made_it(client, child, teacher, principal) -> None:
    today = timezone.localdate()
    FollowUp.objects.create(child=child, what="问视频", due_on=today - timedelta(days=4), owner=teacher)
    client.force_login(principal)
    shown = client.get("/").content.decode()
    assert "罗老师 1 项" in shown
    assert "问视频" in shown


def test_the_people_named_and_the_rest_add_up_to_all_that_was_let_pass(client, child, principal) -> None:
    due = timezone.localdate() - timedelta(days=4)
    for number in range(SHOWN + 2):
        owner = make_staff(Role.TEACHER, child.school_class, name=f"覃{number}")
        FollowUp.objects.create(child=child, what="问视频", due_on=due, owner=owner)
    client.force_login(principal)
    shown = client.get("/").content.decode()
    assert f"共 {SHOWN + 2} 项" in shown
    assert "其他人共 2 项" in shown


def test_a_promise_given_to_a_colleague_stands_on_that_persons_workbench(client, child, teacher) -> None:
    mentor = make_mentor(school=child.school)
    make_pairing(child, mentor)
    client.force_login(teacher)
    due = timezone.localdate() + timedelta(days=2)
    told = {"what": "去家里看看", "due_on": due.isoformat(), "owner": mentor.staff.pk}
    assert client.post(reverse("activities:follow_up_add", args=[child.pk]), told).status_code == 302
    client.force_login(mentor.staff)
    shown = client.get("/").content.decode()
    assert "去家里看看" in shown
    assert "罗老师交办" in shown


def test_a_promise_is_moved_to_a_day_and_a_person_that_fit(client, child, teacher, principal) -> None:
    today = timezone.localdate()
    row = FollowUp.objects.create(child=child, what="问视频", due_on=today, owner=teacher)
    client.force_login(principal)
    url = reverse("activities:follow_up_move", args=[row.pk])
    yesterday = {"due_on": (today - timedelta(days=1)).isoformat(), "owner": teacher.pk}
    assert client.post(url, yesterday).status_code == 422
    later = today + timedelta(days=5)
    assert client.post(url, {"due_on": later.isoformat(), "owner": principal.pk}).status_code == 302
    row.refresh_from_db()
    assert (row.due_on, row.owner, row.given_by) == (later, principal, principal)


def test_a_correction_shows_what_stood_there_before(client, record, teacher) -> None:
    client.force_login(teacher)
    url = reverse("activities:record_edit", args=[record.pk])
    form = client.get(url).context["form"]
    told = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent = told | {"content": "改过的话。", "on": told["on"].isoformat()}
    assert client.post(url, sent).status_code == 302
    shown = client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert "改了内容" in shown
    assert "原来写的：聊了学习和家里的情况。" in shown


def take_back(client, remark):
    return client.post(reverse("activities:remark_take_back", args=[remark.pk]), follow=True).content.decode()


def test_what_was_said_on_the_wrong_record_is_taken_back_the_same_day(client, record, teacher, principal) -> None:
    question, (thanks, _) = ask(record=record, text="后来呢？", by=principal), thank(record=record, by=principal)
    client.force_login(principal)
    shown = client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert all(reverse("activities:remark_take_back", args=[one.pk]) in shown for one in (question, thanks))
    assert "提问已撤回" in take_back(client, question)
    assert "已阅已撤回" in take_back(client, thanks)
    assert not RecordRemark.objects.exists()
    client.force_login(teacher)
    assert "后来呢？" not in client.get("/").content.decode()


def test_an_answered_question_stays_and_an_answer_taken_back_lets_it_wait(client, record, teacher, principal) -> None:
    question = ask(record=record, text="后来呢？", by=principal)
    said = answer(question=question, text="打错了", by=teacher)
    client.force_login(principal)
    assert "不能撤回" in take_back(client, question)
    client.force_login(teacher)
    assert "撤回答复" in client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    take_back(client, said)
    assert list(RecordRemark.objects.unanswered()) == [question]


def test_a_remark_of_yesterday_or_of_somebody_else_stays(client, record, teacher, principal) -> None:
    question = ask(record=record, text="后来呢？", by=principal)
    client.force_login(teacher)
    assert client.post(reverse("activities:remark_take_back", args=[question.pk])).status_code == 404
    with change_by(None, "yesterday"):
        RecordRemark.objects.update(created_at=timezone.now() - timedelta(days=1))
    client.force_login(principal)
    url = reverse("activities:remark_take_back", args=[question.pk])
    assert url not in client.get(reverse("activities:record_show", args=[record.pk])).content.decode()
    assert "当天撤回" in take_back(client, question)
    assert RecordRemark.objects.exists()

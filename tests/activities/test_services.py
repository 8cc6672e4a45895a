"""The acts of recording: what is impossible, what happens once, what stays private."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from activities.follow_ups import close_follow_up
from activities.models import CareRecord, CounsellingNote, FollowUp, RecordAddendum
from activities.services import Contact, add_addendum, correct_record, may_edit, record_contact
from caretrack.access.history import Stale
from caretrack.access.policy import Role
from tests.support.factories import TODAY, make_child, make_class, make_mentor, make_pairing, make_record, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.data]
TALK = Contact(kind="talk", on=TODAY, content="聊了学习。")


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.HOMEROOM, school_class)


@pytest.fixture
def child(school_class):
    return make_child(at=school_class)


def refused(contact: Contact, child, teacher) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        record_contact(children=[child], contact=contact, by=teacher, today=TODAY)
    assert CareRecord.objects.count() == 0
    return refusal.value.message_dict


def test_a_talk_in_the_future_is_refused(child, teacher) -> None:
    assert "今天以后" in refused(Contact("talk", TODAY + timedelta(days=1), "聊"), child, teacher)["on"][0]


def test_a_talk_before_the_child_came_is_refused(child, teacher) -> None:
    assert "入学" in refused(Contact("talk", date(2026, 8, 31), "聊"), child, teacher)["on"][0]


def test_a_talk_without_words_is_refused_but_an_attempt_is_not(child, teacher) -> None:
    assert "content" in refused(Contact("talk", TODAY), child, teacher)
    made, _ = record_contact(children=[child], contact=Contact("talk", TODAY, reached=False), by=teacher, today=TODAY)
    assert made[0].reached is False


@pytest.mark.parametrize(
    "kind, field, enough",
    [
        ("homework", "content", {"detail": {"done": "全部完成"}}),
        ("tutoring", "content", {"detail": {"subject": "数学"}}),
        ("meal", "content", {"content": "一起包了饺子"}),
        ("good_deed", "content", {"content": "帮同学补习"}),
        ("birthday", "content", {"detail": {"how": "贺卡"}}),
        ("reading", "book", {"detail": {"book": "夏洛的网"}, "content": "小猪很幸运"}),
    ],
)
def test_a_record_that_says_nothing_proves_nothing(kind, field, enough, child, teacher) -> None:
    child.birth_date = date(TODAY.year - 9, TODAY.month, 28)
    assert field in refused(Contact(kind, TODAY), child, teacher)
    contact = Contact(kind, TODAY, **enough)
    assert record_contact(children=[child], contact=contact, by=teacher, today=TODAY)[1]


def test_a_book_comes_with_a_thought_from_grade_three_on(child, teacher) -> None:
    read = {"book": "夏洛的网"}
    assert "读后感" in refused(Contact("reading", TODAY, detail=read), child, teacher)["content"][0]
    little = make_child("石小军", make_class(child.school, grade=2))
    assert record_contact(children=[little], contact=Contact("reading", TODAY, detail=read), by=teacher, today=TODAY)[1]


def test_a_follow_up_needs_day_and_words_and_order(child, teacher) -> None:
    assert "follow_up_on" in refused(Contact("talk", TODAY, "聊", follow_up="再问"), child, teacher)
    assert "follow_up" in refused(Contact("talk", TODAY, "聊", follow_up_on=TODAY), child, teacher)
    early = Contact("talk", TODAY, "聊", follow_up="再问", follow_up_on=TODAY - timedelta(days=1))
    assert "follow_up_on" in refused(early, child, teacher)


def test_the_same_key_makes_one_record(child, teacher) -> None:
    key = uuid.uuid4()
    first, made = record_contact(children=[child], contact=TALK, by=teacher, today=TODAY, client_key=key)
    again, made_again = record_contact(children=[child], contact=TALK, by=teacher, today=TODAY, client_key=key)
    assert (made, made_again) == (True, False)
    assert [r.pk for r in first] == [r.pk for r in again]
    assert CareRecord.objects.count() == 1


def test_a_group_is_one_occasion_with_heads(school_class, teacher) -> None:
    children = [make_child(name, school_class) for name in ("李小兰", "龙小川", "石小禾")]
    made, _ = record_contact(children=children, contact=TALK, by=teacher, today=TODAY)
    assert len({r.group_id for r in made}) == 1
    assert {r.child for r in made} == set(children)
    assert len({r.client_key for r in made}) == 3


def test_the_mentor_is_named_by_the_pairing_of_that_day(school_class, teacher, child) -> None:
    mentor = make_mentor(teacher)
    before = make_record(child, teacher, date(2026, 9, 5))
    make_pairing(child, mentor, on=date(2026, 10, 1))
    assert before.mentor is None
    assert make_record(child, teacher, TODAY).mentor == mentor


def test_a_letter_keeps_no_content(child, teacher) -> None:
    record = make_record(child, teacher, kind="letter", content="亲爱的妈妈", detail={"direction": "寄出"})
    assert (record.content, record.detail) == ("", {"direction": "寄出"})


def test_counselling_leaves_only_a_grey_line(child, school_class) -> None:
    counsellor = make_staff(Role.COUNSELLOR, school_class.school)
    told = Contact(
        "counselling", TODAY, "不该留", state="low", advice="不该留", topics=("mood",), detail={"x": "不该留"},
        with_whom="不该留", follow_up="不该留", follow_up_on=TODAY,
    )  # fmt: skip
    made, _ = record_contact(
        children=[child], contact=told, by=counsellor, today=TODAY, counselling={"complaint": "噩梦", "risk": "high"}
    )
    record = CareRecord.objects.get(pk=made[0].pk)
    kept = (record.content, record.state, record.advice, record.topics, record.detail, record.with_whom)
    assert kept == ("", "", "", [], {}, "")
    assert FollowUp.objects.get().what == "下次心理辅导"
    assert set(CounsellingNote.objects.visible_to(counsellor).values_list("risk", flat=True)) == {"high"}
    for role in (Role.HOMEROOM, Role.TEACHER):
        assert not CounsellingNote.objects.visible_to(make_staff(role, school_class)).exists()
    for role in (Role.PRINCIPAL, Role.CARE_LEAD, Role.REGISTRAR):
        assert not CounsellingNote.objects.visible_to(make_staff(role, school_class.school)).exists()


def test_the_author_corrects_within_the_window(child, teacher) -> None:
    record = CareRecord.objects.select_related("school", "child").get(pk=make_record(child, teacher).pk)
    entered = timezone.localdate(record.created_at)
    assert may_edit(record, teacher, today=entered + timedelta(days=7))
    assert not may_edit(record, teacher, today=entered + timedelta(days=8))
    assert not may_edit(record, make_staff(Role.HOMEROOM, child.school_class), today=entered)
    correct_record(record=record, contact=Contact("talk", TODAY, "改正。"), version=1, by=teacher, today=entered)
    record.refresh_from_db()
    assert (record.content, record.version) == ("改正。", 2)
    with pytest.raises(ValidationError, match="补充说明"):
        correct_record(record=record, contact=TALK, version=2, by=teacher, today=entered + timedelta(days=8))


def test_nobody_overwrites_unseen(child, teacher) -> None:
    record = CareRecord.objects.select_related("school", "child").get(pk=make_record(child, teacher).pk)
    today = timezone.localdate(record.created_at)
    correct_record(record=record, contact=Contact("talk", TODAY, "第一个窗口"), version=1, by=teacher, today=today)
    late = CareRecord.objects.select_related("school", "child").get(pk=record.pk)
    with pytest.raises(Stale):
        correct_record(record=late, contact=Contact("talk", TODAY, "第二个窗口"), version=1, by=teacher, today=today)
    assert CareRecord.objects.get(pk=record.pk).content == "第一个窗口"


def test_a_correction_keeps_the_kind(child, teacher) -> None:
    record = CareRecord.objects.select_related("school", "child").get(pk=make_record(child, teacher).pk)
    today = timezone.localdate(record.created_at)
    correct_record(record=record, contact=Contact("meal", TODAY, "聊"), version=1, by=teacher, today=today)
    assert CareRecord.objects.get(pk=record.pk).kind == "talk"


def test_an_addendum_is_the_authors_and_has_a_reason(child, teacher) -> None:
    record = make_record(child, teacher)
    with pytest.raises(ValidationError):
        add_addendum(record=record, text="", reason="漏记", by=teacher)
    with pytest.raises(ValidationError, match="本人"):
        add_addendum(record=record, text="补", reason="漏记", by=make_staff(Role.HOMEROOM, child.school_class))
    add_addendum(record=record, text="妈妈打来了电话。", reason="漏记", by=teacher)
    assert RecordAddendum.objects.get().text == "妈妈打来了电话。"
    record.refresh_from_db()
    assert record.version == 1


def test_a_follow_up_is_closed_once_and_with_a_word(child, teacher) -> None:
    follow_up = FollowUp.objects.create(child=child, what="问视频", due_on=TODAY, owner=teacher)
    with pytest.raises(ValidationError):
        close_follow_up(follow_up=follow_up, on=TODAY, by=teacher)
    close_follow_up(follow_up=follow_up, on=TODAY, by=teacher, outcome="已视频")
    with pytest.raises(ValidationError, match="办结"):
        close_follow_up(follow_up=follow_up, on=TODAY, by=teacher, outcome="再来")


def test_history_keeps_what_was_there(child, teacher) -> None:
    from activities.queries import record_as_it_was

    record = CareRecord.objects.select_related("school", "child").get(
        pk=make_record(child, teacher, content="原来的话", topics=("mood",)).pk
    )
    today = timezone.localdate(record.created_at)
    correct_record(record=record, contact=Contact("talk", TODAY, "新的话"), version=1, by=teacher, today=today)
    was = record_as_it_was(record.pk, 1)
    assert (was["content"], was["topics"]) == ("原来的话", ["mood"])
    assert record_as_it_was(record.pk, 7) == {}

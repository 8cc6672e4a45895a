"""The quick form: what a class teacher does at four in the afternoon."""

import uuid
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.kinds import SPECS
from activities.models import CareRecord, CounsellingNote, FollowUp, Kind
from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.web.models import Draft
from tests.support.factories import (  # fmt: skip
    make_class,
    make_left_behind,
    make_mentor,
    make_pairing,
    make_record,
    make_school,
    make_staff,
)
from tests.support.windows import on_screen

pytestmark = pytest.mark.django_db


def add_url(**query) -> str:
    return f"{reverse('activities:record_add')}?{urlencode(query, doseq=True)}"


@pytest.fixture
def teacher(school_class):
    return make_staff(Role.HOMEROOM, school_class, "罗老师")


@pytest.fixture
def page(client: Client, teacher) -> Client:
    client.force_login(teacher)
    return client


def talk(child, **changed) -> dict:
    told = {
        "children": [child.pk],
        "client_key": str(uuid.uuid4()),
        "on": timezone.localdate().isoformat(),
        "topics": ["study", "mood"],
        "content": "说想妈妈，约好周末视频。",
        "state": "low",
        "reached": "yes",
        "way": "face",
        "place": "office",
        "visibility": "normal",
    }
    return told | changed


def test_a_talk_is_saved_and_leads_back(page, teacher, child) -> None:
    answer = page.post(add_url(child=child.pk, kind="talk", next="/"), talk(child))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    record = CareRecord.objects.get()
    assert (record.child, record.author, record.kind, record.reached) == (child, teacher, Kind.TALK, True)
    assert (record.topics, record.content, record.state) == (["study", "mood"], "说想妈妈，约好周末视频。", "low")
    after = page.get("/").content.decode()
    assert "已记下李小兰" in after
    assert "再记一条" in after


@pytest.mark.parametrize("kind", sorted(set(SPECS) - {Kind.COUNSELLING.value}))
def test_every_kind_opens_and_saves(page, child, kind) -> None:
    type(child).objects.filter(pk=child.pk).update(birth_date=timezone.localdate().replace(year=2016))
    address = add_url(child=child.pk, kind=kind)
    assert page.get(address).status_code == 200
    assert page.post(address, talk(child, detail_book="夏洛的网")).status_code == 302
    record = CareRecord.objects.get()
    assert record.kind == kind
    assert (record.content == "") == (kind == Kind.LETTER)


def test_own_answers_of_a_home_visit_are_kept(page, child) -> None:
    told = talk(child, detail_purpose="例行走访", detail_carer_met="奶奶王桂英", detail_needs="需要台灯", place="home")
    page.post(add_url(child=child.pk, kind="home_visit"), told)
    assert CareRecord.objects.get().detail == {
        "purpose": "例行走访",
        "carer_met": "奶奶王桂英",
        "needs": "需要台灯",
    }


def test_refused_text_stays_on_the_page_and_as_a_draft(page, teacher, child) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = page.post(add_url(child=child.pk), talk(child, on=tomorrow.isoformat()))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "日期不能在今天以后" in shown
    assert "说想妈妈，约好周末视频。" in shown
    assert CareRecord.objects.count() == 0
    assert Draft.objects.get(staff=teacher).fields["content"] == ["说想妈妈，约好周末视频。"]
    again = page.get(add_url(child=child.pk)).content.decode()
    assert "说想妈妈，约好周末视频。" in again
    assert "未提交的内容" in again


def test_a_draft_goes_along_to_another_kind(page, child) -> None:
    page.post(add_url(child=child.pk), talk(child, on="2031-01-01"))
    shown = page.get(add_url(child=child.pk, kind="home_visit")).content.decode()
    assert "说想妈妈，约好周末视频。" in shown


def test_pressing_twice_makes_one_record(page, child) -> None:
    told = talk(child)
    first = page.post(add_url(child=child.pk, next="/"), told)
    second = page.post(add_url(child=child.pk, next="/"), told)
    assert first.status_code == second.status_code == 302
    assert CareRecord.objects.count() == 1


def test_back_button_with_another_text_is_not_swallowed(page, child) -> None:
    told = talk(child)
    page.post(add_url(child=child.pk), told)
    answer = page.post(add_url(child=child.pk), told | {"content": "第二次谈话：作业写完了。"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "已经保存过一次" in shown
    assert "第二次谈话" in shown
    key = answer.context["form"]["client_key"].value()
    assert key != told["client_key"]
    page.post(add_url(child=child.pk), told | {"content": "第二次谈话：作业写完了。", "client_key": key})
    assert CareRecord.objects.count() == 2


def test_the_same_words_from_another_window_are_asked_about_first(page, child) -> None:
    page.post(add_url(child=child.pk), talk(child))
    again = talk(child)
    answer = page.post(add_url(child=child.pk), again)
    assert answer.status_code == 422
    assert "李小兰今天已经记过同样内容的谈心，仍要再记一条吗？" in answer.content.decode()
    assert not Draft.objects.open().exists()
    assert CareRecord.objects.count() == 1
    held, _ = on_screen(answer.content.decode())
    assert held["content"] == ["说想妈妈，约好周末视频。"]
    assert page.post(add_url(child=child.pk), held).status_code == 302
    assert CareRecord.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [{"content": "作业写完了。"}, {"on": (timezone.localdate() - timedelta(days=1)).isoformat()}, {"reached": "no"}],
)
def test_other_words_another_day_or_an_attempt_are_not_asked_about(page, child, changed) -> None:
    page.post(add_url(child=child.pk), talk(child))
    assert page.post(add_url(child=child.pk), talk(child, **changed)).status_code == 302
    assert CareRecord.objects.count() == 2


def test_two_calls_without_words_are_the_same_only_at_the_same_time(page, child) -> None:
    call = {"content": "", "topics": [], "state": "", "at": "16:10"}
    for at, status in (("16:10", 302), ("16:10", 422), ("19:30", 302)):
        told = talk(child, **call | {"at": at})
        assert page.post(add_url(child=child.pk, kind="call"), told).status_code == status


def test_in_a_group_only_the_child_of_whom_the_same_was_said_is_asked_about(page, school_class, child) -> None:
    other = make_left_behind("龙小川", school_class)
    page.post(add_url(child=child.pk), talk(child))
    answer = page.post(add_url(kind="talk"), talk(child, children=[child.pk, other.pk]))
    assert "李小兰今天已经记过同样内容" in answer.content.decode()
    assert Draft.objects.open().count() == 1
    assert CareRecord.objects.count() == 1


def test_a_mentor_finds_the_paired_children_without_choosing_a_class(client, school_class, child) -> None:
    mentor = make_mentor(make_staff(name="石老师"), school_class.school)
    far = [make_left_behind(f"结对{grade}", make_class(school_class.school, grade=grade)) for grade in (1, 2, 3)]
    for each in far:
        make_pairing(each, mentor)
    client.force_login(mentor.staff)
    groups = client.get(add_url(kind="talk")).context["form"].picker.groups
    assert [(group.title, set(group.children)) for group in groups] == [("我结对的学生", set(far))]


def test_a_class_teacher_who_is_a_mentor_finds_both(page, teacher, school_class, child) -> None:
    far = make_left_behind("龙小川", make_class(school_class.school, grade=1))
    make_pairing(far, make_mentor(teacher, school_class.school))
    groups = page.get(add_url(kind="talk")).context["form"].picker.groups
    assert [group.children for group in groups] == [(far,), (child,)]
    by_name = page.get(add_url(kind="talk", q="龙小川")).context["form"].picker.groups
    assert [group.title for group in by_name] == [far.class_name(timezone.localdate())]


def test_several_children_make_a_group(page, school_class, child) -> None:
    other = make_left_behind("龙小川", school_class)
    page.post(add_url(kind="talk"), talk(child, children=[child.pk, other.pk]))
    records = list(CareRecord.objects.all())
    assert {r.child for r in records} == {child, other}
    assert len({r.group_id for r in records}) == 1
    assert records[0].group_id is not None


def test_follow_up_in_a_week(page, teacher, child) -> None:
    page.post(add_url(child=child.pk), talk(child, follow_in="7", follow_up="看看有没有视频"))
    follow_up = FollowUp.objects.get()
    assert (follow_up.owner, follow_up.what) == (teacher, "看看有没有视频")
    assert follow_up.due_on == timezone.localdate() + timedelta(days=7)


def test_a_follow_up_without_words_gets_plain_ones(page, child) -> None:
    page.post(add_url(child=child.pk), talk(child, follow_in="14"))
    assert FollowUp.objects.get().what == "再了解一次情况"


def test_a_follow_up_is_closed_by_the_record(page, teacher, child) -> None:
    follow_up = FollowUp.objects.create(child=child, what="问视频", due_on=timezone.localdate(), owner=teacher)
    page.post(add_url(child=child.pk, follow_up=follow_up.pk), talk(child))
    follow_up.refresh_from_db()
    assert follow_up.done_on == timezone.localdate()
    assert follow_up.closed_by == CareRecord.objects.get()


def test_an_attempt_needs_no_text(page, child) -> None:
    assert page.post(add_url(child=child.pk), talk(child, content="", reached="no")).status_code == 302
    assert CareRecord.objects.get().reached is False


def test_nobody_chosen_is_refused_in_chinese(page, child) -> None:
    told = talk(child)
    del told["children"]
    answer = page.post(add_url(kind="talk"), told)
    assert answer.status_code == 422
    assert "请至少选择一名学生" in answer.content.decode()


def test_the_list_shows_the_left_behind_first(page, school_class, child) -> None:
    from tests.support.factories import make_child

    make_child("安小平", school_class)
    shown = page.get(add_url(kind="talk")).content.decode()
    assert shown.index("李小兰") < shown.index("安小平")


def test_filter_works_without_a_script(page, school_class, child) -> None:
    make_left_behind("龙小川", school_class)
    shown = page.get(add_url(kind="talk", q="lxc")).content.decode()
    assert "龙小川" in shown
    assert "李小兰" not in shown


def test_child_of_another_class_is_404(page) -> None:
    stranger = make_left_behind("外班孩子", make_class(grade=5))
    assert page.get(add_url(child=stranger.pk)).status_code == 404
    answer = page.post(add_url(kind="talk"), talk(stranger))
    assert answer.status_code == 422
    assert CareRecord.objects.count() == 0


@pytest.mark.parametrize("query", [{"child": "x"}, {"child": "99999999999999"}, {"kind": "nonsense"}])
def test_nonsense_in_the_address_is_404(page, query) -> None:
    assert page.get(add_url(**query)).status_code == 404


def test_registrar_may_not_write(client, school_class, child) -> None:
    client.force_login(make_staff(Role.REGISTRAR, school_class.school))
    answer = client.get(add_url(child=child.pk))
    assert answer.status_code == 403
    assert "登记关爱记录" in answer.content.decode()


def test_next_stays_on_this_site(page, child) -> None:
    answer = page.post(add_url(child=child.pk, next="https://elsewhere.example/"), talk(child))
    assert answer["Location"] == "/"


def test_counselling_is_for_the_counsellor(page, client, school_class, child) -> None:
    assert page.get(add_url(child=child.pk, kind="counselling")).status_code == 403
    client.force_login(make_staff(Role.COUNSELLOR, school_class.school, "沈老师"))
    told = talk(child, note_complaint="夜里做噩梦", note_process="绘画表达", note_risk="middle", state="worrying")
    told |= {"note_next_on": (timezone.localdate() + timedelta(days=7)).isoformat(), "content": "不该留在这里"}
    assert client.post(add_url(child=child.pk, kind="counselling"), told).status_code == 302
    record = CareRecord.objects.get()
    assert (record.content, record.state, record.advice, record.topics, record.detail) == ("", "", "", [], {})
    assert CounsellingNote.objects.get().complaint == "夜里做噩梦"
    assert FollowUp.objects.get().what == "下次心理辅导"


@pytest.mark.parametrize("rows", [1, 12])
def test_form_costs_the_same_for_one_and_twelve(page, school_class, rows, django_assert_max_num_queries) -> None:
    for number in range(rows):
        make_left_behind(f"学生{number}", school_class)
    with django_assert_max_num_queries(16):
        page.get(add_url(kind="talk"))


def test_a_saved_record_does_not_wait_as_a_draft(page, teacher, child) -> None:
    refused = page.post(add_url(child=child.pk), talk(child, on="2031-01-01"))
    assert Draft.objects.visible_to(teacher).open().exists()
    held, _ = on_screen(refused.content.decode())
    page.post(add_url(child=child.pk), held | {"on": timezone.localdate().isoformat()})
    assert CareRecord.objects.count() == 1
    assert not Draft.objects.visible_to(teacher).open().exists()


def test_the_form_after_the_session_ended_comes_back_filled(client, teacher, child) -> None:
    client.force_login(teacher)
    page = client.get(add_url(child=child.pk))
    sheet = page.context["form"].sheet.token()
    client.logout()
    answer = client.post(
        add_url(child=child.pk), talk(child) | {"care_sheet": sheet}, headers={"origin": "http://testserver"}
    )
    assert answer.status_code == 302
    assert reverse("login") in answer["Location"]
    assert CareRecord.objects.count() == 0
    client.force_login(teacher)
    assert "说想妈妈，约好周末视频。" in client.get(add_url(child=child.pk)).content.decode()
    make_record(child, teacher)
    assert make_school is not None


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_record_draft_and_access_log_are_one_transaction(page, child) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert page.post(add_url(child=child.pk), talk(child)).status_code == 302
    begun = [query["sql"] for query in asked]
    written = [sql.split('"')[1] for sql in begun if sql.startswith("INSERT") and "changeset" not in sql]
    assert written == ["activities_carerecord", "web_draft", "access_accessentry"]
    if connection.vendor == "sqlite":
        assert sum(sql.startswith("BEGIN") for sql in begun) == 1
    assert AccessEntry.objects.filter(event=Event.WRITE, child_id=child.pk).count() == 1


def test_records_and_follow_ups_name_their_day_as_it_is_said(page, teacher, child) -> None:
    today = timezone.localdate()
    record = make_record(child, teacher, today, kind="talk")
    promised = FollowUp.objects.create(child=child, what="问视频", due_on=date(2026, 3, 12), owner=teacher)
    assert str(promised) == "2026年3月12日 问视频"
    shown = page.get(reverse("activities:record_addendum_add", args=[record.pk])).content.decode()
    assert f"李小兰 {today.year}年{today.month}月{today.day}日 谈心" in shown


def test_save_on_an_untouched_form_leaves_nothing_unfinished(page, school_class):
    child = make_left_behind("李小兰", school_class)
    where = add_url(child=child.pk, kind="home_visit")
    form = page.get(where).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    sent["care_sheet"] = form.sheet.token()
    assert page.post(where, sent).status_code == 422
    assert not Draft.objects.exists()
    assert page.post(where, sent | {"advice": "下周再来"}).status_code == 422
    assert Draft.objects.get().fields["advice"] == ["下周再来"]
